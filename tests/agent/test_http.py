import asyncio
import json
import subprocess
import sys
import time
from typing import Any

import pytest
from aiohttp import web

from rubric_action.agent.http import HttpAgent
from rubric_action.agent.http_request import asking
from rubric_action.agent.model import AgentTurn, Exchange, Missing, Session, Usage
from rubric_action.cases.model import Case, SimulatedUser
from rubric_action.errors import Place
from rubric_action.rubric.model import Http
from tests.agent.asking import DEEP, behind, case, opened, reply, run, unmeasured
from tests.agent.scripts import cause, output
from tests.fakes.agent import AgentServer, Asked, faults


def echo(asked: Asked) -> Any:
    """The words of the user as the answer."""
    return {"answer": f"You said {asked.body['input']}."}


def chat(asked: Asked) -> Any:
    """A chat completion that counts the messages."""
    said = {"role": "assistant", "content": f"{len(asked.body['messages'])} messages"}
    usage = {"prompt_tokens": 10, "completion_tokens": 2}
    return {"model": "m-1", "choices": [{"message": said}], "usage": usage}


def test_one_request_answers_a_case_of_one_turn() -> None:
    """It is posted to the very address, and the answer stands where the rubric says."""
    with AgentServer(echo) as agent:
        [answer] = run(behind(f"{agent.origin}/v2/chat?x=1", output="answer"), case())
        [asked] = agent.requests
    assert unmeasured(answer) == Session("c0", 1, (AgentTurn("You said say 0."),))
    assert (asked.method, asked.path) == ("POST", "/v2/chat?x=1")
    assert asked.headers["content-type"] == "application/json"
    assert asked.body == {"input": "say 0", "turns": [{"user": "say 0"}], "case": "c0"}


def test_a_conversation_is_a_request_a_turn() -> None:
    """Each one knows what was said before, by both."""
    with AgentServer(echo) as agent:
        [answer] = run(behind(agent.url, output="answer"), DEEP)
        bodies = [asked.body for asked in agent.requests]
    assert [one.output for one in answer.turns] == [  # type: ignore[union-attr]
        "You said one.",
        "You said two.",
        "You said three.",
    ]
    assert [body["input"] for body in bodies] == ["one", "two", "three"]
    assert bodies[2]["turns"] == [
        {"user": "one", "output": "You said one."},
        {"user": "two", "output": "You said two."},
        {"user": "three"},
    ]


def test_a_chat_completion_holds_the_conversation_so_far() -> None:
    """User and assistant take turns; usage is kept a turn."""
    with AgentServer(chat) as agent:
        [answer] = run(behind(agent.url, openai=True, body={"model": "m"}), DEEP)
        last = agent.requests[-1].body
    usage = Usage("m-1", 10, 2)
    turns = tuple(AgentTurn(f"{count} messages", usage=usage) for count in (1, 3, 5))
    assert unmeasured(answer) == Session("deep", 1, turns)
    assert [one["role"] for one in last["messages"]] == ["user", "assistant"] * 2 + ["user"]
    assert last["model"] == "m"


def test_without_output_one_request_answers_the_whole_case() -> None:
    """The agent gets all turns at once and replies with a session."""
    session = {"turns": [{"output": "a", "cost_usd": 0.5}, {"output": "b"}, {"output": "c"}]}
    with AgentServer(lambda _asked: session) as agent:
        [answer] = run(behind(agent.url), DEEP)
        [asked] = agent.requests
    turns = (AgentTurn("a", cost_usd=0.5), AgentTurn("b"), AgentTurn("c"))
    assert unmeasured(answer) == Session("deep", 1, turns)
    assert asked.body["turns"] == [{"user": "one"}, {"user": "two"}, {"user": "three"}]
    assert asked.body["input"] == "three"


@pytest.mark.parametrize(
    ("session", "why"),
    [
        ({"output": "a"}, "the session has 1 turn, the case 3 turns"),
        ({"error": "no quota"}, "the agent reported an error: no quota"),
        ({"answer": "a"}, "the reply: `answer`: unknown key."),
        ({"output": "a", "case": "other"}, "the reply is for case `other`, trial 1"),
    ],
)
def test_a_session_that_does_not_fit_is_missing(session: Any, why: str) -> None:
    """It is asked for once, and the cause says what is wrong."""
    with AgentServer(lambda _asked: session) as agent:
        [answer] = run(behind(agent.url), DEEP)
        assert len(agent.requests) == 1
    assert cause(answer).startswith(why)


