"""From what the workflow gives, inputs and environment, to what a run takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO, cast

from rubric_action.agent.runner_host import runner_host
from rubric_action.gate.evidence import BarNotCompared, Policy
from rubric_action.gate.model import NoBaseline
from rubric_action.github.api import Api
from rubric_action.github.commands import Log
from rubric_action.github.context import Context
from rubric_action.github.embedding_access import key_for_embeddings
from rubric_action.github.event import Event
from rubric_action.github.inputs import Inputs
from rubric_action.github.judge_access import JudgeAccess
from rubric_action.github.paths import check_sessions_file, in_repository, read_rubric
from rubric_action.github.trust import secretless
from rubric_action.grading.preflight import with_judge
from rubric_action.isolation import SAME_USER, agent_user
from rubric_action.pipeline import Request
from rubric_action.progress import Lines
from rubric_action.report.model import RunInfo, RunMode
from rubric_action.report.stored import Stored
from rubric_action.rubric.model import Command, PythonFunction, Rubric
from rubric_action.signing import uses_of
from rubric_action.subject import Subject


@dataclass(frozen=True, slots=True)
class Keys:
    """The judges' keys, in the rubric's order, and that for embeddings where it is another."""

    judges: tuple[str | None, ...] = field(repr=False)
    embeddings: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Given:
    """What the workflow says, and where it runs."""

    environ: Mapping[str, str] = field(repr=False)
    inputs: Inputs
    context: Context
    api: Api
    log: Log

    @property
    def secrets(self) -> Sequence[str]:
        """The inputs that may appear nowhere."""
        return [secret.get_secret_value() for secret in self.inputs.secrets]

    def rubric(self, *, own_sessions: bool = False) -> Rubric:
        """The rubric of the checkout; the file of sessions is there, unless it comes otherwise."""
        rubric = read_rubric(self.context.workspace, in_repository(self.inputs.rubric))
        if not own_sessions:
            check_sessions_file(self.context.workspace, self.inputs.outputs, rubric)
        return rubric

    def keys(
        self, rubric: Rubric, base: Rubric | BarNotCompared, event: Event, mode: RunMode
    ) -> Keys:
        """Everybody's key, once it is sure that it goes nowhere that the base does not name."""
        inputs, key = self.inputs, self.own_key
        access = JudgeAccess(
            self.environ,
            key,
            inputs.judge_base_url,
            secretless(event, self.context),
            token=inputs.github_token.get_secret_value(),
        )
        settled = with_judge(rubric, base_url=inputs.judge_base_url, model=inputs.judge_model)
        bar = rubric if mode == "baseline" else base
        access.check(settled, bar)
        # A key that no judge needs is handed on as well: results must not show it.
        return Keys((*access.keys_of(settled), key), key_for_embeddings(access, settled, bar))

    @property
    def own_key(self) -> str | None:
        """The key that the workflow gives, for whomever it is."""
        key = self.inputs.judge_api_key
        return key.get_secret_value() if key else None

    def request(
        self,
        results: Path,
        subject: Subject,
        mode: RunMode,
        rubric: Rubric,
        base: Rubric | BarNotCompared,
        baseline: Stored | NoBaseline,
        keys: Keys,
    ) -> Request:
        """What a run takes; nobody is asked for signatures yet."""
        inputs = self.inputs
        return Request(
            root=self.context.workspace,
            rubric=rubric,
            results=results,
            run=self.run_info(subject, mode),
            environ=self.environ,
            base=base,
            policy=_policy(base, mode),
            baseline=baseline,
            progress=Lines(cast("TextIO", self.log)),
            outputs=str(subject.sessions) if subject.sessions else inputs.outputs,
            concurrency=inputs.concurrency,
            judge_keys=keys.judges,
            embeddings_key=keys.embeddings,
            judge_base_url=inputs.judge_base_url,
            judge_model=inputs.judge_model,
            max_judge_cost=inputs.max_judge_cost,
            agent_user=agent_user(),
            runner=runner_host(self.environ),
            hosted=True,
            # The folder may have come with the checkout, whose replies nobody paid for.
            resume=False,
            uses=() if mode == "baseline" else uses_of(baseline),
        )

    def run_info(self, subject: Subject, mode: RunMode) -> RunInfo:
        """Which run this is, by GitHub's clock."""
        return RunInfo(
            created_at=self.api.client.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            mode=mode,
            sha=subject.sha,
            event=self.context.event,
            run_id=self.context.run_id,
            attempt=self.context.attempt,
            url=self.context.run_url,
        )

    def tell_isolation(self, request: Request) -> None:
        """Warn where the change's own code could read what the action holds."""
        command = (
            isinstance(request.rubric.agent.source, Command | PythonFunction)
            and request.outputs is None
        )
        if command and request.agent_user is None:
            self.log.annotate([SAME_USER])


def _policy(base: Rubric | BarNotCompared, mode: RunMode) -> Policy | None:
    """None leaves the policy to the base rubric; without one a change gets the strict defaults."""
    strict = mode == "gate" and isinstance(base, BarNotCompared)
    return Policy() if strict else None
