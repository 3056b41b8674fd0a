"""The gate inside of GitHub: an event in, a report out.

What a pull request decides and what it may not: from its head come the rubric, the cases and the
agent; from its base commit the bar to compare with, the policy and where the judge's key may go;
from the default branch the baseline; from the workflow the inputs.

A pull request onto any other branch is held against the default branch's rubric. Its status is the
head commit's, which may be the head of a second pull request, and any branch can be made a base.
"""

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TextIO, cast

from rubric_action.gate.evidence import BarNotCompared, Policy
from rubric_action.gate.model import NoBaseline
from rubric_action.github.api import Api, branch_ref
from rubric_action.github.base_rubric import rubric_at
from rubric_action.github.baseline import (
    MOST_OPENED,
    Choice,
    Origin,
    Rejected,
    find_baseline,
    own_workflow,
)
from rubric_action.github.commands import Annotation, Log
from rubric_action.github.context import Context
from rubric_action.github.event import BranchEvent, Event, Home, PullRequestEvent
from rubric_action.github.inputs import Inputs
from rubric_action.github.judge_access import JudgeAccess
from rubric_action.github.mode import choose_mode
from rubric_action.github.paths import (
    check_sessions_file,
    in_repository,
    in_workspace,
    read_rubric,
    results_folder,
)
from rubric_action.grading.preflight import with_judge
from rubric_action.pipeline import Request, run
from rubric_action.progress import Lines
from rubric_action.report.folder import clear_results
from rubric_action.report.model import Report, RunInfo, RunMode
from rubric_action.report.stored import Stored, open_path
from rubric_action.rubric.model import Command, Rubric
from rubric_action.running import run_to_end

AGENT_USER: Final = "agent"
"""The image's unprivileged user, whom the agent under test runs as."""
OWN_BAR: Final = BarNotCompared("this run is on the default branch and makes the baseline")
SAME_USER: Final = Annotation(
    "warning",
    "The agent is not kept apart",
    "The rubric's command runs as the same user as the action, which can read the token and the "
    f"judge's key: the action is not root, or there is no user `{AGENT_USER}` as in its image.",
)
MOST_REJECTED: Final = 5
"""Baselines turned down that the log names."""


