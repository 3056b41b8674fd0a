import asyncio

import pytest

from rubric_action.errors import BudgetSpent, CannotDecide, ResultsUnwritable
from rubric_action.grading.embedding_opening import MOST_REQUESTS
from rubric_action.grading.embeddings import (
    LONGEST_TEXT,
    MOST_CHARACTERS,
    MOST_TEXTS,
    Embedder,
    HeldVectors,
    Told,
)
from rubric_action.grading.model import Spend
from rubric_action.grading.similarity import Vector, cosine
from rubric_action.rubric.model import Judge
from tests.fakes.judge import JudgeServer, vectors
from tests.fakes.judge.replies import embed
from tests.grading.embedding import MODEL, ask, cause, good, run, sizes
from tests.grading.samples import KEY


def test_vectors_come_in_the_order_of_their_texts() -> None:
    """One request asks for all, with model and key; the vectors are the endpoint's."""
    texts = ["a refund within thirty days", "blue whales sing", "a refund within ten days"]
    with JudgeServer(key=KEY) as server:
        found = ask(server, *texts)
        [asked] = server.requests
    assert (asked.path, asked.model, asked.texts) == ("/v1/embeddings", MODEL, texts)
    one, far, near = good(found.told)
    assert list(one.numbers) == pytest.approx(embed(texts[0]), abs=1e-6)
    assert cosine(one, near) > 0.5 > cosine(one, far)


def test_no_text_asks_nobody() -> None:
    """An embedder that is not needed opens no connection."""
    with JudgeServer() as server:
        assert ask(server).told == []
        assert server.requests == []


def test_a_text_is_asked_for_once() -> None:
    """Twice in one question, in two at once, and later: one request, once in it."""

    async def work(embedder: Embedder) -> None:
        several = await asyncio.gather(
            embedder.vectors(["a", "b", "a"]), embedder.vectors(["b"]), embedder.vectors(["a"])
        )
        assert several[0][0] == several[0][2] == several[2][0]
        assert several[0][1] == several[1][0]
        assert await embedder.vectors(["b", "a"]) == several[0][1:]

    with JudgeServer(latency=0.02) as server:
        run(server, work)
        assert [asked.texts for asked in server.requests] == [["a", "b"]]


def test_a_text_that_is_under_way_is_waited_for() -> None:
    """Who asks while the request is out shares its reply."""

    async def work(embedder: Embedder) -> None:
        early = asyncio.create_task(embedder.vectors(["a"]))
        await asyncio.sleep(0.1)
        assert len(server.requests) == 1
        late = await embedder.vectors(["a"])
        assert late == await early

    with JudgeServer(latency=0.3) as server:
        run(server, work)
        assert sizes(server) == [1]


def test_requests_are_full() -> None:
    """As many texts as fit share a request, and the rest the last one."""
    with JudgeServer() as server:
        found = ask(server, *(f"text {n}" for n in range(2 * MOST_TEXTS + 3)))
        assert sorted(sizes(server)) == [3, MOST_TEXTS, MOST_TEXTS]
    assert len(good(found.told)) == 2 * MOST_TEXTS + 3


def test_long_texts_share_a_request_up_to_its_limit() -> None:
    """The characters of a request are bounded too."""
    texts = [str(n) * LONGEST_TEXT for n in range(5)]
    together = MOST_CHARACTERS // LONGEST_TEXT
    with JudgeServer() as server:
        good(ask(server, *texts).told)
        assert sorted(sizes(server)) == [len(texts) - together, together]


def test_few_requests_at_a_time() -> None:
    """However many texts there are, so many requests are open, or as many as the judge's."""
    texts = [f"text {n}" for n in range(MOST_TEXTS * (MOST_REQUESTS + 4))]
    with JudgeServer(latency=0.05) as server:
        good(ask(server, *texts).told)
        assert server.max_in_flight == MOST_REQUESTS
    with JudgeServer(latency=0.05) as server:
        good(ask(server, *texts[: MOST_TEXTS * 4], judge=Judge((), concurrency=2)).told)
        assert server.max_in_flight == 2


def test_too_long_a_text_is_not_sent() -> None:
    """It is neither cut nor paid for, and the others come."""
    with JudgeServer() as server:
        found = ask(server, "x" * (LONGEST_TEXT + 1), "short")
        assert [asked.texts for asked in server.requests] == [["short"]]
    assert "32,001 characters is longer than the 32,000" in cause(found.told[0])
    assert isinstance(found.told[1], Vector)


