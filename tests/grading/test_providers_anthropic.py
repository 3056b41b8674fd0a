import json
from typing import Any

import pytest

from rubric_action.grading.answers import (
    Answer,
    Content,
    Cut,
    Fault,
    Refusal,
    Response,
    Stop,
    TokenUsage,
    Unacceptable,
)
from rubric_action.grading.prompt import Prompt
from rubric_action.grading.providers.anthropic import (
    BASE_TOKENS,
    GRADE_TOKENS,
    MOST_TOKENS,
    AnthropicMessages,
)
from rubric_action.grading.reply import reply_schema
from rubric_action.rubric.model import Axis

PROVIDER = AnthropicMessages()
SCHEMA = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
PROMPT = Prompt("system", "user", SCHEMA)
USAGE = {"input_tokens": 7, "output_tokens": 3}
CALL = {"type": "tool_use", "name": "grades", "input": {"a": 1}}
UNFORCED = frozenset({"tool_choice"})
ASKED = frozenset({"tool_choice", "json_output"})


def reply(*blocks: object, without: frozenset[str] = frozenset(), **fields: Any) -> Answer:
    """What a message with these blocks comes to."""
    body = {"type": "message", "content": blocks, "usage": USAGE, "model": "m-2026"}
    whole = body | {"stop_reason": "tool_use"} | fields
    return PROVIDER.read(Response(200, {}, json.dumps(whole).encode(), without=without))


def refused(status: int, kind: str, message: str = "no") -> Answer:
    """What an error object comes to."""
    body = {"type": "error", "error": {"type": kind, "message": message}}
    return PROVIDER.read(Response(status, {}, json.dumps(body).encode()))


def test_the_request() -> None:
    """One tool that has to be called, and the shared prefix marked; the messages last."""
    body = PROVIDER.body("claude-haiku-4-5", 0.0, PROMPT)
    assert list(body)[-1] == "messages"
    assert body == {
        "model": "claude-haiku-4-5",
        "max_tokens": BASE_TOKENS + GRADE_TOKENS,
        "tools": [{"name": "grades", "input_schema": SCHEMA}],
        "tool_choice": {"type": "tool", "name": "grades", "disable_parallel_tool_use": True},
        "system": [{"type": "text", "text": "system", "cache_control": {"type": "ephemeral"}}],
        "temperature": 0.0,
        "messages": [{"role": "user", "content": "user"}],
    }


def test_a_prompt_may_name_its_reply() -> None:
    """The tool is called what the prompt says."""
    body = PROVIDER.body("m", 0.0, Prompt("s", "u", SCHEMA, name="next_message"))
    assert body["tools"][0]["name"] == body["tool_choice"]["name"] == "next_message"


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("https://api.anthropic.com", "https://api.anthropic.com/v1/messages"),
        ("https://api.anthropic.com/v1", "https://api.anthropic.com/v1/messages"),
        ("https://gw.example/anthropic", "https://gw.example/anthropic/v1/messages"),
    ],
)
def test_the_path(base_url: str, url: str) -> None:
    """The version may stand in the base URL already, as other providers have it."""
    assert base_url + PROVIDER.path(base_url) == url


def test_the_headers() -> None:
    """The version always, the key where there is one."""
    assert PROVIDER.headers("k") == {"anthropic-version": "2023-06-01", "x-api-key": "k"}
    assert PROVIDER.headers(None) == {"anthropic-version": "2023-06-01"}


@pytest.mark.parametrize(
    ("model", "temperature", "sent"),
    [
        ("claude-haiku-4-5-20251001", 0.0, True),
        ("claude-opus-4-20250514", 0.0, True),
        ("claude-opus-4-6", 0.0, True),
        ("claude-3-5-sonnet-20241022", 0.0, True),
        ("claude-opus-4-7", 0.0, False),
        ("claude-opus-4-10", 0.0, False),
        ("claude-sonnet-5", 0.0, False),
        ("claude-sonnet-5-5", 0.0, False),
        ("anthropic/claude-fable-5-1", 0.0, False),
        ("claude-sonnet-5", 0.7, True),
        ("another", 0.0, True),
    ],
)
def test_models_of_one_temperature_get_none(model: str, temperature: float, sent: bool) -> None:
    """They refuse the parameter; one that the rubric sets on purpose is sent all the same."""
    assert ("temperature" in PROVIDER.body(model, temperature, PROMPT)) is sent


@pytest.mark.parametrize(
    ("axes", "turns", "tokens"), [(1, 1, 2048), (5, 1, 4096), (5, 6, 19_456), (9, 20, MOST_TOKENS)]
)
def test_room_for_every_grade(axes: int, turns: int, tokens: int) -> None:
    """The reply may be longer the more it has to hold, up to what a model can put out."""
    named = (f"a{number}" for number in range(axes))
    graded = [Axis(name, "?", per="turn" if turns > 1 else "conversation") for name in named]
    schema = reply_schema(graded, turns)
    assert PROVIDER.body("m", 0.0, Prompt("s", "u", schema))["max_tokens"] == tokens


