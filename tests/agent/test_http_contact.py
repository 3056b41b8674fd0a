import asyncio
from typing import Any

import pytest

from rubric_action.agent.http_contact import OUTAGE_SESSIONS, Contact
from rubric_action.agent.http_model import Fault, Target
from rubric_action.agent.model import Missing, Session
from rubric_action.errors import AgentUnavailable
from tests.agent.asking import DEEP, behind, case, nobody, opened, run
from tests.agent.scripts import output
from tests.fakes.agent import AgentServer, Asked

RUNNER = "127.0.0.2"
"""Another address of the loopback, which stands for the runner's on the container's bridge."""
REFUSED = Fault("connection refused", unreached=True)
HERE = Target("http://localhost:8000/chat?key=1")
THERE = Target("http://172.17.0.1:8000/chat", "localhost:8000")


def echo(asked: Asked) -> Any:
    """The words of the user as the answer."""
    return {"answer": asked.body["input"]}


def stopped(url: str, *, timeout_s: float = 0.5, **given: Any) -> AgentUnavailable:
    """Why the run ends before any case is answered."""
    with pytest.raises(AgentUnavailable) as caught:
        run(behind(url, output="answer", timeout_s=timeout_s), case(), **given)
    return caught.value


def test_nobody_there_stops_the_run() -> None:
    """The error names the address, without its path, and says what to do."""
    port = nobody()
    error = stopped(f"http://127.0.0.1:{port}/chat?key=secret")
    assert error.cause == f"Nobody is reached at `http://127.0.0.1:{port}` (connection refused)."
    assert error.mend == "Start it before, wait until it answers, and check `agent.http.url`."


def test_an_unknown_name_stops_the_run() -> None:
    """It cannot be asked for anything."""
    error = stopped("http://no-such-host.invalid/chat")
    assert (
        error.cause == "Nobody is reached at `http://no-such-host.invalid` (its name is not known)."
    )


def test_no_tls_stops_the_run() -> None:
    """An https address of a server that speaks http."""
    with AgentServer(echo) as agent:
        error = stopped(agent.url.replace("http", "https"))
    assert error.cause.endswith("(no connection over TLS).")


def test_an_agent_that_is_still_starting_is_waited_for() -> None:
    """What listens a moment later is asked then."""
    port = nobody()

    async def ask() -> Session | Missing:
        async with opened(behind(f"http://127.0.0.1:{port}/", output="answer")) as ready:
            asking = asyncio.create_task(ready.answer(case(), 1))
            await asyncio.sleep(0.5)
            with AgentServer(echo, port=port):
                answer: Session | Missing = await asking
                return answer

    assert output(asyncio.run(ask())) == "say 0"


@pytest.mark.parametrize(("now", "over"), [(9.9, False), (10.0, True)])
def test_the_first_contact_has_its_time(now: float, over: bool) -> None:
    """Counted from the first try, whoever made it."""
    contact = Contact([HERE], 10.0)
    contact.unreached(REFUSED, 0.0)
    if over:
        with pytest.raises(AgentUnavailable, match="Nobody is reached"):
            contact.unreached(REFUSED, now)
    else:
        contact.unreached(REFUSED, now)


def test_who_was_reached_once_is_not_given_up_for_one_session() -> None:
    """It takes some sessions in a row, none of them answered in between."""
    contact = Contact([HERE], 10.0)
    contact.reached(HERE)
    contact.answered()
    contact.unreached(REFUSED, 0.0)
    contact.unreached(REFUSED, 99.0)
    for _ in range(OUTAGE_SESSIONS - 1):
        contact.failed(REFUSED)
    contact.answered()
    for _ in range(OUTAGE_SESSIONS - 1):
        contact.failed(REFUSED)
    with pytest.raises(AgentUnavailable, match="left 5 sessions in a row without an answer"):
        contact.failed(REFUSED)


