"""Durations and money, read from the rubric's writing and printed back in it."""

import re

_DURATION = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h|d)", re.ASCII)
_SECONDS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}

DURATION_PATTERN = r"(?=.*[1-9])[0-9]{1,12}(\.[0-9]{1,6})?(ms|s|m|h|d)"
"""A duration in JSON Schema's dialect: a number above zero and its unit."""


def parse_duration(text: str) -> float | None:
    """Seconds above zero from `800ms`, `4s`, `2m`, `1h` or `90d`; None for anything else."""
    match = _DURATION.fullmatch(text)
    seconds = float(match[1]) * _SECONDS[match[2]] if match else 0.0
    return seconds or None


def print_duration(seconds: float) -> str:
    """Seconds in the largest unit that leaves a whole number: 90 as `90s`, 120 as `2m`."""
    for unit, size in _SECONDS.items():
        count = round(seconds / size, 9)
        if count >= 1 and count == int(count):
            return f"{int(count)}{unit}"
    return f"{seconds:g}s"


def print_days(days: float) -> str:
    """An age in days as it is written in the rubric: 90 as `90d`, half a day as `12h`."""
    return print_duration(days * _SECONDS["d"])


def seconds_to_days(seconds: float) -> float:
    """Seconds as days."""
    return seconds / _SECONDS["d"]


def print_money(usd: float) -> str:
    """USD as `$0.08`; at least two decimals, and as many as the amount needs, up to six."""
    text = f"{usd:.6f}".rstrip("0")
    whole, _, cents = text.partition(".")
    return f"${whole}.{cents:0<2}"
