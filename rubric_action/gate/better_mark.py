"""A pass mark at which the judge's scores agree better with what people said."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from rubric_action.gate.statistics.agreement import Table, kappa
from rubric_action.gate.statistics.special import binomial_tail

SURE: Final = 0.05
"""A better mark that the present one would look like by chance so seldom is suggested."""

Pair = tuple[float, float]
"""What the judge and a person gave."""


@dataclass(frozen=True, slots=True)
class BetterMark:
    """The mark with the highest kappa, and what speaks for it.

    It turns `better` answers to what people said, and `worse` away from it. `chance` is that of
    such a gain if the mark made no difference, over all marks that were tried.
    """

    mark: float
    kappa: float
    before: float
    better: int
    worse: int
    chance: float

    @property
    def sure(self) -> bool:
        """Whether that is more than noise."""
        return self.chance <= SURE


class _Cut(NamedTuple):
    """A mark, and the kappa at it."""

    mark: float
    kappa: float


def better_mark(pairs: Sequence[Pair], present: float) -> BetterMark | None:
    """The mark on the judge's score that maximises kappa; None where that is the present one.

    Only marks are tried at which people's grades say what they say at the present one. The gain is
    held against chance by the exact sign test over the answers between the two marks, times the
    number of marks (C. E. Bonferroni), since the best of several was taken.
    """
    before = _kappa(pairs, present, present)
    if before is None:
        return None
    cuts = [
        _Cut(mark, found)
        for mark in _marks(pairs, present)
        if (found := _kappa(pairs, mark, present)) is not None
    ]
    best = max(cuts, key=lambda cut: (cut.kappa, -abs(cut.mark - present)), default=None)
    if best is None or best.kappa <= before:
        return None
    better, worse = _turned(pairs, present, best.mark)
    chance = min(1.0, binomial_tail(better, better + worse, 0.5) * len(cuts))
    return BetterMark(best.mark, best.kappa, before, better, worse, chance)


def _marks(pairs: Sequence[Pair], present: float) -> Iterator[float]:
    """A mark between each two neighbouring scores of the judge, and of people's two sides."""
    lowest = max((person for _, person in pairs if person < present), default=0.0)
    highest = min((person for _, person in pairs if person >= present), default=1.0)
    scores = sorted({judge for judge, _ in pairs})
    for under, over in pairwise(scores):
        low, high = max(under, lowest), min(over, highest)
        if low < high and not under < present <= over:
            yield _between(low, high)


def _between(low: float, high: float) -> float:
    """The middle, above `low` and at most `high`, with two decimals if that leaves it there."""
    middle = (low + high) / 2
    short = round(middle, 2)
    return short if low < short <= high else middle


def _kappa(pairs: Sequence[Pair], mark: float, present: float) -> float | None:
    """Kappa of the judge at one mark with people at the present one."""
    found = kappa(Table.of((judge >= mark, person >= present) for judge, person in pairs))
    return found.value if found else None


def _turned(pairs: Sequence[Pair], present: float, mark: float) -> tuple[int, int]:
    """How many answers the judge comes to see as people did, and how many no longer."""
    moved = [
        (judge >= mark) is (person >= present)
        for judge, person in pairs
        if (judge >= mark) is not (judge >= present)
    ]
    return moved.count(True), moved.count(False)
