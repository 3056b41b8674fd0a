"""What a reply was billed for, as far as it makes sense. Pure."""

from typing import Final

MOST_TOKENS: Final = 1_000_000_000
"""No reply takes more; a larger number is a mistake, and no price could be made of it."""


def count_of(value: object) -> int | None:
    """A number of tokens; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_TOKENS:
        return value
    return None