@pytest.mark.parametrize(
    ("reached", "fault", "cause"),
    [
        (
            None,
            REFUSED,
            (
                "The agent cannot be reached, neither at `http://localhost:8000` in the action's "
                "container nor at `http://172.17.0.1:8000`, the runner (connection refused)."
            ),
        ),
        (
            THERE,
            Fault("the reply was cut short"),
            (
                "The agent at `http://172.17.0.1:8000` left 5 sessions in a row without an answer; "
                "the last: the reply was cut short."
            ),
        ),
    ],
)
def test_the_error_names_where_the_agent_was_looked_for(
    reached: Target | None, fault: Fault, cause: str
) -> None:
    """Both addresses in a container; the one that was reached later on."""
    contact = Contact([HERE, THERE], 10.0)
    if reached:
        contact.reached(reached)
        for _ in range(OUTAGE_SESSIONS - 1):
            contact.failed(fault)
    with pytest.raises(AgentUnavailable) as caught:
        contact.failed(fault)
    assert caught.value.cause == cause


def test_an_outage_stops_the_run() -> None:
    """An agent that was there and is gone is not waited for by every case."""
    port = nobody()
    source = behind(f"http://127.0.0.1:{port}/", output="answer", timeout_s=0.8, concurrency=1)
    answers: list[Session | Missing] = []

    async def ask() -> None:
        async with opened(source) as ready:
            with AgentServer(echo, port=port):
                answers.append(await ready.answer(case(), 1))
            while len(answers) < 30:
                answers.append(await ready.answer(case(len(answers)), 1))

    with pytest.raises(AgentUnavailable, match="left 5 sessions in a row without an answer; the"):
        asyncio.run(ask())
    assert [type(one) for one in answers] == [Session, *[Missing] * (OUTAGE_SESSIONS - 1)]


def test_localhost_is_asked_here_first() -> None:
    """What listens in our own network is preferred to the runner."""
    with AgentServer(echo) as here, AgentServer(echo, host=RUNNER, port=here.port) as there:
        url = f"http://localhost:{here.port}/chat"
        [answer] = run(behind(url, output="answer"), DEEP, runner=RUNNER)
        assert (len(here.requests), len(there.requests)) == (3, 0)
    assert isinstance(answer, Session)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_localhost_is_the_runner_from_a_container(host: str) -> None:
    """Where nobody listens here it is asked there, under the name that the rubric gives it."""
    with AgentServer(echo, host=RUNNER) as there:
        url = f"http://{host}:{there.port}/chat"
        answers = run(behind(url, output="answer"), DEEP, case(), together=True, runner=RUNNER)
        assert {asked.headers["host"] for asked in there.requests} == {f"{host}:{there.port}"}
    assert [type(one) for one in answers] == [Session] * 2


def test_a_host_of_one_s_own_stands() -> None:
    """A header that the rubric writes is sent in both places."""
    with AgentServer(echo, host=RUNNER) as there:
        url = f"http://localhost:{there.port}/chat"
        source = behind(url, output="answer", headers={"host": "agent.test"})
        run(source, case(), runner=RUNNER)
        assert there.requests[0].headers["host"] == "agent.test"


def test_nobody_here_and_nobody_there() -> None:
    """The error says how the service has to listen."""
    error = stopped(f"http://localhost:{nobody()}/chat", runner=RUNNER)
    assert "neither at `http://localhost:" in error.cause
    assert f"nor at `http://{RUNNER}:" in error.cause
    assert "let it listen on 0.0.0.0 and not on 127.0.0.1 alone" in error.mend


def test_another_host_is_never_looked_for_on_the_runner() -> None:
    """The gateway stands for `localhost` and nothing else."""
    with AgentServer(echo, host=RUNNER) as there:
        error = stopped(f"http://no-such-host.invalid:{there.port}/", runner=RUNNER)
        assert there.requests == []
    assert error.cause.startswith("Nobody is reached at `http://no-such-host.invalid:")