def test_replies() -> None:
    """Only the one call's input counts; words, thoughts and further calls do not."""
    usage, grades = TokenUsage(7, 3), json.dumps({"a": 1})
    words = {"type": "text", "text": '{"a": 0}'}
    thought = {"type": "thinking", "thinking": "a is 0"}
    assert reply(CALL) == Content(grades, usage, "m-2026")
    assert reply(thought, words, CALL) == Content(grades, usage, "m-2026")
    assert reply(words, stop_reason="end_turn") == Content("", usage, "m-2026")
    assert reply(CALL, CALL) == Content("", usage, "m-2026")
    assert reply(thought, words, CALL, without=ASKED) == Content(grades, usage, "m-2026")
    assert reply("x", CALL, model=1) == Content(grades, usage, "")


def test_replies_whose_text_is_held() -> None:
    """Where the schema held the text, the text counts, and no call."""
    held = [{"type": "text", "text": '{"a":'}, {"type": "text", "text": " 1}"}]
    answer = reply({"type": "thinking"}, *held, CALL, {"type": "text"}, without=UNFORCED)
    assert answer == Content('{"a": 1}', TokenUsage(7, 3), "m-2026")


@pytest.mark.parametrize("reason", ["max_tokens", "model_context_window_exceeded"])
def test_cut_replies(reason: str) -> None:
    """A reply that reached a limit is cut, whatever it holds by then."""
    assert reply(CALL, stop_reason=reason) == Cut(TokenUsage(7, 3))


def test_refusals() -> None:
    """A refusal is told in the model's words, if it has any."""
    said = reply({"type": "text", "text": "I can't\nhelp."}, stop_reason="refusal")
    assert said == Refusal("I can't help.", TokenUsage(7, 3))
    assert reply(stop_reason="refusal") == Refusal(
        "the model refused to grade this", TokenUsage(7, 3)
    )


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        (USAGE, TokenUsage(7, 3)),
        (
            USAGE | {"cache_read_input_tokens": 20, "cache_creation_input_tokens": 100},
            TokenUsage(127, 3, 20, 100),
        ),
        (USAGE | {"cache_read_input_tokens": None}, TokenUsage(7, 3)),
        (USAGE | {"cache_read_input_tokens": -1}, None),
        (USAGE | {"cache_read_input_tokens": 10**400}, None),
        ({"input_tokens": 7}, None),
        ({"input_tokens": "7", "output_tokens": 3}, None),
        (None, None),
    ],
)
def test_what_was_billed(usage: object, tokens: TokenUsage | None) -> None:
    """Cached tokens come on top of `input_tokens`; nonsense is unknown and not 0."""
    answer = reply(CALL, usage=usage)
    assert isinstance(answer, Content)
    assert answer.usage == tokens


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"content": "x"}',
        b'{"type": "error", "error": {"type": "api_error"}}',
        b'{"type": "error"}',
        b"[" * 100_000,
    ],
)
def test_envelopes_that_are_broken(body: bytes) -> None:
    """A body that is no message, whatever the status says, is a fault that may pass."""
    assert isinstance(PROVIDER.read(Response(200, {}, body)), Fault)


@pytest.mark.parametrize(
    ("status", "kind", "throttled"),
    [
        (429, "rate_limit_error", True),
        (529, "overloaded_error", True),
        (200, "overloaded_error", True),
        (200, "rate_limit_error", True),
        (500, "api_error", False),
        (504, "timeout_error", False),
        (409, "conflict_error", False),
    ],
)
def test_errors_that_may_pass(status: int, kind: str, throttled: bool) -> None:
    """They are tried again, and some of them slow the pace."""
    assert refused(status, kind) == Fault(f"HTTP {status}: no", None, throttled=throttled)


@pytest.mark.parametrize(
    ("status", "kind", "message", "cause"),
    [
        (401, "authentication_error", "invalid x-api-key", "does not accept the key"),
        (200, "authentication_error", "invalid x-api-key", "does not accept the key"),
        (402, "billing_error", "pay", "asks to be paid"),
        (403, "permission_error", "no", "does not allow this key"),
        (404, "not_found_error", "model: claude-x", "knows no such model"),
        (400, "invalid_request_error", "Your credit balance is too low to access", "used up"),
        (400, "invalid_request_error", "You have reached your API usage limits.", "used up"),
    ],
)
def test_errors_that_end_everything(status: int, kind: str, message: str, cause: str) -> None:
    """No further request is worth sending; the error says what to do."""
    answer = refused(status, kind, message)
    assert isinstance(answer, Stop)
    assert cause in answer.error.cause
    assert message in answer.error.cause
    assert answer.error.mend


@pytest.mark.parametrize(
    ("status", "kind"), [(400, "invalid_request_error"), (413, "request_too_large")]
)
def test_errors_of_one_request(status: int, kind: str) -> None:
    """A request that is not taken says nothing of the others."""
    assert isinstance(refused(status, kind, "prompt is too long"), Unacceptable)
