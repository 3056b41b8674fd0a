"""Names and sentences that stay readable however long the names are."""

LONGEST_NAME = 60
SHORTER_NAMES = (LONGEST_NAME, 40, 28, 20, 14)
LONGEST_SENTENCE = 200
"""Characters of a headline, and of the next step; names in them are cut until they fit."""


def clip(text: str, most: int) -> str:
    """The text on one line; one too long loses its middle, since names differ at both ends."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    tail = (most - 1) // 3
    return f"{line[: most - 1 - tail]}…{line[-tail:]}"


def named(text: str | None, most: int = LONGEST_NAME) -> str:
    """A name as code."""
    return f"`{clip(text or '', most)}`"


def counted(count: int, one: str, many: str | None = None) -> str:
    """`1 case`, `2 cases`."""
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def apart(value: float, bar: float, digits: int = 3) -> str:
    """The value with as many decimals as tell it from the bar: 0.9198 where it needs 0.92."""
    for more in range(digits, 12):
        text = f"{value:.{more}f}"
        if text != f"{bar:.{more}f}":
            return text
    return repr(value)


def likelihood(chance: float) -> str:
    """A chance as people say it: `once in 40 times`."""
    if chance >= 0.1:
        return f"{chance:.0%} of the time"
    return f"once in {round(1 / chance):,} times" if chance > 1e-9 else "practically never"
