import asyncio
import json
import os
import tracemalloc

import pytest

from rubric_action.agent.command import DEATHS_AT_START, CommandAgent
from rubric_action.agent.model import AgentTurn, Exchange, Missing, Session
from rubric_action.agent.open import open_agent
from rubric_action.agent.process import MAX_ANSWER_BYTES, STDERR_KEPT_BYTES, Launch
from rubric_action.cases.model import Case, ContextItem, UserTurn
from rubric_action.errors import AgentUnavailable
from rubric_action.rubric.model import Agent, Command
from tests.agent.scripts import World, cause, output

ECHO = "say(line, output=user)"


def test_a_command_gets_one_line_and_gives_one_line(world: World) -> None:
    """The request holds case, trial, turns, context and metadata, and no expectation."""
    case = Case(
        "deep",
        (UserTurn("é"), UserTurn("2")),
        expected="secret",
        facts=("secret",),
        context=(ContextItem("plain"), ContextItem("t", "doc", "2026-01-01")),
        metadata={"plan": "free"},
    )
    agent = world.agent('say(line, turns=[{"output": text}, {"output": "second"}])')

    async def run() -> Session | Missing:
        async with open_agent(agent, world.cases, world.root, os.environ) as ready:
            return await ready.answer(case, 3)

    session = asyncio.run(run())
    assert isinstance(session, Session)
    assert (session.case, session.trial) == ("deep", 3)
    assert json.loads(session.turns[0].output) == {
        "case": "deep",
        "trial": 3,
        "turns": [{"user": "é"}, {"user": "2"}],
        "context": [
            {"text": "plain"},
            {"text": "t", "source": "doc", "updated_at": "2026-01-01"},
        ],
        "metadata": {"plan": "free"},
    }


async def ask_next(world: World, body: str, *so_far: Exchange) -> AgentTurn | Missing:
    """Ask a script with this body for the next turn of `c0`'s second trial."""
    opened = open_agent(world.agent(body), world.cases, world.root, os.environ)
    async with opened as agent:
        assert isinstance(agent, CommandAgent)
        return await agent.reply(world.cases.get("c0"), 2, so_far)


def test_a_command_is_asked_for_the_next_turn(world: World) -> None:
    """The line holds what was said so far, with the answers, and one answer comes back."""
    so_far = (Exchange("é", AgentTurn("Yes?", user="é")), Exchange("2"))
    turn = asyncio.run(ask_next(world, "say(line, output=text, latency_s=3)", *so_far))
    assert isinstance(turn, AgentTurn)
    assert turn.latency_s == 3
    assert json.loads(turn.output) == {
        "case": "c0",
        "trial": 2,
        "turns": [{"user": "é", "output": "Yes?"}, {"user": "2"}],
        "context": [],
        "metadata": {},
    }


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('say(line, turns=[{"output": "a"}] * 2)', "the agent answered with 2 turns where one"),
        ('say(line, error="down")', "the agent reported an error: down"),
        ("sys.exit(3)", "the agent ended with 3 before it answered"),
    ],
)
def test_a_next_turn_that_does_not_come_is_missing(world: World, body: str, why: str) -> None:
    """Trouble within a conversation is the same as with a whole case."""
    answer = asyncio.run(ask_next(world, body, Exchange("Hi")))
    assert isinstance(answer, Missing)
    assert answer.cause.startswith(why)


def test_a_next_turn_is_timed(world: World) -> None:
    """Where the agent tells no latency, the clock is read around the turn."""
    turn = asyncio.run(ask_next(world, "time.sleep(0.1); say(line, output='x')", Exchange("Hi")))
    assert isinstance(turn, AgentTurn)
    assert turn.latency_s is not None
    assert 0.1 <= turn.latency_s < 5


def test_a_process_lives_for_many_cases(world: World) -> None:
    """Cases that come one after the other are answered by one process, blank lines aside."""
    agent = world.agent('print(); say(line, output=f"{os.getpid()} {number}")', concurrency=4)
    answers = [output(each).split() for each in world.run(agent, "c0", "c1", "c2")]
    assert len({pid for pid, _ in answers}) == 1
    assert [number for _, number in answers] == ["1", "2", "3"]


