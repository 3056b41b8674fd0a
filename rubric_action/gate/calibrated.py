"""How far the judge agrees with people on each axis, in numbers and in a sentence.

A person passes an answer whose grade is at the axis' pass mark or above, the judge one whose score
is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from rubric_action.gate.better_mark import BetterMark, better_mark
from rubric_action.gate.reliability import one_sided
from rubric_action.gate.statistics.agreement import Kappa, Table, bias, kappa, share_interval
from rubric_action.gate.statistics.intervals import Interval
from rubric_action.gate.wording import apart, counted
from rubric_action.grading.model import Spend

Standing = Literal["reached", "below", "unknown", "absent"]
"""`unknown`: kappa is not defined, or grades are missing. `absent`: people graded nothing."""


@dataclass(frozen=True, slots=True)
class Marked:
    """One answer on one axis: a person's grade, the judge's score and its reason."""

    id: str
    person: float
    judge: float
    reason: str
    answer: str


@dataclass(frozen=True)  # without slots, which would leave the cached properties no room
class AxisCalibration:
    """One axis, its pass mark, what both gave on it, and why `ungraded` grades are missing."""

    axis: str
    mark: float
    minimum: float
    marked: tuple[Marked, ...]
    ungraded: tuple[str, ...] = ()

    @cached_property
    def table(self) -> Table:
        """Who passed what."""
        mark = self.mark
        return Table.of((one.judge >= mark, one.person >= mark) for one in self.marked)

    @cached_property
    def kappa(self) -> Kappa | None:
        """Agreement beyond chance; None where people passed all or failed all."""
        return None if one_sided(self.table) else kappa(self.table)

    @property
    def sensitivity_interval(self) -> Interval | None:
        """That of the share of what people pass that the judge passes too."""
        return share_interval(self.table.both, self.table.only_person)

    @property
    def specificity_interval(self) -> Interval | None:
        """That of the share of what people fail that the judge fails too."""
        return share_interval(self.table.neither, self.table.only_judge)

    @cached_property
    def bias(self) -> tuple[float, Interval | None] | None:
        """The mean of what the judge gives beyond a person; above 0 it is too kind."""
        return bias((one.judge, one.person) for one in self.marked)

    @cached_property
    def better(self) -> BetterMark | None:
        """A pass mark at which the judge agrees better; None where there is none."""
        if one_sided(self.table):
            return None
        return better_mark([(one.judge, one.person) for one in self.marked], self.mark)

    @property
    def standing(self) -> Standing:
        """Where the axis stands against the rubric's `min_agreement`."""
        if not self.marked and not self.ungraded:
            return "absent"
        found = self.kappa
        if found is not None and found.value < self.minimum:
            return "below"
        return "unknown" if found is None or self.ungraded else "reached"

    @property
    def disagreements(self) -> tuple[Marked, ...]:
        """The answers that one of the two passes and the other fails, the furthest apart first."""
        mark = self.mark
        found = [one for one in self.marked if (one.judge >= mark) is not (one.person >= mark)]
        return tuple(sorted(found, key=lambda one: (-abs(one.judge - one.person), one.id)))

    @property
    def meaning(self) -> str:
        """What the numbers mean, in a sentence."""
        return "; ".join(_meaning(self))


@dataclass(frozen=True, slots=True)
class Calibration:
    """The judge against people on each axis of the rubric, in its order.

    `answers` counts those of the `file`; `judge` is what it is called, `spend` what asking it took.
    """

    file: str
    answers: int
    judge: str
    axes: tuple[AxisCalibration, ...]
    spend: Spend


def _meaning(one: AxisCalibration) -> Iterator[str]:
    if one.standing == "absent":
        yield "people graded no answer on it"
        return
    yield from _agreement(one)
    yield from _leaning(one)
    if one.ungraded:
        yield f"{counted(len(one.ungraded), 'answer')} could not be graded: {one.ungraded[0]}"


def _agreement(one: AxisCalibration) -> Iterator[str]:
    """What kappa says, and how sure that is."""
    found, table = one.kappa, one.table
    if found is None:
        if table.n:
            passed = table.both + table.only_person > 0
            yield (
                f"people {'passed' if passed else 'failed'} all {table.n}, so that agreement tells "
                f"nothing: add answers that they {'fail' if passed else 'pass'}"
            )
        return
    low, high = found.interval
    needs = f"{one.minimum:g}"
    if found.value <= 0:
        yield "agreement is no better than chance"
    elif found.value < one.minimum:
        sure = f"agreement is below {needs}"
        yield sure if high < one.minimum else f"{sure}, which may be bad luck: {_more(table)}"
    elif low < one.minimum:
        yield f"agreement reaches {needs}, which may be good luck: {_more(table)}"
    else:
        yield f"agreement is above {needs}, beyond doubt"


def _more(table: Table) -> str:
    """How few answers there are of the rarer outcome."""
    passed = table.both + table.only_person
    rarer = min(passed, table.n - passed)
    which = "passed" if passed == rarer else "failed"
    if 3 * rarer < table.n:
        return f"people {which} only {rarer} of {table.n}"
    return f"{counted(table.n, 'answer')} are few"


def _leaning(one: AxisCalibration) -> Iterator[str]:
    """Whether the judge errs to one side."""
    if one.bias is None or one.bias[1] is None:
        return
    mean, (low, high) = one.bias[0], one.bias[1]
    if low > 0:
        yield f"the judge is too kind by {apart(mean, 0, 2)}"
    elif high < 0:
        yield f"the judge is too strict by {apart(-mean, 0, 2)}"
