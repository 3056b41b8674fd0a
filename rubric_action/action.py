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
from rubric_action.github.announcement import Announcement, of_error, of_report
from rubric_action.github.api import Api
from rubric_action.github.client import Client
from rubric_action.github.commands import Log
from rubric_action.github.context import Context, read_context
from rubric_action.github.event import Event, OtherEvent, PullRequestEvent, read_event
from rubric_action.github.inputs import Inputs, read_inputs
from rubric_action.github.publish import Publisher, Target
from rubric_action.hosted import Hosted, is_secretless
from rubric_action.pipeline import exit_code
from rubric_action.report.console import lines
from rubric_action.report.model import Report
from rubric_action.report.redact import redactor, secrets_of

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

    def __post_init__(self) -> None:
        """Make the API's client; nothing is sent yet."""
        token = self.inputs.github_token.get_secret_value()
        self.api = Api(Client(token, self.context.api_url), self.context.repository)

    def run(self) -> int:
        """The boundary: whatever goes wrong, it is told, published, and never green."""
        try:
            announcement, code = self._outcome()
            return self._publish(announcement, code)
        except Interrupted as error:
            return self._abandon(error)
        except Exception as error:  # noqa: BLE001 (no exception may leave a green status behind)
            return self._abandon(self._unexpected(error))

    def _outcome(self) -> tuple[Announcement, int]:
        """What there is to say, and the exit code, of a verdict as of an error."""
        try:
            return self._decided(self._decide())
        except Interrupted:
            raise
        except RubricActionError as error:
            self.log.line(f"error: {error}")
            return of_error(error), error.exit_code
        except Exception as error:  # noqa: BLE001 (likewise)
            unexpected = self._unexpected(error)
            return of_error(unexpected), unexpected.exit_code

    def _decide(self) -> Report:
        event = read_event(self.context)
        self.target = target_of(event, self.context)
        self.log.line(f"Rubric Action {__version__} on {self.context.event}")
        hosted = Hosted(self.environ, self.inputs, self.context, self.api, self.log)
        try:
            return hosted.decide(event)
        finally:
            # The event loop took the signals over while it ran.
            _raise_on_signals()

    def _decided(self, report: Report) -> tuple[Announcement, int]:
        verdict, *rest = lines(report)
        self.log.line(verdict)
        with self.log.group("How the verdict was made"):
            self.log.line("\n".join(rest))
        code = exit_code(report.decision.verdict, report.run.mode)
        if code == EXIT_FAIL and not self.inputs.fail:
            code = EXIT_PASS
        return of_report(report, self.inputs.results), code

    def _unexpected(self, error: Exception) -> CannotDecide:
        with self.log.group("Traceback"):
            self.log.line("".join(traceback.format_exception(error)))
        return CannotDecide(f"{UNEXPECTED}: {error!r}.", REPORT_IT)

    def _abandon(self, error: RubricActionError) -> int:
        """End at once: a red status and a word in the log, whatever signals still come."""
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        announcement = of_error(error)
        self._publisher.leave_red(announcement)
        return _tell(self.log, error, announcement)

    def _publish(self, announcement: Announcement, code: int) -> int:
        """Publish; a verdict whose status is missing counts for nothing. Gives the exit code."""
        written = self._publisher.publish(announcement)
        return code if written or code == EXIT_INPUT else EXIT_ERROR

    @property
    def _publisher(self) -> Publisher:
        return Publisher(
            self.api, self.inputs, self.context, self.target, self.log, self.log.redact
        )


def target_of(event: Event, context: Context) -> Target | None:
    """The evaluated commit and its pull request; None for an event that is about neither."""
    if isinstance(event, OtherEvent):
        return None
    number = event.number if isinstance(event, PullRequestEvent) else None
    return Target(event.sha, number, writable=not is_secretless(event, context))


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
