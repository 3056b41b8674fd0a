"""Load, run, grade, compare, decide: the gate as one sentence."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from rubric_action.agent.conversation import ConversationAgent
from rubric_action.agent.model import Agent, AgentContext
from rubric_action.agent.open import open_agent
from rubric_action.cases.case_set import CaseSet
from rubric_action.cases.load import load_cases
from rubric_action.cases.shard import WHOLE, Shard
from rubric_action.errors import EXIT_ERROR, EXIT_FAIL, EXIT_PASS, Place
from rubric_action.gate.decision import Decision
from rubric_action.gate.evidence import BarNotCompared, Evidence, Policy, Stopped
from rubric_action.gate.model import Baseline, NoBaseline, Verdict
from rubric_action.gate.override.facts import Use
from rubric_action.grading.embedding_setup import check_comparisons
from rubric_action.grading.model import Spend
from rubric_action.grading.opening import Bench, Terms, open_bench
from rubric_action.grading.player import player_of
from rubric_action.grading.preflight import check_cases, check_judge, with_judge
from rubric_action.keeping import Keeper
from rubric_action.remembering import Places, remembered
from rubric_action.report.baseline import baseline_of
from rubric_action.report.folder import ResultsFolder
from rubric_action.report.model import Report, RunInfo, RunMode
from rubric_action.report.redact import Redact, redacted, redactor, secrets_of
from rubric_action.report.stored import Stored
from rubric_action.rubric.model import Outputs, OverridePolicy, Rubric
from rubric_action.running import Grader, Progress, Runner


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
    overrides that the baseline tells of. `hosted` says that the graded change may have run on this
    machine before, `runner` where `localhost` leads in a container.
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
    judge_keys: tuple[str | None, ...] = field(default=(), repr=False)
    embeddings_key: str | None = field(default=None, repr=False)
    judge_base_url: str | None = None
    judge_model: str | None = None
    max_judge_cost: float | None = None
    agent_user: str | None = None
    runner: str | None = None
    hosted: bool = False
    resume: bool = True
    clock: Callable[[], float] = time.monotonic
    signing: Signing | None = None
    uses: Sequence[Use] = ()


@dataclass(frozen=True, slots=True)
class Results:
    """What was graded, and what else a decision on it takes; `rubric` is the settled one."""

    rubric: Rubric
    cases: CaseSet
    baseline: Baseline | NoBaseline
    keeper: Keeper
    folder: ResultsFolder
    spend: Spend
    stopped: Stopped | None = None
    warnings: tuple[str, ...] = ()


async def run(request: Request) -> Report:
    """Grade every case, decide, and write the results folder. Raises the error tree.

    All that can be wrong with what was given is raised before the folder is touched.
    """
    started = request.clock()
    return decided(request, await graded(request), started)


async def graded(request: Request, shard: Shard = WHOLE) -> Results:
    """Run and grade the cases of one part of the suite; nothing is decided. Raises like `run`."""
    rubric = settled(request)
    check_judge(rubric, keys=request.judge_keys, max_cost_usd=request.max_judge_cost)
    cases = load_cases(rubric, request.root)
    check_cases(rubric, cases.with_rules() if rubric.judge else cases)
    check_comparisons(
        rubric,
        cases.with_rules(),
        key=request.embeddings_key,
        keys=request.judge_keys,
        max_cost_usd=request.max_judge_cost,
    )
    agent = agent_of(request, rubric, cases)
    results = results_of(request, rubric, cases)
    notes: list[str] = []
    results = await _grade(request, shard, agent, results, notes.append)
    return replace(results, warnings=(*results.warnings, *notes))


def results_of(request: Request, rubric: Rubric, cases: CaseSet) -> Results:
    """Results without a case yet, and the folder made ready for them."""
    now = request.run.created_at
    baseline = baseline_of(request.baseline, now)
    keeper = Keeper(request.root, rubric, cases, baseline, now)
    redact = redactor(secrets_of(request.environ, *request.judge_keys, request.embeddings_key))
    folder = ResultsFolder(request.results, redact, resume=request.resume)
    return Results(rubric, cases, baseline, keeper, folder, Spend())


def decided(request: Request, results: Results, started: float) -> Report:
    """Compare, decide and write; `started` is the reading of `request.clock` at the start."""
    from rubric_action.assemble import report_of, write_results
    from rubric_action.gate.decide import decide

    kept, folder = results.keeper.kept, results.folder
    evidence = evidence_on(request, results)
    decision = decide(evidence)
    if request.signing is not None:
        decision = request.signing.sign(decision, evidence.policy.override)
    info = replace(request.run, seconds=request.clock() - started)
    report = report_of(
        evidence, decision, results.cases, kept, request.baseline, info, results.spend
    )
    warnings = dict.fromkeys((*report.warnings, *results.keeper.warnings, *results.warnings))
    report = replace(report, warnings=tuple(warnings), uses=tuple(request.uses))
    report = without_secrets(report, folder.redact)
    audit = request.signing.lines(report) if request.signing else ()
    write_results(folder, report, kept, audit)
    return report


def evidence_on(request: Request, results: Results) -> Evidence:
    """What a decision on these results rests on."""
    from rubric_action.assemble import evidence_of

    return evidence_of(
        results.rubric,
        request.rubric,
        request.base,
        request.policy,
        results.baseline,
        results.keeper.kept.results,
        results.stopped,
    )


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
    if request.outputs is not None:
        rubric = replace(rubric, agent=replace(rubric.agent, source=Outputs(request.outputs)))
    if request.concurrency is None:
        return rubric
    agent = replace(rubric.agent, concurrency=request.concurrency)
    judge = rubric.judge and replace(rubric.judge, concurrency=request.concurrency)
    return replace(rubric, agent=agent, judge=judge)


def agent_of(request: Request, rubric: Rubric, cases: CaseSet) -> AgentContext:
    """The agent, made ready and not started; a file of sessions is read and checked."""
    return open_agent(
        rubric.agent,
        cases,
        request.root,
        request.environ,
        outputs=request.outputs,
        user=request.agent_user,
        runner=request.runner,
        place=rubric.places.get("agent", Place("the rubric")),
    )


async def _grade(
    request: Request,
    shard: Shard,
    opening: AgentContext,
    results: Results,
    note: Callable[[str], None],
) -> Results:
    """Run and grade everything; the agent is dead when this returns. Tells what cut it short."""
    rubric, cases, spend, folder = results.rubric, results.cases, results.spend, results.folder
    async with AsyncExitStack() as stack:
        places = Places(
            request.environ, request.root, request.baseline, request.judge_keys, request.hosted
        )
        memory = stack.enter_context(remembered(places, rubric, folder, note))
        terms = Terms(
            spend=spend,
            keys=request.judge_keys,
            embeddings_key=request.embeddings_key,
            memory=memory,
            max_cost_usd=request.max_judge_cost,
            note=note,
        )
        bench = await stack.enter_async_context(open_bench(rubric, terms))
        grader = bench.grader
        if shard == WHOLE:
            results = await compared(request, results, grader)
        agent = conversing(rubric, await stack.enter_async_context(opening), bench)
        runner = Runner(agent, grader, request.progress, results.keeper.keep)
        loading = asyncio.create_task(_load_ahead())
        request.progress.start(len(shard.positions(len(cases))))
        await runner.run(shard.cases(cases), workers(rubric))
        await loading
        spend.agent_sessions = runner.sessions
        if not (runner.stopped or grader.stopped):
            spend.agent_sessions += await confirmed(request, results, agent, grader, note)
    stopped = runner.stopped or grader.stopped
    return replace(results, stopped=Stopped(stopped.cause, stopped.mend) if stopped else None)


async def compared(request: Request, results: Results, grader: Grader) -> Results:
    """The results with a baseline that today's judge has graded, where another one had."""
    stored, baseline = request.baseline, results.baseline
    if isinstance(stored, NoBaseline) or isinstance(baseline, NoBaseline):
        return results
    from rubric_action.regrading import Regrading, needs_regrading

    if not needs_regrading(baseline, results.rubric):
        return results
    before, rubric = results.spend.judge_calls, results.rubric
    again = Regrading(rubric, results.cases, grader, request.progress, workers(rubric))
    regraded = await again.regraded(stored, baseline)
    calls = results.spend.judge_calls - before
    results.keeper.compare_with(replace(regraded, regrade_calls=calls))
    return replace(results, baseline=replace(regraded, regrade_calls=calls))


