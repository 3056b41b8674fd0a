"""From the rubric's `judge` to a grader, with the connections that it needs."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from rubric_action.grading.client import Effects, JudgeClient, Limits
from rubric_action.grading.endpoint import Endpoint
from rubric_action.grading.grader import Grader
from rubric_action.grading.judge import Memory, ModelJudge, NoJudge
from rubric_action.grading.model import Spend
from rubric_action.grading.preflight import judge_endpoint
from rubric_action.grading.prices import Account, PriceList
from rubric_action.grading.providers import Provider, provider_for
from rubric_action.grading.transport import LateTransport, Transport
from rubric_action.rubric.model import Judge, Rubric


@asynccontextmanager
async def open_grader(
    rubric: Rubric,
    *,
    spend: Spend,
    key: str | None = None,
    private: bool = False,
    memory: Memory | None = None,
    max_cost_usd: float | None = None,
    effects: Effects | None = None,
) -> AsyncIterator[Grader]:
    """Open a grader; connections are made when the first call is due, and closed at the end.

    `private` allows a judge at a private address. Without a `memory` no reply is kept.
    `max_cost_usd` stops further calls once it is spent; calls under way are still paid.
    Call `check_judge` and `check_cases` before.
    """
    judge = rubric.judge
    if judge is None:
        yield Grader(rubric, NoJudge())
        return
    if judge.models[0].provider == "lexical":
        from rubric_action.grading.offline import OfflineJudge

        yield Grader(rubric, OfflineJudge())
        return
    endpoint = judge_endpoint(rubric, judge, key, private=private)
    provider = provider_for(judge.models[0].provider)
    prices = PriceList(judge.models[0], limited=max_cost_usd is not None)
    async with AsyncExitStack() as stack:
        client = JudgeClient(
            LateTransport(lambda: _connect(endpoint, provider, judge, prices, private), stack),
            provider.read,
            Limits(judge.timeout_s, judge.deadline_s, judge.concurrency),
            Account(spend, prices, max_cost_usd),
            effects or Effects(time.monotonic, asyncio.sleep, random.random),
        )
        model = ModelJudge(judge, endpoint.base_url, client, memory or Memory(), spend)
        yield Grader(rubric, model, client)


@asynccontextmanager
async def _connect(
    endpoint: Endpoint, provider: Provider, judge: Judge, prices: PriceList, private: bool
) -> AsyncIterator[Transport]:
    """Connect to the judge, and load the price library while the first replies are awaited."""
    from rubric_action.grading.http import open_transport

    headers = provider.headers(endpoint.key)
    async with open_transport(
        endpoint, provider.path, headers, judge.concurrency, private=private
    ) as transport:
        loading = asyncio.create_task(prices.warm_up())
        try:
            yield transport
        finally:
            await loading
