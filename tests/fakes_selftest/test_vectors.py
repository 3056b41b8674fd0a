import asyncio
from typing import Any

import pytest

from tests.fakes.judge import JudgeServer, faults, vectors
from tests.fakes_selftest.test_judge import post

TEXTS = ["a", "b", "c"]


def answered(server: JudgeServer, *texts: str) -> Any:
    """What the endpoint says about some texts."""
    return asyncio.run(post(server, {"model": "e", "input": list(texts)}, "/embeddings"))


def test_what_was_asked(judge_server: JudgeServer) -> None:
    """The texts are recorded, a single one too, and rules can be about them."""
    answered(judge_server, *TEXTS)
    asyncio.run(post(judge_server, {"model": "e", "input": "alone"}, "/embeddings"))
    assert [asked.texts for asked in judge_server.requests] == [TEXTS, ["alone"]]
    judge_server.when(lambda prompt: "b" in prompt, faults.raw(200, {"data": []}))
    assert answered(judge_server, "b")["data"] == []
    assert len(answered(judge_server, "c")["data"]) == 1


def test_vectors_are_changed(judge_server: JudgeServer) -> None:
    """Entries as a list, vectors one by one, the order alone."""
    judge_server.queue(
        vectors.rewritten(lambda data: data[:1]),
        vectors.of_each(lambda found: found[:2]),
        vectors.backwards(),
    )
    assert [one["index"] for one in answered(judge_server, *TEXTS)["data"]] == [0]
    assert {len(one["embedding"]) for one in answered(judge_server, *TEXTS)["data"]} == {2}
    assert [one["index"] for one in answered(judge_server, *TEXTS)["data"]] == [2, 1, 0]


@pytest.mark.parametrize("texts", [1, 2, 3])
def test_a_limit_on_texts(judge_server: JudgeServer, texts: int) -> None:
    """As many as are allowed are embedded, and more are refused."""
    judge_server.always(vectors.at_most(2))
    told = answered(judge_server, *TEXTS[:texts])
    assert ("error" in told) == (texts > 2)
    assert len(told.get("data", ())) == (0 if texts > 2 else texts)


def test_what_is_billed(judge_server: JudgeServer) -> None:
    """The usage is what it is told to be."""
    judge_server.queue(vectors.billed(None))
    assert answered(judge_server, "a")["usage"] is None
    assert answered(judge_server, "a")["usage"]["prompt_tokens"] == 1
