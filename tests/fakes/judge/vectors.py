"""What goes wrong at an endpoint for embeddings: faults like the judge's, on vectors."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.fakes.judge.faults import Exchange, Fault, status

Entry = dict[str, Any]


def rewritten(change: Callable[[list[Entry]], object]) -> Fault:
    """Answer with the entries of `data` after `change` had its way with them."""

    async def respond(exchange: Exchange) -> web.StreamResponse:
        data = exchange.well["data"]
        assert isinstance(data, list), "only a list of embeddings can be rewritten"
        return web.json_response({**exchange.well, "data": change([dict(one) for one in data])})

    return respond


def of_each(change: Callable[[list[float]], object]) -> Fault:
    """Answer with every vector changed."""
    return rewritten(lambda data: [one | {"embedding": change(one["embedding"])} for one in data])


def backwards() -> Fault:
    """Answer with the last vector first; each still says whose it is."""
    return rewritten(lambda data: data[::-1])


def at_most(texts: int) -> Fault:
    """Refuse a request with more texts than that, as servers do that have such a limit."""

    async def respond(exchange: Exchange) -> web.StreamResponse:
        if len(exchange.asked.texts) <= texts:
            return web.json_response(exchange.well)
        told = f"batch size is invalid, it should not be larger than {texts}"
        return await status(400, kind="invalid_request_error", message=told)(exchange)

    return respond


def billed(usage: object) -> Fault:
    """Answer well, and say this of tokens."""

    async def respond(exchange: Exchange) -> web.StreamResponse:
        return web.json_response({**exchange.well, "usage": usage})

    return respond
