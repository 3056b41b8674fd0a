"""Everything that goes wrong at a judge's endpoint: each fault answers one request."""

import asyncio
import json
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from aiohttp import web

from tests.fakes.judge.asked import Asked
from tests.fakes.judge.dialects import error
from tests.fakes.judge.replies import chat_completion, message, reply

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request in the middle of being answered, with the answer a well judge would give."""

    request: web.Request
    asked: Asked
    well: Mapping[str, object]


Fault = Callable[[Exchange], Awaitable[web.StreamResponse]]


def status(
    code: int,
    *,
    retry_after: str | None = None,
    retry_after_ms: str | None = None,
    kind: str = "server_error",
    message: str = "The server had an error",
) -> Fault:
    """Answer an HTTP error; the retry headers are sent as given, sense or nonsense."""
    given = {"Retry-After": retry_after, "retry-after-ms": retry_after_ms}
    headers = {name: value for name, value in given.items() if value is not None}
    return _error(code, kind, message, headers)


def raw(code: int, body: object) -> Fault:
    """Answer this status with this body, whoever is asked."""
    return _answer(body, code)


def unauthorized() -> Fault:
    """Refuse the key."""
    return _error(401, "invalid_api_key", "Incorrect API key provided")


def insufficient_quota() -> Fault:
    """Say that the money is gone: a 429 that no wait will mend."""
    return _error(429, "insufficient_quota", "You exceeded your current quota")


def unknown_model() -> Fault:
    """Say that there is no such model."""
    return _error(404, "model_not_found", "The model does not exist")


def error_object() -> Fault:
    """Answer 200 with an error for a body."""
    return _error(200, "server_error", "The server had an error")


def prompt_filtered() -> Fault:
    """Refuse the prompt before a model sees it, as Azure's filter does."""
    return _error(400, "content_filter", "The prompt triggered the content management policy")


def html() -> Fault:
    """Answer 200 with a page, as a captive proxy does."""
    return page(200, "Sign in")


def page(code: int, text: str) -> Fault:
    """Answer this status with a page."""

    async def respond(_exchange: Exchange) -> web.StreamResponse:
        body = f"<html><body>{text}</body></html>"
        return web.Response(status=code, text=body, content_type="text/html")

    return respond


def content(text: str) -> Fault:
    """Answer a well-formed reply with this text for content."""

    async def respond(exchange: Exchange) -> web.StreamResponse:
        return web.json_response(reply(exchange.asked, text))

    return respond


def rewritten(change: Callable[[dict[str, object]], object]) -> Fault:
    """Answer the well judge's grades after `change` had its way with them."""

    async def respond(exchange: Exchange) -> web.StreamResponse:
        changed = change(dict(_grades(exchange)))
        return web.json_response(reply(exchange.asked, changed))

    return respond


def missing_axis(axis: str) -> Fault:
    """Leave one axis out."""
    return rewritten(lambda found: {key: value for key, value in found.items() if key != axis})


def wrong_score(axis: str, score: object) -> Fault:
    """Give one axis a score of any kind: out of range, a string, null."""
    return rewritten(lambda found: found | {axis: {"score": score, "reason": "because"}})


def cut_by_length() -> Fault:
    """Stop half-way through the reply, and say so."""

    async def respond(exchange: Exchange) -> web.StreamResponse:
        if exchange.asked.dialect == "anthropic":
            return web.json_response(message(exchange.asked, {}, stop_reason="max_tokens"))
        whole = json.dumps(_grades(exchange))
        half = whole[: len(whole) // 2]
        return web.json_response(chat_completion(exchange.asked, half, finish_reason="length"))

    return respond


def content_filter() -> Fault:
    """Withhold the reply."""

    async def respond(exchange: Exchange) -> web.StreamResponse:
        body = chat_completion(exchange.asked, None, finish_reason="content_filter")
        return web.json_response(body)

    return respond


def refusal(text: str = "I can't help with that.") -> Fault:
    """Refuse, in the field that is there for it."""

    async def respond(exchange: Exchange) -> web.StreamResponse:
        if exchange.asked.dialect == "anthropic":
            return web.json_response(message(exchange.asked, text, stop_reason="refusal"))
        return web.json_response(chat_completion(exchange.asked, None, refusal=text))

    return respond


def truncated() -> Fault:
    """Announce the whole body, send half of it, and hang up."""

    async def respond(exchange: Exchange) -> web.StreamResponse:
        whole = json.dumps(exchange.well).encode()
        response = await _begin(exchange, {"Content-Length": str(len(whole))})
        await response.write(whole[: len(whole) // 2])
        _hang_up(exchange)
        return response

    return respond


def reset() -> Fault:
    """Hang up before a byte is answered."""

    async def respond(exchange: Exchange) -> web.StreamResponse:
        _hang_up(exchange)
        return web.Response()

    return respond


def drip(interval: float = 0.3) -> Fault:
    """Send the right answer, one byte each `interval` seconds."""

    async def respond(exchange: Exchange) -> web.StreamResponse:
        whole = json.dumps(exchange.well).encode()
        response = await _begin(exchange, {"Content-Length": str(len(whole))})
        for position in range(len(whole)):
            await response.write(whole[position : position + 1])
            await asyncio.sleep(interval)
        return response

    return respond


def delay(seconds: float) -> Fault:
    """Send the right answer late."""

    async def respond(exchange: Exchange) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return web.json_response(exchange.well)

    return respond


def redirect(location: str, code: int = 302) -> Fault:
    """Send the client elsewhere."""
    return _answer({}, code, {"Location": location})


def gzip_bomb(inflated: int = 100 * MEBIBYTE) -> Fault:
    """Answer a thousandth of `inflated` bytes, which is what gzip makes of white space."""

    async def respond(_exchange: Exchange) -> web.StreamResponse:
        headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        return web.Response(body=_bomb(inflated), headers=headers)

    return respond


@lru_cache(maxsize=4)
def _bomb(inflated: int) -> bytes:
    packer = zlib.compressobj(level=9, wbits=31)
    block = b" " * MEBIBYTE
    parts = [packer.compress(b"{")]
    parts += [packer.compress(block) for _ in range(inflated // MEBIBYTE)]
    parts += [packer.compress(b"}"), packer.flush()]
    return b"".join(parts)


def _answer(body: object, code: int, headers: Mapping[str, str] | None = None) -> Fault:
    async def respond(_exchange: Exchange) -> web.StreamResponse:
        return web.json_response(body, status=code, headers=headers)

    return respond


def _error(code: int, kind: str, message: str, headers: Mapping[str, str] | None = None) -> Fault:
    """An error as the vendor that was asked words it."""

    async def respond(exchange: Exchange) -> web.StreamResponse:
        body = error(exchange.asked.dialect, code, kind, message)
        return web.json_response(body, status=code, headers=headers)

    return respond


def _grades(exchange: Exchange) -> dict[str, object]:
    """What the well judge says, out of either envelope."""
    blocks: Any = exchange.well.get("content")
    if blocks is not None:
        last = blocks[-1]
        found: dict[str, object] = last.get("input") or json.loads(last["text"])
        return found
    choices: Any = exchange.well["choices"]
    said: dict[str, object] = json.loads(choices[0]["message"]["content"])
    return said


async def _begin(exchange: Exchange, headers: Mapping[str, str]) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json", **headers})
    await response.prepare(exchange.request)
    return response


def _hang_up(exchange: Exchange) -> None:
    transport = exchange.request.transport
    assert transport is not None
    transport.abort()
