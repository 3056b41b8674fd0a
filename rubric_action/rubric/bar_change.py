"""One change of the bar, and the comparison of records key by key. Pure."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

LONGEST_SHOWN: Final = 120
"""Characters of a value that a sentence still repeats; longer ones are only said to change."""


@dataclass(frozen=True, slots=True)
class BarChange:
    """One key that differs; `before` and `after` are as one would write them, "" for absent."""

    key: str
    before: str
    after: str
    lowered: bool
    sentence: str
    slice: str | None = None
    axis: str | None = None


Weaker = Callable[[Any, Any], bool]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A key of one value: the field it fills, when a change of it is weaker, how it is printed."""

    key: str
    field: str
    weaker: Weaker
    show: Callable[[Any], str]


def never(before: Any, after: Any) -> bool:  # noqa: ARG001 - shown, never blocked
    """No change of this key lowers the bar."""
    return False


def differs(before: Any, after: Any) -> bool:
    """Every change of this key lowers the bar, whichever way it goes."""
    return bool(before != after)


def smaller(before: float | None, after: float | None) -> bool:
    """A floor that was lowered or removed."""
    return before is not None and (after is None or after < before)


def larger(before: float | None, after: float | None) -> bool:
    """A ceiling that was raised or removed."""
    return before is not None and (after is None or after > before)


def removed(before: Any, after: Any) -> bool:
    """Something that is no longer there."""
    return before is not None and after is None


def compare_leaves(
    prefix: str,
    leaves: Iterable[Leaf],
    base: Any,
    head: Any,
    *,
    counts: bool = True,
    slice_: str | None = None,
    axis: str | None = None,
) -> Iterator[BarChange]:
    """The keys in which two records differ. Where not `counts`, none of them lowers the bar."""
    for leaf in leaves:
        before, after = getattr(base, leaf.field), getattr(head, leaf.field)
        if before != after:
            lowered = counts and leaf.weaker(before, after)
            shown = leaf.show(before), leaf.show(after)
            yield change(f"{prefix}.{leaf.key}", *shown, lowered, slice_=slice_, axis=axis)


def change(
    key: str,
    before: str,
    after: str,
    lowered: bool,
    *,
    slice_: str | None = None,
    axis: str | None = None,
) -> BarChange:
    """A change with the sentence that tells it."""
    return BarChange(key, before, after, lowered, _sentence(key, before, after), slice_, axis)


def _sentence(key: str, before: str, after: str) -> str:
    if max(len(before), len(after)) > LONGEST_SHOWN or before == after:
        return f"`{key}` changes"
    if before and after:
        return f"`{key}` goes from {before} to {after}"
    return f"`{key}` is added: {after}" if after else f"`{key}` is removed; it was {before}"
