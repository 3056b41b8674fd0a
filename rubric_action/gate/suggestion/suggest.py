"""What to suggest of a rubric, from the runs so far."""

from collections.abc import Iterator, Sequence
from typing import Final

from rubric_action.gate.suggestion.limits import ceilings, drop, falls
from rubric_action.gate.suggestion.minimum import minimum, unseen
from rubric_action.gate.suggestion.model import Suggestion, weighed
from rubric_action.gate.suggestion.observed import Run, Seen, observe
from rubric_action.rubric.model import Rubric, Slice

MOST_FALSE: Final = 0.05
"""How often an unchanged agent may fall below any of the suggested minimums, all taken together."""


def suggest(
    rubric: Rubric, runs: Sequence[Run], *, allow_lower: bool = False, all_axes: bool = False
) -> tuple[Suggestion, ...]:
    """What to write where, in the order of the rubric; the runs are given oldest first.

    The minimums that there are, and those of slices without a bar; with `all_axes` one of every
    slice on every axis.
    """
    seen = list(observe(rubric, runs))
    held = [one for one in seen if _held(rubric.slices[one.slice], one, rubric, all_axes=all_axes)]
    found = _suggested(rubric, runs, seen, held, MOST_FALSE / max(1, len(held)))
    return tuple(weighed(one, allow_lower=allow_lower) for one in found)


def _suggested(
    rubric: Rubric, runs: Sequence[Run], seen: Sequence[Seen], held: Sequence[Seen], chance: float
) -> Iterator[Suggestion]:
    for name, part in rubric.slices.items():
        minimums = [one for one in held if one.slice == name]
        yield from (minimum(part, one, chance) for one in minimums)
        yield from unseen(part, minimums)
        if part.max_drop is not None:
            own = [one for one in seen if one.slice == name]
            yield drop(("slices", name, "max_drop"), part.max_drop, falls(rubric, own))
        yield from ceilings(name, runs)
    main = [one for one in seen if rubric.slices[one.slice].barred]
    yield drop(("regression", "max_drop"), rubric.regression.max_drop, falls(rubric, main))
    yield from ceilings(None, runs)


def _held(part: Slice, one: Seen, rubric: Rubric, *, all_axes: bool) -> bool:
    """Whether this measure of the slice is held to a minimum, or ought to be.

    A slice without a bar is held to its axes, or in a rubric without any, to its pass rate.
    """
    if one.axis is None:
        return part.min_pass_rate is not None or not (_has_bar(part) or rubric.axes)
    return one.axis in part.minimums or all_axes or not _has_bar(part)


def _has_bar(part: Slice) -> bool:
    return part.hard or part.min_pass_rate is not None or bool(part.minimums)
