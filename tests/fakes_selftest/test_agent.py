"""The fake agent, asked through the client that the gate uses."""

import asyncio
from typing import Any

import aiohttp

from tests.fakes.agent import AgentServer, faults


def ask(server: AgentServer, *bodies: object) -> list[tuple[int, Any]]:
    """Status and JSON of each reply, asked for all at once."""

    async def one(session: aiohttp.ClientSession, body: object) -> tuple[int, Any]:
        async with session.post(server.url, json=body) as response:
            return response.status, await response.json()

    async def run() -> list[tuple[int, Any]]:
        async with aiohttp.ClientSession() as session:
            return list(await asyncio.gather(*(one(session, body) for body in bodies)))

    return asyncio.run(run())


def test_the_answer_is_scripted() -> None:
    """Whatever the function returns is the reply, and what was asked is recorded."""
    with AgentServer(lambda asked: [asked.body["q"]]) as agent:
        assert ask(agent, {"q": "one"}) == [(200, ["one"])]
        [asked] = agent.requests
    assert (asked.method, asked.path, asked.body) == ("POST", "/chat", {"q": "one"})


def test_requests_in_flight_are_counted() -> None:
    """The most requests that were open at once are known afterwards."""
    with AgentServer(lambda _asked: {}, latency=0.1) as agent:
        ask(agent, 1, 2, 3)
        assert (agent.in_flight, agent.max_in_flight, len(agent.requests)) == (0, 3, 3)


def test_faults_come_first() -> None:
    """Queued faults meet one request each; one that is always there meets the rest."""
    with AgentServer(lambda _asked: {}) as agent:
        agent.queue(faults.status(503), faults.status(429))
        codes = [ask(agent, {})[0][0] for _ in range(3)]
        agent.always(faults.status(500))
        assert [*codes, ask(agent, {})[0][0]] == [503, 429, 200, 500]


def test_it_listens_where_it_is_told() -> None:
    """Another address of the loopback, and a port that was used before."""
    with AgentServer(lambda _asked: 1, host="127.0.0.2") as first:
        assert first.origin.startswith("http://127.0.0.2:")
        assert ask(first, {}) == [(200, 1)]
    with AgentServer(lambda _asked: 2, host="127.0.0.2", port=first.port) as second:
        assert second.url == first.url
        assert ask(second, {}) == [(200, 2)]
