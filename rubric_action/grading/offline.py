"""The lexical judge: the axes' offline methods over one session, with no model and no network."""

from collections.abc import Sequence
from itertools import zip_longest

from rubric_action.agent.model import AgentTurn, Session
from rubric_action.cases.model import Case, UserTurn
from rubric_action.grading.judge import Grades
from rubric_action.grading.lexical import DEFAULT_BY_AXIS, METHODS, Inapplicable, Material
from rubric_action.grading.lexical_material import MOST_CHARACTERS
from rubric_action.grading.model import Grade, Scored, Ungraded
from rubric_action.rubric.model import Axis


def lexical_method(axis: Axis) -> str | None:
    """The name of the axis' offline method: its own, else the usual one for an axis so called."""
    name = axis.lexical or DEFAULT_BY_AXIS.get(axis.name)
    return name if name in METHODS else None


class OfflineJudge:
    """Grades each axis by its lexical method; deterministic and free."""

    async def grade(
        self, axes: Sequence[Axis], case: Case, session: Session, sample: str = "", draw: int = 0
    ) -> Grades:
        """A grade an axis; ungraded where the method lacks what it measures against."""
        del sample, draw  # the same answer is graded the same
        whole = _material(case, case.turns, session.turns)
        return {axis.name: self._grade(axis, case, session, whole) for axis in axes}

    def _grade(self, axis: Axis, case: Case, session: Session, whole: Material) -> Grade:
        if axis.per == "conversation":
            return _measure(axis, whole)
        return _lowest([_measure(axis, material) for material in _by_turn(case, session)])


def _measure(axis: Axis, material: Material) -> Grade:
    name = lexical_method(axis)
    if name is None:
        return Ungraded("inapplicable", f"no lexical method is named for `{axis.name}`")
    if material.too_long:
        detail = f"{material.too_long} longer than the {MOST_CHARACTERS:,} characters that are read"
        return Ungraded("inapplicable", detail)
    found = METHODS[name](material)
    if isinstance(found, Inapplicable):
        return Ungraded("inapplicable", found.reason)
    return Scored(found.score, found.reason)


def _lowest(grades: Sequence[Grade]) -> Grade:
    """The lowest score of the turns; one ungraded turn leaves the axis ungraded."""
    lowest: Scored | None = None
    for number, grade in enumerate(grades, start=1):
        if isinstance(grade, Ungraded):
            return Ungraded(grade.cause, f"turn {number}: {grade.detail}")
        if lowest is None or grade.score < lowest.score:
            lowest = Scored(grade.score, f"turn {number}: {grade.reason}")
    return lowest or Ungraded("inapplicable", "the session has no turn")


def _by_turn(case: Case, session: Session) -> list[Material]:
    pairs = zip_longest(case.turns, session.turns)
    return [
        _material(case, (asked,) if asked else (), (given,) if given else ())
        for asked, given in pairs
    ]


def _material(case: Case, asked: Sequence[UserTurn], answered: Sequence[AgentTurn]) -> Material:
    """The texts of some turns; what was retrieved for them replaces the case's context."""
    pairs = list(zip_longest(asked, answered))
    retrieved = tuple(item.text for turn in answered for item in turn.context)
    return Material(
        questions=tuple(user.user if user else "" for user, _ in pairs),
        answers=tuple(turn.output if turn else "" for _, turn in pairs),
        context=retrieved or tuple(item.text for item in case.context),
        expected=case.expected,
        facts=case.facts,
    )