def test_workers_answer_at_the_same_time(world: World) -> None:
    """As many processes as `concurrency` allows, and each answer reaches its own case."""
    body = 'time.sleep(0.05); say(line, output=f"{os.getpid()} {user}")'
    agent = world.agent(body, concurrency=3)
    ids = [f"c{n}" for n in range(9)]
    answers = [output(each).split(maxsplit=1) for each in world.run(agent, *ids, together=True)]
    assert [text for _, text in answers] == [f"say {n}" for n in range(9)]
    assert len({pid for pid, _ in answers}) == 3


def test_the_command_goes_through_no_shell(world: World) -> None:
    """Shell syntax in the command is only text."""
    (world.root / "agent.sh").write_text(
        "#!/bin/sh\nwhile read -r line; do\n"
        """printf '{"case": "c0", "output": "%s"}\\n' "$*"\ndone\n"""
    )
    (world.root / "agent.sh").chmod(0o755)
    agent = Agent(Command("./agent.sh '$(touch pwned)' ; touch pwned"), concurrency=1)
    assert [output(each) for each in world.run(agent, "c0")] == ["$(touch pwned) ; touch pwned"]
    assert not (world.root / "pwned").exists()


def test_latency_is_measured_where_the_agent_tells_none(world: World) -> None:
    """What the agent says about its latency stands; otherwise the clock is read around it."""
    ticks = iter([10.0, 10.5, 20.0, 23.0])
    world.agent(
        'say(line, turns=[{"output": "", **({"latency_s": 9} if number == 1 else {})}] * 2)'
    )
    argv = ("python3", str(world.root / "agent.py"))
    launch = Launch(argv, world.root, {"PATH": os.environ["PATH"]})
    case = Case("c0", (UserTurn("1"), UserTurn("2")))

    async def run() -> list[Session | Missing]:
        agent = CommandAgent(
            launch, trials=2, timeout_s=10, concurrency=1, clock=lambda: next(ticks)
        )
        async with agent:
            return [await agent.answer(case, trial) for trial in agent.trials_of("c0")]

    latencies = [
        [turn.latency_s for turn in each.turns]
        for each in asyncio.run(run())
        if isinstance(each, Session)
    ]
    assert latencies == [[9.0, 9.0], [1.5, 1.5]]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("sys.exit(3)", "the agent ended with 3 before it answered"),
        ("os.kill(os.getpid(), 9)", "the agent was killed by SIGKILL before it answered"),
        ("os.close(1); time.sleep(60)", "the agent closed its output before it answered"),
        (
            'print("out of memory\\n at x", file=sys.stderr); sys.exit(1)',
            "the agent ended with 1 before it answered; its standard error ends: out of mem",
        ),
        ('print("Loading ...", flush=True)', "the answer:1: the line is not JSON"),
        ('print("[]", flush=True)', "the answer: the line holds a list, not an object"),
        (
            'sys.stdout.buffer.write(b"\\xff\\n"); sys.stdout.flush()',
            "the answer: byte 1 of the line is not UTF-8",
        ),
        ("say(line)", "the answer: the session holds no answer"),
        ("say(line, output=user, latency=1)", "the answer: `latency`: unknown key"),
        ('say({"case": "c7", "trial": 1}, output="")', "the answer: it is for case `c7`, trial 1"),
        ('say({"case": "c0", "trial": 2}, output="")', "the answer: it is for case `c0`, trial 2"),
        ('say(line, error="no quota")', "the agent reported an error: no quota"),
        ("say(line, turns=[])", "the session has 0 turns, the case 1 turn"),
        (
            'sys.stdout.write("x" * 2**23); sys.stdout.flush(); time.sleep(60)',
            "the agent printed a line of over 4 MiB",
        ),
    ],
)
def test_a_case_without_a_good_answer_is_missing_with_the_cause(
    world: World, body: str, why: str
) -> None:
    """Whatever one case does to the agent, the next one is answered, and nothing is asked twice."""
    note = 'open("asked", "a").write(line["case"] + "\\n")'
    agent = world.agent(f'{note}\nif line["case"] == "c0": {body}\nelse: {ECHO}')
    first, second = world.run(agent, "c0", "c1")
    assert cause(first).startswith(why)
    assert output(second) == "say 1"
    assert (world.root / "asked").read_text().split() == ["c0", "c1"]


