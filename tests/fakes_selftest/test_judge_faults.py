"""Every fault of the fake judge, as the client that the gate uses sees it."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from tests.fakes.judge import JudgeServer, faults
from tests.fakes.judge.faults import Fault
from tests.fakes_selftest.test_judge import request

Read = Callable[[aiohttp.ClientResponse], Awaitable[Any]]


async def _status(response: aiohttp.ClientResponse) -> int:
    return response.status


async def _json(response: aiohttp.ClientResponse) -> Any:
    return await response.json()


def ask(server: JudgeServer, read: Read = _json, prompt: str = "x", **how: Any) -> Any:
    """Ask for the axes tone and policy, and read the response."""

    async def once() -> Any:
        url = server.base_url + "/chat/completions"
        body = request(prompt, "tone", "policy")
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, json=body, **how) as response,
        ):
            return await read(response)

    return asyncio.run(once())


def choice(server: JudgeServer) -> Any:
    """The first choice of a completion."""
    return ask(server)["choices"][0]


def content(server: JudgeServer) -> Any:
    """What the judge said, as JSON."""
    return json.loads(choice(server)["message"]["content"])


def test_faults_are_met_in_order(judge_server: JudgeServer) -> None:
    """Queued faults meet one request each, and then the judge is well."""
    judge_server.queue(faults.status(500), faults.status(503))
    assert [ask(judge_server, _status) for _ in range(3)] == [500, 503, 200]


def test_faults_about_a_prompt(judge_server: JudgeServer) -> None:
    """A fault can be kept for some prompts."""
    judge_server.when(lambda prompt: "refund" in prompt, faults.status(529))
    prompts = ("hello", "refund", "refund", "hello")
    assert [ask(judge_server, _status, prompt) for prompt in prompts] == [200, 529, 529, 200]


def test_fault_for_ever(judge_server: JudgeServer) -> None:
    """A judge can be down for good."""
    judge_server.always(faults.status(502))
    assert {ask(judge_server, _status) for _ in range(4)} == {502}


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (faults.status(408), 408, "server_error"),
        (faults.status(409), 409, "server_error"),
        (faults.status(429, kind="rate_limit_exceeded"), 429, "rate_limit_exceeded"),
        (faults.unauthorized(), 401, "invalid_api_key"),
        (faults.insufficient_quota(), 429, "insufficient_quota"),
        (faults.unknown_model(), 404, "model_not_found"),
        (faults.error_object(), 200, "server_error"),
    ],
)
def test_errors(judge_server: JudgeServer, fault: Fault, status: int, code: str) -> None:
    """An error has its status and an object that says which it is."""
    judge_server.queue(fault, fault)
    assert ask(judge_server, _status) == status
    assert ask(judge_server)["error"]["code"] == code


@pytest.mark.parametrize("value", ["2", "-1", "nan", "1e99", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_retry_headers_are_sent_as_given(judge_server: JudgeServer, value: str) -> None:
    """Retry headers carry any text, sense or nonsense."""

    async def headers(response: aiohttp.ClientResponse) -> tuple[str, str]:
        return response.headers["Retry-After"], response.headers["retry-after-ms"]

    judge_server.queue(faults.status(429, retry_after=value, retry_after_ms="1500"))
    assert ask(judge_server, headers) == (value, "1500")


def test_html(judge_server: JudgeServer) -> None:
    """A page can come in place of a reply."""
    judge_server.queue(faults.html())
    with pytest.raises(aiohttp.ContentTypeError):
        ask(judge_server)


def test_reset(judge_server: JudgeServer) -> None:
    """The connection can end before a byte is answered."""
    judge_server.queue(faults.reset())
    with pytest.raises(aiohttp.ClientConnectionError):
        ask(judge_server)
    assert len(judge_server.requests) == 1


def test_truncated(judge_server: JudgeServer) -> None:
    """The connection can end in the middle of the body."""
    judge_server.queue(faults.truncated())
    with pytest.raises(aiohttp.ClientPayloadError):
        ask(judge_server)


def test_not_json(judge_server: JudgeServer) -> None:
    """The content can be any text."""
    judge_server.queue(faults.content("Sure! I'd say 0.9."))
    assert choice(judge_server)["message"]["content"] == "Sure! I'd say 0.9."


def test_missing_axis(judge_server: JudgeServer) -> None:
    """An axis can be left out."""
    judge_server.queue(faults.missing_axis("policy"))
    assert list(content(judge_server)) == ["tone"]


@pytest.mark.parametrize("score", [1.5, -0.1, "0.9", None, True])
def test_wrong_score(judge_server: JudgeServer, score: object) -> None:
    """A score can be out of range or no number."""
    judge_server.queue(faults.wrong_score("tone", score))
    found = content(judge_server)
    assert (found["tone"]["score"], found["policy"]["score"]) == (score, 1.0)


def test_cut_by_length(judge_server: JudgeServer) -> None:
    """A reply that was cut says so and is no whole JSON."""
    judge_server.queue(faults.cut_by_length())
    found = choice(judge_server)
    assert found["finish_reason"] == "length"
    with pytest.raises(json.JSONDecodeError):
        json.loads(found["message"]["content"])


def test_content_filter(judge_server: JudgeServer) -> None:
    """A withheld reply has no content."""
    judge_server.queue(faults.content_filter())
    found = choice(judge_server)
    assert (found["finish_reason"], found["message"]["content"]) == ("content_filter", None)


def test_refusal(judge_server: JudgeServer) -> None:
    """A refusal stands in its own field."""
    judge_server.queue(faults.refusal("No."))
    message = choice(judge_server)["message"]
    assert (message["refusal"], message["content"]) == ("No.", None)


def test_drip(judge_server: JudgeServer) -> None:
    """A reply can come byte by byte, slower than any deadline."""
    judge_server.queue(faults.drip(0.05))
    start = time.monotonic()
    with pytest.raises(TimeoutError):
        ask(judge_server, timeout=aiohttp.ClientTimeout(total=0.3))
    assert time.monotonic() - start < 2


def test_drip_is_the_right_answer(judge_server: JudgeServer) -> None:
    """What drips is whole in the end."""
    judge_server.queue(faults.drip(0))
    assert content(judge_server)["tone"]["score"] == 1.0


def test_delay(judge_server: JudgeServer) -> None:
    """A reply can be late."""
    judge_server.queue(faults.delay(0.2))
    start = time.monotonic()
    assert content(judge_server)["tone"]["score"] == 1.0
    assert time.monotonic() - start >= 0.2


@pytest.mark.parametrize("code", [302, 307, 308])
def test_redirect(judge_server: JudgeServer, code: int) -> None:
    """A redirect leads where it says, and a second judge there sees who follows."""
    with JudgeServer() as elsewhere:
        target = f"{elsewhere.base_url}/chat/completions"
        judge_server.queue(faults.redirect(target, code), faults.redirect(target, code))
        assert ask(judge_server, _status, allow_redirects=False) == code
        assert elsewhere.requests == []
        ask(judge_server, _status)
        assert len(elsewhere.requests) == 1


def test_gzip_bomb(judge_server: JudgeServer) -> None:
    """A small body inflates a thousandfold, to what would be valid JSON."""

    async def sizes(response: aiohttp.ClientResponse) -> tuple[int, int]:
        inflated = 0
        async for chunk in response.content.iter_chunked(1 << 20):
            inflated += len(chunk)
        return int(response.headers["Content-Length"]), inflated

    judge_server.queue(faults.gzip_bomb(20 * faults.MEBIBYTE))
    sent, inflated = ask(judge_server, sizes)
    assert sent < 32 * 1024
    assert inflated == 20 * faults.MEBIBYTE + 2
