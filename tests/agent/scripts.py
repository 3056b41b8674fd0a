"""Agents as small Python scripts, and a way to run them."""

import asyncio
import os
import shlex
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from rubric_action.agent.model import Missing, Session
from rubric_action.agent.open import open_agent
from rubric_action.cases.case_set import CaseSet
from rubric_action.rubric.model import Agent, Command
from tests.cases.samples import load

LOOP = """\
import json, os, signal, subprocess, sys, time
def say(line, **fields):
    print(json.dumps({"case": line["case"], "trial": line["trial"], **fields}), flush=True)
for number, text in enumerate(sys.stdin, start=1):
    line = json.loads(text)
    user = line["turns"][0]["user"]
"""
"""The loop around each script's body; the body sees `line`, `user` and `number`."""


class World:
    """A folder with cases `c0`, `c1`, ... and an agent's script."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.cases = load(root, *({"id": f"c{n}", "input": f"say {n}"} for n in range(12)))

    def agent(self, body: str, **fields: object) -> Agent:
        """The rubric's `agent` for a script with this body, one worker unless said otherwise."""
        script = self.root / "agent.py"
        script.write_text(LOOP + "".join(f"    {each}\n" for each in body.splitlines()))
        command = Command(f"{shlex.quote(sys.executable)} -S -E {shlex.quote(str(script))}")
        return Agent(command, **{"timeout_s": 10, "concurrency": 1, **fields})  # type: ignore[arg-type]

    def run(
        self,
        agent: Agent,
        *ids: str,
        environ: Mapping[str, str] = os.environ,
        user: str | None = None,
        together: bool = False,
    ) -> list[Session | Missing]:
        """Ask for the cases one after the other, or all at once, and leave the context."""
        return asyncio.run(_run(agent, self.cases, self.root, ids, environ, user, together))


async def _run(
    agent: Agent,
    cases: CaseSet,
    root: Path,
    ids: tuple[str, ...],
    environ: Mapping[str, str],
    user: str | None,
    together: bool,
) -> list[Session | Missing]:
    async with open_agent(agent, cases, root, environ, user=user) as ready:
        answers = [ready.answer(cases.get(id_), 1) for id_ in ids]
        if together:
            return list(await asyncio.gather(*answers))
        return [await answer for answer in answers]


def output(answer: Session | Missing) -> str:
    """The only output of a session; a Missing fails the test with its cause."""
    assert isinstance(answer, Session), answer
    [turn] = answer.turns
    return turn.output


def cause(answer: Session | Missing) -> str:
    """Why there is no session."""
    assert isinstance(answer, Missing), answer
    return answer.cause


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def pids_in(path: Path, count: int) -> list[int]:
    """Wait until a script has noted so many process ids in a file, one a line."""
    for _ in range(500):
        if path.exists() and len(noted := path.read_text(encoding="ascii").splitlines()) >= count:
            return [int(pid) for pid in noted]
        time.sleep(0.01)
    raise AssertionError(f"{path.name} does not hold {count} process ids")
