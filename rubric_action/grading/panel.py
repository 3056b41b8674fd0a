"""A panel: several judges grade the same axes, and a vote makes one grade of theirs."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import Final, Literal

from rubric_action.agent.model import Session
from rubric_action.cases.model import Case
from rubric_action.errors import CannotDecide
from rubric_action.grading.fence import one_line
from rubric_action.grading.judge import AxisJudge, Grades, Stoppable
from rubric_action.grading.model import Grade, Scored, Ungraded
from rubric_action.grading.reply import MAX_REASON_CHARS
from rubric_action.rubric.model import Axis, JudgeModel

Vote = Literal["majority", "mean"]

_SHORTEST_REASON: Final = 60


@dataclass(frozen=True, slots=True)
class Member:
    """One judge of a panel, and what it is called in a reason."""

    name: str
    judge: AxisJudge


class Panel:
    """Asks all its judges at the same time, each at its own pace."""

    def __init__(self, members: Sequence[Member], vote: Vote, calls: Stoppable) -> None:
        self._members = members
        self._vote = vote
        self._calls = calls

    async def grade(
        self, axes: Sequence[Axis], case: Case, session: Session, sample: str = "", draw: int = 0
    ) -> Grades:
        """A grade for each axis: what the judges voted, with each one's score in the reason.

        When one judge will not work at all, the others are stopped, what they were asked by then is
        kept, and its error is raised.
        """
        asked = (member.judge.grade(axes, case, session, sample, draw) for member in self._members)
        found = await asyncio.gather(*asked, return_exceptions=True)
        for one in found:
            if isinstance(one, CannotDecide):
                self._calls.stop(one)
            if isinstance(one, BaseException):
                raise one
        names = [member.name for member in self._members]
        by_judge = [grades for grades in found if not isinstance(grades, BaseException)]
        return {axis.name: self._voted(axis, names, by_judge) for axis in axes}

    def _voted(self, axis: Axis, names: Sequence[str], by_judge: Sequence[Grades]) -> Grade:
        given = {name: grades[axis.name] for name, grades in zip(names, by_judge, strict=True)}
        return vote(self._vote, axis.pass_mark, given)


class Clients:
    """The clients of a panel as one: if one makes no further call, the run is at its end."""

    def __init__(self, clients: Sequence[Stoppable]) -> None:
        self._clients = clients

    @property
    def stopped(self) -> CannotDecide | None:
        """Why no further call is made, as the first of them tells."""
        return next((client.stopped for client in self._clients if client.stopped), None)

    def stop(self, error: CannotDecide) -> None:
        """Let none of them make a further call."""
        for client in self._clients:
            client.stop(error)


def vote(how: Vote, pass_mark: float, given: Mapping[str, Grade]) -> Grade:
    """One grade of several, each by the name of the judge that gave it.

    `mean` is the mean score. `majority` passes where more judges score at the pass mark or above
    than below it, so that a tie does not; its score is one that a judge of the larger side gave:
    the median, and of two middle ones the lower. A grade that one judge could not give is given by
    nobody: the panel never gets smaller.
    """
    for name, grade in given.items():
        if isinstance(grade, Ungraded):
            return Ungraded(grade.cause, f"{name}: {grade.detail}")
    scored = {name: grade for name, grade in given.items() if isinstance(grade, Scored)}
    scores = [grade.score for grade in scored.values()]
    if how == "mean":
        score = math.fsum(scores) / len(scores)
        return Scored(score, _reason(f"mean of {len(scores)} judges", scored))
    passing = [score for score in scores if score >= pass_mark]
    failing = [score for score in scores if score < pass_mark]
    side = passing if len(passing) > len(failing) else failing
    told = f"{len(passing)} of {len(scores)} judges pass it"
    return Scored(median_low(side), _reason(told, scored))


def names_of(models: Sequence[JudgeModel]) -> list[str]:
    """A name for each judge that no other of the panel has: its model, and what else it takes."""
    plain = [model.model or model.provider for model in models]
    full = [
        f"{model.provider} {name}" if plain.count(name) > 1 and model.model else name
        for model, name in zip(models, plain, strict=True)
    ]
    return [
        f"{name} #{full[:index].count(name) + 1}" if full.count(name) > 1 else name
        for index, name in enumerate(full)
    ]


def _reason(told: str, scored: Mapping[str, Scored]) -> str:
    room = max(_SHORTEST_REASON, MAX_REASON_CHARS // len(scored) - _SHORTEST_REASON)
    parts = (
        f"{name} {grade.score:.3g} ({one_line(grade.reason, room)})"
        for name, grade in scored.items()
    )
    return f"{told}: {'; '.join(parts)}"
