"""What the judge gives to answers that people graded, beside what they gave."""

from collections.abc import Mapping
from dataclasses import dataclass

from rubric_action.agent.model import AgentTurn, Session
from rubric_action.cases.model import Case, UserTurn
from rubric_action.grading.calibration import Item
from rubric_action.grading.grader import grades_of_silence
from rubric_action.grading.judge import AxisJudge
from rubric_action.grading.model import Grade
from rubric_action.rubric.model import Axis, Rubric


@dataclass(frozen=True, slots=True)
class Opinion:
    """One answer on one axis: a person's grade from 0 to 1, and the judge's."""

    item: Item
    axis: str
    person: float
    judge: Grade


def judged_axes(rubric: Rubric) -> dict[str, Axis]:
    """The axes that the judge is asked about: a rule for all cases settles the others."""
    settled = {rule.axis for rule in rubric.rules}
    return {name: axis for name, axis in rubric.axes.items() if name not in settled}


def as_graded(item: Item) -> tuple[Case, Session]:
    """A graded answer as a case and the session of it."""
    case = Case(
        id=item.id,
        turns=(UserTurn(item.input),),
        context=item.context,
        expected=item.expected,
        place=item.place,
    )
    return case, Session(item.id, 1, (AgentTurn(item.output),))


async def opinions(
    judge: AxisJudge, axes: Mapping[str, Axis], item: Item, sample: str = ""
) -> tuple[Opinion, ...]:
    """Ask about the axes that a person graded, as the gate asks: in one call, isolated ones alone.

    A named `sample` is asked afresh. Raises as the judge does.
    """
    case, session = as_graded(item)
    asked = [axis for name, axis in axes.items() if name in item.grades]
    grades = grades_of_silence(asked, case, session)
    rest = [axis for axis in asked if axis.name not in grades]
    if rest:
        grades |= await judge.grade(rest, case, session, sample)
    return tuple(
        Opinion(item, axis.name, item.grades[axis.name], grades[axis.name]) for axis in asked
    )
