import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from rubric_action.agent.model import AgentTurn, Conversing, Exchange, Missing, Session, ToolCall
from rubric_action.agent.open import open_agent
from rubric_action.agent.process import Launch
from rubric_action.agent.python import CHILD, function_launch
from rubric_action.cases.model import Case, ContextItem, UserTurn
from rubric_action.errors import AgentUnavailable
from tests.agent.conftest import Written
from tests.agent.scripts import World, cause, output


def test_a_function_gets_a_case_and_returns_a_text(world: World, written: Written) -> None:
    """A dict with the fields of the command's line goes in."""
    agent = written("import json\ndef answer(case):\n    return json.dumps(case)\n")
    case = Case(
        "deep",
        (UserTurn("é"),),
        expected="secret",
        context=(ContextItem("t", "doc", "2026-01-01"),),
        metadata={"plan": "free"},
    )

    async def run() -> Session | Missing:
        async with open_agent(agent, world.cases, world.root, os.environ) as ready:
            return await ready.answer(case, 3)

    session = asyncio.run(run())
    assert isinstance(session, Session)
    assert session.trial == 3
    assert json.loads(session.turns[0].output) == {
        "case": "deep",
        "trial": 3,
        "turns": [{"user": "é"}],
        "context": [{"text": "t", "source": "doc", "updated_at": "2026-01-01"}],
        "metadata": {"plan": "free"},
    }
    assert (session.turns[0].latency_s or 0) > 0


def test_a_function_may_return_a_session(world: World, written: Written) -> None:
    """With all that a session line may hold; case and trial need not stand in it."""
    agent = written(
        """
        def answer(case):
            call = {"name": "search", "arguments": {"q": 1}}
            return {"turns": [{"output": "hi", "latency_s": 2, "tool_calls": [call]}]}
        """
    )
    [answer] = world.run(agent, "c0")
    call = ToolCall("search", {"q": 1})
    assert answer == Session("c0", 1, (AgentTurn("hi", 2.0, tool_calls=(call,)),))


@pytest.mark.parametrize(
    "body",
    [
        "async def answer(case):\n    await asyncio.sleep(0)\n    return 'later'",
        "def answer(case):\n    return asyncio.sleep(0, 'later')",
        "class A:\n    async def __call__(self, case):\n        return 'later'\nanswer = A()",
        "def answer(case):\n    return asyncio.run(asyncio.sleep(0, 'later'))",
    ],
    ids=["async", "awaitable", "callable", "a loop of its own"],
)
def test_a_function_may_be_asynchronous(world: World, written: Written, body: str) -> None:
    """It is awaited, in one event loop for all cases of a process."""
    answers = world.run(written(f"import asyncio\n{body}\n"), "c0", "c1")
    assert [output(one) for one in answers] == ["later", "later"]


def test_one_loop_serves_all_cases_of_a_process(world: World, written: Written) -> None:
    """What an asynchronous function opens in one case it can use in the next."""
    agent = written(
        """
        import asyncio, os
        queue = None
        async def answer(case):
            global queue
            if queue is None:
                queue = asyncio.Queue()
                task = asyncio.create_task(queue.get())
                await asyncio.sleep(0)
                task.cancel()
            loop = asyncio.get_running_loop()
            return f"{os.getpid()} {id(loop)}"
        """
    )
    assert len({output(one) for one in world.run(agent, "c0", "c1", "c2")}) == 1


def test_a_turn_can_be_asked_for(world: World, written: Written) -> None:
    """The case then holds the conversation so far."""
    agent = written("def answer(case):\n    return str(case['turns'])\n")

    async def run() -> AgentTurn | Missing:
        async with open_agent(agent, world.cases, world.root, os.environ) as ready:
            assert isinstance(ready, Conversing)
            said = (Exchange("one", AgentTurn("first")), Exchange("two"))
            return await ready.reply(world.cases.get("c0"), 1, said)

    turn = asyncio.run(run())
    assert isinstance(turn, AgentTurn)
    assert turn.output == "[{'user': 'one', 'output': 'first'}, {'user': 'two'}]"


def test_what_it_prints_and_reads_is_not_the_protocol(world: World, written: Written) -> None:
    """Prints go to standard error, standard input is empty, and a child of it has neither pipe."""
    agent = written(
        """
        import os, subprocess, sys
        print('{"case": "c0", "trial": 1, "output": "forged"}')
        def answer(case):
            print("noise", flush=True)
            os.write(1, b"more noise")
            subprocess.run(["sh", "-c", "echo still more; cat"], check=True)
            return f"{sys.stdin.read()!r} {sys.argv[1:]} {sorted(os.listdir('/proc/self/fd'))}"
        """
    )
    answers = world.run(agent, "c0", "c1")
    fds = "['0', '1', '2', '3', '4', '5']"  # the last one is the folder that is being listed
    assert [output(one) for one in answers] == [f"'' [] {fds}"] * 2


