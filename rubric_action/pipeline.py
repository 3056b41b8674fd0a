"""Load, run, grade, compare, decide: the gate as one sentence."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from rubric_action.agent.cost import usage_cost
from rubric_action.agent.model import AgentContext
from rubric_action.agent.open import open_agent
from rubric_action.cases.case_set import CaseSet
from rubric_action.cases.corpus import load_corpus
from rubric_action.cases.load import load_cases
from rubric_action.cases.model import Case
from rubric_action.errors import EXIT_ERROR, EXIT_FAIL, EXIT_PASS, Place
from rubric_action.gate.case import case_result
from rubric_action.gate.decision import Decision
from rubric_action.gate.evidence import BarNotCompared, Policy, Stopped
from rubric_action.gate.freshness import stale, undated
from rubric_action.gate.history import carried, committed
from rubric_action.gate.model import Baseline, CaseResult, NoBaseline, Verdict
from rubric_action.gate.override.facts import Use
from rubric_action.grading.cache import ReplyJournal
from rubric_action.grading.judge import Memory
from rubric_action.grading.model import Graded, NotGraded, Spend, TrialOutcome
from rubric_action.grading.opening import open_grader
from rubric_action.grading.preflight import check_cases, check_judge, with_judge
from rubric_action.report.baseline import baseline_of
from rubric_action.report.folder import ResultsFolder
from rubric_action.report.keep import Kept
from rubric_action.report.model import Report, RunInfo, RunMode
from rubric_action.report.redact import Redact, redacted, redactor, secrets_of
from rubric_action.report.stored import Stored
from rubric_action.rubric.model import OverridePolicy, Rubric
from rubric_action.running import Progress, Runner


class Signing(Protocol):
    """Looks for a signature under a decision, and tells of it for good."""

    def sign(self, decision: Decision, policy: OverridePolicy | None) -> Decision:
        """What the signatures make of a decision, by the policy of the base."""
        ...

    def lines(self, report: Report) -> Iterable[Mapping[str, Any]]:
        """The records that `audit.jsonl` keeps."""
        ...


FIRST_REQUESTS_S = 0.05
"""What may wait waits so long, until the first requests are on their way."""


@dataclass(frozen=True, slots=True)
class Request:
    """All that a run is given. Effects and settings come in here and nowhere else.

    `base` is the rubric that this one is held against; `policy` what the change may not decide
    about itself, where that is not simply the base's. The fields from `outputs` on are what a
    command line or a workflow says over the rubric; costs are in USD. `resume` trusts the judge's
    replies that the results folder already holds: never where a stranger could have put them there.
    `signing` asks who signed for what fails; nobody is asked on a laptop. `uses` are the
    overrides that the baseline tells of.
    """

    root: Path
    rubric: Rubric
    results: Path
    run: RunInfo
    environ: Mapping[str, str]
    base: Rubric | BarNotCompared
    baseline: Stored | NoBaseline
    progress: Progress
    policy: Policy | None = None
    outputs: str | None = None
    concurrency: int | None = None
    judge_key: str | None = None
    judge_base_url: str | None = None
    judge_model: str | None = None
    max_judge_cost: float | None = None
    agent_user: str | None = None
    resume: bool = True
    clock: Callable[[], float] = time.monotonic
    signing: Signing | None = None
    uses: Sequence[Use] = ()


async def run(request: Request) -> Report:
    """Grade every case, decide, and write the results folder. Raises the error tree.

    All that can be wrong with what was given is raised before the folder is touched.
    """
    started = request.clock()
    rubric = settled(request)
    check_judge(rubric, key=request.judge_key, max_cost_usd=request.max_judge_cost)
    cases = load_cases(rubric, request.root)
    check_cases(rubric, cases.with_rules() if rubric.judge else cases)
    agent = _agent(request, rubric, cases)
    baseline = baseline_of(request.baseline, request.run.created_at)
    keeper = _Keeper(request, rubric, cases, baseline)
    redact = redactor(secrets_of(request.environ, request.judge_key))
    folder = ResultsFolder(request.results, redact, resume=request.resume)
    spend = Spend()

    stopped = await _grade(request, rubric, cases, agent, keeper, folder, spend)

    from rubric_action.assemble import evidence_of, report_of, write_results
    from rubric_action.gate.decide import decide

    evidence = evidence_of(
        rubric,
        request.rubric,
        request.base,
        request.policy,
        baseline,
        keeper.kept.results,
        stopped,
    )
    decision = decide(evidence)
    if request.signing is not None:
        decision = request.signing.sign(decision, evidence.policy.override)
    info = replace(request.run, seconds=request.clock() - started)
    report = report_of(evidence, decision, cases, keeper.kept, request.baseline, info, spend)
    warnings = (*report.warnings, *keeper.warnings)
    report = replace(report, warnings=warnings, uses=tuple(request.uses))
    report = without_secrets(report, redact)
    audit = request.signing.lines(report) if request.signing else ()
    write_results(folder, report, keeper.kept, audit)
    return report


def without_secrets(report: Report, redact: Redact) -> Report:
    """The report without secrets, before its texts are cut, escaped or wrapped by a renderer."""
    return replace(
        report,
        decision=redacted(report.decision, redact),
        broken=redacted(report.broken, redact),
        warnings=redacted(report.warnings, redact),
    )


def exit_code(verdict: Verdict, mode: RunMode) -> int:
    """By the verdict; a baseline run records a failure and exits 0."""
    if verdict == "error":
        return EXIT_ERROR
    return EXIT_FAIL if verdict == "fail" and mode == "gate" else EXIT_PASS


def settled(request: Request) -> Rubric:
    """The rubric with what the command line or the workflow says over it."""
    rubric = with_judge(request.rubric, base_url=request.judge_base_url, model=request.judge_model)
    if request.concurrency is None:
        return rubric
    agent = replace(rubric.agent, concurrency=request.concurrency)
    judge = rubric.judge and replace(rubric.judge, concurrency=request.concurrency)
    return replace(rubric, agent=agent, judge=judge)


def _agent(request: Request, rubric: Rubric, cases: CaseSet) -> AgentContext:
    return open_agent(
        rubric.agent,
        cases,
        request.root,
        request.environ,
        outputs=request.outputs,
        user=request.agent_user,
        place=rubric.places.get("agent", Place("the rubric")),
    )


async def _grade(
    request: Request,
    rubric: Rubric,
    cases: CaseSet,
    opening: AgentContext,
    keeper: "_Keeper",
    folder: ResultsFolder,
    spend: Spend,
) -> Stopped | None:
    """Run and grade everything; the agent is dead when this returns. Says why it was cut short."""
    past = request.baseline.replies() if isinstance(request.baseline, Stored) else None
    async with AsyncExitStack() as stack:
        journal = ReplyJournal(folder.replies, [past] if past else [])
        stack.enter_context(journal)
        grading = open_grader(
            rubric,
            spend=spend,
            key=request.judge_key,
            memory=Memory(journal, redact=folder.redact),
            max_cost_usd=request.max_judge_cost,
        )
        grader = await stack.enter_async_context(grading)
        agent = await stack.enter_async_context(opening)
        runner = Runner(agent, grader, request.progress, keeper.keep)
        request.progress.start(len(cases))
        loading = asyncio.create_task(_load_ahead())
        await runner.run(enumerate(cases), workers(rubric))
        await loading
    spend.agent_sessions = runner.sessions
    stopped = runner.stopped or grader.stopped
    return Stopped(stopped.cause, stopped.mend) if stopped else None


async def _load_ahead() -> None:
    """Load what only the decision needs while the judge is awaited: neither before nor after."""
    await asyncio.sleep(FIRST_REQUESTS_S)
    await asyncio.to_thread(_load_decision)


def _load_decision() -> None:
    from rubric_action.assemble import warm_up

    warm_up()


def workers(rubric: Rubric) -> int:
    """Cases under way at once: as many as the agent and the judge together can be busy with."""
    judged = rubric.judge.concurrency if rubric.judge else 0
    return rubric.agent.concurrency + judged


class _Keeper:
    """Turns each case's outcomes into its result, with its history, and keeps it."""

    def __init__(
        self, request: Request, rubric: Rubric, cases: CaseSet, baseline: Baseline | NoBaseline
    ) -> None:
        self.kept = Kept(len(cases))
        self._rubric = rubric
        self._cases = cases
        self._before = baseline.cases if isinstance(baseline, Baseline) else {}
        self._corpus = load_corpus(request.root, rubric.freshness.corpus)
        self._today = date.fromisoformat(request.run.created_at[:10])
        self._undated = 0

    @property
    def warnings(self) -> tuple[str, ...]:
        """What could not be weighed."""
        if not self._undated or self._rubric.freshness.max_context_age_days is None:
            return ()
        return (f"{self._undated} texts that answers lean on carry no date: no age was weighed.",)

    def keep(self, position: int, case: Case, outcomes: Sequence[TrialOutcome]) -> None:
        """The runner's `Keep`."""
        sessions = [one.session for one in outcomes if isinstance(one, Graded | NotGraded)]
        slices = self._cases.slices_of(case.id)
        old = stale(case, sessions, self._rubric.freshness, self._corpus, self._today)
        self._undated += undated(case, sessions, self._corpus)
        result = case_result(case, outcomes, slices, self._rubric.axes, usage_cost, old)
        self.kept.add(position, self._with_history(result), sessions)

    def _with_history(self, result: CaseResult) -> CaseResult:
        before = self._before.get(result.id)
        slices = (self._rubric.slices[name] for name in result.slices)
        hard = any(one.hard and not one.informational for one in slices)
        counted = before is not None and committed(before, hard, self._rubric.regression.commit)
        return replace(result, history=carried(result, before, counted))
