"""Agents behind an address, asked as the gate asks them."""

import asyncio
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rubric_action.agent.model import AgentTurn, Conversing, Exchange, Missing, Session
from rubric_action.agent.open import open_agent
from rubric_action.cases.case_set import CaseSet
from rubric_action.cases.model import Case, UserTurn
from rubric_action.rubric.model import Agent, Http

DEEP = Case("deep", (UserTurn("one"), UserTurn("two"), UserTurn("three")))


def case(number: int = 0) -> Case:
    """A case of one turn."""
    return Case(f"c{number}", (UserTurn(f"say {number}"),))


def behind(url: str, **fields: Any) -> Agent:
    """The rubric's `agent` for an address; fields of `http`, and of the agent around it."""
    around = {"trials", "timeout_s", "concurrency", "env"}
    own = {name: fields.pop(name) for name in around & fields.keys()}
    return Agent(Http(url, **fields), **{"timeout_s": 5.0, "concurrency": 8, **own})


def opened(agent: Agent, environ: Mapping[str, str] | None = None, **given: Any) -> Any:
    """The context of an agent that asks for nothing of the folder."""
    return open_agent(agent, CaseSet(), Path(), environ or os.environ, **given)


def run(
    agent: Agent,
    *cases: Case,
    trials: Sequence[int] = (1,),
    together: bool = False,
    **given: Any,
) -> list[Session | Missing]:
    """Ask for each trial of each case, one after the other or all at once."""

    async def asked() -> list[Session | Missing]:
        async with opened(agent, **given) as ready:
            answers = [ready.answer(one, trial) for one in cases for trial in trials]
            if together:
                return list(await asyncio.gather(*answers))
            return [await answer for answer in answers]

    return asyncio.run(asked())


def reply(agent: Agent, *said: Exchange) -> AgentTurn | Missing:
    """Ask for the answer to the last of some exchanges."""

    async def asked() -> AgentTurn | Missing:
        async with opened(agent) as ready:
            assert isinstance(ready, Conversing)
            return await ready.reply(case(), 1, said)

    return asyncio.run(asked())


def unmeasured(session: Session | Missing) -> Session | Missing:
    """The session without the latencies that our clock measured, each of them above 0."""
    assert isinstance(session, Session), session
    assert all(turn.latency_s is not None and turn.latency_s > 0 for turn in session.turns)
    return replace(session, turns=tuple(replace(one, latency_s=None) for one in session.turns))


def nobody() -> int:
    """A port of this machine where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
