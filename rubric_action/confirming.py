"""Cases in doubt, run again: the failing answer is graded afresh, then the agent asked afresh.

It is decided once, when all of it is done; here is only what the decision then rests on.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from rubric_action.agent.cost import usage_cost
from rubric_action.agent.model import Agent, Missing, Session
from rubric_action.cases.case_set import CaseSet
from rubric_action.cases.model import Case
from rubric_action.errors import CannotDecide
from rubric_action.gate.case import trial_result
from rubric_action.gate.conviction import Tally, settled
from rubric_action.gate.doubt import Doubted
from rubric_action.gate.model import CaseResult, Confirmation, TrialResult
from rubric_action.grading.model import Graded
from rubric_action.rubric.model import Rubric
from rubric_action.running import Grader, paid_to_the_end

MANY: Final = 20
"""From so many cases in doubt on it is asked whether all of them can be luck."""


def too_many(doubts: Sequence[Doubted], committed: int) -> bool:
    """Whether so many committed cases fail at once that no re-run is needed to block.

    More than half of them, and not a handful: the agent is down or broken, and running it several
    times again for each case would only tell the same.
    """
    return len(doubts) >= MANY and 2 * len(doubts) > committed


@dataclass(slots=True)
class Confirming:
    """Runs cases again, at most `at_once` at a time; `sessions` counts what that took.

    `failing` gives the session that failed, by the case's id.
    """

    rubric: Rubric
    agent: Agent
    grader: Grader
    cases: CaseSet
    failing: Callable[[str], Session | None]
    at_once: int
    sessions: int = 0
    stopped: CannotDecide | None = None

    async def confirm(
        self, doubts: Sequence[Doubted], keep: Callable[[str, Confirmation], None]
    ) -> None:
        """Hand what came of each case to `keep`, by its id."""
        waiting = iter(doubts)

        async def work() -> None:
            for one in waiting:
                keep(one.case.id, await self._one(one))

        await asyncio.gather(*(work() for _ in range(min(self.at_once, len(doubts)))))

    async def _one(self, doubted: Doubted) -> Confirmation:
        case, result, past = self.cases.get(doubted.case.id), doubted.case, doubted.doubt.past
        regrade = None
        trials: list[bool] = []
        try:
            regrade = await self._regraded(case, result)
            most = self.rubric.regression.confirm
            for number in range(1, most + 1):
                now = Tally(
                    doubted.doubt.now.passes + sum(trials), doubted.doubt.now.trials + len(trials)
                )
                if settled(now, most - len(trials), past, self.rubric.regression.alpha):
                    break
                trial = await self._again(case, len(result.trials) + number)
                if trial.passed is None:
                    return Confirmation(tuple(trials), regrade, trial.cause)
                trials.append(trial.passed)
        except CannotDecide as error:
            self.stopped = self.stopped or error
            return Confirmation(tuple(trials), regrade, error.cause)
        return Confirmation(tuple(trials), regrade)

    async def _regraded(self, case: Case, result: CaseResult) -> bool | None:
        """Whether the failing answer passes when graded again; None where only rules failed it."""
        failed = next((one for one in result.trials if one.passed is False), None)
        session = self.failing(case.id)
        if failed is None or session is None or not failed.rules_passed:
            return None
        return (await self._graded(case, session, "again")).passed

    async def _again(self, case: Case, trial: int) -> TrialResult:
        """One more trial, as if it were the first."""
        if self.stopped:
            raise self.stopped
        session = await self.agent.answer(case, trial)
        if isinstance(session, Missing):
            return TrialResult(trial, None, cause=session.cause)
        self.sessions += 1
        return await self._graded(case, session, f"trial {trial}")

    async def _graded(self, case: Case, session: Session, sample: str) -> TrialResult:
        graded: Graded = await paid_to_the_end(self.grader.grade(case, session, sample))
        return trial_result(graded, self.rubric.axes, usage_cost)
