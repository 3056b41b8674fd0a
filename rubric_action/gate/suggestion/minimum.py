"""The least that a slice may score: what an unchanged agent seldom falls below."""

from collections.abc import Iterator, Sequence
from typing import Final

from rubric_action.gate.statistics.intervals import cases_to_prove
from rubric_action.gate.suggestion.model import Path, Suggestion
from rubric_action.gate.suggestion.observed import Seen
from rubric_action.gate.suggestion.rounding import share_down, write_share
from rubric_action.gate.thresholds import ROUNDING
from rubric_action.gate.wording import counted
from rubric_action.rubric.model import Slice

SOME_PROOF: Final = 0.8
"""A slice is thin here if it could not even prove this rate."""


def minimum(part: Slice, one: Seen, chance: float) -> Suggestion:
    """The least that this measure may come to; an unchanged agent misses it with this chance.

    It leaves room for one case more that fails, is above no run that was seen, and above nothing
    that so many cases could prove.
    """
    if one.axis is None:
        path, now = _rate_of(part), part.min_pass_rate
    else:
        path, now = _axis_of(part, one.axis), part.minimums.get(one.axis)
    room, spare = one.prediction.lower(chance), one.prediction.mean - 1 / one.units
    value = share_down(min(room, spare, one.provable, *one.means))
    why = _evidence(one, room, spare)
    if part.informational and now is None:
        why += "; the slice still only informs"
    short = now is not None and one.means[-1] < now - ROUNDING
    return Suggestion(path, now, value or None, why, write_share, one.means, short=short)


def unseen(part: Slice, minimums: Sequence[Seen]) -> Iterator[Suggestion]:
    """The minimums there are, or are to be, of which the newest run measured nothing."""
    measured = {one.axis for one in minimums}
    bars: list[tuple[Path, float | None]] = [
        (_axis_of(part, axis), now) for axis, now in part.minimums.items() if axis not in measured
    ]
    if part.min_pass_rate is not None and None not in measured:
        bars.append((_rate_of(part), part.min_pass_rate))
    if not (bars or measured or part.hard):
        bars.append((("slices", part.name), None))
    for path, now in bars:
        yield Suggestion(path, now, None, "the newest run measured nothing of it", write_share)


def _axis_of(part: Slice, axis: str) -> Path:
    return ("slices", part.name, "min", axis)


def _rate_of(part: Slice) -> Path:
    return ("slices", part.name, "min_pass_rate")


def _evidence(one: Seen, room: float, spare: float) -> str:
    """What a minimum rests on, and what keeps it from being higher."""
    cases = counted(one.cases, "case")
    if one.units < one.cases:
        cases += f" of {counted(one.units, 'conversation or trace', 'conversations or traces')}"
    thin = "thin: " if one.units < cases_to_prove(SOME_PROOF) else ""
    least = min(room, spare, one.provable, *one.means)
    if one.provable == least:
        return f"{thin}{cases} prove {share_down(one.provable):g} at most"
    if spare == least:
        return f"{thin}room for one of {cases}"
    runs = counted(len(one.means), "run")
    told = f"{thin}{runs} {'in the history of' if one.past else 'of'} {cases}"
    if one.prediction.basis == "runs":
        return f"{told} differ by more than chance; {share_down(room):g} leaves room"
    if one.prediction.basis == "cases":
        return f"{told}: {share_down(room):g} leaves room, more runs need less"
    return f"{told}: {share_down(least):g} leaves room"
