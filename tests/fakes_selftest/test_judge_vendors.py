"""The fake judge as each vendor's endpoint: requests, replies, errors, and the prompt cache."""

import asyncio
from typing import Any

import aiohttp
import pytest

from tests.fakes.judge import JudgeServer, faults, features
from tests.fakes.judge.faults import Fault
from tests.fakes_selftest.test_judge import GRADE, request

CLOSED = {"additionalProperties": False, "required": ["tone"]}
SCHEMA = {"type": "object", "properties": {"tone": GRADE}}
TOOL = {"name": "grade", "input_schema": SCHEMA}
FORCED = {"type": "tool", "name": "grade"}
MESSAGE = {
    "model": "m",
    "max_tokens": 100,
    "system": "Be strict.",
    "messages": [{"role": "user", "content": [{"type": "text", "text": "grade"}]}],
    "tools": [TOOL],
    "tool_choice": FORCED,
}
PATHS = {
    "openai": "/v1/chat/completions",
    "azure": "/openai/v1/chat/completions",
    "github": "/inference/chat/completions",
    "anthropic": "/v1/messages",
}


def post(server: JudgeServer, path: str, body: Any) -> tuple[int, Any]:
    """Status and JSON of the answer."""

    async def once() -> tuple[int, Any]:
        headers = {"anthropic-version": "2023-06-01"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.post(server.origin + path, json=body) as response,
        ):
            return response.status, await response.json()

    return asyncio.run(once())


def body_for(vendor: str) -> Any:
    """A proper request to a vendor."""
    return MESSAGE if vendor == "anthropic" else request()


def test_a_forced_call(judge_server: JudgeServer) -> None:
    """A tool that has to be called is called, without a thought before it."""
    status, reply = post(judge_server, "/v1/messages", MESSAGE)
    (block,) = reply["content"]
    assert (status, block["type"], block["name"]) == (200, "tool_use", "grade")
    assert block["input"]["tone"]["score"] == 1.0
    assert reply["stop_reason"] == "tool_use"
    assert judge_server.requests[0].prompt == "Be strict.\ngrade"


def test_a_call_that_is_not_forced(judge_server: JudgeServer) -> None:
    """A model that may choose thinks first."""
    _, reply = post(judge_server, "/v1/messages", MESSAGE | {"tool_choice": {"type": "auto"}})
    assert [block["type"] for block in reply["content"]] == ["thinking", "tool_use"]


def test_text_that_a_schema_holds(judge_server: JudgeServer) -> None:
    """An output format brings JSON as text."""
    schema = SCHEMA | CLOSED | {"properties": {"tone": {"type": "number"}}}
    form = {"output_config": {"format": {"type": "json_schema", "schema": schema}}}
    body = {key: value for key, value in MESSAGE.items() if not key.startswith("tool")} | form
    _, reply = post(judge_server, "/v1/messages", body)
    assert reply["content"][-1] == {"type": "text", "text": '{"tone": 1.0}'}
    assert reply["stop_reason"] == "end_turn"


def test_a_schema_in_words(judge_server: JudgeServer) -> None:
    """A schema that only the prompt holds is followed too."""
    told = 'Reply so. JSON Schema:\n{"type":"object","properties":{"tone":{"type":"number"}}}'
    body = {"model": "m", "messages": [{"role": "user", "content": told}]}
    _, reply = post(judge_server, PATHS["openai"], body)
    assert reply["choices"][0]["message"]["content"] == '{"tone": 1.0}'


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/messages", {k: v for k, v in MESSAGE.items() if k != "max_tokens"}, 400),
        ("/v1/messages", MESSAGE | {"messages": [{"role": "system", "content": "x"}]}, 400),
        ("/openai/deployments/judge/chat/completions", request(), 404),
        ("/openai/deployments/judge/chat/completions?api-version=2024-10-21", request(), 200),
        (PATHS["openai"], request() | {"response_format": {"type": "json_object"}}, 400),
    ],
)
def test_manners(judge_server: JudgeServer, path: str, body: Any, status: int) -> None:
    """What a vendor insists on has to be there."""
    assert post(judge_server, path, body)[0] == status


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        (SCHEMA, "additionalProperties"),
        (SCHEMA | CLOSED | {"required": []}, "'required'"),
        (SCHEMA | CLOSED, "additionalProperties"),
        ({"type": "number", "minimum": 0}, "'minimum' is not permitted"),
    ],
)
def test_a_strict_schema_is_strict(judge_server: JudgeServer, schema: Any, told: str) -> None:
    """Open objects, optional keys and bounds are refused."""
    strict = {"name": "grades", "strict": True, "schema": schema}
    form = {"response_format": {"type": "json_schema", "json_schema": strict}}
    status, reply = post(judge_server, PATHS["openai"], request() | form)
    assert status == 400
    assert told in reply["error"]["message"]


