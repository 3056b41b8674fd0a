import asyncio
import time
import zlib
from collections.abc import Sequence
from typing import Any

import pytest
from aiohttp import web

from rubric_action.agent.http import MOST_TRIES, HttpAgent
from rubric_action.agent.http_request import asking
from rubric_action.agent.model import Missing, Session
from rubric_action.agent.wire import MAX_RESPONSE_BYTES
from rubric_action.errors import AgentUnavailable, Place
from rubric_action.rubric.model import Http
from tests.agent.asking import behind, case, run
from tests.agent.scripts import cause, output
from tests.fakes.agent import AgentServer, Asked, faults
from tests.fakes.judge.faults import Exchange, Fault


def echo(asked: Asked) -> Any:
    """The words of the user as the answer."""
    return {"answer": asked.body["input"]}


def answering(body: bytes, status: int = 200, **headers: str) -> Fault:
    """Answer these very bytes."""

    async def respond(_exchange: Exchange) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(body=body, status=status, headers=named)

    return respond


def met(
    *queue: Fault, timeout_s: float = 5.0, always: Fault | None = None
) -> tuple[Session | Missing, Sequence[Asked], float]:
    """What comes of a session that meets these faults, what was asked, and the time it took."""
    with AgentServer(echo) as agent:
        agent.queue(*queue)
        if always:
            agent.always(always)
        started = time.monotonic()
        [answer] = run(behind(agent.url, output="answer", timeout_s=timeout_s), case())
        return answer, agent.requests, time.monotonic() - started


@pytest.mark.parametrize(
    "fault",
    [
        faults.status(429),
        faults.status(500),
        faults.status(502),
        faults.status(503),
        faults.status(408),
        faults.reset(),
        faults.truncated(),
        faults.delay(0),
    ],
    ids=["429", "500", "502", "503", "408", "reset", "truncated", "none"],
)
def test_what_may_pass_is_asked_again(fault: Fault) -> None:
    """The same request is sent until it is answered."""
    answer, asked, _ = met(fault)
    assert output(answer) == "say 0"
    assert len({one.raw for one in asked}) == 1


def test_retry_after_is_waited_for() -> None:
    """At least as long as the agent asks."""
    answer, asked, seconds = met(faults.status(429, retry_after="1"))
    assert output(answer) == "say 0"
    assert (len(asked), seconds >= 1) == (2, True)


def test_a_wait_that_does_not_fit_is_not_begun() -> None:
    """A quota that comes back in an hour ends the session at once, and the cause says so."""
    answer, asked, seconds = met(always=faults.status(429, retry_after="3600"))
    assert cause(answer).startswith("the agent answered 429: `{")
    assert cause(answer).endswith(", and asks to wait 3600 s")
    assert (len(asked), seconds < 3) == (1, True)


def test_an_error_that_stays_is_given_up() -> None:
    """A 500 is often the answer to this very input; it is sent a few times and no more."""
    with AgentServer(echo) as agent:
        agent.always(faults.status(500))
        made = HttpAgent(
            asking(Http(agent.url, output="answer"), {}, Place("rubric")),
            trials=1,
            timeout_s=30,
            concurrency=1,
            chance=lambda: 0.0,
        )

        async def ask() -> Session | Missing:
            async with made:
                return await made.answer(case(), 1)

        answer = asyncio.run(ask())
        assert len(agent.requests) == MOST_TRIES
    assert cause(answer).endswith(f", {MOST_TRIES} times")


