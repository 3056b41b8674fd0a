"""The fake judge, asked through the client that the gate uses."""

import asyncio
import json
import math
from collections.abc import Mapping
from typing import Any

import aiohttp
import pytest

from tests.fakes.judge import JudgeServer

GRADE = {
    "type": "object",
    "properties": {"score": {"type": "number"}, "reason": {"type": "string"}},
}


def request(prompt: str = "grade this", *axes: str, schema: Mapping[str, Any] | None = None) -> Any:
    """A chat completion's body that asks for the axes in a structured reply."""
    wanted = schema or {"type": "object", "properties": dict.fromkeys(axes or ("tone",), GRADE)}
    return {
        "model": "judge-1",
        "messages": [
            {"role": "system", "content": "Be strict."},
            {"role": "user", "content": prompt},
        ],
        "response_format": {"type": "json_schema", "json_schema": {"schema": wanted}},
    }


async def post(server: JudgeServer, body: Any, path: str = "/chat/completions") -> Any:
    """The reply's JSON."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(server.base_url + path, json=body) as response,
    ):
        return await response.json()


def ask(server: JudgeServer, body: Any) -> Any:
    """The content of a chat completion, as JSON."""
    reply = asyncio.run(post(server, body))
    return json.loads(reply["choices"][0]["message"]["content"])


def test_every_axis_is_graded(judge_server: JudgeServer) -> None:
    """Each axis of the schema gets a score and a reason."""
    found = ask(judge_server, request("x", "tone", "policy"))
    assert [(axis, grade["score"]) for axis, grade in found.items()] == [
        ("tone", 1.0),
        ("policy", 1.0),
    ]
    assert all(grade["reason"] for grade in found.values())


def test_scores_are_scripted() -> None:
    """The score is a function of the whole prompt and the axis, with a reason if it likes."""

    def score(prompt: str, axis: str) -> tuple[float, str]:
        assert prompt.startswith("Be strict.")
        return (0.25 if "refund" in prompt else 0.75, f"about {axis}")

    with JudgeServer(score) as server:
        assert ask(server, request("refund?"))["tone"] == {"score": 0.25, "reason": "about tone"}
        assert ask(server, request("hello"))["tone"]["score"] == 0.75


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (
            {"type": "object", "properties": {"tone": {"type": "number"}}},
            {"tone": "tone"},
        ),
        (
            {
                "type": "object",
                "properties": {"tone": {"type": "object", "properties": {"turn_1": GRADE}}},
            },
            {"tone": {"turn_1": {"score": "tone.turn_1", "reason": "because"}}},
        ),
        (
            {
                "$defs": {"grade": GRADE},
                "type": "object",
                "properties": {
                    "tone": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/grade"}]},
                    "verdict": {"enum": ["yes", "no"]},
                    "kind": {"const": "grades"},
                    "notes": {
                        "type": "array",
                        "items": {"type": ["null", "string"]},
                        "minItems": 2,
                    },
                },
            },
            {
                "tone": {"score": "tone", "reason": "because"},
                "verdict": "yes",
                "kind": "grades",
                "notes": ["because", "because"],
            },
        ),
    ],
)
def test_schemas_of_any_shape(schema: Mapping[str, Any], expected: object) -> None:
    """Unions, references, enums, lists and nesting are filled in; nesting names the axis."""
    numbers = {"tone": 0.5, "tone.turn_1": 0.25}

    def named(value: object) -> object:
        if isinstance(value, dict):
            return {key: named(inner) for key, inner in value.items()}
        names = {number: name for name, number in numbers.items()}
        return names[value] if isinstance(value, float) else value

    with JudgeServer(lambda _prompt, axis: (numbers.get(axis, 1), "because")) as server:
        assert named(ask(server, request(schema=schema))) == expected


@pytest.mark.parametrize(("score", "done"), [(1.0, True), (0.5, True), (0.4, False)])
def test_flags_are_graded_too(score: float, done: bool) -> None:
    """A boolean is true from a score of one half; a text beside it has a score of its own."""
    kinds = {"message": {"type": "string"}, "done": {"type": "boolean"}}
    schema = {"type": "object", "properties": kinds}
    with JudgeServer(lambda _prompt, axis: (score, f"about {axis}")) as server:
        found = ask(server, request(schema=schema))
    assert found == {"message": "about message", "done": done}


def test_one_grade_an_axis() -> None:
    """A score that differs from call to call is asked for once an axis and request."""
    scores = iter([0.1, 0.2])
    with JudgeServer(lambda _prompt, _axis: next(scores)) as server:
        found = ask(server, request("x", "tone", "policy"))
    assert [grade["score"] for grade in found.values()] == [0.1, 0.2]


def test_reply_is_a_chat_completion(judge_server: JudgeServer) -> None:
    """The envelope says the model, how the reply ended and what it cost."""
    reply = asyncio.run(post(judge_server, request("x" * 400)))
    assert (reply["object"], reply["model"]) == ("chat.completion", "judge-1")
    assert reply["choices"][0]["finish_reason"] == "stop"
    assert reply["usage"]["prompt_tokens"] > 100
    assert reply["usage"]["completion_tokens"] > 1


def test_requests_are_recorded(judge_server: JudgeServer) -> None:
    """A test can read what was asked, with which key, and when."""
    headers = {"Authorization": "Bearer sk-1"}

    async def twice() -> None:
        async with aiohttp.ClientSession(headers=headers) as session:
            for number in range(2):
                url = judge_server.base_url + "/chat/completions"
                async with session.post(url, json=request(f"case {number}")):
                    pass

    asyncio.run(twice())
    first, second = judge_server.requests
    assert (first.method, first.path, first.key) == ("POST", "/v1/chat/completions", "sk-1")
    assert (first.model, first.prompt) == ("judge-1", "Be strict.\ncase 0")
    assert first.schema == {"type": "object", "properties": {"tone": GRADE}}
    assert second.at > first.at


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/v1/chat/completions", {"Authorization": "Bearer sk-1"}),
        ("/inference/chat/completions", {"Authorization": "Bearer sk-1"}),
        ("/openai/v1/chat/completions", {"api-key": "sk-1"}),
        ("/v1/messages", {"x-api-key": "sk-1"}),
    ],
)
def test_key_is_checked(path: str, headers: dict[str, str]) -> None:
    """With a key set, requests without it are refused; each vendor has its own header for it."""
    body = request() | {"max_tokens": 9, "messages": [{"role": "user", "content": "x"}]}
    others = [{"Authorization": "Bearer sk-1"}, {"api-key": "sk-1"}, {"x-api-key": "sk-1"}]

    async def statuses(server: JudgeServer) -> list[int]:
        found = []
        version = {"anthropic-version": "2023-06-01"}
        async with aiohttp.ClientSession(headers=version) as session:
            wrong = [other for other in others if other != headers]
            for sent in ({}, *wrong, headers):
                url = server.origin + path
                async with session.post(url, json=body, headers=sent) as response:
                    found.append(response.status)
        return found

    with JudgeServer(key="sk-1") as server:
        assert asyncio.run(statuses(server)) == [401, 401, 401, 200]


def test_requests_in_flight_are_counted() -> None:
    """The most requests that were open at once is known."""

    async def many(server: JudgeServer) -> None:
        async with aiohttp.ClientSession() as session:
            url = server.base_url + "/chat/completions"

            async def one() -> None:
                async with session.post(url, json=request()) as response:
                    await response.read()

            await asyncio.gather(*(one() for _ in range(8)))

    with JudgeServer(latency=0.1) as server:
        asyncio.run(many(server))
        assert (server.max_in_flight, server.in_flight, len(server.requests)) == (8, 0, 8)


def test_unknown_path(judge_server: JudgeServer) -> None:
    """A path that no provider has is not found."""
    reply = asyncio.run(post(judge_server, {}, "/completions/chat"))
    assert reply["error"]["message"] == "Not found"


def test_embeddings(judge_server: JudgeServer) -> None:
    """Vectors have length one, and texts that share words lie closer than those that don't."""
    texts = ["refund within thirty days", "refund within ten days", "blue whales sing"]
    reply = asyncio.run(post(judge_server, {"model": "e", "input": texts}, "/embeddings"))
    vectors: list[list[float]] = [entry["embedding"] for entry in reply["data"]]
    one, near, far = vectors

    def cosine(other: list[float]) -> float:
        return math.fsum(a * b for a, b in zip(one, other, strict=True))

    assert math.isclose(cosine(one), 1.0)
    assert cosine(near) > 0.5 > cosine(far)