@pytest.mark.parametrize(
    ("vendor", "kind"),
    [
        ("openai", "invalid_api_key"),
        ("azure", "invalid_api_key"),
        ("github", "invalid_api_key"),
        ("anthropic", None),
    ],
)
def test_errors_are_worded_by_the_vendor(
    judge_server: JudgeServer, vendor: str, kind: str | None
) -> None:
    """All have an error object; Anthropic's type goes by the status, and it has no code."""
    judge_server.queue(faults.unauthorized())
    status, reply = post(judge_server, PATHS[vendor], body_for(vendor))
    assert status == 401
    assert reply["error"].get("code") == kind
    if vendor == "anthropic":
        assert reply["error"]["type"] == "authentication_error"


def test_a_filtered_prompt_at_azure(judge_server: JudgeServer) -> None:
    """The filter's own code stands inside of the error."""
    judge_server.queue(faults.prompt_filtered())
    status, reply = post(judge_server, PATHS["azure"], request())
    assert (status, reply["error"]["code"]) == (400, "content_filter")
    assert reply["error"]["innererror"]["code"] == "ResponsibleAIPolicyViolation"


@pytest.mark.parametrize(
    ("fault", "stop_reason", "blocks"),
    [
        (faults.refusal("No."), "refusal", ["text"]),
        (faults.cut_by_length(), "max_tokens", ["tool_use"]),
        (faults.content("Sure!"), "end_turn", ["text"]),
        (faults.missing_axis("tone"), "tool_use", ["tool_use"]),
    ],
)
def test_faults_of_a_message(
    judge_server: JudgeServer, fault: Fault, stop_reason: str, blocks: list[str]
) -> None:
    """What goes wrong with a reply goes wrong in Anthropic's envelope too."""
    judge_server.queue(fault)
    _, reply = post(judge_server, "/v1/messages", MESSAGE)
    assert reply["stop_reason"] == stop_reason
    assert [block["type"] for block in reply["content"]] == blocks


@pytest.mark.parametrize(
    ("feature", "vendor", "fault", "status"),
    [
        ("json_schema", "openai", features.NO_SCHEMA["FastAPI"], 422),
        ("json_schema", "openai", features.NO_SCHEMA["llama.cpp"], 500),
        ("tool_choice", "anthropic", features.NO_FORCED_CALL["5.5"], 400),
        ("temperature", "openai", features.NO_TEMPERATURE["value"], 200),
        ("json_object", "openai", features.NO_OBJECT["OpenAI"], 200),
        ("json_output", "anthropic", features.NO_OUTPUT_FORMAT, 200),
    ],
)
def test_features_that_it_lacks(feature: str, vendor: str, fault: Fault, status: int) -> None:
    """A request that asks for one is refused, and no other."""
    with JudgeServer() as server:
        server.lacks[feature] = fault
        assert post(server, PATHS[vendor], body_for(vendor))[0] == status


def test_the_prompt_cache_of_openai(judge_server: JudgeServer) -> None:
    """A long first message costs less the second time, and the usage says how much of it."""
    body = request()
    body["messages"][0]["content"] = "Be strict. " * 500
    cached = [
        post(judge_server, PATHS["openai"], body)[1]["usage"]["prompt_tokens_details"]
        for _ in range(2)
    ]
    assert [one["cached_tokens"] for one in cached] == [0, 1376]


def test_the_prompt_cache_of_anthropic(judge_server: JudgeServer) -> None:
    """Only what is marked is kept, and what is read or written stands beside the input."""
    system = [{"type": "text", "text": "Be strict. " * 500}]
    unmarked = MESSAGE | {"system": system}
    marked = MESSAGE | {"system": [system[0] | {"cache_control": {"type": "ephemeral"}}]}
    usages = [
        post(judge_server, "/v1/messages", body)[1]["usage"] for body in (unmarked, marked, marked)
    ]
    written = [one["cache_creation_input_tokens"] for one in usages]
    read = [one["cache_read_input_tokens"] for one in usages]
    assert written[0] == written[2] == read[0] == read[1] == 0
    assert written[1] == read[2] > 1000
    assert usages[2]["input_tokens"] < usages[0]["input_tokens"]