async def confirmed(
    request: Request,
    results: Results,
    agent: Agent,
    grader: Grader,
    note: Callable[[str], None],
) -> int:
    """Run the cases in doubt again and keep what came of it; returns the sessions that it took."""
    if isinstance(results.baseline, NoBaseline) or not results.rubric.regression.confirm:
        return 0
    from rubric_action.confirming import Confirming, too_many
    from rubric_action.gate.doubt import to_run_again

    evidence = evidence_on(request, results)
    doubts = list(to_run_again(evidence)) if evidence.rerunnable else []
    if too_many(doubts, sum(map(evidence.counts_on, evidence.before.values()))):
        note(
            f"{len(doubts)} committed cases fail at once, more than half of all: "
            "that is no bad luck, and none was run again."
        )
        return 0
    kept = results.keeper.kept
    again = Confirming(
        results.rubric, agent, grader, results.cases, kept.session, workers(results.rubric)
    )
    await again.confirm(doubts, results.keeper.confirm)
    return again.sessions


def conversing(rubric: Rubric, agent: Agent, bench: Bench) -> Agent:
    """The agent, with a model in the user's place where a case has no script."""
    own = rubric.agent
    player = player_of(bench.voices)
    return ConversationAgent(agent, player, timeout_s=own.timeout_s, concurrency=own.concurrency)


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
