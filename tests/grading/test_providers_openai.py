import json
from typing import Any

import pytest

from rubric_action.errors import JudgeRefused
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
from rubric_action.grading.providers.openai import OpenAIChat

PROMPT = Prompt("system", "user", {"type": "object"})
USAGE = {"prompt_tokens": 7, "completion_tokens": 3}


def reply(message: dict[str, Any], **fields: Any) -> Answer:
    """What a reply with this message comes to."""
    choice = {"message": message, "finish_reason": "stop"} | fields
    body = {"choices": [choice], "usage": USAGE, "model": "m-2026"}
    return OpenAIChat().read(Response(200, {}, json.dumps(body).encode()))


def refused(status: int, error: object = None, **headers: str) -> Answer:
    """What an HTTP error comes to."""
    body = b"<html>" if error is None else json.dumps({"error": error}).encode()
    return OpenAIChat().read(Response(status, headers, body))


def test_the_request() -> None:
    """Model, messages, a strict schema and the temperature; nothing else, the messages last."""
    body = OpenAIChat().body("gpt-4o", 0.0, PROMPT)
    assert list(body)[-1] == "messages"
    assert body == {
        "model": "gpt-4o",
        "messages": [
            {"role": "system", "content": "system"},
            {"role": "user", "content": "user"},
        ],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "grades", "strict": True, "schema": {"type": "object"}},
        },
        "temperature": 0.0,
    }


@pytest.mark.parametrize(
    ("model", "temperature", "sent"),
    [
        ("gpt-4o-mini", 0.0, True),
        ("gpt-5-mini", 0.0, False),
        ("openai/gpt-5", 0.0, False),
        ("o3-mini", 0.0, False),
        ("gpt-5-chat-latest", 0.0, True),
        ("olmo-2", 0.0, True),
        ("gpt-5-mini", 0.7, True),
    ],
)
def test_reasoning_models_get_no_temperature_of_zero(
    model: str, temperature: float, sent: bool
) -> None:
    """They refuse the parameter; one that the rubric sets on purpose is sent all the same."""
    assert ("temperature" in OpenAIChat().body(model, temperature, PROMPT)) is sent


def test_the_key_goes_into_one_header() -> None:
    """A bearer token where there is a key, no header where there is none."""
    assert OpenAIChat().headers("k") == {"Authorization": "Bearer k"}
    assert OpenAIChat().headers(None) == {}
    assert OpenAIChat().path("https://api.openai.com/v1") == "/chat/completions"


def test_replies() -> None:
    """Content, refusal, filter and cut are told apart, each with what was billed."""
    usage = TokenUsage(7, 3)
    assert reply({"content": "{}"}) == Content("{}", usage, "m-2026")
    assert reply({"content": None}) == Content("", usage, "m-2026")
    assert reply({"content": ["{}"]}) == Content("", usage, "m-2026")
    assert reply({"content": "{}", "refusal": "No."}) == Refusal("No.", usage)
    assert reply({"content": "{}"}, finish_reason="length") == Cut(usage)
    filtered = reply({"content": "{}"}, finish_reason="content_filter")
    assert isinstance(filtered, Refusal)


@pytest.mark.parametrize(
    "usage",
    [
        None,
        {},
        {"prompt_tokens": 1},
        USAGE | {"prompt_tokens": -1},
        USAGE | {"prompt_tokens": True},
        USAGE | {"completion_tokens": 10**400},
    ],
)
def test_unknown_usage_is_unknown(usage: object) -> None:
    """Tokens that are missing or make no sense are not counted as 0."""
    body = {"choices": [{"message": {"content": "x"}}], "usage": usage}
    answer = OpenAIChat().read(Response(200, {}, json.dumps(body).encode()))
    assert answer == Content("x", None, "")


@pytest.mark.parametrize(
    ("details", "cached"),
    [({"cached_tokens": 5}, 5), ({"cached_tokens": 8}, 0), ({"cached_tokens": None}, 0), ([], 0)],
)
def test_tokens_from_the_prompt_cache(details: object, cached: int) -> None:
    """They are a part of the input; more of them than input make no sense."""
    usage = USAGE | {"prompt_tokens_details": details}
    body = {"choices": [{"message": {"content": "x"}}], "usage": usage}
    answer = OpenAIChat().read(Response(200, {}, json.dumps(body).encode()))
    assert answer == Content("x", TokenUsage(7, 3, cached), "")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b"{}",
        b'{"choices": []}',
        b'{"choices": [{}]}',
        b'{"choices": [{"message": "x"}]}',
        b'{"choices": "x"}',
        b'{"error": {"message": "busy"}}',
        b'{"error": "busy"}',
        b'\xff\xfe{"choices"',
        b"[" * 100_000,
    ],
)
def test_envelopes_that_are_broken(body: bytes) -> None:
    """A body that is no reply, whatever the status says, is a fault that may pass."""
    assert isinstance(OpenAIChat().read(Response(200, {}, body)), Fault)


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 520, 529])
def test_statuses_that_may_pass(status: int) -> None:
    """These are tried again; two of them mean that the judge throttles."""
    answer = refused(status, **{"retry-after": "3"})
    assert answer == Fault(f"HTTP {status}", 3.0, throttled=status in (429, 529))


@pytest.mark.parametrize(
    ("status", "error", "cause"),
    [
        (401, None, "does not accept the key"),
        (402, None, "asks to be paid"),
        (403, {"message": "no"}, "does not allow"),
        (404, None, "endpoint is not there"),
        (405, None, "endpoint is not there"),
        (404, {"code": "model_not_found"}, "does not know the model"),
        (429, {"code": "insufficient_quota"}, "quota is used up"),
        (429, {"type": "insufficient_quota", "code": None}, "quota is used up"),
        (200, {"code": "insufficient_quota"}, "quota is used up"),
        (400, {"code": "invalid_api_key"}, "does not accept the key"),
        (302, None, "redirects"),
        (308, None, "redirects"),
        (400, {"message": "Your credit balance is too low to go on."}, "quota is used up"),
    ],
)
def test_what_ends_everything(status: int, error: object, cause: str) -> None:
    """No further request is worth sending; the error says what to do."""
    answer = refused(status, error)
    assert isinstance(answer, Stop)
    assert isinstance(answer.error, JudgeRefused)
    assert cause in answer.error.cause
    assert answer.error.mend


@pytest.mark.parametrize("status", [400, 413, 422])
def test_what_concerns_one_request(status: int) -> None:
    """A request that is not taken says nothing of the others."""
    answer = refused(status, {"message": "too\nlong\x1b[31m" + "x" * 999})
    assert isinstance(answer, Unacceptable)
    assert "too long" in answer.detail
    assert "\x1b" not in answer.detail
    assert len(answer.detail) < 250


@pytest.mark.parametrize(
    "error",
    [
        {"code": "content_filter"},
        {"type": "content_policy_violation"},
        {"code": "400", "innererror": {"code": "ResponsibleAIPolicyViolation"}},
    ],
)
def test_a_filter_in_front_of_the_model_is_a_refusal(error: object) -> None:
    """A request that a content filter stops is refused, not faulty."""
    assert isinstance(refused(400, error), Refusal)


@pytest.mark.parametrize("code", ["rate_limit_exceeded", "overloaded_error"])
def test_a_code_throttles_too(code: str) -> None:
    """An endpoint that answers 200 whatever happens is told apart by the code."""
    answer = refused(200, {"code": code, "message": "slow down"})
    assert answer == Fault("HTTP 200: slow down", None, throttled=True)
