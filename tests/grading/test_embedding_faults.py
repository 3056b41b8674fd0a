import asyncio
import math
import socket

import pytest

from rubric_action.errors import JudgeRefused
from rubric_action.grading.client import OUTAGE_CASES
from rubric_action.grading.embedding_opening import open_embedder
from rubric_action.grading.embedding_setup import EmbeddingModel
from rubric_action.grading.embeddings import MOST_TEXTS, Embedder, HeldVectors
from rubric_action.grading.model import Spend, Ungraded
from rubric_action.grading.opening import Terms
from rubric_action.grading.similarity import Vector
from tests.fakes.judge import JudgeServer, faults, vectors
from tests.grading.embedding import ask, cause, expected, good, run, sizes


@pytest.mark.parametrize(
    "fault",
    [
        faults.status(429, retry_after_ms="20"),
        faults.status(500),
        faults.status(503),
        faults.reset(),
        faults.truncated(),
        faults.html(),
        faults.error_object(),
        faults.gzip_bomb(),
        faults.raw(200, [1]),
        faults.raw(200, {"object": "list"}),
        vectors.rewritten(lambda _: {"no": "list"}),
    ],
)
def test_what_may_pass_is_tried_again(fault: faults.Fault) -> None:
    """A fault costs time and nothing else."""
    with JudgeServer() as server:
        server.queue(fault)
        good(ask(server, "a", "b").told)
        assert sizes(server) == [2, 2]


def test_what_does_not_pass_is_told() -> None:
    """When the time is over, each text has the cause."""
    with JudgeServer() as server:
        server.always(faults.status(503))
        found = ask(server, "a", "b")
    assert {cause(one) for one in found.told} == {cause(found.told[0])}
    assert "HTTP 503" in cause(found.told[0])


def test_an_endpoint_that_is_down_stops_the_run() -> None:
    """After some requests that nobody answered; the error names who it was."""

    async def work(embedder: Embedder) -> None:
        for number in range(OUTAGE_CASES):
            cause((await embedder.vectors([str(number)]))[0])
        with pytest.raises(JudgeRefused, match="The endpoint for embeddings left 3 cases in a row"):
            await embedder.vectors(["one more"])

    with JudgeServer() as server:
        server.always(faults.status(503))
        run(server, work)


def test_an_address_that_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads to an inner address is told as the embeddings'."""
    inner = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: inner)

    async def work() -> None:
        model = EmbeddingModel("openai", "m", "https://vectors.example/v1", None)
        async with open_embedder(model, None, Terms(spend=Spend())) as embedder:
            with pytest.raises(JudgeRefused, match=r"No embeddings: .*10\.0\.0\.1") as caught:
                await embedder.vectors(["a"])
            assert "`embeddings.base_url`" in caught.value.mend

    asyncio.run(work())


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (faults.unauthorized(), "does not accept the key"),
        (faults.insufficient_quota(), "quota for embeddings is used up"),
        (faults.unknown_model(), "does not know the model"),
        (faults.status(404, kind="x"), "no endpoint for embeddings at the address"),
        (faults.status(403, kind="x"), "does not accept the key"),
        (faults.redirect("https://elsewhere.example/"), "redirects"),
    ],
)
def test_what_is_final_stops_everything(fault: faults.Fault, told: str) -> None:
    """Nobody gets a vector, nobody asks again, and the error speaks of embeddings."""

    async def work(embedder: Embedder) -> None:
        for _ in range(2):
            asked = (embedder.vectors([text]) for text in ("a", "b"))
            for one in await asyncio.gather(*asked, return_exceptions=True):
                assert isinstance(one, JudgeRefused)
                assert told in one.cause
                assert "embeddings" in one.mend or "key" in one.mend or "credit" in one.mend
        assert isinstance(embedder.stopped, JudgeRefused)

    with JudgeServer() as server:
        server.queue(fault)
        run(server, work)
        assert sizes(server) == [2]


