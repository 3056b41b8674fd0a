import json
from typing import Any

import pytest

from rubric_action.agent.http_model import Fault, Reply, Unanswered
from rubric_action.agent.http_openai import completion_in
from rubric_action.agent.http_reply import (
    MOST_QUOTED,
    check_status,
    fault_of,
    first_words,
    session_in,
    steps_of,
    turn_in,
)
from rubric_action.agent.model import AgentTurn, ToolCall, Usage
from rubric_action.cases.model import Case, ContextItem, UserTurn

CASE = Case("c0", (UserTurn("one"),))
CALL = {"name": "search", "arguments": {"q": "x"}}
OPENAI_CALL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}


def raw(value: Any) -> bytes:
    """A body of JSON."""
    return json.dumps(value).encode()


def turn(reply: Any, path: str = "answer") -> AgentTurn:
    """The turn of a reply whose answer stands at a path."""
    steps = steps_of(path)
    assert steps is not None
    return turn_in(reply if isinstance(reply, bytes) else raw(reply), path, steps)


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("answer", ("answer",)),
        ("data.answers[0].text", ("data", "answers", 0, "text")),
        ("[0]", (0,)),
        ("[2].a", (2, "a")),
        ("a[0][1]", ("a", 0, 1)),
        ("0", ("0",)),
        ("réponse.x-y_z", ("réponse", "x-y_z")),
        ("", None),
        (".", None),
        ("a.", None),
        (".a", None),
        ("a..b", None),
        ("a[", None),
        ("a[-1]", None),
        ("a[x]", None),
        ("a b", None),
        ("a[0]b", None),
        ("a.[0]", None),
    ],
)
def test_a_path_is_keys_and_numbers(path: str, steps: tuple[str | int, ...] | None) -> None:
    """Points lead into objects, `[n]` into lists; anything else is no path."""
    assert steps_of(path) == steps


@pytest.mark.parametrize(
    ("reply", "path", "answer"),
    [
        ({"answer": "hi"}, "answer", "hi"),
        ({"answer": ""}, "answer", ""),
        ({"data": [{"text": "hi"}]}, "data[0].text", "hi"),
        ([{"text": "hi"}], "[0].text", "hi"),
        ({"answer": {"refund": True, "é": [1]}}, "answer", '{"refund": true, "é": [1]}'),
        ({"answer": 4}, "answer", "4"),
        ({"answer": False}, "answer", "false"),
        (b'\xef\xbb\xbf{"answer": "hi"}', "answer", "hi"),
        (b' \n[["hi"]]\n', "[0][0]", "hi"),
    ],
)
def test_the_answer_is_found_by_its_path(reply: Any, path: str, answer: str) -> None:
    """A text as it is, anything else as JSON."""
    assert turn(reply, path) == AgentTurn(answer)


@pytest.mark.parametrize(
    ("reply", "path", "why"),
    [
        ({"text": "hi"}, "answer", 'the reply has nothing at `answer`; it begins `{"text": "hi"}`'),
        ({"answer": None}, "answer", "the reply has null at `answer`; it begins"),
        ({"a": []}, "a[0]", "the reply has nothing at `a[0]`"),
        ({"a": {"0": "x"}}, "a[0]", "the reply has nothing at `a[0]`"),
        ({"a": ["x"]}, "a.0", "the reply has nothing at `a.0`"),
        ({"a": "text"}, "a.length", "the reply has nothing at `a.length`"),
        (b"<html>Sign in</html>", "answer", "the reply is not JSON: Expecting value; it begins `<"),
        (b"", "answer", "the reply is not JSON: Expecting value; it begins with nothing"),
        (b'"hi"', "answer", "the reply holds a string, not an object; it begins"),
        (b"[1], 2", "[0]", "the reply is not JSON"),
        (b'["hi"], "x": ["y"]', "[0]", "the reply is not JSON; it begins"),
        (b'["hi"], "": ["y"]', "[0]", "the key"),
        (b'{"answer": NaN}', "answer", "NaN is not a JSON number"),
        (b'{"answer": "\xff"}', "answer", "byte 13 of the reply is not UTF-8"),
        (b'{"answer": "\\ud800"}', "answer", "a \\u escape is half of a surrogate pair"),
        (b'{"a":' * 99 + b"1" + b"}" * 99, "a", "the reply nests deeper than 64 levels"),
        ({"answer": "hi", "tool_calls": "search"}, "answer", "the reply's `tool_calls` are not"),
        ({"answer": "hi", "tool_calls": [CALL, {}]}, "answer", "the reply's `tool_calls` are not"),
        ({"answer": "hi", "tool_calls": [7]}, "answer", "the reply's `tool_calls` are not a list"),
    ],
)
def test_a_reply_without_an_answer_says_why(reply: Any, path: str, why: str) -> None:
    """What is not there, and how the reply begins."""
    with pytest.raises(Unanswered) as caught:
        turn(reply, path)
    assert str(caught.value).startswith(why)