def test_what_is_kept_is_not_asked_for() -> None:
    """By endpoint, model and text; a text that was never asked for is."""
    kept = HeldVectors()
    with JudgeServer() as server:
        first = ask(server, "a", "b", kept=kept)
        again = ask(server, "b", "a", kept=kept)
        assert again.told == first.told[::-1]
        assert (again.spend.judge_calls, len(server.requests)) == (0, 1)
        ask(server, "a", kept=kept, model="text-embedding-3-large")
        ask(server, "a", "c", kept=kept)
        assert [asked.texts for asked in server.requests[1:]] == [["a"], ["c"]]
        with JudgeServer() as other:
            ask(other, "a", kept=kept)
            assert sizes(other) == [1]
    assert len(kept) == 5


def test_a_half_of_a_surrogate_pair_has_a_key() -> None:
    """A text that is no Unicode is a text like any other until the endpoint says no."""
    with JudgeServer() as server:
        assert len(good(ask(server, "a\ud800", "a\ud801").told)) == 2


def test_what_it_costs() -> None:
    """The tokens of each request are booked at the library's price."""
    with JudgeServer() as server:
        found = ask(server, "a" * 40, "b" * 40)
    assert (found.spend.judge_calls, found.spend.input_tokens) == (1, 22)
    assert found.spend.output_tokens == 0
    assert found.spend.judge_cost_usd == pytest.approx(22 * 0.02 / 1e6)


def test_an_unknown_cost_stays_unknown() -> None:
    """No price for the model, or no word on tokens."""
    with JudgeServer() as server:
        assert ask(server, "a", model="of-our-own").spend.judge_cost_usd is None
        for usage in (None, {}, {"prompt_tokens": -1}, {"prompt_tokens": True}):
            server.queue(vectors.billed(usage))
            assert ask(server, "b").spend.judge_cost_usd is None


def test_the_limit_holds_for_embeddings() -> None:
    """Once it is reached no request is made, the rest has the cause, and the run is told."""

    async def work(embedder: Embedder) -> None:
        spend.judge_cost_usd = 1.0
        good(await embedder.vectors(["a"]))

    spend = Spend()
    with JudgeServer() as server:
        run(server, work, spend)
        found = ask(server, "a", max_cost_usd=0.0)
        assert len(server.requests) == 1
    assert isinstance(found.stopped, BudgetSpent)
    assert "the limit is $0" in cause(found.told[0])


def test_a_vector_that_cannot_be_kept_is_an_error() -> None:
    """It is raised for everybody who waits, and what is asked for next is asked for."""

    class Full(HeldVectors):
        def put(self, key: str, vector: Vector) -> None:
            raise ResultsUnwritable("The disk is full.")

    with JudgeServer() as server, pytest.raises(ResultsUnwritable, match="disk is full"):
        ask(server, "a", kept=Full())


def test_who_waits_may_leave() -> None:
    """A task that is cancelled takes nobody's vector with it."""

    async def work(embedder: Embedder) -> None:
        leaving = asyncio.create_task(embedder.vectors(["a"]))
        staying = asyncio.create_task(embedder.vectors(["a"]))
        await asyncio.sleep(0.05)
        leaving.cancel()
        good(await staying)
        assert leaving.cancelled()

    with JudgeServer(latency=0.2) as server:
        run(server, work)
        assert sizes(server) == [1]


def test_a_run_that_ends_waits_for_nobody() -> None:
    """Requests in flight and texts not yet sent are given up, and who waits is told."""

    async def work(embedder: Embedder) -> None:
        tasks.append(asyncio.create_task(embedder.vectors(["in flight"])))
        await asyncio.sleep(0.05)
        tasks.append(asyncio.create_task(embedder.vectors(["not sent"])))
        await asyncio.sleep(0)

    tasks: list[asyncio.Task[list[Told]]] = []
    with JudgeServer(latency=1.0) as server:
        run(server, work)
        assert [asked.texts for asked in server.requests] == [["in flight"]]
    assert all(task.cancelled() for task in tasks)


def test_a_stop_lets_what_is_in_flight_come() -> None:
    """What is asked for later raises what it was stopped with."""

    async def work(embedder: Embedder) -> None:
        early = asyncio.create_task(embedder.vectors(["a"]))
        await asyncio.sleep(0.05)
        embedder.stop(CannotDecide("The run is ending."))
        with pytest.raises(CannotDecide, match="ending"):
            await embedder.vectors(["b"])
        good(await early)
        good(await embedder.vectors(["a"]))

    with JudgeServer(latency=0.2) as server:
        run(server, work)
        assert sizes(server) == [1]