def test_latency_is_the_time_of_each_answer() -> None:
    """Measured a turn; a session's own figures stand, and else the time is shared out."""
    with AgentServer(echo, latency=0.2) as agent:
        [by_turn] = run(behind(agent.url, output="answer"), DEEP)
        agent.answer = lambda _asked: {"turns": [{"output": ""}] * 3}
        [shared] = run(behind(agent.url), DEEP)
        agent.answer = lambda _asked: {"turns": [{"output": "", "latency_s": 9}] * 3}
        [told] = run(behind(agent.url), DEEP)
    assert isinstance(by_turn, Session)
    assert isinstance(shared, Session)
    assert isinstance(told, Session)
    assert all(0.2 <= (turn.latency_s or 0) < 2 for turn in by_turn.turns)
    assert 0.2 <= sum(turn.latency_s or 0 for turn in shared.turns) < 2
    assert len({turn.latency_s for turn in shared.turns}) == 1
    assert [turn.latency_s for turn in told.turns] == [9.0] * 3


def test_retries_and_waits_are_no_latency() -> None:
    """What is measured is the request that was answered, by the clock that is given."""
    ticks = iter(range(100))
    with AgentServer(echo) as agent:
        agent.queue(faults.status(500), faults.status(500))
        made = HttpAgent(
            asking(Http(agent.url, output="answer"), {}, Place("rubric")),
            trials=1,
            timeout_s=50,
            concurrency=1,
            clock=lambda: float(next(ticks)),
            chance=lambda: 0.0,
        )

        async def ask() -> Session | Missing:
            async with made:
                return await made.answer(case(), 1)

        answer = asyncio.run(ask())
        assert len(agent.requests) == 3
    assert isinstance(answer, Session)
    assert answer.turns[0].latency_s == 1.0


def test_every_trial_is_a_session_of_its_own() -> None:
    """As many as the rubric says; the agent may tell them apart."""
    body = {"q": "{{input}}", "id": "{{case.id}}-{{trial}}"}
    with AgentServer(lambda asked: {"answer": asked.body["id"]}) as agent:
        source = behind(agent.url, output="answer", body=body, trials=3)
        answers = run(source, case(), trials=(1, 2, 3))
        assert opened(source).trials_of("c0") == (1, 2, 3)
    assert [output(one) for one in answers] == ["c0-1", "c0-2", "c0-3"]
    assert [one.trial for one in answers] == [1, 2, 3]


@pytest.mark.parametrize("concurrency", [1, 3])
def test_so_many_sessions_run_at_once(concurrency: int) -> None:
    """Never more, and each gets its own answer."""
    with AgentServer(echo, latency=0.1) as agent:
        source = behind(agent.url, output="answer", concurrency=concurrency)
        answers = run(source, *map(case, range(9)), together=True)
        assert agent.max_in_flight == concurrency
    assert [output(one) for one in answers] == [f"You said say {n}." for n in range(9)]


def test_waiting_for_a_place_is_not_part_of_the_time() -> None:
    """Sessions behind many others are no later for it."""
    with AgentServer(echo, latency=0.2) as agent:
        source = behind(agent.url, output="answer", concurrency=1, timeout_s=1.2)
        answers = run(source, *map(case, range(8)), together=True)
    assert [type(one) for one in answers] == [Session] * 8


def test_get_asks_by_the_query() -> None:
    """Nothing is sent in a body, and what the address has already stays."""
    with AgentServer(lambda asked: {"answer": asked.path}) as agent:
        body = {"q": "{{input}} & more"}
        source = behind(f"{agent.url}?v=1", output="answer", body=body, method="GET")
        [answer] = run(source, case())
        bare = behind(agent.url, output="answer", body=body, method="GET")
        [other] = run(bare, case())
        assert [(asked.method, asked.raw) for asked in agent.requests] == [("GET", b"")] * 2
    assert output(answer) == "/chat?v=1&q=say%200%20%26%20more"
    assert output(other) == "/chat?q=say%200%20%26%20more"


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_other_methods_carry_the_body(method: str) -> None:
    """As the rubric says."""
    with AgentServer(echo) as agent:
        [answer] = run(behind(agent.url, output="answer", method=method), case())
        assert agent.requests[0].method == method
    assert output(answer) == "You said say 0."