ODD = {
    "not finite": (vectors.of_each(lambda v: [*v[:-1], math.nan]), "a number that is not finite"),
    "infinite": (vectors.of_each(lambda v: [math.inf, *v[1:]]), "a number that is not finite"),
    "overflowing": (vectors.of_each(lambda v: [1e300, *v[1:]]), "a number that is not finite"),
    "huge": (vectors.of_each(lambda v: [10**400, *v[1:]]), "a number that is not finite"),
    "zero": (vectors.of_each(lambda v: [0.0] * len(v)), "has a length of 0"),
    "empty": (vectors.of_each(lambda _: []), "has a length of 0"),
    "missing": (vectors.rewritten(lambda d: [{"index": e["index"]} for e in d]), "is missing"),
    "base64": (vectors.of_each(lambda _: "AACAPw=="), "is missing"),
    "texts": (vectors.of_each(lambda v: ["a", *v[1:]]), "something that is no number"),
    "truth": (vectors.of_each(lambda v: [True, *v[1:]]), "something that is no number"),
    "lists": (vectors.of_each(lambda v: [v]), "something that is no number"),
}


@pytest.mark.parametrize(("fault", "told"), ODD.values(), ids=ODD)
def test_no_number_is_made_of_a_bad_vector(fault: faults.Fault, told: str) -> None:
    """It is asked for again twice, is never kept, and has its cause."""
    kept = HeldVectors()
    with JudgeServer() as server:
        server.always(fault)
        found = ask(server, "a", kept=kept)
        assert sizes(server) == [1, 1, 1]
    assert told in cause(found.told[0])
    assert not kept


@pytest.mark.parametrize("fault", [fault for fault, _ in ODD.values()], ids=ODD)
def test_a_bad_vector_that_comes_good(fault: faults.Fault) -> None:
    """One repair mends what passes."""
    with JudgeServer() as server:
        server.queue(fault)
        good(ask(server, "a", "b").told)
        assert sizes(server) == [2, 2]


def test_one_bad_vector_spoils_no_other() -> None:
    """The texts beside it have theirs."""
    kept = HeldVectors()

    def spoil(data: list[vectors.Entry]) -> list[vectors.Entry]:
        return [one | {"embedding": [math.nan]} if one["index"] == 1 else one for one in data]

    with JudgeServer() as server:
        server.when(lambda prompt: "bad" in prompt, vectors.rewritten(spoil))
        found = ask(server, "a", "bad", "c", kept=kept)
        assert sizes(server) == [3, 3, 3]
    assert "not finite" in cause(found.told[1])
    assert len(kept) == len(good([found.told[0], found.told[2]])) == 2


def test_a_text_without_a_vector_is_not_asked_for_again() -> None:
    """What lies in the text stays so for the run."""

    async def work(embedder: Embedder) -> None:
        first = await embedder.vectors(["a"])
        assert await embedder.vectors(["a"]) == first
        assert isinstance(first[0], Ungraded)

    with JudgeServer() as server:
        server.always(vectors.of_each(lambda _: []))
        run(server, work)
        assert len(server.requests) == 3


def test_another_number_of_dimensions() -> None:
    """Vectors of one run lie in one space: the first says in which."""

    async def work(embedder: Embedder) -> None:
        good(await embedder.vectors(["a"]))
        server.always(vectors.of_each(lambda _: [1.0, 2.0, 3.0]))
        [told] = await embedder.vectors(["b"])
        assert "has 3 numbers, where others have 64" in cause(told)

    with JudgeServer() as server:
        run(server, work)

    def cut(data: list[vectors.Entry]) -> list[vectors.Entry]:
        return [one | {"embedding": [1.0]} if one["index"] else one for one in data]

    with JudgeServer() as server:
        server.always(vectors.rewritten(cut))
        found = ask(server, "a", "b")
    assert isinstance(found.told[0], Vector)
    assert "has 1 numbers, where others have 64" in cause(found.told[1])


@pytest.mark.parametrize(
    "fault",
    [
        vectors.backwards(),
        vectors.rewritten(
            lambda data: [
                {key: value for key, value in one.items() if value != 0 or key != "index"}
                for one in data
            ]
        ),
    ],
    ids=["backwards", "no zero"],
)
def test_the_index_says_whose_a_vector_is(fault: faults.Fault) -> None:
    """Whatever the order; an index of 0 may be left out, as protobuf's JSON does."""
    with JudgeServer() as server:
        server.always(fault)
        assert good(ask(server, "a", "b", "c").told) == expected("a", "b", "c")
        assert sizes(server) == [3]


