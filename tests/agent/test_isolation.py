import asyncio
import os
import pwd
import time

import pytest

from rubric_action.agent.model import Missing, Session
from rubric_action.agent.open import open_agent
from rubric_action.rubric.model import Agent, Command
from tests.agent.scripts import World, alive, cause, output, pids_in

NOTE = 'open("pids", "a").write(f"{pid}\\n")'
FORK = f"""\
for _ in range(2):
    pid = subprocess.Popen(["sleep", "60"]).pid
    {NOTE}
pid = os.getpid()
{NOTE}
"""
DAEMON = f"""\
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        pid = os.getpid()
        {NOTE}
        time.sleep(60)
    os._exit(0)
pid = os.getpid()
{NOTE}
"""
STUBBORN = f"""\
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pid = os.getpid()
{NOTE}
"""
ANSWER = 'say(line, output="done")\n'
IDLE = "while True: time.sleep(1)\n"


def test_the_agent_sees_a_scrubbed_environment(world: World) -> None:
    """What the process really gets is the short list, and what the rubric names."""
    environ = {
        **os.environ,
        "MODEL": "small",
        "GITHUB_TOKEN": "t",
        "GITHUB_OUTPUT": "/o",
        "INPUT_JUDGE_API_KEY": "k",
        "ACTIONS_RUNTIME_TOKEN": "r",
        "RUBRIC_JUDGE_API_KEY": "k",
        "OPENAI_API_KEY": "k",
    }
    agent = world.agent('say(line, output=" ".join(os.environ))', env=("MODEL",))
    [answer] = world.run(agent, "c0", environ=environ)
    seen = {name for name in output(answer).split() if not name.startswith("LC_")}
    assert seen <= {"PATH", "HOME", "LANG", "TZ", "TMPDIR", "PYTHONUNBUFFERED", "MODEL"}
    assert {"PATH", "PYTHONUNBUFFERED", "MODEL"} <= seen


def test_the_agent_has_only_its_three_pipes(world: World) -> None:
    """No file of ours, the spool of the cases among them, is open in the process."""
    agent = world.agent('say(line, output=" ".join(sorted(os.listdir("/proc/self/fd"))))')
    [answer] = world.run(agent, "c0")
    assert output(answer) == "0 1 2 3"  # 3 is the folder that is being listed


@pytest.mark.parametrize(
    ("body", "count"),
    [(FORK + ANSWER, 3), (DAEMON + ANSWER, 2), (STUBBORN + ANSWER + IDLE, 1)],
    ids=["children", "daemon", "stubborn"],
)
def test_nothing_survives_a_run_that_ends_well(world: World, body: str, count: int) -> None:
    """Children, daemons that left the group, and who ignores SIGTERM are dead at the end."""
    [answer] = world.run(world.agent(body), "c0")
    assert output(answer) == "done"
    assert not any(alive(pid) for pid in pids_in(world.root / "pids", count))


@pytest.mark.parametrize(
    ("body", "count"),
    [(FORK + IDLE, 3), (DAEMON + IDLE, 2), (STUBBORN + IDLE, 1)],
    ids=["children", "daemon", "stubborn"],
)
def test_nothing_survives_a_timeout(world: World, body: str, count: int) -> None:
    """A hanging agent is killed with everything that it started."""
    [answer] = world.run(world.agent(body, timeout_s=1.5), "c0")
    assert cause(answer) == "no answer within 1.5 s"
    assert not any(alive(pid) for pid in pids_in(world.root / "pids", count))


def test_children_die_at_the_timeout_and_not_only_at_the_end(world: World) -> None:
    """The group of a late process is gone before the next case is asked."""
    agent = world.agent(
        f'if line["case"] == "c0":\n    {_indent(FORK + IDLE)}\n{ANSWER}', timeout_s=2
    )

    async def run() -> list[bool]:
        async with open_agent(agent, world.cases, world.root, os.environ) as ready:
            late = await ready.answer(world.cases.get("c0"), 1)
            assert isinstance(late, Missing)
            return [alive(pid) for pid in pids_in(world.root / "pids", 3)]

    assert asyncio.run(run()) == [False] * 3


def test_nothing_survives_an_exception(world: World) -> None:
    """When the run breaks, the agents die with it."""

    async def run() -> None:
        agent = world.agent(FORK + ANSWER + IDLE)
        async with open_agent(agent, world.cases, world.root, os.environ) as ready:
            await ready.answer(world.cases.get("c0"), 1)
            raise LookupError("the run broke")

    with pytest.raises(LookupError):
        asyncio.run(run())
    assert not any(alive(pid) for pid in pids_in(world.root / "pids", 3))