def test_headers_come_from_listed_variables() -> None:
    """The agent gets them, no cookie, and what it echoes of them is cut out."""
    with AgentServer(lambda asked: {"answer": asked.headers["authorization"]}) as agent:
        source = behind(
            agent.url, output="answer", headers={"Authorization": "Bearer ${KEY}"}, env=("KEY",)
        )
        [answer] = run(source, case(), environ={"KEY": "0123456789"})
        [asked] = agent.requests
    assert asked.headers["authorization"] == "Bearer 0123456789"
    assert "cookie" not in asked.headers
    assert output(answer) == "Bearer ***"


def test_a_forbidden_variable_reaches_no_header() -> None:
    """Not even where it is listed and set."""
    source = behind("http://x/", headers={"A": "${GITHUB_TOKEN}"}, env=("GITHUB_TOKEN",))
    with pytest.raises(Exception, match="`GITHUB_TOKEN` is not set"):
        opened(source, {"GITHUB_TOKEN": "ghs_0123456789"})


def test_no_cookie_binds_two_sessions() -> None:
    """What one session is told to remember, no other brings back."""

    async def remember(exchange: faults.Exchange) -> web.StreamResponse:
        response = web.json_response(exchange.well)
        response.set_cookie("session", "1")
        return response

    # A cookie jar keeps nothing for a bare address, so this host needs a name.
    with AgentServer(echo, host="localhost") as agent:
        agent.always(remember)
        run(behind(agent.url, output="answer"), DEEP, case())
        assert len(agent.requests) == 4
        assert not any("cookie" in asked.headers for asked in agent.requests)


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"output": "answer"}, {"answer": "hi"}),
        ({"openai": True}, {"choices": [{"message": {"content": "hi"}}]}),
        ({}, {"output": "hi"}),
    ],
)
def test_one_turn_can_be_asked_for(fields: Any, answer: Any) -> None:
    """Whoever holds the conversation hands it over; the answer to its end comes back."""
    with AgentServer(lambda _asked: answer) as agent:
        turn = reply(
            behind(agent.url, **fields), Exchange("one", AgentTurn("first")), Exchange("two")
        )
        [asked] = agent.requests
    assert isinstance(turn, AgentTurn)
    assert turn.output == "hi"
    assert turn.latency_s is not None
    talk = asked.body.get("turns", asked.body.get("messages"))
    assert json.dumps("first") in json.dumps(talk)


def test_one_turn_that_fails_is_missing() -> None:
    """As a session would be."""
    with AgentServer(lambda _asked: {"turns": []}) as agent:
        turn = reply(behind(agent.url), Exchange("one"))
    assert turn == Missing("c0", 1, "the agent answered with 0 turns where one was asked for")


def test_a_case_without_words_is_missing() -> None:
    """A simulated user that nobody plays leaves nothing to ask."""
    silent = Case("c0", (), user=SimulatedUser("a buyer", "a refund"))
    [answer] = run(behind("http://localhost:1/", output="answer"), silent)
    assert cause(answer) == "nobody says what the user of this case says first"


def test_it_is_asked_in_its_context_only() -> None:
    """Before and after it there are no connections."""
    with pytest.raises(RuntimeError, match="inside of its context"):
        asyncio.run(opened(behind("http://localhost:1/", output="a")).answer(case(), 1))


def test_a_session_s_time_is_over_for_all_its_turns() -> None:
    """The second turn has what the first one left, and the cause names the turn."""
    with AgentServer(echo, latency=0.6) as agent:
        started = time.monotonic()
        [answer] = run(behind(agent.url, output="answer", timeout_s=1.1), DEEP)
    assert cause(answer) == "turn 2: no answer within 1.1 s"
    assert time.monotonic() - started < 3


def test_a_turn_that_fails_ends_the_session() -> None:
    """No further turn is asked for, and the cause names the turn."""
    with AgentServer(echo) as agent:
        agent.answer = lambda asked: {} if asked.body["input"] == "two" else echo(asked)
        [answer] = run(behind(agent.url, output="answer"), DEEP)
        assert len(agent.requests) == 2
    assert cause(answer) == "turn 2: the reply has nothing at `answer`; it begins `{}`"


def test_the_library_is_loaded_when_it_is_needed() -> None:
    """Opening an agent checks everything and imports no client yet."""
    code = (
        "import sys; from pathlib import Path;"
        "from rubric_action.agent.open import open_agent;"
        "from rubric_action.cases.case_set import CaseSet;"
        "from rubric_action.rubric.model import Agent, Http;"
        "open_agent(Agent(Http('http://localhost:1/')), CaseSet(), Path(), {});"
        "print('aiohttp' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"