def test_what_stands_beside_the_answer_is_kept() -> None:
    """Context, tool calls, usage and cost in a session's own form."""
    reply = {
        "answer": "hi",
        "context": ["plain", {"text": "t", "source": "s", "updated_at": "2026-01-01"}],
        "tool_calls": [CALL],
        "usage": {"model": "m", "input_tokens": 3, "output_tokens": 4},
        "cost_usd": 0.5,
        "latency_s": 99,
    }
    assert turn(reply) == AgentTurn(
        "hi",
        context=(ContextItem("plain"), ContextItem("t", "s", "2026-01-01")),
        tool_calls=(ToolCall("search", {"q": "x"}),),
        usage=Usage("m", 3, 4),
        cost_usd=0.5,
    )


@pytest.mark.parametrize(
    "beside",
    [
        {"context": "a session's own"},
        {"context": None},
        {"context": [{"page": 1}]},
        {"usage": {"total_tokens": 5}},
        {"usage": {"model": " ", "input_tokens": 1, "output_tokens": 1}},
        {"usage": {"model": "m", "input_tokens": -1, "output_tokens": 1}},
        {"usage": {"model": "m", "input_tokens": True, "output_tokens": 1}},
        {"usage": {"model": "m", "input_tokens": 1.5, "output_tokens": 1}},
        {"usage": 3},
        {"cost_usd": "0.5"},
        {"cost_usd": -1},
        {"cost_usd": True},
        {"tool_calls": None},
        {"tool_calls": []},
    ],
)
def test_what_has_another_form_is_unknown(beside: dict[str, Any]) -> None:
    """A field of the API's own, by the same name, is neither an error nor a zero."""
    assert turn({"answer": "hi", **beside}) == AgentTurn("hi")


def test_a_session_is_taken_whole() -> None:
    """Case and trial are known already; what the reply says of them has to be right."""
    reply: dict[str, Any] = {"turns": [{"output": "hi", "latency_s": 2}]}
    for told in ({}, {"case": "c0"}, {"case": "c0", "trial": 2}):
        line = session_in(raw(reply | told), CASE, 2)
        assert (line.case, line.trial, line.turns) == ("c0", 2, (AgentTurn("hi", 2.0),))


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (
            {"output": "hi", "case": "c1"},
            "the reply is for case `c1`, trial 2; trial 2 of `c0` was",
        ),
        ({"output": "hi", "trial": 1}, "the reply is for case `c0`, trial 1; trial 2 of `c0` was"),
        ({}, "the reply: the session holds no answer. Write `output`"),
        ([], "the reply holds a list, not an object"),
        ({"output": 4}, "the reply: `output`: expected a text, found the number `4`"),
    ],
)
def test_a_session_that_is_none_says_why(reply: Any, why: str) -> None:
    """Its mistakes are told as those of a line in a file."""
    with pytest.raises(Unanswered) as caught:
        session_in(raw(reply), CASE, 2)
    assert str(caught.value).startswith(why)


def test_a_reply_that_is_no_session_leads_to_the_key() -> None:
    """Most APIs answer with something else, and the rubric can say where the answer is."""
    with pytest.raises(Unanswered) as caught:
        session_in(raw({f"x{n}": n for n in range(9)}), CASE, 1)
    assert str(caught.value).endswith("`agent.http.output` names the answer in it.")
    assert len(str(caught.value)) < 800