def test_a_late_case_is_missing_and_its_answer_reaches_no_other(world: World) -> None:
    """After the timeout the process is replaced, so that a late answer has nowhere to go."""
    agent = world.agent(
        'if line["case"] == "c0": time.sleep(3)\nsay(line, output=f"{number} {user}")',
        timeout_s=1.5,
    )
    first, second = world.run(agent, "c0", "c1")
    assert cause(first) == "no answer within 1.5 s"
    assert output(second) == "1 say 1"


def test_an_answer_that_comes_twice_is_refused(world: World) -> None:
    """A doubled line is never taken for the next case's answer."""
    agent = world.agent(f'{ECHO}\nif line["case"] == "c0": {ECHO}')
    first, second, third = world.run(agent, "c0", "c1", "c2")
    assert output(first) == "say 0"
    assert cause(second).startswith("the answer: it is for case `c0`, trial 1; trial 1 of `c1`")
    assert output(third) == "say 2"


@pytest.mark.parametrize(
    ("flood", "why"),
    [
        ('sys.stdout.write("x" * 2**20)', "the agent printed a line of over 4 MiB"),
        ('sys.stdout.write("\\n" * 2**20)', "no answer within 2 s"),
        ('sys.stderr.write("e" * 2**20)', "no answer within 2 s; its standard error ends: eee"),
    ],
)
def test_output_without_an_end_is_capped(world: World, flood: str, why: str) -> None:
    """However much an agent prints, it is killed in time and memory stays small."""
    agent = world.agent(f"while True: {flood}", timeout_s=2)
    tracemalloc.start()
    [answer] = world.run(agent, "c0")
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert cause(answer).startswith(why)
    assert len(cause(answer)) <= len(why) + STDERR_KEPT_BYTES
    assert peak_bytes < 6 * MAX_ANSWER_BYTES


def test_an_agent_that_reads_nothing_times_out(world: World) -> None:
    """A request that fills the pipe does not block the gate."""
    agent = Agent(Command("sleep 60"), timeout_s=0.3, concurrency=1)
    case = Case("c0", (UserTurn("x" * 2**20),))

    async def run() -> Session | Missing:
        async with open_agent(agent, world.cases, world.root, os.environ) as ready:
            return await ready.answer(case, 1)

    assert cause(asyncio.run(run())) == "no answer within 0.3 s"


def test_a_command_that_never_works_is_not_started_for_ever(world: World) -> None:
    """After a few deaths without one answer the rest is Missing at once, and says so."""
    agent = world.agent("")
    script = world.root / "agent.py"
    script.write_text('open("starts", "a").write("x"); import no_such_module')
    answers = world.run(agent, *(f"c{n}" for n in range(12)))
    assert (world.root / "starts").read_text() == "x" * DEATHS_AT_START
    died = "the agent ended with 1 before it answered"
    assert [cause(each).split("; its standard error ends: ")[0] for each in answers] == (
        [died] * 3 + [f"not run: 3 processes gave no first answer; the last: {died}"] * 9
    )
    assert all("No module named 'no_such_module'" in cause(each) for each in answers)


def test_a_command_that_worked_once_is_started_for_every_case(world: World) -> None:
    """Crashes after a first answer cost their own case and no other."""
    body = f'if line["case"] in ("c0", "c9"): {ECHO}\nelse: sys.exit(1)'
    answers = world.run(world.agent(body), *(f"c{n}" for n in range(10)))
    assert [type(each) for each in answers] == [Session, *[Missing] * 8, Session]
    assert all("not run" not in cause(each) for each in answers[1:9])


@pytest.mark.parametrize("command", ["./no-such-agent --fast", "no-such-agent", "./cases.jsonl"])
def test_a_command_that_cannot_start_stops_the_run(world: World, command: str) -> None:
    """A program that is not there, or not executable, is no Missing case but no agent at all."""
    with pytest.raises(AgentUnavailable, match=r"cannot be started.*`agent\.command`"):
        world.run(Agent(Command(command)), "c0")
