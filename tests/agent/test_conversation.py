import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from rubric_action.agent.conversation import ConversationAgent, Done, NoPlay, Player
from rubric_action.agent.model import (
    Agent,
    AgentTurn,
    Exchange,
    Missing,
    Session,
    held,
)
from rubric_action.agent.open import open_agent
from rubric_action.cases.model import Case, SimulatedUser, UserTurn
from rubric_action.errors import JudgeRefused
from rubric_action.rubric.model import Agent as RubricAgent
from rubric_action.rubric.model import Outputs
from tests.agent.scripts import World, cause
from tests.cases.samples import load, write_lines

USER = SimulatedUser("A hurried traveller.", "Move the flight.", max_turns=3)
SIMULATED = Case("a", (), user=USER)
SCRIPTED = Case("b", (UserTurn("Hi"), UserTurn("Ho")))


@dataclass
class Script:
    """A player that says these things in turn, and notes what it was shown."""

    lines: list[str | Done | NoPlay]
    shown: list[tuple[int, tuple[Exchange, ...]]] = field(default_factory=list)
    takes_s: float = 0.0

    async def say(
        self, user: SimulatedUser, trial: int, so_far: Sequence[Exchange]
    ) -> str | Done | NoPlay:
        """The next line."""
        assert user == USER
        self.shown.append((trial, tuple(so_far)))
        await asyncio.sleep(self.takes_s)
        return self.lines.pop(0)


@dataclass
class Echo:
    """An agent that repeats what was said, with the number of its turn."""

    takes_s: float = 0.0
    busy: int = 0
    most_busy: int = 0
    missing_at: int = 0

    async def answer(self, case: Case, trial: int) -> Session | Missing:
        """All turns of a script at once."""
        await self._work()
        return Session(case.id, trial, tuple(AgentTurn(turn.user) for turn in case.turns))

    async def reply(
        self, case: Case, trial: int, so_far: Sequence[Exchange]
    ) -> AgentTurn | Missing:
        """The next turn."""
        await self._work()
        assert [each.answer is None for each in so_far] == [False] * (len(so_far) - 1) + [True]
        if len(so_far) == self.missing_at:
            return Missing(case.id, trial, "down")
        return AgentTurn(f"{len(so_far)}: {so_far[-1].user}", user="made up")

    def trials_of(self, case_id: str) -> tuple[int, ...]:
        """Two."""
        return 1, 2

    async def _work(self) -> None:
        self.busy += 1
        self.most_busy = max(self.busy, self.most_busy)
        await asyncio.sleep(self.takes_s)
        self.busy -= 1


def answered(
    case: Case, player: Player | None, agent: Agent | None = None, timeout_s: float = 10.0
) -> Session | Missing:
    """What comes of one trial of a case."""
    conversing = ConversationAgent(agent or Echo(), player, timeout_s=timeout_s, concurrency=1)
    return asyncio.run(conversing.answer(case, 2))


def test_player_and_agent_speak_in_turn() -> None:
    """Each turn keeps what the user said, and both are shown all that was said before."""
    player = Script(["Hello", "And then?", Done()])
    first = AgentTurn("1: Hello", user="Hello")
    second = AgentTurn("2: And then?", user="And then?")
    assert answered(SIMULATED, player) == Session("a", 2, (first, second))
    assert player.shown == [
        (2, ()),
        (2, (Exchange("Hello", first),)),
        (2, (Exchange("Hello", first), Exchange("And then?", second))),
    ]


def test_first_words_of_the_case_come_first() -> None:
    """They are said as they stand, and the player goes on from the answer."""
    begun = Case("a", (UserTurn("Move my flight."),), user=USER)
    player = Script([Done()])
    first = AgentTurn("1: Move my flight.", user="Move my flight.")
    assert answered(begun, player) == Session("a", 2, (first,))
    assert player.shown == [(2, (Exchange("Move my flight.", first),))]


def test_no_conversation_goes_beyond_its_most_turns() -> None:
    """The player is not even asked again."""
    player = Script(["a", "b", "c"])
    session = answered(SIMULATED, player)
    assert isinstance(session, Session)
    assert [turn.user for turn in session.turns] == ["a", "b", "c"]
    assert len(player.shown) == 3


def test_a_user_that_cannot_be_played_is_missing_with_the_cause() -> None:
    """Half a conversation is no session."""
    player = Script(["Hello", NoPlay("no reply within 1 s, 3 times")])
    told = "the simulated user could not be played: no reply within 1 s, 3 times"
    assert answered(SIMULATED, player) == Missing("a", 2, told)


def test_a_user_that_says_nothing_is_missing() -> None:
    """A conversation has at least one turn."""
    told = "the simulated user could not be played: it said nothing"
    assert answered(SIMULATED, Script([Done()])) == Missing("a", 2, told)


def test_without_a_player_only_scripts_are_answered() -> None:
    """Where no model may be asked, a simulated user is missing and says why."""
    assert cause(answered(SIMULATED, None)).endswith("played: no model plays it here")
    assert isinstance(answered(SCRIPTED, None), Session)


def test_an_agent_that_fails_on_the_way_is_missing_with_the_turn() -> None:
    """What was answered before does not make a session."""
    player = Script(["a", "b"])
    assert answered(SIMULATED, player, Echo(missing_at=2)) == Missing("a", 2, "turn 2: down")


