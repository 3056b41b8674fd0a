"""From the rubric's `agent` to something that answers cases."""

import os
import pwd
import shlex
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from rubric_action.agent.environment import agent_environment, named_variables
from rubric_action.agent.model import AgentContext
from rubric_action.cases.case_set import CaseSet
from rubric_action.errors import AgentUnavailable, InputError, Place, Problem
from rubric_action.rubric.model import Agent, Command, Http, Outputs, PythonFunction

if TYPE_CHECKING:
    from rubric_action.agent.process import Launch

_NOWHERE = Place("rubric")


def open_agent(  # noqa: PLR0913 (all that a run says over the rubric)
    agent: Agent,
    cases: CaseSet,
    root: Path,
    environ: Mapping[str, str],
    outputs: str | None = None,
    user: str | None = None,
    place: Place = _NOWHERE,
    *,
    runner: str | None = None,
) -> AgentContext:
    """Make the agent ready; it runs inside the `async with` and is dead after it.

    `outputs` names a file of sessions that is used in place of the rubric's agent. `user` is whom
    a command or a function runs as where we are root. `place` is where the rubric names its agent.
    `runner` is the machine that `localhost` means too, where we run in a container on it. All that
    can be checked is checked here, so an InputError comes before anything is spent.
    """
    source = Outputs(outputs) if outputs else agent.source
    match source:
        case Outputs(path):
            from rubric_action.agent.outputs import OutputsAgent

            return OutputsAgent(root / path, path, cases, agent.trials)
        case Command(command):
            return _workers(_launch(_split(command, place), agent, root, environ, user), agent)
        case PythonFunction(target):
            from rubric_action.agent.python import function_launch

            launch = _launch((), agent, root, environ, user)
            return _workers(function_launch(target, launch, agent.timeout_s), agent)
        case Http():
            return _behind(source, agent, environ, place, runner)
        case _:
            assert_never(source)


def _workers(launch: "Launch", agent: Agent) -> AgentContext:
    from rubric_action.agent.command import CommandAgent

    return CommandAgent(
        launch, trials=agent.trials, timeout_s=agent.timeout_s, concurrency=agent.concurrency
    )


def _behind(
    http: Http, agent: Agent, environ: Mapping[str, str], place: Place, runner: str | None
) -> AgentContext:
    from rubric_action.agent.http import HttpAgent
    from rubric_action.agent.http_request import asking

    return HttpAgent(
        asking(http, named_variables(environ, agent.env), place, runner),
        trials=agent.trials,
        timeout_s=agent.timeout_s,
        concurrency=agent.concurrency,
    )


def _split(command: str, place: Place) -> tuple[str, ...]:
    try:
        argv = tuple(shlex.split(command))
    except ValueError as error:
        what = f"the command cannot be split into words: {error}"
        raise InputError(Problem(place, what, "Mend its quotes.", "agent.command")) from None
    if not argv:
        mend = "Write a program and its arguments."
        raise InputError(Problem(place, "the command is empty", mend, "agent.command"))
    return argv


def _launch(
    argv: tuple[str, ...], agent: Agent, root: Path, environ: Mapping[str, str], user: str | None
) -> "Launch":
    from rubric_action.agent.process import Launch

    environment = agent_environment(environ, agent.env)
    if user is None or os.geteuid() != 0:
        return Launch(argv, root, environment)
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        cause = f"The agent cannot run as `{user}`: there is no such user."
        raise AgentUnavailable(cause, "Add the user to the machine.") from None
    home = entry.pw_dir if Path(entry.pw_dir).is_dir() else tempfile.gettempdir()
    return Launch(argv, root, environment | {"HOME": home}, (entry.pw_uid, entry.pw_gid))
