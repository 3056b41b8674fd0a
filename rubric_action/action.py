"""The action: GitHub's environment in, a verdict published, an exit code out. A thin shell."""

import signal
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn, TextIO

from rubric_action import __version__
from rubric_action.collector import collect_rarely
from rubric_action.errors import (
    EXIT_ERROR,
    EXIT_FAIL,
    EXIT_INPUT,
    EXIT_PASS,
    CannotDecide,
    InputError,
    Interrupted,
    Problem,
    RubricActionError,
)
from rubric_action.github.announcement import Announcement, of_error, of_report, of_shard
from rubric_action.github.api import Api
from rubric_action.github.client import Client
from rubric_action.github.commands import Annotation, Log
from rubric_action.github.context import Context, read_context
from rubric_action.github.event import OtherEvent, WorkflowRunEvent, read_event
from rubric_action.github.inputs import Inputs, read_inputs
from rubric_action.github.mode import Nothing
from rubric_action.github.publish import Publisher, Target
from rubric_action.github.results import fork_name
from rubric_action.github.results_doubts import seal_of
from rubric_action.github.upload import Uploaded, upload_results
from rubric_action.github.words import Seal
from rubric_action.hosted import Decided, Hosted
from rubric_action.pipeline import exit_code
from rubric_action.report.console import lines
from rubric_action.report.model import Report
from rubric_action.report.redact import redactor, secrets_of
from rubric_action.report.shard import ShardReport
from rubric_action.report.shard import lines as shard_lines
from rubric_action.report.stored import RESULTS as RESULTS_FOLDER
from rubric_action.report.stored import open_path
from rubric_action.sharding import shard_exit_code
from rubric_action.sources import RESULTS, SHARD
from rubric_action.subject import subject_of

SIGNALS = (signal.SIGTERM, signal.SIGINT)
UNEXPECTED = "Something happened that the action does not know how to handle"
REPORT_IT = "This is a mistake in the action: please report it, with the log of this step."


def main(environ: Mapping[str, str], stdout: TextIO) -> int:
    """Run the action once and return its exit code. No known error ends in a traceback."""
    collect_rarely()
    log = Log(stdout, redactor(secrets_of(environ)))
    try:
        _raise_on_signals()
        inputs, context = _settings(environ)
    except (InputError, Interrupted) as error:
        return _tell(log, error, of_error(error))
    secrets = [secret.get_secret_value() for secret in inputs.secrets]
    log.redact = redactor(secrets_of(environ, *secrets))
    for secret in secrets:
        log.mask(secret)
    return Action(environ, inputs, context, log).run()


