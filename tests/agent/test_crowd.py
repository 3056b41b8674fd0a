import asyncio
import os

from rubric_action.agent.model import Missing, Session
from rubric_action.agent.open import open_agent
from tests.agent.scripts import World, cause

MOODS = """\
mood = (int(line["case"][1:]) + line["trial"]) % 6
if mood == 1: sys.exit(1)
if mood == 2: print("noise", flush=True)
if mood == 3: say({"case": "c99", "trial": 1}, output="for nobody")
if mood == 4: say(line, output=user); say(line, output="doubled")
if mood == 5: say(line, error="tired")
if mood == 0: say(line, output=user)
"""


def test_every_answer_reaches_its_own_case_whatever_the_others_do(world: World) -> None:
    """With four workers and all kinds of misbehaviour, no session holds another case's answer."""
    agent = world.agent(MOODS, concurrency=4, trials=5)

    async def run() -> list[Session | Missing]:
        async with open_agent(agent, world.cases, world.root, os.environ) as ready:
            asked = [(case, n) for case in world.cases for n in ready.trials_of(case.id)]
            return await asyncio.gather(*(ready.answer(case, trial) for case, trial in asked))

    answers = asyncio.run(run())
    assert [(each.case, each.trial) for each in answers] == [
        (f"c{case}", trial) for case in range(12) for trial in range(1, 6)
    ]
    for each in answers:
        mood = (int(each.case[1:]) + each.trial) % 6
        if isinstance(each, Session):
            assert mood in {0, 4}
            assert each.turns[0].output == f"say {each.case[1:]}"
        elif mood in {0, 4, 5} and "reported an error" not in each.cause:
            assert "it is for case" in cause(each)  # a doubled line of the case before


def test_half_of_the_cases_unanswered_are_missing(world: World) -> None:
    """Cases that the agent keeps silent about are Missing at the timeout, the rest has sessions."""
    agent = world.agent(
        'if int(line["case"][1:]) % 2: say(line, output=user)', timeout_s=2, concurrency=6
    )
    answers = world.run(agent, *world.cases.ids, together=True)
    silent = [each.case for each in answers if isinstance(each, Missing)]
    assert silent == ["c0", "c2", "c4", "c6", "c8", "c10"]
    assert {cause(each) for each in answers if isinstance(each, Missing)} == {
        "no answer within 2 s"
    }


def test_an_agent_that_is_never_asked_is_never_started(world: World) -> None:
    """Processes start when there is something to answer, so a resumed run may start none."""
    agent = world.agent("")
    (world.root / "agent.py").write_text('open("started", "w").write("")')
    assert world.run(agent) == []
    assert not (world.root / "started").exists()


def test_an_answer_after_the_end_is_missing(world: World) -> None:
    """Once the context is left no process is started again."""

    async def run() -> Session | Missing:
        agent = world.agent("say(line, output=user)")
        async with open_agent(agent, world.cases, world.root, os.environ) as ready:
            await ready.answer(world.cases.get("c0"), 1)
        return await ready.answer(world.cases.get("c1"), 1)

    assert cause(asyncio.run(run())) == "not run: the agent was stopped"
