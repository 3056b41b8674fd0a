"""A workspace whose users are simulated: an agent that converses, and a judge that plays."""

import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.agent.scripts import LOOP
from tests.fakes.judge import JudgeServer
from tests.pipeline.workspace import Json, Workspace

PLAYS = "You play a user"
DESK = """\
said = [turn["user"] for turn in line["turns"]]
assert all("output" in turn for turn in line["turns"][:-1])
say(line, output=f"Answer {len(said)} to: {said[-1]}")
"""
USER: Json = {"persona": "Mona, in a hurry.", "goal": "Move the flight.", "max_turns": 4, "seed": 7}


def plays(asked: str) -> bool:
    """Whether a request asks for a user's words."""
    return asked.startswith(PLAYS)


@dataclass
class Talk:
    """A score of the fake judge that says these lines, is done after them, and grades so."""

    lines: tuple[str, ...] = ("Hello", "My flight.", "To Friday.")
    graded: Callable[[str, str], float] = lambda _prompt, _axis: 1.0

    def __call__(self, prompt: str, axis: str) -> tuple[float, str]:
        """A reply to either kind of request."""
        if not plays(prompt):
            return self.graded(prompt, axis), "because"
        turn = prompt.count(" you said\n")
        said = self.lines[turn] if turn < len(self.lines) else ""
        return float(axis == "done" and turn >= len(self.lines)), said


def simulated(number: int, **fields: Any) -> Json:
    """A case with a simulated user, `s0` and so on."""
    user = {**USER, "goal": f"Move flight {number}.", **fields.pop("user", {})}
    return {"id": f"s{number}", "user": user, **fields}


def desk(workspace: Workspace, body: str = DESK, **fields: Any) -> Json:
    """The rubric's `agent` for a script with this body."""
    text = LOOP + "".join(f"    {line}\n" for line in body.splitlines())
    path = workspace.write("agent.py", text)
    argv = f"{shlex.quote(sys.executable)} -S -E {shlex.quote(str(path))}"
    return {"command": argv, "timeout": "10s", "concurrency": 2, **fields}


def asked_of(server: JudgeServer) -> tuple[list[str], list[str]]:
    """The requests for words, and those for grades."""
    prompts = [asked.prompt for asked in server.requests]
    return [one for one in prompts if plays(one)], [one for one in prompts if not plays(one)]


def held(workspace: Workspace, results: str = "rubric-results") -> dict[str, list[tuple[str, str]]]:
    """What was said in each session, by its case."""
    return {
        session["case"]: [(turn.get("user"), turn["output"]) for turn in session["turns"]]
        for session in workspace.records("sessions.jsonl", results)
    }