def test_it_runs_where_and_as_a_command_would(world: World, written: Written) -> None:
    """In the workspace, which comes first on its path, with the scrubbed environment."""
    agent = written(
        """
        import os, sys
        def answer(case):
            return "\\n".join([os.getcwd(), sys.path[0], sys.executable, *os.environ])
        """,
        env=("MODEL",),
    )
    environ = {**os.environ, "MODEL": "small", "OPENAI_API_KEY": "k", "OTHER": "x"}
    [answer] = world.run(agent, "c0", environ=environ)
    cwd, first, python, *names = output(answer).splitlines()
    assert (cwd, first, python) == (str(world.root), str(world.root), sys.executable)
    seen = {name for name in names if not name.startswith("LC_")}
    assert seen <= {"PATH", "HOME", "LANG", "TZ", "TMPDIR", "PYTHONUNBUFFERED", "MODEL"}
    assert "MODEL" in seen


def test_nothing_of_ours_comes_along(world: World, written: Written) -> None:
    """Our folder is not on its path, and no module of ours is loaded."""
    agent = written(
        """
        import sys
        def answer(case):
            ours = [name for name in sys.modules if name.startswith("rubric_action")]
            return f"{ours} {[path for path in sys.path if path.endswith('/agent')]}"
        """
    )
    assert [output(one) for one in world.run(agent, "c0")] == ["[] []"]


def test_packages_of_a_folder_are_named_by_pythonpath(world: World, written: Written) -> None:
    """A folder of the workspace, where the rubric lets the variable through."""
    deps = world.root / "deps"
    deps.mkdir()
    (deps / "needed.py").write_text("WORD = 'found'\n")
    body = "import needed\ndef answer(case):\n    return needed.WORD\n"
    environ = {**os.environ, "PYTHONPATH": "deps"}
    [answer] = world.run(written(body, env=("PYTHONPATH",)), "c0", environ=environ)
    assert output(answer) == "found"
    with pytest.raises(AgentUnavailable, match="imports `needed`, which is not installed"):
        world.run(written(body), "c0", environ=environ)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("return None", "the function returned None; return a text, or a session as a dict"),
        ("return 7", "the function returned a value of type int; return a text, or a session"),
        ("return {'output': {1, 2}}", "TypeError: Object of type set is not JSON serializable"),
        ("return {'output': '', 'cost_usd': float('nan')}", "ValueError: Out of range float"),
        ("raise LookupError('no\\nmodel')", "LookupError: no model (support/agent.py, line 3)"),
        ("return 1 / 0", "ZeroDivisionError: division by zero (support/agent.py, line 3)"),
        ("return {'error': 'no quota'}", "no quota"),
    ],
)
def test_what_one_case_does_wrong_costs_that_case(
    world: World, written: Written, body: str, why: str
) -> None:
    """The cause is told, the process goes on, and nothing is called twice."""
    agent = written(
        f"""import os
def answer(case):
    if case["case"] == "c0": {body}
    return str(os.getpid())
"""
    )
    first, *others = world.run(agent, "c0", "c1", "c2")
    assert cause(first).startswith(f"the agent reported an error: {why}")
    assert len({output(one) for one in others}) == 1


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("os._exit(3)", "the agent ended with 3 before it answered"),
        ("sys.exit('no more')", "the agent ended with 1 before it answered; its standard error"),
        ("os.kill(os.getpid(), 9)", "the agent was killed by SIGKILL before it answered"),
        ("time.sleep(60)", "no answer within 3 s"),
        ("return 'x' * 2**23", "the agent printed a line of over 4 MiB"),
        ("return {'output': 'x', 'latency': 1}", "the answer: `latency`: unknown key."),
        ("return {'output': 'x', 'case': 'c9'}", "the answer: it is for case `c9`, trial 1"),
        ("return {'turns': []}", "the session has 0 turns, the case 1 turn"),
    ],
)
def test_a_function_that_breaks_is_a_missing_case(
    world: World, written: Written, body: str, why: str
) -> None:
    """A crash, a hang and a wrong session are treated as those of a command."""
    agent = written(
        f"""import os, sys, time
def answer(case):
    if case["case"] == "c0": {body}
    return "well"
""",
        timeout_s=3.0,
    )
    first, second = world.run(agent, "c0", "c1")
    assert cause(first).startswith(why)
    assert output(second) == "well"


def test_workers_run_at_the_same_time(world: World, written: Written) -> None:
    """A process each, so that one slow case holds up no other."""
    agent = written(
        """
        import os, time
        def answer(case):
            time.sleep(0.3)
            return str(os.getpid())
        """,
        concurrency=3,
    )
    answers = world.run(agent, *(f"c{n}" for n in range(6)), together=True)
    assert len({output(one) for one in answers}) == 3


def test_it_runs_as_whom_a_command_would_run(tmp_path: Path) -> None:
    """Only the arguments of a launch are the function's own; user, folder and environment stay."""
    launch = Launch((), tmp_path, {"PATH": "/bin"}, (10001, 10001))
    made = function_launch("support.agent:answer", launch, 10.0)
    assert (made.cwd, made.environment, made.ids) == (tmp_path, {"PATH": "/bin"}, (10001, 10001))
    assert made.argv == (sys.executable, "-P", str(CHILD), "support.agent:answer")