@dataclass(slots=True)
class Action:
    """One run: decide, and publish whatever came of it."""

    environ: Mapping[str, str] = field(repr=False)
    inputs: Inputs
    context: Context
    log: Log
    api: Api = field(init=False)
    target: Target | None = None
    decided: Decided | None = None
    shard: ShardReport | None = None

    def __post_init__(self) -> None:
        """Make the API's client; nothing is sent yet."""
        token = self.inputs.github_token.get_secret_value()
        self.api = Api(Client(token, self.context.api_url), self.context.repository)

    def run(self) -> int:
        """The boundary: whatever goes wrong, it is told, published, and never green."""
        try:
            outcome = self._outcome()
            if isinstance(outcome, Nothing):
                self.log.line(f"No verdict is due: {outcome.reason}.")
                return EXIT_PASS
            return self._publish(*outcome)
        except Interrupted as error:
            return self._abandon(error)
        except Exception as error:  # noqa: BLE001 (no exception may leave a green status behind)
            return self._abandon(self._unexpected(error))

    def _outcome(self) -> tuple[Announcement, int] | Nothing:
        """What there is to say, and the exit code, of a verdict as of an error."""
        try:
            decided = self._decide()
            if isinstance(decided, Nothing):
                return decided
            if isinstance(decided, ShardReport):
                return self._part(decided)
            self.decided = decided
            return self._decided(decided.report)
        except Interrupted:
            raise
        except RubricActionError as error:
            self.log.line(f"error: {error}")
            return of_error(error), error.exit_code
        except Exception as error:  # noqa: BLE001 (likewise)
            unexpected = self._unexpected(error)
            return of_error(unexpected), unexpected.exit_code

    def _decide(self) -> Decided | ShardReport | Nothing:
        event = read_event(self.context)
        if not isinstance(event, OtherEvent | WorkflowRunEvent):
            self._aim(subject_of(event, self.context).target)
        self.log.line(f"Rubric Action {__version__} on {self.context.event}")
        hosted = Hosted(
            self.environ, self.inputs, self.context, self.api, self.log, self._aim, self._begin
        )
        try:
            return hosted.decide(event)
        finally:
            # The event loop took the signals over while it ran.
            _raise_on_signals()

    def _aim(self, target: Target) -> None:
        """Note what a verdict will be about; a shard has none, and a fork's first half neither.

        So they touch no status and no comment, however they end.
        """
        if self.inputs.shard is None and self.inputs.mode != "sessions":
            self.target = target

    def _begin(self) -> None:
        self._publisher.begin()

    def _decided(self, report: Report) -> tuple[Announcement, int]:
        verdict, *rest = lines(report)
        self.log.line(verdict)
        with self.log.group("How the verdict was made"):
            self.log.line("\n".join(rest))
        code = exit_code(report.decision.verdict, report.run.mode)
        if code == EXIT_FAIL and not self.inputs.fail:
            code = EXIT_PASS
        return of_report(report, self.inputs.results), code

    def _part(self, report: ShardReport) -> tuple[Announcement, int]:
        self.shard = report
        self.log.line("\n".join(shard_lines(report)))
        return of_shard(report, self.inputs.results), shard_exit_code(report)

    def _unexpected(self, error: Exception) -> CannotDecide:
        with self.log.group("Traceback"):
            self.log.line("".join(traceback.format_exception(error)))
        return CannotDecide(f"{UNEXPECTED}: {error!r}.", REPORT_IT)

    def _abandon(self, error: RubricActionError) -> int:
        """End at once: a red status and a word in the log, whatever signals still come."""
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        announcement = of_error(error)
        # An error vouches for no results, whatever was decided before it.
        self.decided = None
        try:
            self._publisher.leave_red(announcement)
        except Exception as trouble:  # noqa: BLE001 (the job has to end by its own exit code)
            self.log.line(f"error: no red status could be left: {trouble!r}")
        return _tell(self.log, error, announcement)

    def _publish(self, announcement: Announcement, code: int) -> int:
        """Publish; a verdict whose status is missing counts for nothing. Gives the exit code."""
        outcome = self._publisher.publish(announcement)
        if self.decided is not None:
            self._store(self._name(self.decided.report))
        if self.shard is not None:
            self._store(f"{SHARD}-{self.shard.shard.index}")
        if outcome == "closed":
            return EXIT_PASS
        if outcome == "unwritten":
            return code if code == EXIT_INPUT else EXIT_ERROR
        if outcome == "written":
            self._enter()
        return code

    def _name(self, report: Report) -> str:
        """The artifact that a verdict's results are looked for in."""
        if report.run.mode == "baseline":
            return self.inputs.baseline_artifact
        fork = self.context.event == "workflow_run" and report.run.sha is not None
        return fork_name(RESULTS, str(report.run.sha)) if fork else RESULTS

    def _store(self, name: str) -> None:
        """Store the results as the run's artifact, if the workflow wants us to."""
        if not self.inputs.upload:
            return
        stored = upload_results(self.environ, self.context.workspace / self.inputs.results, name)
        if isinstance(stored, Uploaded):
            self.log.line(f"results stored as the artifact {stored.name}")
        else:
            self._warn(stored.reason)

    def _enter(self) -> None:
        """Put the decision about an override into the ledger."""
        signatures = self.decided.signatures if self.decided else None
        for trouble in signatures.enter() if signatures else ():
            self._warn(trouble)

    def _warn(self, message: str) -> None:
        self.log.annotate([Annotation("warning", "Rubric Action", message)])

    @property
    def _publisher(self) -> Publisher:
        return Publisher(
            self.api,
            self.inputs,
            self.context,
            self.target,
            self.log,
            self.log.redact,
            self._seal(),
        )

    def _seal(self) -> Seal | None:
        """What binds the status to the results; None while there are none."""
        if self.decided is None:
            return None
        try:
            folder = open_path(self.context.workspace / self.inputs.results, RESULTS_FOLDER)
            return seal_of(folder)
        except CannotDecide as error:
            # Nobody else could read them either, so there is nothing to vouch for.
            self.log.line(f"the status vouches for no results: {error}")
            return None


def _settings(environ: Mapping[str, str]) -> tuple[Inputs, Context]:
    """Inputs and context, or everything that is wrong with either at once."""
    try:
        inputs = read_inputs(environ)
    except InputError as error:
        raise InputError(*error.problems, *_context_problems(environ)) from None
    return inputs, read_context(environ)


def _context_problems(environ: Mapping[str, str]) -> tuple[Problem, ...]:
    try:
        read_context(environ)
    except InputError as error:
        return error.problems
    return ()


def _tell(log: Log, error: RubricActionError, announcement: Announcement) -> int:
    """Say what went wrong in the log alone, and give the exit code."""
    log.line(f"error: {error}")
    log.annotate(announcement.annotations)
    return error.exit_code


def _raise_on_signals() -> None:
    """From here on SIGTERM and SIGINT raise Interrupted, so that a red status can be left."""
    for number in SIGNALS:
        signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise Interrupted("The run was interrupted before it reached a verdict.")