@dataclass(frozen=True, slots=True)
class Hosted:
    """All that a run on GitHub decides from."""

    environ: Mapping[str, str] = field(repr=False)
    inputs: Inputs
    context: Context
    api: Api
    log: Log

    def decide(self, event: Event) -> Report:
        """Gather, grade, decide. Raises the error tree; nothing is published here."""
        results = self._emptied_results()
        event = self._at_home(event)
        mode = choose_mode(event, self.inputs.mode)
        path = in_repository(self.inputs.rubric)
        rubric = read_rubric(self.context.workspace, path)
        check_sessions_file(self.context.workspace, self.inputs.outputs, rubric)
        base = OWN_BAR if mode == "baseline" else rubric_at(self.api, path, _base_of(event))
        key = self._judge_key(rubric, base, event, mode)
        baseline = self._baseline(event.home, mode)
        self._tell_start(event, mode, base, baseline)
        request = self._request(results, event, mode, rubric, base, baseline, key)
        self._tell_isolation(request)
        return run_to_end(run(request))

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
        if known or not isinstance(event, BranchEvent | PullRequestEvent):
            return event
        return replace(event, home=self.api.home())

    def _judge_key(
        self, rubric: Rubric, base: Rubric | BarNotCompared, event: Event, mode: RunMode
    ) -> str | None:
        """The judge's key, once it is sure that it goes nowhere that the base does not name."""
        inputs = self.inputs
        key = inputs.judge_api_key.get_secret_value() if inputs.judge_api_key else None
        secretless = is_secretless(event, self.context)
        access = JudgeAccess(self.environ, key, inputs.judge_base_url, secretless)
        settled = with_judge(rubric, base_url=inputs.judge_base_url, model=inputs.judge_model)
        access.check(settled, rubric if mode == "baseline" else base)
        # A key that no judge needs is handed on as well: results must not show it.
        return access.key_of(settled) or key

    def _baseline(self, home: Home, mode: RunMode) -> Stored | NoBaseline:
        required = self.inputs.require_baseline and mode == "gate"
        if self.inputs.baseline is not None:
            return open_path(in_workspace(self.context.workspace, self.inputs.baseline, "baseline"))
        choice = self._choice(home, mode)
        for one in choice.rejected[:MOST_REJECTED]:
            self.log.line(_turned_down(one))
        if isinstance(choice.baseline, NoBaseline):
            return replace(choice.baseline, required=required)
        return choice.baseline

    def _choice(self, home: Home, mode: RunMode) -> Choice:
        run_id, workflow_path = self.context.run_id, self.context.workflow_path
        return find_baseline(
            self.api,
            self.inputs.baseline_artifact,
            Origin(home.id or 0, home.default_branch or "", run_id),
            lambda: own_workflow(self.api, run_id, workflow_path),
            # A long row of errors ends with the run that looks past it and leaves a verdict.
            None if mode == "baseline" else MOST_OPENED,
        )

    def _request(
        self,
        results: Path,
        event: Event,
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
            run=self._run_info(event, mode),
            environ=self.environ,
            base=base,
            policy=_policy(base, mode),
            baseline=baseline,
            progress=Lines(cast("TextIO", self.log)),
            outputs=inputs.outputs,
            concurrency=inputs.concurrency,
            judge_key=key,
            judge_base_url=inputs.judge_base_url,
            judge_model=inputs.judge_model,
            max_judge_cost=inputs.max_judge_cost,
            agent_user=agent_user(),
            # The folder may have come with the checkout, whose replies nobody paid for.
            resume=False,
        )

    def _run_info(self, event: Event, mode: RunMode) -> RunInfo:
        return RunInfo(
            created_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            mode=mode,
            sha=sha_of(event, self.context),
            event=self.context.event,
            run_id=self.context.run_id,
            attempt=self.context.attempt,
            url=self.context.run_url,
        )

    def _tell_start(
        self,
        event: Event,
        mode: RunMode,
        base: Rubric | BarNotCompared,
        baseline: Stored | NoBaseline,
    ) -> None:
        number = f" of pull request #{event.number}" if isinstance(event, PullRequestEvent) else ""
        self.log.line(f"mode: {mode}, for commit {sha_of(event, self.context)}{number}")
        if isinstance(base, BarNotCompared):
            self.log.line(f"bar: not compared, {base.reason}")
        found = baseline.name if isinstance(baseline, Stored) else f"none, {baseline.reason}"
        self.log.line(f"baseline: {found}")

    def _tell_isolation(self, request: Request) -> None:
        """Warn where the change's own code could read what the action holds."""
        command = isinstance(request.rubric.agent.source, Command) and request.outputs is None
        if command and request.agent_user is None:
            self.log.annotate([SAME_USER])


def sha_of(event: Event, context: Context) -> str:
    """The commit that the verdict is about."""
    return event.sha if isinstance(event, BranchEvent | PullRequestEvent) else context.sha


def is_secretless(event: Event, context: Context) -> bool:
    """Whether GitHub gives the run no secrets and a token that only reads."""
    return context.by_dependabot or (isinstance(event, PullRequestEvent) and event.fork)


def agent_user() -> str | None:
    """The user to run the agent as: the image's own, where we are root and it exists."""
    if os.geteuid() != 0:
        return None
    return next((one.pw_name for one in pwd.getpwall() if one.pw_name == AGENT_USER), None)


def _base_of(event: Event) -> str:
    """Where the bar is read from: a base commit on the default branch, else that branch's tip."""
    main = event.home.default_branch or ""
    if isinstance(event, PullRequestEvent) and event.base_ref == main:
        return event.base_sha
    return branch_ref(main)


def _policy(base: Rubric | BarNotCompared, mode: RunMode) -> Policy | None:
    """None leaves the policy to the base rubric; without one a change gets the strict defaults."""
    strict = mode == "gate" and isinstance(base, BarNotCompared)
    return Policy() if strict else None


def _turned_down(one: Rejected) -> str:
    return f"baseline of run {one.artifact.run_id} turned down: {one.reason}"
