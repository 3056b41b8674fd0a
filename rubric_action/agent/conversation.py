"""Conversations with a simulated user: player and agent in turn, until the user is done."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from rubric_action.agent.model import Agent, AgentTurn, Conversing, Exchange, Missing, Session
from rubric_action.cases.model import Case, SimulatedUser

NOT_PLAYED = "the simulated user could not be played"


@dataclass(frozen=True, slots=True)
class Done:
    """The user has nothing more to say."""


@dataclass(frozen=True, slots=True)
class NoPlay:
    """The user's next words could not be had, and why."""

    cause: str


class Player(Protocol):
    """Whoever plays the users."""

    async def say(
        self, user: SimulatedUser, trial: int, so_far: Sequence[Exchange]
    ) -> str | Done | NoPlay:
        """The user's next words, after exchanges that all have their answers.

        Raises CannotDecide when no user can be played any more.
        """
        ...


class ConversationAgent:
    """Answers every case: a scripted one by the agent alone, any other in turn with the player.

    `timeout_s`, in seconds, bounds the agent's time in one session. Neither the player's time
    counts nor the wait for one of the `concurrency` places at the agent. Without a player, cases
    with a simulated user are Missing. Sessions of a file are handed on as they are.
    """

    def __init__(
        self,
        agent: Agent,
        player: Player | None,
        *,
        timeout_s: float,
        concurrency: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._agent = agent
        self._conversing = agent if isinstance(agent, Conversing) else None
        self._player = player
        self._timeout_s = timeout_s
        self._places = asyncio.Semaphore(concurrency)
        self._clock = clock

    def trials_of(self, case_id: str) -> tuple[int, ...]:
        """Those of the agent."""
        return self._agent.trials_of(case_id)

    async def answer(self, case: Case, trial: int) -> Session | Missing:
        """Run one trial of one case."""
        if self._conversing is None:
            return await self._agent.answer(case, trial)
        if case.user is not None:
            return await self._hold(self._conversing, case, case.user, trial)
        async with self._places:
            return await self._agent.answer(case, trial)

    async def _hold(
        self, agent: Conversing, case: Case, user: SimulatedUser, trial: int
    ) -> Session | Missing:
        held: list[Exchange] = []
        turns: list[AgentTurn] = []
        left_s = self._timeout_s
        while len(turns) < user.max_turns:
            said = await self._said(case, user, trial, held)
            if isinstance(said, NoPlay):
                return Missing(case.id, trial, f"{NOT_PLAYED}: {said.cause}")
            if isinstance(said, Done):
                break
            asked = (*held, Exchange(said))
            answer, seconds = await self._reply(agent, case, trial, asked, left_s)
            if isinstance(answer, Missing):
                return replace(answer, cause=f"turn {len(asked)}: {answer.cause}")
            left_s -= seconds
            turns.append(replace(answer, user=said))
            held.append(Exchange(said, turns[-1]))
        if not turns:
            return Missing(case.id, trial, f"{NOT_PLAYED}: it said nothing")
        return Session(case.id, trial, tuple(turns))

    async def _said(
        self, case: Case, user: SimulatedUser, trial: int, held: Sequence[Exchange]
    ) -> str | Done | NoPlay:
        """The user's next words; the first ones may stand in the case."""
        if not held and case.turns:
            return case.turns[0].user
        if self._player is None:
            return NoPlay("no model plays it here")
        return await self._player.say(user, trial, held)

    async def _reply(
        self, agent: Conversing, case: Case, trial: int, asked: Sequence[Exchange], left_s: float
    ) -> tuple[AgentTurn | Missing, float]:
        """The answer to the last exchange, and the seconds that it took.

        The first answer has the whole time, which the agent itself keeps to, with a better cause.
        """
        async with self._places:
            started = self._clock()
            try:
                async with asyncio.timeout(left_s if len(asked) > 1 else None):
                    answer = await agent.reply(case, trial, asked)
            except TimeoutError:
                cause = f"no answer within the {self._timeout_s:g} s of the session"
                answer = Missing(case.id, trial, cause)
            return answer, self._clock() - started
