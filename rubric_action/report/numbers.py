"""Numbers as people read them in a report."""

import math

from rubric_action.gate.model import Interval

UP, DOWN = "▲", "▼"


def score(value: float | None) -> str:
    """A score or rate with two decimals; a third where two would hide that it is short of 1."""
    if value is None:
        return "–"  # noqa: RUF001 (a dash in a column of numbers)
    text = f"{value:.2f}"
    short_of_one = text == "1.00" and value < 1
    return f"{math.floor(value * 1000) / 1000:.3f}" if short_of_one else text


def bound(value: float) -> str:
    """A threshold, without a leading zero."""
    return f"{value:.4g}".replace("0.", ".", 1) if 0 < value < 1 else f"{value:g}"


def change(delta: float | None) -> str:
    """A fall or a rise, nothing where it rounds to none."""
    if delta is None or abs(delta) < 0.005:
        return ""
    return f"{UP if delta > 0 else DOWN}{abs(delta):.2f}".replace("0.", ".", 1)


def margin(delta: float | None, interval: Interval | None) -> str:
    """How far a change may be off, either way; nothing where it is unknown or rounds to none.

    Off by 1 is all that scores leave room for: nothing is known then.
    """
    if delta is None or interval is None:
        return ""
    off = min(1.0, max(delta - interval[0], interval[1] - delta))
    return "" if off < 0.005 else f"±{off:.2f}".replace("0.", ".", 1)


def effect(value: float) -> str:
    """The size of an effect, with two digits that count: `.26`, `.034`, `1`."""
    return bound(float(f"{value:.2g}"))


def interval(value: Interval | None) -> str:
    """An interval in brackets."""
    return "" if value is None else f"[{score(value[0])}, {score(value[1])}]"


def seconds(value: float | None) -> str:
    """A duration."""
    if value is None:
        return "unknown"
    if value >= 120:
        return f"{value / 60:.0f} min"
    if value < 0.1:
        return f"{value * 1000:.0f} ms"
    return f"{value:.0f} s" if value >= 10 else f"{value:.2g} s"


def dollars(value: float | None) -> str:
    """Money in USD, with as many decimals as small amounts need."""
    if value is None:
        return "unknown cost"
    if value == 0:
        return "$0"
    if value >= 0.1:
        return f"${value:,.2f}"
    digits = 2 - math.floor(math.log10(value))
    return f"${value:.{min(digits, 8)}f}".rstrip("0").removesuffix(".")


def days(value: float | None) -> str:
    """An age."""
    if value is None:
        return "of unknown age"
    if value < 1:
        return "less than a day old"
    return f"{value:.0f} day{'s' if round(value) != 1 else ''} old"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
