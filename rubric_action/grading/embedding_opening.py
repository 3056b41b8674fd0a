"""From the rubric's `embeddings` to whoever makes them, with the connections that it needs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Final

from rubric_action.errors import JudgeRefused
from rubric_action.grading.answers import Fault, Response, Stop
from rubric_action.grading.client import JudgeClient, Limits
from rubric_action.grading.embedding_reply import read_embeddings
from rubric_action.grading.embedding_setup import EmbeddingModel
from rubric_action.grading.embeddings import Embedder, HeldVectors
from rubric_action.grading.endpoint import Endpoint
from rubric_action.grading.prices import Account, PriceList
from rubric_action.grading.providers import provider_for
from rubric_action.grading.transport import LateTransport, Transport
from rubric_action.rubric.model import Judge

if TYPE_CHECKING:
    from rubric_action.grading.opening import Terms

NAME: Final = "the endpoint for embeddings"
"""What messages call it."""
_ELSEWHERE: Final = "Set `embeddings.base_url` to an address where a judge may be."
MOST_REQUESTS: Final = 8
"""Requests for embeddings at a time, at most; each one holds many texts."""


@asynccontextmanager
async def open_embedder(
    model: EmbeddingModel, judge: Judge | None, terms: "Terms"
) -> AsyncIterator[Embedder]:
    """Open what makes embeddings; it connects when the first text is due.

    Its time limits are the judge's, or a judge's by default. Call `check_comparisons` before.
    """
    told = judge or Judge(())
    prices = PriceList(model.priced, limited=terms.max_cost_usd is not None)
    keys = (*terms.keys, *(None for _ in told.models))
    endpoint = model.endpoint(terms.embeddings_key, keys)
    async with AsyncExitStack() as stack:
        client = JudgeClient(
            LateTransport(lambda: _connect(model, endpoint, prices, private=terms.private), stack),
            read_embeddings,
            Limits(told.timeout_s, told.deadline_s, min(told.concurrency, MOST_REQUESTS)),
            Account(terms.spend, prices, terms.max_cost_usd),
            terms.effects,
            NAME,
        )
        kept = HeldVectors() if terms.memory.vectors is None else terms.memory.vectors
        # Within the stack, which is given the connections late: the requests end before them.
        async with Embedder(client, model.base_url, model.model, kept) as embedder:
            yield embedder


@asynccontextmanager
async def _connect(
    model: EmbeddingModel, endpoint: Endpoint, prices: PriceList, *, private: bool
) -> AsyncIterator[Transport]:
    """Connect, and load the price library while the first replies are awaited."""
    from rubric_action.grading.http import open_transport

    headers = provider_for(model.provider).headers(endpoint.key)
    async with open_transport(
        endpoint, model.path, headers, MOST_REQUESTS, private=private
    ) as transport:
        loading = asyncio.create_task(prices.warm_up())
        try:
            yield _OwnWords(transport)
        finally:
            await loading


class _OwnWords:
    """Tells of what stops every connection as of the embeddings', not of the judge's."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner

    async def post(self, body: bytes, timeout_s: float) -> Response | Fault | Stop:
        """Post to the endpoint."""
        found = await self._inner.post(body, timeout_s)
        if not isinstance(found, Stop):
            return found
        return Stop(JudgeRefused(f"No embeddings: {found.error.cause}", _ELSEWHERE))
