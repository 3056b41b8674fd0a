"""The baseline's answers, graded by today's judge, so that a change is the agent's alone.

Stored scores of another judge, of another prompt or question, say nothing of what the agent did
since. The answers are stored, and can be graded again.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from rubric_action.agent.cost import usage_cost
from rubric_action.agent.model import Missing, Session
from rubric_action.cases.case_set import CaseSet
from rubric_action.cases.fingerprint import fingerprint
from rubric_action.cases.model import Case
from rubric_action.cases.spool import Spool
from rubric_action.errors import CannotDecide
from rubric_action.gate.case import case_result
from rubric_action.gate.history import committed
from rubric_action.gate.model import Baseline, CaseResult, History, NoBaseline
from rubric_action.grading.identity import judge_fingerprint
from rubric_action.grading.model import TrialOutcome
from rubric_action.report.compact import compact
from rubric_action.report.packed import PackedCases
from rubric_action.report.records import session_from, session_record
from rubric_action.report.stored import Stored
from rubric_action.rubric.model import Rubric
from rubric_action.running import Grader, Progress, Runner


def needs_regrading(baseline: Baseline | NoBaseline, rubric: Rubric) -> bool:
    """Whether the baseline was graded by another judge, or asked for something else."""
    if isinstance(baseline, NoBaseline) or baseline.judge is None or not rubric.axes:
        return False
    return baseline.judge != judge_fingerprint(rubric)


class Recorded:
    """An agent that answers as the baseline's did, as far as its sessions are stored."""

    def __init__(self, sessions: Iterator[Session], wanted: CaseSet) -> None:
        self._spool = Spool()
        self._numbers: dict[str, dict[int, int]] = {}
        for session in sessions:
            if session.case in wanted:
                line = json.dumps(session_record(session), ensure_ascii=False)
                number = self._spool.append(line.encode("utf-8", "backslashreplace"))
                self._numbers.setdefault(session.case, {})[session.trial] = number

    def __contains__(self, case_id: object) -> bool:
        return case_id in self._numbers

    def trials_of(self, case_id: str) -> tuple[int, ...]:
        """The trials that are stored."""
        return tuple(sorted(self._numbers[case_id]))

    async def answer(self, case: Case, trial: int) -> Session | Missing:
        """The stored session."""
        return session_from(json.loads(self._spool[self._numbers[case.id][trial]]))


@dataclass(slots=True)
class Regrading:
    """Grades a baseline anew, at most `at_once` cases at a time; `stopped` says what cut it short.

    What cannot be compared any more stays committed, and takes part in no comparison: a case that
    asks something else now, or whose answer is not stored.
    """

    rubric: Rubric
    cases: CaseSet
    grader: Grader
    progress: Progress
    at_once: int
    stopped: CannotDecide | None = field(default=None, init=False)

    async def regraded(self, stored: Stored, baseline: Baseline) -> Baseline:
        """The baseline as today's judge sees it; its sessions are read once."""
        recorded = Recorded(stored.sessions(), self.cases)
        found: dict[str, CaseResult] = {}

        def keep(_: int, case: Case, outcomes: Sequence[TrialOutcome]) -> None:
            found[case.id] = compact(self._result(case, outcomes, baseline))

        runner = Runner(recorded, self.grader, self.progress, keep)
        wanted = [
            one
            for one in enumerate(self.cases)
            if one[1].id in recorded and asks_the_same(one[1], baseline)
        ]
        self.progress.start(len(wanted))
        await runner.run(iter(wanted), self.at_once)
        self.stopped = runner.stopped
        cases = (found.get(one.id) or self._apart(one) for one in baseline.cases.values())
        return replace(baseline, cases=PackedCases(cases), regraded=True)

    def _result(
        self, case: Case, outcomes: Sequence[TrialOutcome], baseline: Baseline
    ) -> CaseResult:
        """Today's grades of yesterday's answers; the counts of the other judge are gone."""
        before = baseline.cases[case.id]
        result = case_result(case, outcomes, before.slices, self.rubric.axes, usage_cost)
        passes = sum(trial.passed is True for trial in result.trials)
        runs = () if result.passed is None else ((passes, len(result.trials)),)
        history = History(runs, committed=self._counted(before))
        return replace(result, history=history, place=before.place, bar=before.bar)

    def _apart(self, before: CaseResult) -> CaseResult:
        history = History((), committed=self._counted(before))
        return replace(before, passed=None, axes={}, history=history)

    def _counted(self, before: CaseResult) -> bool:
        slices = (self.rubric.slices.get(name) for name in before.slices)
        hard = any(one is not None and one.hard and not one.informational for one in slices)
        return committed(before, hard, self.rubric.regression.commit)


def asks_the_same(case: Case, baseline: Baseline) -> bool:
    """Whether the baseline's answer is an answer to what the case asks today."""
    before = baseline.cases.get(case.id)
    return before is not None and before.fingerprint == fingerprint(case)
