"""Numbers that people set as a bar: few digits, and rounded to the side that leaves room."""

import math

from rubric_action.rubric.units import print_duration

_SLACK = 1e-6
"""What a number may be off by before it counts as the next one up or down, as a share of a step."""


def share_down(value: float) -> float:
    """A share with two decimals, no more than the value and no less than 0."""
    return max(0, math.floor(value * 100 + _SLACK)) / 100


def share_up(value: float) -> float:
    """A share with two decimals, no less than the value, from 0.01 to 1."""
    return min(100, max(1, math.ceil(value * 100 - _SLACK))) / 100


def amount_up(value: float) -> float:
    """An amount above 0 with two digits that count, no less than the value."""
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.ceil(value / step - _SLACK) * step:.2g}")


def write_share(value: float) -> str:
    """A share as the rubric has it: `0.9`."""
    return f"{value:g}"


def write_seconds(value: float) -> str:
    """A duration above 0 as the rubric has it: `800ms`, `3.9s`, `2m`."""
    if value < 1:
        return f"{value * 1000:g}ms"
    return f"{value:g}s" if value < 120 else print_duration(value)


def write_usd(value: float) -> str:
    """An amount in USD as the rubric has it: `0.08`; no exponent, however small."""
    digits = max(2, 1 - math.floor(math.log10(value))) if value else 2
    text = f"{value:.{digits}f}".rstrip("0")
    return f"{text}0" if text.endswith(".") else text
