"""The bar over the commits of its file: which bar moved when, by whom, from what to what. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from rubric_action.rubric.bar_change import BarChange
from rubric_action.rubric.compare import compare_bars
from rubric_action.rubric.model import Axis, Ceilings, Freshness, Regression, Rubric, Slice

Direction = Literal["set", "raised", "lowered", "changed"]
"""`changed` is neither: a question, a model, whatever has no order."""

_PULL: Final = re.compile(r"\AMerge pull request #([1-9][0-9]{0,9}) |\(#([1-9][0-9]{0,9})\)\s*\Z")


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of the line that is looked at; `who` wrote what it brought, `pull` brought it."""

    sha: str
    at: datetime
    who: tuple[str, ...]
    subject: str = ""

    @property
    def pull(self) -> int | None:
        """The pull request that the message names, as GitHub writes it for merges and squashes."""
        found = _PULL.search(self.subject)
        return int(found[1] or found[2]) if found else None


@dataclass(frozen=True, slots=True)
class Version:
    """The file as a commit left it; `rubric` is None where it is not valid, `trouble` says why."""

    commit: Commit
    rubric: Rubric | None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """One key of the bar that a commit moved."""

    commit: Commit
    change: BarChange
    direction: Direction


def moves(versions: Sequence[Version]) -> tuple[Move, ...]:
    """Every move, oldest first, of versions given oldest first; those without a rubric are passed.

    The first version sets its bars. So does a slice that is added, and one that goes takes its bars
    with it.
    """
    found: list[Move] = []
    before: Rubric | None = None
    for version in versions:
        after = version.rubric
        if after is not None:
            found += (
                _moved(version.commit, before, after) if before else _set(version.commit, after)
            )
            before = after
    return tuple(found)


def _set(commit: Commit, first: Rubric) -> Iterator[Move]:
    """The bars of the first version that is known."""
    for change in compare_bars(_without_bars(first), first):
        yield Move(commit, replace(change, before=""), "set")


def _moved(commit: Commit, before: Rubric, after: Rubric) -> Iterator[Move]:
    back = {one.key for one in _changes(after, before) if one.lowered}
    for change in _changes(before, after):
        yield Move(commit, change, _direction(change, back))


def _direction(change: BarChange, back: set[str]) -> Direction:
    if change.lowered:
        return "lowered"
    if not change.before:
        return "set"
    return "raised" if change.key in back else "changed"


def _changes(before: Rubric, after: Rubric) -> Iterator[BarChange]:
    """Every key that differs, those of slices that come or go one by one as well."""
    told = compare_bars(before, after)
    known = {(one.key, one.before, one.after) for one in told}
    yield from told
    both = compare_bars(_with_empty(before, after), _with_empty(after, before))
    yield from (one for one in both if (one.key, one.before, one.after) not in known)


def _with_empty(rubric: Rubric, other: Rubric) -> Rubric:
    """The rubric with the slices that only the other one has, without their bars."""
    slices = {name: _empty_slice(one) for name, one in other.slices.items()}
    return replace(rubric, slices={**slices, **rubric.slices})


def _without_bars(rubric: Rubric) -> Rubric:
    return replace(
        rubric,
        slices={name: _empty_slice(one) for name, one in rubric.slices.items()},
        axes={name: _empty_axis(one) for name, one in rubric.axes.items()},
        regression=Regression(),
        ceilings=Ceilings(),
        freshness=Freshness(),
        findings={},
    )


def _empty_slice(one: Slice) -> Slice:
    return Slice(one.name, one.select, informational=one.informational, owner=one.owner)


def _empty_axis(one: Axis) -> Axis:
    return replace(one, pass_mark=Axis(one.name, one.ask).pass_mark)
