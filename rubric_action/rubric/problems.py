"""Collecting every mistake of a file at once, each with its place and its mend."""

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from itertools import islice
from typing import Final

from rubric_action.errors import InputError, Place, Problem

Path = tuple[str | int, ...]
Locate = Callable[[Path], Place]

KEY: Final = -1
"""A path that ends in `KEY` means the key itself and not its value; no list index is negative."""

MOST_SHOWN: Final = 100
"""Mistakes of one file that are told; the rest is counted."""

MOST_NAMES: Final = 100
"""Known names that one message lists and compares with."""

LONGEST_QUOTE: Final = 60
"""Characters of a foreign text that a message repeats."""


def dotted(path: Path) -> str:
    """`("slices", "head", "min")` as `slices.head.min`; list indexes as `rules[0]`."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{quoted(part)}" for part in path]
    return "".join(parts).removeprefix(".")


def quoted(text: str) -> str:
    """A foreign text made fit for one line of a message: printable and short."""
    short = text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 3] + "..."
    if short.isprintable():
        return short
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in short)


def describe(value: object, written: str | None = None) -> str:
    """What was found, in words: "the boolean `no`", "a list", "nothing"."""
    if value is None:
        return f"nothing (`{written}`)" if written else "nothing"
    if isinstance(value, bool):
        return f"the boolean `{written or str(value).lower()}`"
    if isinstance(value, int | float):
        return f"the number `{quoted(written or str(value))}`"
    if isinstance(value, str):
        return f"the text `{quoted(value)}`"
    return "a list" if isinstance(value, list) else "a mapping"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` was probably meant to be."""
    by_lower = {name.lower(): name for name in known}
    close = get_close_matches(word[:LONGEST_QUOTE].lower(), by_lower, n=1)
    return by_lower[close[0]] if close else None


def suggestion(word: str, known: Iterable[str], what: str) -> str:
    """Say "Did you mean `min`? Known keys here: `min`, ..."; `what` is "keys here" in that."""
    names = list(islice(known, MOST_NAMES + 1))
    close = nearest(word, names)
    listed = ", ".join(f"`{name}`" for name in names[:MOST_NAMES]) or "none"
    if len(names) > MOST_NAMES:
        listed += " and more"
    return (f"Did you mean `{close}`? " if close else "") + f"Known {what}: {listed}."


class Found:
    """The mistakes found so far in one value, and how to say where each stands."""

    __slots__ = ("_locate", "_written", "problems")

    def __init__(self, locate: Locate, written: Mapping[Path, str] | None = None) -> None:
        self.problems: list[Problem] = []
        self._locate = locate
        self._written = written

    def refuse(self, at: Path, what: str, mend: str) -> None:
        """Note a mistake in the value at this path."""
        self.problems.append(Problem(self._locate(at), what, mend, dotted(at) or None))

    def refuse_key(self, at: Path, what: str, mend: str) -> None:
        """Note a mistake in the key at this path."""
        self.problems.append(Problem(self._locate((*at, KEY)), what, mend, dotted(at)))

    def wrong_type(self, at: Path, value: object, expected: str, mend: str = "") -> None:
        """Note that something of another type stands here."""
        written = self.written(at)
        what = f"expected {expected}, found {describe(value, written)}"
        self.refuse(at, what, mend or f"Write {expected}.")

    def suggest(self, word: str, known: Iterable[str], what: str) -> str:
        """A `suggestion`, while mistakes are still told; a search for each of 100,000 is slow."""
        return suggestion(word, known, what) if len(self.problems) < MOST_SHOWN else ""

    def written(self, at: Path) -> str | None:
        """The source text of an unquoted scalar that is not a text, where that is known."""
        return self._written.get(at) if self._written else None

    def raise_if_any(self) -> None:
        """Raise everything at once, ordered by line; past `MOST_SHOWN`, what is left is counted."""
        if self.problems:
            told = sorted(self.problems, key=_order)[:MOST_SHOWN]
            if more := len(self.problems) - len(told):
                told.append(
                    Problem(told[-1].place, f"and {more} more mistakes", "Mend these first.")
                )
            raise InputError(*told)


def _order(problem: Problem) -> tuple[int, int]:
    return problem.place.line or 0, problem.place.column or 0
