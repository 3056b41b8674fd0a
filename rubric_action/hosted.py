"""The gate inside of GitHub: an event in, a report out.

What a change decides about itself and what not is told in `github/trust.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final, TextIO, cast

from rubric_action.again import Again
from rubric_action.agent.runner_host import runner_host
from rubric_action.cases.shard import Shard
from rubric_action.errors import CannotDecide, InputError, Problem
from rubric_action.gate.evidence import BarNotCompared, Policy
from rubric_action.gate.model import NoBaseline
from rubric_action.github.api import Api
from rubric_action.github.base_rubric import rubric_at
from rubric_action.github.checkout import check_checkout
from rubric_action.github.commands import Log
from rubric_action.github.context import Context
from rubric_action.github.event import (
    Event,
    MergeGroupEvent,
    OtherEvent,
    PullRequestEvent,
    WorkflowRunEvent,
)
from rubric_action.github.fields import time_or_none
from rubric_action.github.fork import as_file, fetch_sessions, find_pull, find_sessions
from rubric_action.github.inputs import Inputs
from rubric_action.github.mode import Job, Nothing, choose_job, choose_part
from rubric_action.github.paths import (
    WITH,
    check_sessions_made,
    in_repository,
    in_workspace,
    results_folder,
)
from rubric_action.github.publish import Target
from rubric_action.github.pulls import read_pull
from rubric_action.github.records import Artifact
from rubric_action.github.results import PublishedResults
from rubric_action.github.trust import bar_ref
from rubric_action.isolation import agent_user
from rubric_action.merging import merge
from rubric_action.pipeline import Request, Signing, run
from rubric_action.progress import Lines
from rubric_action.report.folder import clear_results
from rubric_action.report.model import Report, RunMode
from rubric_action.report.recall import report_of_stored
from rubric_action.report.redact import redactor, secrets_of
from rubric_action.report.shard import ShardReport
from rubric_action.report.stored import Stored
from rubric_action.requesting import Given, Keys
from rubric_action.rubric.model import Outputs, Rubric
from rubric_action.running import run_to_end
from rubric_action.sessions_only import SessionsRequest, run_sessions
from rubric_action.sharding import run_shard
from rubric_action.signing import Signatures, signatures, uses_of
from rubric_action.sources import Sources
from rubric_action.subject import Subject, as_of_now, over, subject_of

OWN_BAR: Final = BarNotCompared("this run is on the default branch and makes the baseline")


@dataclass(frozen=True, slots=True)
class Decided:
    """A report, and the signatures that were asked for, if any were to be."""

    report: Report
    signatures: Signatures | None = None


@dataclass(frozen=True, slots=True)
class Hosted:
    """All that a run on GitHub decides from; `aim` is told what the verdict will be about.

    `begin` is called once everything is known that costs nothing, before anything is spent.
    """

    environ: Mapping[str, str] = field(repr=False)
    inputs: Inputs
    context: Context
    api: Api
    log: Log
    aim: Callable[[Target], None]
    begin: Callable[[], None]

    def decide(self, event: Event) -> Decided | ShardReport | Nothing:
        """Gather, grade, decide. Raises the error tree; no verdict is published here."""
        results = self._emptied_results()
        event = self._at_home(event)
        shard = self.inputs.shard
        choose = choose_job if shard is None else choose_part
        job = choose(event, self.inputs.mode)
        if isinstance(job, Nothing):
            return job
        if shard is not None:
            return self._part(subject_of(event, self.context), shard, _run_mode(job), results)
        return self._whole(event, job, results)

    def _whole(self, event: Event, job: Job, results: Path) -> Decided | Nothing:
        """A job that ends in a verdict, but for `sessions`."""
        self._check_folder_of_shards()
        if job.mode == "sessions":
            return self._sessions(results)
        if isinstance(event, WorkflowRunEvent):
            return self._for_fork(event, results)
        queued = event.number if isinstance(event, MergeGroupEvent) else None
        last = read_pull(self.api, queued) if queued is not None else None
        subject = subject_of(event, self.context, last)
        self.aim(subject.target)
        if job.mode == "gate" and isinstance(event, PullRequestEvent):
            live = as_of_now(self.api, self.log, subject)
            if isinstance(live, Nothing):
                return live
            subject = live
        if job.mode == "again":
            again = self._again(subject, results)
            if not isinstance(again, Subject):
                return again
            subject = again
        return self._grade(subject, _run_mode(job), results)

    def _part(self, subject: Subject, shard: Shard, mode: RunMode, results: Path) -> ShardReport:
        """Run and grade one shard: the job that joins all of them decides."""
        request = self._prepared(subject, mode, results)
        self.log.line(f"{shard}: `mode: merge` decides on all of them")
        self._given.tell_isolation(request)
        return run_to_end(run_shard(request, shard))

    def _sessions(self, results: Path) -> Nothing:
        """Run the agent for the workflow that judges it: no grade, no verdict."""
        rubric = self._given.rubric()
        request = SessionsRequest(
            root=self.context.workspace,
            rubric=rubric,
            results=results,
            environ=self.environ,
            progress=Lines(cast("TextIO", self.log), ("running", "ran")),
            outputs=self.inputs.outputs,
            concurrency=self.inputs.concurrency,
            agent_user=agent_user(),
            runner=runner_host(self.environ),
        )
        ran = run_to_end(run_sessions(request))
        missing = f", {ran.missing} are missing" if ran.missing else ""
        kept = f"{self.inputs.results}/sessions.jsonl"
        return Nothing(f"{ran.sessions} sessions are kept in {kept}{missing}; nothing is graded")

    def _for_fork(self, event: WorkflowRunEvent, results: Path) -> Decided | Nothing:
        """Judge what a fork's run left, or decide again where there is nothing new to judge."""
        self.aim(Target(event.head_sha))
        found = find_pull(self.api, event)
        if isinstance(found, Nothing):
            return found
        subject = replace(subject_of(found, self.context), for_fork=True)
        self.aim(subject.target)
        published = self._sources.published(subject)
        stored = published.newest()
        self._sources.tell_rejected("results", published.rejected)
        sessions = self._new_sessions(event, published if stored else None)
        if isinstance(sessions, Nothing):
            if stored is None:
                return sessions
            if measured := _elsewhere(published):
                return measured
            self.log.line(f"decided from {stored.name}; {sessions.reason}")
            return self._decide_again(subject, stored, results, published)
        check_checkout(self.context.workspace, subject.sha)
        source = self._given.rubric(own_sessions=True).agent.source
        named = self.inputs.outputs or (source.path if isinstance(source, Outputs) else None)
        with as_file(fetch_sessions(self.api, sessions, named)) as path:
            return self._grade(replace(subject, sessions=path), "gate", results)

    def _new_sessions(
        self, event: WorkflowRunEvent, judged: PublishedResults | None
    ) -> Artifact | Nothing:
        """The fork's sessions, unless the trusted results of its head came after them."""
        try:
            sessions = find_sessions(self.api, event)
        except CannotDecide:
            if judged is None:
                raise
            return Nothing("the sessions that it was made from are gone")
        held = next(judged.trusted(), None) if judged else None
        if isinstance(sessions, Nothing) or held is None:
            return sessions
        at = time_or_none(sessions.created_at)
        return Nothing("nothing new was run since") if at and at <= held.at else sessions

    def _again(self, subject: Subject, results: Path) -> Decided | Nothing | Subject:
        """Decide on what is published for the pull request's head as it is now.

        Where there is nothing, and nobody makes it, that head is what is to be graded.
        """
        self.aim(replace(subject.target, graded=False))
        pull = read_pull(self.api, subject.number or 0)
        if pull.state != "open":
            return over(pull)
        moved = pull.head_sha != subject.sha
        subject = subject.at(pull)
        self.aim(replace(subject.target, graded=False))
        found = self._sources.published(subject)
        if measured := _elsewhere(found):
            return measured
        stored = found.newest()
        self._sources.tell_rejected("results", found.rejected)
        if stored is None:
            if moved:
                return Nothing(f"commit {pull.head_sha} has no results, and its own run makes them")
            workspace, outputs = self.context.workspace, self.inputs.outputs
            rubric = self._given.rubric(own_sessions=True)
            check_sessions_made(workspace, outputs, rubric, subject.sha)
            self.log.line(f"no results are published for commit {subject.sha}: it is graded")
            self.aim(subject.target)
            return replace(subject, pull=None)
        self.log.line(f"mode: again, for commit {subject.sha} of pull request #{pull.number}")
        self.log.line(f"decided from {stored.name}; no session is run, no judge is asked")
        return self._decide_again(subject, stored, results, found)

    def _decide_again(
        self, subject: Subject, stored: Stored, results: Path, found: PublishedResults
    ) -> Decided:
        path = in_repository(self.inputs.rubric)
        base = rubric_at(self.api, path, bar_ref(subject.event))
        policy = Policy.of(base) if isinstance(base, Rubric) else Policy()
        measured = report_of_stored(stored, policy)
        signing = signatures(self.api, subject, base, found, lambda: measured.uses, stored)
        self.aim(replace(subject.target, graded=False))
        again = Again(
            stored=stored,
            measured=measured,
            signing=signing,
            results=results,
            run=self._given.run_info(subject, "gate"),
            redact=redactor(secrets_of(self.environ, *self._given.secrets)),
        )
        return Decided(again.decide(), signing)

    def _grade(self, subject: Subject, mode: RunMode, results: Path) -> Decided:
        """Grade what is to be graded, or join what shards have graded, and decide on it."""
        request = self._prepared(subject, mode, results)
        signing = self._signing(subject, mode, request.base, request.baseline)
        if not self._joins:
            self._given.tell_isolation(request)
        self.begin()
        request = replace(request, signing=signing)
        report = self._merged(request) if self._joins else run_to_end(run(request))
        return Decided(report, signing if isinstance(signing, Signatures) else None)

    def _prepared(self, subject: Subject, mode: RunMode, results: Path) -> Request:
        """What a run takes. The judge's key is left out where nobody is asked."""
        event, path, given = subject.event, in_repository(self.inputs.rubric), self._given
        rubric = given.rubric(own_sessions=subject.sessions is not None)
        base = OWN_BAR if mode == "baseline" else rubric_at(self.api, path, bar_ref(event))
        keys = Keys((given.own_key,)) if self._joins else given.keys(rubric, base, event, mode)
        baseline = self._sources.baseline(subject, mode)
        self._tell_start(subject, mode, base, baseline)
        return given.request(results, subject, mode, rubric, base, baseline, keys)

    @property
    def _joins(self) -> bool:
        return self.inputs.mode == "merge"

    def _check_folder_of_shards(self) -> None:
        if self._joins and self.inputs.outputs is None:
            mend = "Name the folder in which the results of the shards lie, such as `shards`."
            raise InputError(Problem(WITH, "`mode: merge` has nothing to join", mend, "outputs"))

    def _merged(self, request: Request) -> Report:
        folder = self.inputs.outputs or ""
        return merge(request, [in_workspace(self.context.workspace, folder, "outputs")])

    @property
    def _given(self) -> Given:
        return Given(self.environ, self.inputs, self.context, self.api, self.log)

    @property
    def _sources(self) -> Sources:
        return Sources(self.inputs, self.context, self.api, self.log)

    def _signing(
        self,
        subject: Subject,
        mode: RunMode,
        base: Rubric | BarNotCompared,
        baseline: Stored | NoBaseline,
    ) -> Signing | None:
        if mode == "baseline":
            return self._sources.audit_for_baseline(subject.event, baseline)
        if subject.number is None:
            return None
        found = self._sources.published(subject)
        return signatures(self.api, subject, base, found, partial(uses_of, baseline), None)

    def _emptied_results(self) -> Path:
        """The results folder, without what came with the checkout, however this run may end."""
        inputs = self.inputs
        read = {"rubric": inputs.rubric, "outputs": inputs.outputs, "baseline": inputs.baseline}
        path = results_folder(self.context.workspace, inputs.results, read)
        clear_results(path)
        return path

    def _at_home(self, event: Event) -> Event:
        """The event with the repository's id and default branch, asked for where it lacks them."""
        known = event.home.id is not None and event.home.default_branch is not None
        if known or isinstance(event, OtherEvent):
            return event
        return replace(event, home=self.api.home())

    def _tell_start(
        self,
        subject: Subject,
        mode: RunMode,
        base: Rubric | BarNotCompared,
        baseline: Stored | NoBaseline,
    ) -> None:
        number = f" of pull request #{subject.number}" if subject.number else ""
        self.log.line(f"mode: {mode}, for commit {subject.sha}{number}")
        if isinstance(base, BarNotCompared):
            self.log.line(f"bar: not compared, {base.reason}")
        found = baseline.name if isinstance(baseline, Stored) else f"none, {baseline.reason}"
        self.log.line(f"baseline: {found}")


def _elsewhere(found: PublishedResults) -> Nothing | None:
    """Nothing to do where another run measures the commit: it heeds signatures when it ends."""
    page = found.measured_by()
    return Nothing(f"the run that measures this commit decides by itself, {page}") if page else None


def _run_mode(job: Job) -> RunMode:
    return "baseline" if job.mode == "baseline" else "gate"
