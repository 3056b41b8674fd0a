import json
from typing import Any

import pytest

from rubric_action.agent.http_model import Target
from rubric_action.agent.http_request import Asking, asking, origin
from rubric_action.agent.model import AgentTurn, Exchange
from rubric_action.cases.model import Case, ContextItem, UserTurn
from rubric_action.errors import InputError, Place
from rubric_action.rubric.model import Http

PLACE = Place("eval/rubric.yaml", 4)
URL = "http://agent.example:8000/chat"
CASE = Case(
    "c0",
    (UserTurn("one"), UserTurn("two")),
    context=(ContextItem("plain"), ContextItem("t", "doc", "2026-01-01")),
    metadata={"plan": "pro"},
)
SAID = (Exchange("one", AgentTurn("first")), Exchange("two"))


def asked(http: Http, variables: dict[str, str] | None = None, runner: str | None = None) -> Asking:
    """How the agent is asked."""
    return asking(http, variables or {}, PLACE, runner)


def body(http: Http) -> Any:
    """What is sent for the second turn of a conversation."""
    content = asked(http).outgoing(CASE, 2, SAID).body
    assert content is not None
    return json.loads(content)


def told(http: Http, variables: dict[str, str] | None = None) -> list[str]:
    """Every mistake, without the place that they share."""
    with pytest.raises(InputError) as caught:
        asked(http, variables)
    return [str(one).removeprefix("eval/rubric.yaml:4: ") for one in caught.value.problems]


def test_without_a_body_three_fields_are_sent() -> None:
    """The words of the user, the conversation, and which case it is."""
    assert body(Http(URL)) == {
        "input": "two",
        "turns": [{"user": "one", "output": "first"}, {"user": "two"}],
        "case": "c0",
    }


def test_a_body_is_a_template() -> None:
    """Its placeholders know the case and the trial."""
    template = {
        "q": ["{{input}}"],
        "id": "{{case.id}}/{{trial}}",
        "docs": "{{case.context}}",
        "meta": "{{case.metadata}}",
        "n": 1,
    }
    assert body(Http(URL, body=template, output="a")) == {
        "q": ["two"],
        "id": "c0/2",
        "docs": [{"text": "plain"}, {"text": "t", "source": "doc", "updated_at": "2026-01-01"}],
        "meta": {"plan": "pro"},
        "n": 1,
    }


def test_a_chat_completion_holds_the_conversation() -> None:
    """User and assistant take turns, and the body's fields stand beside."""
    http = Http(URL, openai=True, body={"model": "m", "user": "{{case.id}}"})
    assert body(http) == {
        "messages": [
            {"role": "user", "content": "one"},
            {"role": "assistant", "content": "first"},
            {"role": "user", "content": "two"},
        ],
        "model": "m",
        "user": "c0",
    }
    assert body(Http(URL, openai=True)).keys() == {"messages"}


def test_get_asks_by_a_query() -> None:
    """The template's fields are escaped into the query, lists as JSON, null left out."""
    http = Http(URL, "GET", body={"q": "{{input}} & more", "turns": "{{turns}}", "x": None})
    outgoing = asked(http).outgoing(CASE, 1, (Exchange("é?"),))
    assert outgoing.body is None
    turns = "%5B%7B%22user%22%3A%20%22%C3%A9%3F%22%7D%5D"
    assert outgoing.query == f"q=%C3%A9%3F%20%26%20more&turns={turns}"


def test_headers_are_filled_in() -> None:
    """Variables that are listed replace their names, once, and nothing shows them."""
    http = Http(URL, headers={"Authorization": "Bearer ${KEY}", "X-Plain": "$KEY {KEY}"})
    made = asked(http, {"KEY": "s3cret-${X}-value\n"})
    assert made.outgoing(CASE, 1, SAID).headers == {
        "Content-Type": "application/json",
        "Authorization": "Bearer s3cret-${X}-value",
        "X-Plain": "$KEY {KEY}",
    }
    assert "s3cret" not in f"{made!r} {made.outgoing(CASE, 1, SAID)!r}"


def test_a_content_type_of_its_own_stands() -> None:
    """Whoever writes one gets that one."""
    http = Http(URL, headers={"content-type": "application/vnd.agent+json"})
    assert asked(http).headers.sent == {"content-type": "application/vnd.agent+json"}


@pytest.mark.parametrize(
    ("header", "variable", "value", "hidden"),
    [
        ("Authorization", "AGENT", "0123456789", True),
        ("X-Any", "AGENT_KEY", "0123456789", True),
        ("X-Any", "AGENT_KEY", 'a"b\\c56789', True),
        ("X-Model", "MODEL", "gpt-5-mini", False),
        ("Authorization", "AGENT", "short", False),
    ],
)
def test_what_looks_like_a_secret_is_taken_out_of_replies(
    header: str, variable: str, value: str, hidden: bool
) -> None:
    """By the name of the header or of the variable; as it is, and as JSON writes it."""
    made = asked(Http(URL, headers={header: f"x ${{{variable}}}"}), {variable: value})
    for echo in (value.encode(), json.dumps(value)[1:-1].encode()):
        clean = made.headers.without_secrets(b"you sent " + echo)
        assert clean == b"you sent " + (b"***" if hidden else echo)