def test_a_throttle_that_stays_lasts_to_the_end_of_the_time() -> None:
    """Who has too much to do is asked for as long as there is time for it."""
    answer, asked, seconds = met(always=faults.status(503), timeout_s=1.5)
    assert cause(answer).startswith("the agent answered 503: `{")
    assert len(asked) > 1
    assert seconds < 3


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (faults.status(400, message="no `x`"), "the agent answered 400: `{"),
        (faults.unauthorized(), "the agent answered 401: `{"),
        (faults.unknown_model(), "the agent answered 404: `{"),
        (faults.redirect("http://127.0.0.1:1/"), "the agent answered 302: redirects are not fol"),
        (faults.redirect("/elsewhere", 307), "the agent answered 307: redirects are not followed"),
        (faults.html(), "the reply is not JSON: Expecting value; it begins `<html><body>Sign in"),
        (answering(b"{"), "the reply is not JSON"),
        (answering(b"{}"), "the reply has nothing at `answer`"),
        (answering(b"", 204), "the reply is not JSON: Expecting value; it begins with nothing"),
        (answering(b"\0"), "the reply holds a NUL byte; it begins `\\x00`"),
        (faults.gzip_bomb(), "the reply is larger than 4 MiB"),
        (answering(b"x" * (MAX_RESPONSE_BYTES + 1)), "the reply is larger than 4 MiB"),
        (answering(b"nope", Content_Encoding="gzip"), "the reply's compression cannot be undone"),
        (answering(b"nope", Content_Encoding="br"), "the reply's compression cannot be undone"),
    ],
)
def test_an_answer_of_no_use_is_never_asked_for_again(fault: Fault, why: str) -> None:
    """The agent gave it; the case is Missing, with the cause, after one request."""
    answer, asked, seconds = met(always=fault)
    assert cause(answer).startswith(why)
    assert (len(asked), seconds < 4) == (1, True)


@pytest.mark.parametrize(
    "fault",
    [
        answering(zlib.compress(b'{"answer": "packed"}'), Content_Encoding="deflate"),
        answering(b'{"answer": "packed"}', Content_Encoding="identity"),
        answering(b'{"answer": "packed"}', 201, Content_Type="text/plain"),
    ],
)
def test_an_answer_may_be_packed(fault: Fault) -> None:
    """In the ways that were asked for, by any status of success, under any type."""
    assert output(met(fault)[0]) == "packed"


def test_a_slow_drip_is_cut() -> None:
    """The time is for the whole reply, however often a byte arrives."""
    answer, _, seconds = met(faults.drip(0.05), timeout_s=0.3)
    assert cause(answer) == "no answer within 0.3 s"
    assert seconds < 2


def test_a_late_answer_tells_what_went_before() -> None:
    """Who reads it sees that the time went for more than one request."""
    answer, _, _ = met(faults.status(500), faults.delay(9), timeout_s=1.5)
    assert cause(answer).startswith("no answer within 1.5 s; before that: the agent answered 500")


def test_one_bad_case_is_no_other_s() -> None:
    """What one session suffers, no other feels."""
    with AgentServer(echo) as agent:

        async def only_the_third(exchange: Exchange) -> web.StreamResponse:
            third = exchange.asked.body["case"] == "c3"
            return web.json_response(exchange.well, status=400 if third else 200)

        agent.always(only_the_third)
        answers = run(behind(agent.url, output="answer"), *map(case, range(9)), together=True)
    assert [n for n, one in enumerate(answers) if isinstance(one, Missing)] == [3]


@pytest.mark.parametrize(
    ("fault", "timeout_s", "last"),
    [
        (faults.status(500), 0.5, "the agent answered 500: `{"),
        (faults.delay(60), 0.1, "no reply in time"),
        (faults.reset(), 0.5, "the connection was closed without a reply"),
    ],
)
def test_an_agent_that_never_answers_stops_the_run(
    fault: Fault, timeout_s: float, last: str
) -> None:
    """After some sessions without one answer no time is spent on the others."""
    with AgentServer(echo) as agent:
        agent.always(fault)
        source = behind(agent.url, output="answer", timeout_s=timeout_s, concurrency=2)
        with pytest.raises(AgentUnavailable) as caught:
            run(source, *map(case, range(30)), together=True)
    assert f"The agent at `{agent.origin}` left 5 sessions in a row" in caught.value.cause
    assert f"the last: {last}" in caught.value.cause


def test_sessions_that_fail_after_an_answer_are_their_own() -> None:
    """Where the agent has answered, errors cost their own cases only."""
    with AgentServer(echo) as agent:
        agent.queue(faults.delay(0))
        agent.always(faults.status(500))
        source = behind(agent.url, output="answer", timeout_s=0.8, concurrency=1)
        answers = run(source, *map(case, range(8)))
    assert [type(one) for one in answers] == [Session, *[Missing] * 7]