@pytest.mark.parametrize(
    "fault",
    [
        vectors.rewritten(lambda data: [{"embedding": one["embedding"]} for one in data]),
        vectors.rewritten(lambda data: [one | {"index": 0} for one in data]),
        vectors.rewritten(lambda data: data[:1]),
    ],
    ids=["without index", "all the first", "only one"],
)
def test_vectors_of_nobody_are_asked_for_one_by_one(fault: faults.Fault) -> None:
    """A reply that does not say whose they are is taken for a single text only."""

    async def work(embedder: Embedder) -> None:
        for texts in ("a", "b", "c"), ("d", "e"), ("f", "g"):
            assert good(await embedder.vectors(texts)) == expected(*texts)

    with JudgeServer() as server:
        server.always(fault)
        run(server, work)
        assert sizes(server) == [3, 2, 1, 1, 1, 1, 1, 1, 1]


@pytest.mark.parametrize(
    "fault",
    [
        vectors.rewritten(lambda _: []),
        vectors.rewritten(lambda data: data * 2),
        vectors.rewritten(lambda data: [one | {"index": 7} for one in data]),
        vectors.rewritten(lambda data: [one | {"index": "0"} for one in data]),
        vectors.rewritten(lambda data: [one | {"index": True} for one in data]),
        vectors.rewritten(lambda data: [one["embedding"] for one in data]),
    ],
    ids=["none", "two", "another's", "a text", "a truth", "bare"],
)
def test_a_reply_that_fits_no_text(fault: faults.Fault) -> None:
    """A single text gets no vector that may be another's."""
    with JudgeServer() as server:
        server.always(fault)
        found = ask(server, "a")
        assert sizes(server) == [1, 1, 1]
    assert "reply" in cause(found.told[0])


def test_a_smaller_limit_is_found() -> None:
    """Requests that are refused for their number of texts are halved, and the next are smaller."""

    async def work(embedder: Embedder) -> None:
        good(await embedder.vectors([f"early {n}" for n in range(MOST_TEXTS)]))
        server.requests.clear()
        good(await embedder.vectors([f"late {n}" for n in range(MOST_TEXTS)]))

    with JudgeServer() as server:
        server.always(vectors.at_most(10))
        run(server, work)
        assert max(sizes(server)) <= 10
        assert len(server.requests) == MOST_TEXTS // 8


def test_a_text_that_is_refused_is_refused_alone() -> None:
    """Its neighbours get theirs by halving, and later requests are as large as before."""

    async def work(embedder: Embedder) -> None:
        told = await embedder.vectors(["a", "b", "TOO LONG", "c", "d"])
        assert len(good([*told[:2], *told[3:]])) == 4
        assert "maximum context length" in cause(told[2])
        server.requests.clear()
        good(await embedder.vectors([f"late {n}" for n in range(MOST_TEXTS)]))
        assert sizes(server) == [MOST_TEXTS]

    limit = "This model's maximum context length is 8192 tokens"
    with JudgeServer() as server:
        fault = faults.status(400, kind="invalid_request_error", message=limit)
        server.when(lambda prompt: "TOO LONG" in prompt, fault)
        run(server, work)


def test_a_filtered_text_is_refused_alone() -> None:
    """A content filter does as a limit does."""
    with JudgeServer() as server:
        server.when(lambda prompt: "bad" in prompt, faults.prompt_filtered())
        told = ask(server, "a", "bad").told
    assert isinstance(told[0], Vector)
    assert "content filter" in cause(told[1])


def test_what_came_before_a_stop_is_kept() -> None:
    """Also where a request had to be halved: what was paid for is not paid for again."""
    kept = HeldVectors()
    with JudgeServer() as server:
        server.when(lambda prompt: prompt == "c\nd", faults.insufficient_quota())
        server.always(vectors.at_most(2))
        with pytest.raises(JudgeRefused):
            ask(server, "a", "b", "c", "d", kept=kept)
        assert sizes(server) == [4, 2, 2]
    assert list(kept.values()) == expected("a", "b")
