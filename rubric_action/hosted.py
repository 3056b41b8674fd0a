"""The gate inside of GitHub: an event in, a report out.

What a change decides about itself and what not is told in `github/trust.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final, TextIO, cast

from rubric_action.again import Again
from rubric_action.errors import CannotDecide
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
from rubric_action.github.judge_access import JudgeAccess
from rubric_action.github.mode import Nothing, choose_job
from rubric_action.github.paths import (
    check_sessions_file,
    check_sessions_made,
    in_repository,
    read_rubric,
    results_folder,
)
from rubric_action.github.publish import Target
from rubric_action.github.pulls import read_pull
from rubric_action.github.records import Artifact
from rubric_action.github.results import PublishedResults
from rubric_action.github.trust import bar_ref, secretless
from rubric_action.grading.preflight import with_judge
from rubric_action.isolation import SAME_USER, agent_user
from rubric_action.pipeline import Request, Signing, run
from rubric_action.progress import Lines
from rubric_action.report.folder import clear_results
from rubric_action.report.model import Report, RunInfo, RunMode
from rubric_action.report.recall import report_of_stored
from rubric_action.report.redact import redactor, secrets_of
from rubric_action.report.stored import Stored
from rubric_action.rubric.model import Command, Outputs, Rubric
from rubric_action.running import run_to_end
from rubric_action.sessions_only import SessionsRequest, run_sessions
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

    def decide(self, event: Event) -> Decided | Nothing:
        """Gather, grade, decide. Raises the error tree; no verdict is published here."""
        results = self._emptied_results()
        event = self._at_home(event)
        job = choose_job(event, self.inputs.mode)
        if isinstance(job, Nothing):
            return job
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
            decided = self._again(subject, results)
            if decided is not None:
                return decided
        return self._grade(subject, "baseline" if job.mode == "baseline" else "gate", results)

    def _sessions(self, results: Path) -> Nothing:
        """Run the agent for the workflow that judges it: no grade, no verdict."""
        rubric = self._rubric()
        request = SessionsRequest(
            root=self.context.workspace,
            rubric=rubric,
            results=results,
            environ=self.environ,
            progress=Lines(cast("TextIO", self.log), ("running", "ran")),
            outputs=self.inputs.outputs,
            concurrency=self.inputs.concurrency,
            agent_user=agent_user(),
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
            self.log.line(f"decided from {stored.name}; {sessions.reason}")
            return self._decide_again(subject, stored, results, published)
        check_checkout(self.context.workspace, subject.sha)
        source = self._rubric(own_sessions=True).agent.source
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

    def _again(self, subject: Subject, results: Path) -> Decided | Nothing | None:
        """Decide on what is published for the pull request's head; None where there is nothing."""
        pull = read_pull(self.api, subject.number or 0)
        if pull.state != "open":
            return over(pull)
        moved = pull.head_sha != subject.sha
        subject = subject.at(pull)
        self.aim(subject.target)
        found = self._sources.published(subject)
        stored = found.newest()
        self._sources.tell_rejected("results", found.rejected)
        if stored is None:
            if moved:
                return Nothing(f"commit {pull.head_sha} has no results, and its own run makes them")
            workspace, outputs = self.context.workspace, self.inputs.outputs
            check_sessions_made(workspace, outputs, self._rubric(own_sessions=True), subject.sha)
            self.log.line(f"no results are published for commit {subject.sha}: it is graded")
            return None
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
            run=self._run_info(subject, "gate"),
            redact=redactor(secrets_of(self.environ, *self._secrets())),
        )
        return Decided(again.decide(), signing)

    def _grade(self, subject: Subject, mode: RunMode, results: Path) -> Decided:
        event, path = subject.event, in_repository(self.inputs.rubric)
        rubric = self._rubric(own_sessions=subject.sessions is not None)
        base = OWN_BAR if mode == "baseline" else rubric_at(self.api, path, bar_ref(event))
        key = self._judge_key(rubric, base, event, mode)
        baseline = self._sources.baseline(subject, mode)
        self._tell_start(subject, mode, base, baseline)
        signing = self._signing(subject, mode, base, baseline)
        request = self._request(results, subject, mode, rubric, base, baseline, key)
        self._tell_isolation(request)
        self.begin()
        report = run_to_end(run(replace(request, signing=signing)))
        return Decided(report, signing if isinstance(signing, Signatures) else None)

    def _rubric(self, *, own_sessions: bool = False) -> Rubric:
        """The rubric of the checkout; the file of sessions is there, unless it comes otherwise."""
        rubric = read_rubric(self.context.workspace, in_repository(self.inputs.rubric))
        if not own_sessions:
            check_sessions_file(self.context.workspace, self.inputs.outputs, rubric)
        return rubric

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

    def _secrets(self) -> list[str]:
        return [secret.get_secret_value() for secret in self.inputs.secrets]

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

    def _judge_key(
        self, rubric: Rubric, base: Rubric | BarNotCompared, event: Event, mode: RunMode
    ) -> str | None:
        """The judge's key, once it is sure that it goes nowhere that the base does not name."""
        inputs = self.inputs
        key = inputs.judge_api_key.get_secret_value() if inputs.judge_api_key else None
        bare = secretless(event, self.context)
        access = JudgeAccess(self.environ, key, inputs.judge_base_url, bare)
        settled = with_judge(rubric, base_url=inputs.judge_base_url, model=inputs.judge_model)
        access.check(settled, rubric if mode == "baseline" else base)
        # A key that no judge needs is handed on as well: results must not show it.
        return access.key_of(settled) or key

    def _request(
        self,
        results: Path,
        subject: Subject,
        mode: RunMode,
        rubric: Rubric,
        base: Rubric | BarNotCompared,
        baseline: Stored | NoBaseline,
        key: str | None,
    ) -> Request:
        inputs, workspace = self.inputs, self.context.workspace
        return Request(
            root=workspace,
            rubric=rubric,
            results=results,
            run=self._run_info(subject, mode),
            environ=self.environ,
            base=base,
            policy=_policy(base, mode),
            baseline=baseline,
            progress=Lines(cast("TextIO", self.log)),
            outputs=str(subject.sessions) if subject.sessions else inputs.outputs,
            concurrency=inputs.concurrency,
            judge_key=key,
            judge_base_url=inputs.judge_base_url,
            judge_model=inputs.judge_model,
            max_judge_cost=inputs.max_judge_cost,
            agent_user=agent_user(),
            # The folder may have come with the checkout, whose replies nobody paid for.
            resume=False,
            uses=() if mode == "baseline" else uses_of(baseline),
        )

    def _run_info(self, subject: Subject, mode: RunMode) -> RunInfo:
        return RunInfo(
            created_at=self.api.client.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            mode=mode,
            sha=subject.sha,
            event=self.context.event,
            run_id=self.context.run_id,
            attempt=self.context.attempt,
            url=self.context.run_url,
        )

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

    def _tell_isolation(self, request: Request) -> None:
        """Warn where the change's own code could read what the action holds."""
        command = isinstance(request.rubric.agent.source, Command) and request.outputs is None
        if command and request.agent_user is None:
            self.log.annotate([SAME_USER])


def _policy(base: Rubric | BarNotCompared, mode: RunMode) -> Policy | None:
    """None leaves the policy to the base rubric; without one a change gets the strict defaults."""
    strict = mode == "gate" and isinstance(base, BarNotCompared)
    return Policy() if strict else None
