"""Scores near their pass mark are sampled again, one after the other, until it is sure enough.

A judge that gives .78 to an answer now gives it .82 another time. Where the mark lies between the
two, one grade decides nothing; far from it, a second one would cost and tell nothing new.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import Final, Literal, Protocol

from rubric_action.agent.model import Session
from rubric_action.cases.model import Case
from rubric_action.grading.judge import AxisJudge, Grades
from rubric_action.grading.model import Grade, Scored, Ungraded
from rubric_action.rubric.model import Axis

_ROUNDING: Final = 1e-9


class SequentialTest(Protocol):
    """Says after each sample whether another one is needed."""

    def state(self, failures: int, samples: int) -> Literal["passes", "fails", "open"]:
        """What so many samples below the mark, of so many in all, come to."""
        ...


@dataclass(frozen=True, slots=True)
class Nearness:
    """When a score is sampled again: within `margin` of its pass mark, until the `test` is through.

    No further sample of a session is begun `deadline_s` seconds after its first grade.
    """

    margin: float
    test: SequentialTest
    deadline_s: float
    clock: Callable[[], float]

    def holds(self, axis: Axis, grade: Grade) -> bool:
        """Whether a grade is a score so near its mark that it is not sure by itself.

        The ends of the scale never are: nothing lies further from a mark of 1 than 1 on its side.
        """
        if isinstance(grade, Ungraded) or grade.score in (0.0, 1.0):
            return False
        return abs(grade.score - axis.pass_mark) <= self.margin + _ROUNDING


class SamplingJudge:
    """Asks another judge, or a panel's vote, and asks again about what lies near its mark."""

    def __init__(self, judge: AxisJudge, near: Nearness) -> None:
        self._judge = judge
        self._near = near

    async def grade(
        self, axes: Sequence[Axis], case: Case, session: Session, sample: str = "", draw: int = 0
    ) -> Grades:
        """A grade for each axis, those near their marks by as many samples as that takes.

        A further sample asks only about the axes that are still open, all of them at once. One that
        comes to no grade leaves its axes ungraded: a score that was not sure decides nothing.
        """
        grades = dict(await self._judge.grade(axes, case, session, sample, draw))
        taken = {
            axis.name: _Samples(axis, [grade])
            for axis in axes
            if isinstance(grade := grades[axis.name], Scored) and self._near.holds(axis, grade)
        }
        until = self._near.clock() + self._near.deadline_s
        while undecided := [one.axis for one in taken.values() if one.undecided(self._near.test)]:
            draw += 1
            if self._near.clock() >= until:
                late = Ungraded("transport", f"gave up after {self._near.deadline_s:g} s")
                more: Grades = {axis.name: late for axis in undecided}
            else:
                more = await self._judge.grade(undecided, case, session, sample, draw)
            for axis in undecided:
                taken[axis.name].add(more[axis.name])
        return grades | {name: one.grade(self._near.test) for name, one in taken.items()}


@dataclass(slots=True)
class _Samples:
    """The samples of one axis so far, and why there will be no more."""

    axis: Axis
    scored: list[Scored]
    fault: Ungraded | None = None

    def add(self, grade: Grade) -> None:
        """Take one more sample in."""
        if isinstance(grade, Ungraded):
            self.fault = grade
        else:
            self.scored.append(grade)

    @property
    def below(self) -> list[Scored]:
        """The samples that fail the axis."""
        return [one for one in self.scored if one.score < self.axis.pass_mark]

    def undecided(self, test: SequentialTest) -> bool:
        """Whether another sample is needed, and to be had."""
        return self.fault is None and test.state(len(self.below), len(self.scored)) == "open"

    def grade(self, test: SequentialTest) -> Grade:
        """What all samples come to: the median of the side that won, with that sample's reason.

        Of two middle scores it is the lower, so that it is one that the judge gave.
        """
        count, below = len(self.scored), self.below
        if self.fault is not None:
            told = f"near the pass mark, and sample {count + 1} failed: {self.fault.detail}"
            return Ungraded(self.fault.cause, told)
        fails = test.state(len(below), count) == "fails"
        side = [one for one in self.scored if (one in below) is fails]
        score = median_low(one.score for one in side)
        chosen = next(one for one in side if one.score == score)
        return Scored(score, f"{chosen.reason} ({count} samples, {len(below)} below the mark)")
