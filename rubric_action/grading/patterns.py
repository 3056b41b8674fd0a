"""Regular expressions of rules, which may not run for ever."""

from collections import Counter

REGEX_TIMEOUT_S = 0.5
"""The longest that one pattern may search one answer."""
MOST_TIMEOUTS = 3
"""A pattern that ran out of time this often is not tried again in this process."""

_timeouts: Counter[str] = Counter()


class CannotRun(Exception):
    """A rule itself cannot be run: `str()` says why."""


def found(pattern: str, text: str) -> tuple[int, str] | None:
    """Return where the pattern is first found in the text (from 0) and what it matched.

    Raises `CannotRun` for a bad pattern, or one that takes longer than `REGEX_TIMEOUT_S`.
    """
    import regex

    if _timeouts[pattern] >= MOST_TIMEOUTS:
        raise CannotRun(f"pattern {quoted(pattern)} ran out of time on {MOST_TIMEOUTS} answers")
    try:
        match = regex.search(pattern, text, timeout=REGEX_TIMEOUT_S)
    except TimeoutError:
        _timeouts[pattern] += 1
        raise CannotRun(
            f"pattern {quoted(pattern)} took longer than {REGEX_TIMEOUT_S} s; "
            "nested repetition is the usual cause"
        ) from None
    except (regex.error, RecursionError, MemoryError, OverflowError) as error:
        raise CannotRun(f"pattern {quoted(pattern)} is not valid: {error}") from None
    return (match.start(), match.group()) if match else None


def quoted(text: str, limit: int = 60) -> str:
    """The text on one line in quotation marks, cut to `limit` characters."""
    line = " ".join(text[: limit * 4].split())
    return f'"{line}"' if len(line) <= limit else f'"{line[: limit - 1]}…"'
