"""An embedder that talks to a fake endpoint, for this room's tests."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from rubric_action.errors import CannotDecide
from rubric_action.grading.embedding_opening import open_embedder
from rubric_action.grading.embedding_setup import EmbeddingModel
from rubric_action.grading.embeddings import Embedder, Told, Vectors
from rubric_action.grading.judge import Memory
from rubric_action.grading.model import Spend, Ungraded
from rubric_action.grading.opening import Terms
from rubric_action.grading.similarity import Vector, vector
from rubric_action.rubric.model import Judge
from tests.fakes.judge import JudgeServer
from tests.fakes.judge.replies import embed
from tests.grading.samples import KEY, FakeTime

MODEL = "text-embedding-3-small"


@dataclass(slots=True)
class Found:
    """What came of asking for some vectors, and what it took."""

    told: list[Told]
    spend: Spend
    stopped: CannotDecide | None


def ask(
    server: JudgeServer,
    *texts: str,
    kept: Vectors | None = None,
    max_cost_usd: float | None = None,
    model: str = MODEL,
    judge: Judge | None = None,
) -> Found:
    """Ask for the vectors of some texts, all at once."""
    spend = Spend()
    terms = Terms(
        spend=spend,
        embeddings_key=KEY,
        memory=Memory(vectors=kept),
        max_cost_usd=max_cost_usd,
        effects=FakeTime().effects,
    )

    async def run() -> Found:
        found = EmbeddingModel("openai", model, server.base_url, None)
        async with open_embedder(found, judge, terms) as embedder:
            return Found(await embedder.vectors(texts), spend, embedder.stopped)

    return asyncio.run(run())


Work = Callable[[Embedder], Awaitable[None]]


def run(server: JudgeServer, work: Work, spend: Spend | None = None) -> None:
    """Let some work be done with an embedder."""
    terms = Terms(spend=spend or Spend(), embeddings_key=KEY, effects=FakeTime().effects)

    async def inner() -> None:
        found = EmbeddingModel("openai", MODEL, server.base_url, None)
        async with open_embedder(found, None, terms) as embedder:
            await work(embedder)

    asyncio.run(inner())


def good(told: Sequence[Told]) -> list[Vector]:
    """The vectors, all of which came."""
    assert not [one for one in told if isinstance(one, Ungraded)]
    return [one for one in told if isinstance(one, Vector)]


def cause(told: Told) -> str:
    """Why a text has no vector."""
    assert isinstance(told, Ungraded)
    return told.detail


def sizes(server: JudgeServer) -> list[int]:
    """How many texts each request held."""
    return [len(asked.texts) for asked in server.requests]


def expected(*texts: str) -> list[Vector]:
    """The vectors that the endpoint makes of these."""
    return [vector(embed(text)) for text in texts]