def completion(**message: Any) -> dict[str, Any]:
    """A chat completion with this message."""
    return {"choices": [{"message": {"role": "assistant", **message}}]}


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        (completion(content="hi"), AgentTurn("hi")),
        (completion(content=""), AgentTurn("")),
        (completion(content=[{"type": "text", "text": "a"}, {"text": "b"}, 7]), AgentTurn("ab")),
        (completion(content=None, refusal="I can't."), AgentTurn("I can't.")),
        (
            completion(content=None, tool_calls=[OPENAI_CALL]),
            AgentTurn("", tool_calls=(ToolCall("f", {"a": 1}),)),
        ),
        (
            completion(content="hi", tool_calls=[{"function": {"name": "f", "arguments": ""}}]),
            AgentTurn("hi", tool_calls=(ToolCall("f", {}),)),
        ),
        (
            completion(content="hi", tool_calls=[{"function": {"name": "f", "arguments": "{no"}}]),
            AgentTurn("hi", tool_calls=(ToolCall("f", {"": "{no"}),)),
        ),
        (
            completion(content="hi", tool_calls=[{"function": {"name": "f", "arguments": [1]}}]),
            AgentTurn("hi", tool_calls=(ToolCall("f", {"": [1]}),)),
        ),
        (
            {
                **completion(content="hi"),
                "model": "m-1",
                "usage": {"prompt_tokens": 5, "completion_tokens": 6},
            },
            AgentTurn("hi", usage=Usage("m-1", 5, 6)),
        ),
        (
            {**completion(content="hi"), "usage": {"prompt_tokens": 5, "completion_tokens": 6}},
            AgentTurn("hi", usage=Usage("asked", 5, 6)),
        ),
        ({**completion(content="hi"), "usage": None}, AgentTurn("hi")),
    ],
)
def test_a_chat_completion_is_read(reply: Any, answer: AgentTurn) -> None:
    """Content, or a refusal, or calls of tools; usage by the reply's model or the one asked for."""
    assert completion_in(raw(reply), "asked") == answer


def test_without_any_model_the_usage_is_unknown() -> None:
    """Tokens of nobody knows what have no price."""
    reply = {**completion(content="hi"), "usage": {"prompt_tokens": 5, "completion_tokens": 6}}
    assert completion_in(raw(reply), None) == AgentTurn("hi")


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ({"error": {"message": "no"}}, "the reply is no chat completion; it begins `{"),
        ({"choices": []}, "the reply is no chat completion"),
        ({"choices": [7]}, "the reply is no chat completion"),
        ({"choices": [{"message": "hi"}]}, "the reply is no chat completion"),
        (completion(content=None), "the completion holds no content"),
        (completion(content=7, refusal=None), "the completion holds no content"),
        (completion(tool_calls="f"), "the reply's `tool_calls` are not a list"),
    ],
)
def test_a_completion_without_an_answer_says_why(reply: Any, why: str) -> None:
    """An error object with status 200 is no answer."""
    with pytest.raises(Unanswered) as caught:
        completion_in(raw(reply), None)
    assert str(caught.value).startswith(why)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 529])
def test_some_statuses_speak_of_the_moment(status: int) -> None:
    """They may pass, so that they are no answer."""
    fault = fault_of(Reply(status, {"retry-after": "2"}, b"busy"))
    throttled = status in (429, 503, 529)
    assert fault == Fault(f"the agent answered {status}: `busy`", 2.0, throttled=throttled)


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (
            Reply(400, {}, b'{"error": "no\nsuch `x`"}'),
            'the agent answered 400: `{"error": "no such',
        ),
        (Reply(404, {}, b""), "the agent answered 404"),
        (Reply(301, {"location": "http://x"}, b""), "the agent answered 301: redirects are not"),
        (Reply(199, {}, b""), "the agent answered 199"),
    ],
)
def test_other_statuses_are_answers_of_no_use(reply: Reply, why: str) -> None:
    """They are told with the first words of the body, and are not asked for again."""
    assert fault_of(reply) is None
    with pytest.raises(Unanswered) as caught:
        check_status(reply)
    assert str(caught.value).startswith(why)


@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_good_status_is_no_cause(status: int) -> None:
    """What the body holds is looked at next."""
    assert fault_of(Reply(status, {}, b"")) is None
    check_status(Reply(status, {}, b""))


def test_first_words_do_nothing_to_their_reader() -> None:
    """One short line: no control character, no escape sequence, no backtick, no line break."""
    words = first_words(b"\x1b[31m::error::`x`\r\n\xe2\x80\xae" + b"long " * 999)
    assert words.startswith("`\\x1b[31m::error::'x' \\u202elong long")
    assert words.isprintable()
    assert len(words) < MOST_QUOTED + 30
    assert first_words(b" \n ") == "with nothing"
