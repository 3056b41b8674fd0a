"""The agent as a Python function, in processes of its own that import nothing of ours."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from rubric_action.agent.process import Launch, LineProcess, NoAnswer
from rubric_action.cases.jsonl import parse_object
from rubric_action.errors import AgentUnavailable, InputError, Place
from rubric_action.rubric.problems import LONGEST_QUOTE

KEY: Final = "agent.python"
CHILD: Final = Path(__file__).with_name("python_child.py")
"""Run by its path, so that neither we nor our folder are on the function's import path."""
IMPORT_SHARE: Final = 0.9
"""The share of a session's time that the import may take: past it no answer would be in time."""

_LONGEST: Final = 10 * LONGEST_QUOTE


def function_launch(target: str, launch: Launch, timeout_s: float) -> Launch:
    """The launch of a process for `module:function`, by the interpreter that runs us.

    `launch` has everything but the arguments. A function that cannot be had ends in
    AgentUnavailable when the process starts, and so does an import that takes too long.
    """
    argv = (sys.executable, "-P", str(CHILD), target)
    return replace(launch, argv=argv, greeting=_greeting(target, timeout_s), key=KEY)


def _greeting(target: str, timeout_s: float) -> Callable[[LineProcess], Awaitable[None]]:
    async def greet(process: LineProcess) -> None:
        within_s = IMPORT_SHARE * timeout_s
        try:
            async with asyncio.timeout(within_s):
                line = await process.hear()
        except TimeoutError:
            cause = f"`{target}` was not imported within {within_s:g} s."
            raise AgentUnavailable(cause, "Import less, or raise `agent.timeout`.") from None
        _check(line)

    return greet


def _check(line: bytes) -> None:
    """Raise AgentUnavailable with what the process says in place of being ready."""
    try:
        told = parse_object(line, Place("the first line"))
    except InputError:
        told = {}
    if told.get("ready") is True:
        return
    cause, mend = told.get("cause"), told.get("mend")
    if not isinstance(cause, str) or not isinstance(mend, str):
        raise NoAnswer("its first line was not ours")
    raise AgentUnavailable(f"{cause[:_LONGEST]}.", mend[:_LONGEST])
