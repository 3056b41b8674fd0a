"""Grade one session: rules first, then the axes that they leave open, by the judge."""

from collections.abc import Sequence

from rubric_action.agent.model import Session, held
from rubric_action.cases.model import Case
from rubric_action.cases.select import axes_of
from rubric_action.errors import CannotDecide
from rubric_action.grading.checks import NO_VECTORS, Vectors
from rubric_action.grading.embeddings import Embedder
from rubric_action.grading.fence import is_blank
from rubric_action.grading.judge import AxisJudge, Stoppable
from rubric_action.grading.model import Grade, Graded, Scored
from rubric_action.grading.prompt import turn_count
from rubric_action.grading.rules import compared_texts, rules_for, run_rules, settled_axes
from rubric_action.rubric.model import Axis, Rubric

_EMPTY = "the answer is empty"


class Grader:
    """Grades sessions under one rubric. Safe to call from many tasks at once."""

    def __init__(
        self,
        rubric: Rubric,
        judge: AxisJudge,
        client: Stoppable | None = None,
        embedder: Embedder | None = None,
    ) -> None:
        self._rubric = rubric
        self._judge = judge
        self._embedder = embedder
        self._callers = [caller for caller in (client, embedder) if caller]

    @property
    def stopped(self) -> CannotDecide | None:
        """Why the judge makes no further call (budget, key, outage); such a run is an error."""
        return next((one.stopped for one in self._callers if one.stopped), None)

    def stop(self, error: CannotDecide) -> None:
        """Let the judge make no further call; those in flight go on, and are kept."""
        for caller in self._callers:
            caller.stop(error)

    async def grade(self, case: Case, session: Session, sample: str = "") -> Graded:
        """Grade one trial of one case; a named `sample` is graded afresh.

        1. All rules run, on the embeddings of what they compare. 2. Axes that rules settle are
        done. 3. An axis with an empty answer scores 0, at no cost. 4. The judge grades the rest:
        one call, and one for each isolated axis.

        Raises `JudgeRefused` when the judge will not work at all, or what makes the embeddings;
        `ResultsUnwritable` when replies cannot be kept.
        """
        rules = rules_for(self._rubric.rules, case)
        texts = compared_texts(rules, case, session)
        spoken = held(case, session)
        outcomes = run_rules(rules, spoken, session, await self._vectors(texts))
        grades = settled_axes(outcomes)
        axes = [self._rubric.axes[name] for name in axes_of(self._rubric, case)]
        grades |= grades_of_silence([a for a in axes if a.name not in grades], case, session)
        rest = [axis for axis in axes if axis.name not in grades]
        if rest:
            grades |= await self._judge.grade(rest, spoken, session, sample)
        return Graded(session, outcomes, {axis.name: grades[axis.name] for axis in axes})

    async def _vectors(self, texts: Sequence[str]) -> Vectors:
        """The embedding of each text, or why there is none; nobody is asked for no text."""
        if not texts or self._embedder is None:
            return NO_VECTORS
        return dict(zip(texts, await self._embedder.vectors(texts), strict=True))


def grades_of_silence(axes: Sequence[Axis], case: Case, session: Session) -> dict[str, Grade]:
    """Score 0 where nothing was answered: everywhere, or in one turn of an axis graded by turn."""
    count = turn_count(case, session)
    silent = [
        number
        for number in range(1, count + 1)
        if number > len(session.turns) or is_blank(session.turns[number - 1].output)
    ]
    if len(silent) == count:
        return {axis.name: Scored(0.0, _EMPTY) for axis in axes}
    by_turn = [axis for axis in axes if axis.per == "turn" and silent]
    return {axis.name: Scored(0.0, f"turn {silent[0]}: {_EMPTY}") for axis in by_turn}
