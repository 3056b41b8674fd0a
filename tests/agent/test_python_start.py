import json
import subprocess
import sys
import time

import pytest

from rubric_action.agent.python import CHILD
from rubric_action.errors import AgentUnavailable
from rubric_action.rubric.model import Agent, PythonFunction
from tests.agent.conftest import Written
from tests.agent.scripts import World, alive, output, pids_in


def stopped(world: World, agent: Agent) -> AgentUnavailable:
    """Why the run ends before any case is answered."""
    with pytest.raises(AgentUnavailable) as caught:
        world.run(agent, "c0")
    return caught.value


@pytest.mark.parametrize(
    ("body", "name", "why", "mend"),
    [
        (
            "import langgraph_of_ours",
            "answer",
            "`support.agent` imports `langgraph_of_ours`, which is not installed: ModuleNotFound",
            "Install it for this Python. In the action,",
        ),
        (
            "raise ValueError('no model')",
            "answer",
            "`support.agent` cannot be imported: ValueError: no model (support/agent.py, line 1).",
            "Mend the module; its import has to end well.",
        ),
        (
            "import sys; sys.exit(2)",
            "answer",
            "`support.agent` cannot be imported: SystemExit: 2",
            "",
        ),
        (
            "def answer(case) return 1",
            "answer",
            "`support.agent` cannot be imported: SyntaxError",
            "",
        ),
        (
            "def reply(case): pass\ndef answers(case): pass",
            "answer",
            "`support.agent` has no `answer`.",
            "Did you mean `answers`? Functions there: `reply`, `answers`.",
        ),
        ("import os", "answer", "`support.agent` has no `answer`.", "Functions there: none."),
        (
            "answer = 'text'",
            "answer",
            "`answer` of `support.agent` is no function, but a value",
            "",
        ),
        ("def answer(): pass", "answer", "`support.agent:answer` cannot be called with a case", ""),
        ("def answer(a, b): pass", "answer", "`support.agent:answer` cannot be called with", ""),
        ("def answer(case): yield 1", "answer", "`support.agent:answer` is a generator.", "Return"),
        ("async def answer(case): yield 1", "answer", "`support.agent:answer` is a generator.", ""),
        (
            "import os; os._exit(4)",
            "answer",
            "The agent of `agent.python` cannot be started: the",
            "",
        ),
    ],
)
def test_a_function_that_is_not_there_stops_the_run(
    world: World, written: Written, body: str, name: str, why: str, mend: str
) -> None:
    """At the first case and not once for each, with what to do about it."""
    error = stopped(world, written(body, name))
    assert error.cause.startswith(why)
    assert error.mend.startswith(mend)
    assert error.cause.isprintable()


@pytest.mark.parametrize("target", ["nowhere:answer", "support.nowhere:answer", "support.a.b:f"])
def test_a_module_that_is_not_there_stops_the_run(
    world: World, written: Written, target: str
) -> None:
    """The error says how it is named."""
    agent = written("")
    error = stopped(world, Agent(PythonFunction(target), agent.trials, 10.0, 1))
    assert error.cause.startswith("there is no module `")
    assert error.mend.startswith("Name it as it is imported from the repository's root")


def test_a_builtin_will_do(world: World) -> None:
    """A function that tells no signature is called and not looked at."""
    [answer] = world.run(Agent(PythonFunction("builtins:str"), concurrency=1), "c0")
    assert output(answer).startswith("{'case': 'c0'")


def test_an_import_that_hangs_stops_the_run(world: World, written: Written) -> None:
    """It would take the whole time of every session."""
    agent = written("import time\ntime.sleep(60)\n", timeout_s=1.0)
    started = time.monotonic()
    error = stopped(world, agent)
    assert error.cause == "`support.agent:answer` was not imported within 0.9 s."
    assert error.mend == "Import less, or raise `agent.timeout`."
    assert time.monotonic() - started < 5


def test_a_forged_greeting_is_not_ours(world: World, written: Written) -> None:
    """Code that finds the pipe in its import and writes into it is not ready for it."""
    agent = written(
        """
        import os
        for fd in range(3, 9):
            try:
                os.write(fd, b"[]\\n")
            except OSError:
                pass
        """
    )
    error = stopped(world, agent)
    assert error.cause.startswith("The agent of `agent.python` cannot be started: its first line")


def test_nothing_survives_a_start_that_fails(world: World, written: Written) -> None:
    """What an import started is dead when the run has stopped."""
    agent = written(
        """
        import subprocess
        for _ in range(2):
            pid = subprocess.Popen(["sleep", "60"], stdin=subprocess.DEVNULL).pid
            open("pids", "a").write(f"{pid}\\n")
        raise ValueError
        """
    )
    stopped(world, agent)
    assert not any(alive(pid) for pid in pids_in(world.root / "pids", 2))


def test_the_child_can_be_run_by_hand(world: World, written: Written) -> None:
    """A line in, a line out, the first one when it is ready; it ends with its input."""
    written("def answer(case):\n    print('noise')\n    return case['case']\n")
    lines = "".join(json.dumps({"case": f"c{n}", "trial": 1}) + "\n" for n in range(2))
    done = by_hand(world, "support.agent:answer", lines)
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"ready": True},
        {"case": "c0", "trial": 1, "output": "c0"},
        {"case": "c1", "trial": 1, "output": "c1"},
    ]
    assert done.stderr.split() == ["noise"] * 2


def test_the_child_says_why_it_is_not_ready(world: World) -> None:
    """One line, and it ends well: what went wrong is not its own."""
    done = by_hand(world, "nowhere:answer", "")
    assert json.loads(done.stdout).keys() == {"cause", "mend"}


def by_hand(world: World, target: str, lines: str) -> subprocess.CompletedProcess[str]:
    """Run the child as a shell would."""
    return subprocess.run(
        [sys.executable, "-P", str(CHILD), target],
        input=lines,
        cwd=world.root,
        check=True,
        capture_output=True,
        text=True,
    )
