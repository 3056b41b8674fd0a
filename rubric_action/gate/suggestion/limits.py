"""The most that a slice may fall, take and cost."""

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Final

from rubric_action.gate.ceilings import ROUNDING
from rubric_action.gate.model import Ceiling
from rubric_action.gate.statistics.intervals import CONFIDENCE
from rubric_action.gate.statistics.power import smallest_drop
from rubric_action.gate.suggestion.model import Path, Suggestion
from rubric_action.gate.suggestion.observed import Run, Seen
from rubric_action.gate.suggestion.rounding import (
    amount_up,
    share_up,
    write_seconds,
    write_share,
    write_usd,
)
from rubric_action.gate.wording import counted
from rubric_action.rubric.model import Rubric

CEILING_ROOM: Final = 1.25
"""A suggested ceiling, as a multiple of the highest run."""
LEAST_LATENCY_S: Final = 0.1
"""No ceiling is suggested below what nobody waits for."""


def falls(rubric: Rubric, measures: Sequence[Seen]) -> list[float]:
    """The smallest fall that each measure would mostly show, by its noise from run to run.

    None is smaller than one case: to fall by that is no trend, however still the runs were.
    """
    confidence = rubric.regression.confidence or CONFIDENCE
    found = []
    for one in measures:
        change = one.prediction.change
        weighs = one.axis is not None or not rubric.axes
        if weighs and change is not None:
            fall = smallest_drop(one.units, change * one.units**0.5, confidence)
            found += [] if fall is None else [max(fall, 1 / one.units)]
    return found


def drop(path: Path, now: float | None, shown: Sequence[float]) -> Suggestion:
    """What half of the slices and axes can tell from noise; less than that says nothing."""
    if not shown:
        why = "needs two runs of the same cases, or several trials"
        return Suggestion(path, now, None, why, write_share)
    middle = median(shown)
    what = counted(len(shown), "slice and axis", "slices and axes")
    why = f"half of {what} can tell {middle:.3f} from noise"
    return Suggestion(path, now, share_up(middle), why, write_share, floor=False)


def ceilings(name: str | None, runs: Sequence[Run]) -> Iterator[Suggestion]:
    """The ceilings of a slice that sets its own, or (None) those of all cases."""
    for last in runs[-1].ceilings:
        if last.slice == name:
            of_all = (one for run in runs for one in run.ceilings)
            same = [one for one in of_all if (one.kind, one.slice) == (last.kind, name)]
            yield _ceiling(last, same)


def _ceiling(last: Ceiling, runs: Sequence[Ceiling]) -> Suggestion:
    latency = last.kind == "latency"
    field = "latency_p95" if latency else "cost_per_session"
    path: Path = ("slices", last.slice, field) if last.slice else ("ceilings", field)
    observed = tuple(one.observed for one in runs if one.observed is not None)
    value = _with_room(observed, latency=latency) if last.observed is not None else None
    return Suggestion(
        path,
        last.limit,
        value,
        _ceiling_evidence(value, last, runs),
        write_seconds if latency else write_usd,
        observed,
        floor=False,
        short=_exceeded(last),
    )


def _exceeded(one: Ceiling) -> bool:
    if one.observed is None or one.limit is None:
        return False
    return one.observed > one.limit * (1 + ROUNDING)


def _with_room(observed: Sequence[float], *, latency: bool) -> float | None:
    highest = max(observed)
    if highest <= 0:
        return None
    value = amount_up(CEILING_ROOM * highest)
    return max(value, LEAST_LATENCY_S) if latency else value


def _ceiling_evidence(value: float | None, last: Ceiling, runs: Sequence[Ceiling]) -> str:
    if value is None:
        return "unknown in the newest run" if last.observed is None else "nothing to bound"
    partly = sum(one.known < one.cases for one in runs)
    known = f", not all of it known in {counted(partly, 'run')}" if partly else ""
    return f"{CEILING_ROOM:g} x the highest of {counted(len(runs), 'run')}{known}"