def test_nothing_survives_a_cancellation(world: World) -> None:
    """A cancelled run kills agents that are in the middle of an answer."""
    agent = world.agent(FORK + IDLE, concurrency=2)

    async def ask() -> None:
        async with open_agent(agent, world.cases, world.root, os.environ) as ready:
            cases = [world.cases.get(id_) for id_ in ("c0", "c1")]
            await asyncio.gather(*(ready.answer(case, 1) for case in cases))

    async def run() -> None:
        asking = asyncio.create_task(ask())
        await asyncio.to_thread(pids_in, world.root / "pids", 6)
        asking.cancel()
        await asking

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())
    assert not any(alive(pid) for pid in pids_in(world.root / "pids", 6))


def test_one_cancelled_answer_leaves_the_worker_usable(world: World) -> None:
    """The process of a cancelled answer is dropped, and the next case gets a fresh one."""
    agent = world.agent(f'if line["case"] == "c0": time.sleep(60)\n{ANSWER}')

    async def run() -> Session | Missing:
        async with open_agent(agent, world.cases, world.root, os.environ) as ready:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(ready.answer(world.cases.get("c0"), 1), 0.3)
            return await ready.answer(world.cases.get("c1"), 1)

    assert output(asyncio.run(run())) == "done"


def test_a_crash_is_seen_although_a_child_holds_the_pipes(world: World) -> None:
    """A child that outlives its parent does not make a crash look like a timeout."""
    agent = world.agent(FORK + "sys.exit(3)")
    started = time.monotonic()
    [answer] = world.run(agent, "c0")
    assert cause(answer) == "the agent ended with 3 before it answered"
    assert time.monotonic() - started < 5


def test_processes_of_our_own_are_left_alone(world: World) -> None:
    """Ending the agent kills no process that was there before it, nor a helper of ours."""

    async def run() -> tuple[int | None, int | None]:
        before = await asyncio.create_subprocess_exec("sleep", "60", start_new_session=True)
        async with open_agent(world.agent(ANSWER), world.cases, world.root, os.environ) as ready:
            helper = await asyncio.create_subprocess_exec("sleep", "60")
            await ready.answer(world.cases.get("c0"), 1)
        codes = before.returncode, helper.returncode
        for process in (before, helper):
            process.kill()
            await process.wait()
        return codes

    assert asyncio.run(run()) == (None, None)


def test_an_agent_that_ends_by_itself_is_not_signalled(world: World) -> None:
    """A closed input is the polite way to end; the agent may finish what it does then."""
    agent = world.agent(ANSWER)
    with (world.root / "agent.py").open("a") as script:
        script.write('time.sleep(0.1)\nopen("ended", "w").write("by itself")\n')
    world.run(agent, "c0")
    assert (world.root / "ended").read_text() == "by itself"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run the agent as another user")
def test_the_agent_runs_as_another_user(world: World) -> None:
    """As root we give the agent another user id, no groups, and that user's home."""
    entry = pwd.getpwnam("nobody")
    for folder in (world.root, *world.root.parents):
        if folder.stat().st_uid == os.geteuid() and str(folder).startswith("/tmp/"):  # noqa: S108
            folder.chmod(0o755)
    secret = world.root / "secret"
    secret.write_text("judge's key")
    secret.chmod(0o600)
    body = (
        'try: read = open("secret").read()\nexcept PermissionError: read = "refused"\n'
        'try: environ = open(f"/proc/{os.getppid()}/environ").read()\n'
        'except PermissionError: environ = "refused"\n'
        'me = [os.getuid(), os.getgroups(), os.environ["HOME"]]\n'
        "say(line, output=json.dumps([*me, read, environ]))"
    )
    world.agent(body)
    agent = Agent(Command("/usr/bin/env python3 agent.py"), concurrency=1)
    environ = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/root"}
    [answer] = world.run(agent, "c0", environ=environ, user="nobody")
    home = entry.pw_dir if os.path.isdir(entry.pw_dir) else "/tmp"  # noqa: S108, PTH112
    assert output(answer) == f'[{entry.pw_uid}, [], "{home}", "refused", "refused"]'


def _indent(body: str) -> str:
    return body.replace("\n", "\n    ")