@pytest.mark.parametrize(
    ("http", "what"),
    [
        (
            Http(URL, headers={"Authorization": "Bearer ${KEY}"}),
            "`agent.http.headers.Authorization`: the variable `KEY` is not set. Set it where",
        ),
        (
            Http(URL, headers={"Authorization": "Bearer ${EMPTY}"}),
            "`agent.http.headers.Authorization`: the variable `EMPTY` is empty. Set it where",
        ),
        (
            Http(URL, headers={"X": "${LINES}"}),
            "`agent.http.headers.X`: the variable `LINES` holds a line break",
        ),
        (
            Http(URL, headers={"X": "{{case.id}}"}),
            "`agent.http.headers.X`: a header holds a placeholder, which only `body` may",
        ),
        (
            Http(URL, headers={"Content-Length": "1"}),
            "`agent.http.headers.Content-Length`: this header is set by the client itself",
        ),
        (
            Http(URL, body={"q": "{{imput}}"}),
            "`agent.http.body.q`: `{{imput}}` is no placeholder. Did you mean `{{input}}`?",
        ),
        (
            Http("http://agent.example/{{case.id}}"),
            "`agent.http.url`: the address holds a placeholder, which only `body` may. Put it",
        ),
        (Http(URL, output="a..b"), "`agent.http.output`: `a..b` is no path. Write keys with `.`"),
        (Http(URL, output="$.a[*]"), "`agent.http.output`: `$.a[*]` is no path. Write keys"),
        (
            Http(URL, "GET", body=["{{input}}"]),
            "`agent.http.body`: expected a mapping, which a query is made of",
        ),
        (
            Http(URL, body="{{input}}", openai=True),
            "`agent.http.body`: expected a mapping, which a chat completion is made of",
        ),
        (
            Http(URL, body={"messages": []}, openai=True),
            "`agent.http.body.messages`: `messages` is not the rubric's to set: the conversation",
        ),
        (
            Http(URL, body={"stream": True}, openai=True),
            "`agent.http.body.stream`: `stream` is not the rubric's to set: the reply is read",
        ),
        (
            Http(URL, output="a", openai=True),
            "`agent.http.output`: stands beside `openai`, which knows where the answer is",
        ),
        (
            Http(URL, "PUT", openai=True),
            "`agent.http.method`: a chat completion is posted, and not sent by PUT",
        ),
        (
            Http("http://0.0.0.0:8000/chat"),
            "`agent.http.url`: nobody is asked at the address 0.0.0.0. For this machine write",
        ),
        (
            Http("http://169.254.169.254/latest"),
            "`agent.http.url`: nobody is asked at the address 169.254.169.254. Name a host.",
        ),
        (
            Http("http://[::ffff:169.254.169.254]/"),
            "`agent.http.url`: nobody is asked at the address ::ffff:",
        ),
        (
            Http("http://[fe80::1]/"),
            "`agent.http.url`: nobody is asked at the address fe80::1. Name",
        ),
        (
            Http("http://[fd00:ec2::254]/"),
            "`agent.http.url`: nobody is asked at the address fd00:ec2",
        ),
        (
            Http("http://168.63.129.16/"),
            "`agent.http.url`: nobody is asked at the address 168.63.129",
        ),
        (Http("http://2852039166/"), "`agent.http.url`: `2852039166` is no address. Write it in"),
        (Http("http://127.1/"), "`agent.http.url`: `127.1` is no address. Write it in full."),
    ],
)
def test_what_cannot_work_is_told_before_anything_is_sent(http: Http, what: str) -> None:
    """One mistake each, at the rubric's line, with its key and what to write instead."""
    [problem] = told(http, {"EMPTY": " ", "LINES": "a\nb"})
    assert problem.startswith(what)


def test_all_mistakes_are_told_at_once() -> None:
    """Whoever mends one learns of the others too."""
    http = Http("http://0.0.0.0/", body={"q": "{{x}}"}, headers={"A": "${B}"}, output="..")
    assert [problem.split("`")[1] for problem in told(http)] == [
        "agent.http.url",
        "agent.http.body.q",
        "agent.http.headers.A",
        "agent.http.output",
    ]


@pytest.mark.parametrize(
    ("url", "targets"),
    [
        (
            "http://localhost:8000/chat?v=1",
            (
                Target("http://localhost:8000/chat?v=1"),
                Target("http://172.17.0.1:8000/chat?v=1", "localhost:8000"),
            ),
        ),
        (
            "http://127.0.0.1/chat",
            (Target("http://127.0.0.1/chat"), Target("http://172.17.0.1:80/chat", "127.0.0.1")),
        ),
        (
            "https://[::1]:8443/",
            (
                Target("https://[::1]:8443/"),
                Target("https://172.17.0.1:8443/", "[::1]:8443", "::1"),
            ),
        ),
        (
            "https://localhost/",
            (
                Target("https://localhost/"),
                Target("https://172.17.0.1:443/", "localhost", "localhost"),
            ),
        ),
        (URL, (Target(URL),)),
        ("http://10.0.0.1/", (Target("http://10.0.0.1/"),)),
    ],
)
def test_localhost_is_the_runner_too(url: str, targets: tuple[Target, ...]) -> None:
    """In a container an address of this machine is tried here, then there under the same name."""
    assert asked(Http(url), runner="172.17.0.1").targets == targets
    assert asked(Http(url)).targets == targets[:1]


def test_a_message_names_an_address_by_its_origin() -> None:
    """What stands in path and query is nobody's business."""
    assert origin("https://agent.example:8000/chat?key=1") == "https://agent.example:8000"