def test_the_time_of_the_agent_is_that_of_the_session() -> None:
    """Turns that are fast enough alone are too slow together, and the last one is cut."""
    player = Script(["a", "b", "c"])
    told = "turn 3: no answer within the 0.5 s of the session"
    assert answered(SIMULATED, player, Echo(takes_s=0.2), 0.5) == Missing("a", 2, told)


def test_the_time_of_the_player_is_not_that_of_the_agent() -> None:
    """A slow judge does not use up the agent's time."""
    player = Script(["a", "b", "c"], takes_s=0.2)
    assert isinstance(answered(SIMULATED, player, Echo(), 0.3), Session)


def test_no_more_are_at_the_agent_than_have_a_place() -> None:
    """Waiting for a place takes no time off the session; scripts wait in the same line."""
    agent = Echo(takes_s=0.1)
    conversing = ConversationAgent(agent, Script(["a"] * 9), timeout_s=0.4, concurrency=2)

    async def run() -> list[Session | Missing]:
        cases = [SIMULATED, SCRIPTED, SIMULATED, SCRIPTED, SIMULATED]
        return list(await asyncio.gather(*(conversing.answer(case, 1) for case in cases)))

    assert all(isinstance(each, Session) for each in asyncio.run(run()))
    assert agent.most_busy == 2


def test_a_judge_that_is_gone_ends_more_than_the_case() -> None:
    """What the player raises is not taken for trouble with one case."""

    class Gone:
        async def say(
            self, user: SimulatedUser, trial: int, so_far: Sequence[Exchange]
        ) -> str | Done | NoPlay:
            raise JudgeRefused("The judge does not accept the key.")

    with pytest.raises(JudgeRefused):
        answered(SIMULATED, Gone())


def test_trials_are_those_of_the_agent() -> None:
    """Conversations add none."""
    conversing = ConversationAgent(Echo(), None, timeout_s=1, concurrency=1)
    assert conversing.trials_of("a") == (1, 2)


def test_sessions_of_a_file_hold_their_conversations(tmp_path: Path) -> None:
    """Nobody has to play where the words of the user are recorded."""
    cases = load(
        tmp_path,
        {"id": "a", "user": {"persona": "p", "goal": "g"}},
        {"id": "b", "user": {"persona": "p", "goal": "g"}},
    )
    turns = [{"user": "Hi", "output": "Yes?"}, {"user": "Move it.", "output": "Done."}]
    write_lines(
        tmp_path / "outputs.jsonl",
        {"case": "a", "turns": turns},
        {"case": "b", "output": "Yes?"},
    )

    async def run() -> list[Session | Missing]:
        opened = open_agent(RubricAgent(Outputs("outputs.jsonl")), cases, tmp_path, os.environ)
        async with opened as agent:
            conversing = ConversationAgent(agent, None, timeout_s=1, concurrency=1)
            return [await conversing.answer(case, 1) for case in cases]

    first, second = asyncio.run(run())
    assert first == Session(
        "a", 1, (AgentTurn("Yes?", user="Hi"), AgentTurn("Done.", user="Move it."))
    )
    assert cause(second) == "turn 1 of the session lacks `user`: what the simulated user said"


def test_a_command_converses(world: World) -> None:
    """A process answers turn by turn, and other cases are answered in between."""
    agent = world.agent("say(line, output=f\"{len(line['turns'])} {os.getpid()}\")")
    player = Script(["a", "b", Done()])

    async def run() -> Session | Missing:
        async with open_agent(agent, world.cases, world.root, os.environ) as ready:
            conversing = ConversationAgent(ready, player, timeout_s=10, concurrency=1)
            return await conversing.answer(SIMULATED, 1)

    session = asyncio.run(run())
    assert isinstance(session, Session)
    numbers, pids = zip(*(turn.output.split() for turn in session.turns), strict=True)
    assert numbers == ("1", "2")
    assert len(set(pids)) == 1


def test_a_command_that_hangs_within_a_conversation_is_replaced(world: World) -> None:
    """The next case is answered by a fresh process."""
    body = "time.sleep(len(line['turns']) * 0.6)\nsay(line, output=str(number))"
    agent = world.agent(body, timeout_s=1.5)
    player = Script(["a", "b"])

    async def run() -> list[Session | Missing]:
        async with open_agent(agent, world.cases, world.root, os.environ) as ready:
            conversing = ConversationAgent(ready, player, timeout_s=1.5, concurrency=1)
            return [
                await conversing.answer(SIMULATED, 1),
                await conversing.answer(world.cases.get("c1"), 1),
            ]

    first, second = asyncio.run(run())
    assert cause(first) == "turn 2: no answer within the 1.5 s of the session"
    assert isinstance(second, Session)
    assert second.turns[0].output == "1"


def test_a_case_takes_the_words_of_its_session() -> None:
    """What a simulated user said is known only from the session; a script stays as it is."""
    session = Session("a", 1, (AgentTurn("x", user="Hi"), AgentTurn("y", user="Ho")))
    assert held(SIMULATED, session).turns == (UserTurn("Hi"), UserTurn("Ho"))
    assert held(SCRIPTED, session) is SCRIPTED
