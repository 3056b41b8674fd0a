"""From the outcomes of a case to its result, with what leans on the day and on the baseline."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from rubric_action.agent.cost import usage_cost
from rubric_action.agent.model import Session
from rubric_action.cases.case_set import CaseSet
from rubric_action.cases.corpus import load_corpus
from rubric_action.cases.model import Case
from rubric_action.gate.case import case_result
from rubric_action.gate.freshness import stale, undated
from rubric_action.gate.history import carried, committed
from rubric_action.gate.model import Baseline, CaseResult, Confirmation, History, NoBaseline
from rubric_action.grading.model import Graded, NotGraded, TrialOutcome
from rubric_action.report.keep import Kept
from rubric_action.rubric.model import Rubric


class Keeper:
    """Keeps a result for each case, by its position in the order of the cases.

    `now` is the run's time in ISO 8601; what is older than allowed counts from its day.
    """

    def __init__(
        self,
        root: Path,
        rubric: Rubric,
        cases: CaseSet,
        baseline: Baseline | NoBaseline,
        now: str,
    ) -> None:
        self.kept = Kept(len(cases))
        self._rubric = rubric
        self._cases = cases
        self._before = baseline.cases if isinstance(baseline, Baseline) else {}
        self._corpus = load_corpus(root, rubric.freshness.corpus)
        self._today = date.fromisoformat(now[:10])
        self._undated = 0

    def compare_with(self, baseline: Baseline) -> None:
        """Take the histories from this baseline; before anything is kept."""
        self._before = baseline.cases

    @property
    def warnings(self) -> tuple[str, ...]:
        """What could not be weighed."""
        if not self._undated or self._rubric.freshness.max_context_age_days is None:
            return ()
        return (f"{self._undated} texts that answers lean on carry no date: no age was weighed.",)

    def keep(self, position: int, case: Case, outcomes: Sequence[TrialOutcome]) -> None:
        """Keep what a case's trials came to; the runner's `Keep`."""
        sessions = [one.session for one in outcomes if isinstance(one, Graded | NotGraded)]
        slices, old = self._cases.slices_of(case.id), self._stale(case, sessions)
        result = case_result(case, outcomes, slices, self._rubric.axes, usage_cost, old)
        self._add(position, result, sessions)

    def join(
        self, position: int, case: Case, result: CaseResult, sessions: Sequence[Session]
    ) -> None:
        """Keep a result that a shard came to, aged by this run's day."""
        self._add(position, replace(result, stale=self._stale(case, sessions)), sessions)

    def confirm(self, case_id: str, confirmation: Confirmation) -> None:
        """Keep what came of running a case again."""
        result = replace(self.kept.whole(case_id), confirmation=confirmation)
        self.kept.replace(replace(result, history=self._history(result)))

    def _stale(self, case: Case, sessions: Sequence[Session]) -> tuple[str, ...]:
        self._undated += undated(case, sessions, self._corpus)
        return stale(case, sessions, self._rubric.freshness, self._corpus, self._today)

    def _add(self, position: int, result: CaseResult, sessions: Sequence[Session]) -> None:
        whole = replace(result, history=self._history(result))
        self.kept.add(position, whole, sessions)

    def _history(self, result: CaseResult) -> History:
        before = self._before.get(result.id)
        slices = (self._rubric.slices[name] for name in result.slices)
        hard = any(one.hard and not one.informational for one in slices)
        counted = before is not None and committed(before, hard, self._rubric.regression.commit)
        return carried(result, before, counted)
