"""From the rubric's `judge` to a grader, with the connections that it needs."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace

from rubric_action.grading.client import Effects, JudgeClient, Limits
from rubric_action.grading.embedding_opening import open_embedder
from rubric_action.grading.embedding_setup import embedding_model_of
from rubric_action.grading.embeddings import Embedder
from rubric_action.grading.endpoint import Endpoint
from rubric_action.grading.forms import FittingTransport, Form
from rubric_action.grading.framing import Framing, framings
from rubric_action.grading.grader import Grader
from rubric_action.grading.judge import (
    AxisJudge,
    Memory,
    ModelJudge,
    NoJudge,
    Stoppable,
    Voice,
)
from rubric_action.grading.model import Spend
from rubric_action.grading.preflight import judge_endpoint, keys_in_order
from rubric_action.grading.prices import Account, PriceList
from rubric_action.grading.sampling import Nearness, SamplingJudge, SequentialTest
from rubric_action.grading.transport import LateTransport, Transport
from rubric_action.rubric.model import Judge, Rubric


def _nobody(told: str) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what terms the judges of a rubric are asked.

    `keys` are in the order of the rubric's judges. `private` allows a judge at a private address.
    Without a `memory` no reply is kept. `max_cost_usd` stops further calls of all judges once they
    have spent it together; calls under way are still paid. `note` is told in a sentence what an
    endpoint turns out not to take, once each. `embeddings_key` opens the endpoint for embeddings
    where no judge stands at its address. `near_a_mark` decides on scores near their pass mark;
    without it, or where the rubric does not watch its judge, one grade does.
    """

    spend: Spend
    keys: Sequence[str | None] = field(default=(), repr=False)
    embeddings_key: str | None = field(default=None, repr=False)
    private: bool = False
    memory: Memory = field(default_factory=Memory)
    max_cost_usd: float | None = None
    effects: Effects = field(
        default_factory=lambda: Effects(time.monotonic, asyncio.sleep, random.random)
    )
    note: Callable[[str], None] = _nobody
    near_a_mark: SequentialTest | None = None


@dataclass(frozen=True, slots=True)
class Bench:
    """Whoever grades under a rubric; `voices` are its models, in order, of which `lexical` is none.

    A voice can be asked for other things than grades as well, at the same pace and on one account.
    `judge` gives each grade once, however near it lies to its mark.
    """

    grader: Grader
    voices: tuple[Voice, ...] = ()
    judge: AxisJudge = field(default_factory=NoJudge)


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
    """Open a grader with the key of its only judge; `Terms` says what else the arguments are."""
    terms = Terms(
        spend=spend,
        keys=(key,),
        private=private,
        memory=memory or Memory(),
        max_cost_usd=max_cost_usd,
    )
    async with open_bench(rubric, replace(terms, effects=effects) if effects else terms) as bench:
        yield bench.grader


@asynccontextmanager
async def open_bench(rubric: Rubric, terms: Terms) -> AsyncIterator[Bench]:
    """Open what grades; connections are made when the first call is due, and closed at the end.

    Call `check_judge` and `check_cases` before.
    """
    judge = rubric.judge
    async with AsyncExitStack() as stack:
        model, embedder = embedding_model_of(rubric, private=terms.private), None
        if model is not None:
            embedder = await stack.enter_async_context(open_embedder(model, judge, terms))
        if judge is None:
            yield Bench(Grader(rubric, NoJudge(), embedder=embedder))
            return
        opening = _Opening(rubric, judge, terms, stack, embedder)
        yield opening.bench(keys_in_order(judge, None, terms.keys))


@dataclass(frozen=True, slots=True)
class _Opening:
    """What all judges of a rubric share."""

    rubric: Rubric
    judge: Judge
    terms: Terms
    stack: AsyncExitStack
    embedder: Embedder | None

    def bench(self, keys: Sequence[str | None]) -> Bench:
        """One judge, or a panel of several."""
        endpoints = [self._endpoint(index, key) for index, key in enumerate(keys)]
        framed = framings(self.judge, [one.base_url if one else None for one in endpoints])
        voices = [
            self._voice(index, framing, endpoint) if framing and endpoint else None
            for index, (framing, endpoint) in enumerate(zip(framed, endpoints, strict=True))
        ]
        asked = tuple(voice for voice in voices if voice)
        members = [self._axis_judge(voice) for voice in voices]
        if len(members) == 1:
            return self._bench(members[0], asked[0].client if asked else None, asked)
        from rubric_action.grading.panel import Clients, Member, Panel, names_of

        clients = Clients([voice.client for voice in asked])
        named = map(Member, names_of(self.judge.models), members)
        panel = Panel(tuple(named), self.judge.vote, clients)
        return self._bench(panel, clients, asked)

    def _bench(self, judge: AxisJudge, client: Stoppable | None, asked: tuple[Voice, ...]) -> Bench:
        grading = self._sampling(judge) if asked else judge  # offline, a score is always the same
        return Bench(Grader(self.rubric, grading, client, self.embedder), asked, judge)

    def _sampling(self, judge: AxisJudge) -> AxisJudge:
        """The judge or the panel, asked again near a mark if the rubric watches its judge."""
        own, test = self.judge, self.terms.near_a_mark
        if test is None or own.calibration is None or own.margin == 0:
            return judge
        near = Nearness(own.margin, test, own.deadline_s, self.terms.effects.clock)
        return SamplingJudge(judge, near)

    def _endpoint(self, index: int, key: str | None) -> Endpoint | None:
        if self.judge.models[index].provider == "lexical":
            return None
        return judge_endpoint(self.rubric, self.judge, key, private=self.terms.private, index=index)

    def _axis_judge(self, voice: Voice | None) -> AxisJudge:
        if voice is None:
            from rubric_action.grading.offline import OfflineJudge

            return OfflineJudge()
        return ModelJudge(voice, self.judge.prompt)

    def _voice(self, index: int, framing: Framing, endpoint: Endpoint) -> Voice:
        judge, model = self.judge, self.judge.models[index]
        prices = PriceList(model, limited=self.terms.max_cost_usd is not None)
        form = Form(framing.provider, model.model, self.terms.note)
        late = LateTransport(lambda: self._connect(framing, endpoint, prices), self.stack)
        client = JudgeClient(
            FittingTransport(late, form, self.terms.spend),
            framing.provider.read,
            Limits(judge.timeout_s, judge.deadline_s, judge.concurrency),
            Account(self.terms.spend, prices, self.terms.max_cost_usd),
            self.terms.effects,
        )
        return Voice(model, framing, client, form, self.terms.memory, self.terms.spend)

    @asynccontextmanager
    async def _connect(
        self, framing: Framing, endpoint: Endpoint, prices: PriceList
    ) -> AsyncIterator[Transport]:
        """Connect, and load the price library while the first replies are awaited."""
        from rubric_action.grading.http import open_transport

        provider = framing.provider
        path, headers = provider.path(endpoint.base_url), provider.headers(endpoint.key)
        async with open_transport(
            endpoint, path, headers, self.judge.concurrency, private=self.terms.private
        ) as transport:
            loading = asyncio.create_task(prices.warm_up())
            try:
                yield transport
            finally:
                await loading
