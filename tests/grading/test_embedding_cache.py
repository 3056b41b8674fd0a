import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from rubric_action.errors import BaselineUnreadable, CannotDecide, ResultsUnwritable
from rubric_action.grading.cache_folder import CacheFolder
from rubric_action.grading.embedding_cache import SCHEMA, VectorJournal
from rubric_action.grading.similarity import Vector, vector
from tests.fakes.judge import JudgeServer, vectors
from tests.fakes.judge.replies import embed
from tests.grading.embedding import ask
from tests.grading.samples import KEY

ONE = vector([0.1, -2.5e-8, 3e38])
HEADER = json.dumps({"schema": SCHEMA}) + "\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the vectors go; the folder is not there yet."""
    return tmp_path / "results" / "embeddings.jsonl"


def asked(server: JudgeServer) -> list[list[str]]:
    """The texts of each request."""
    return [one.texts for one in server.requests]


def lines(path: Path) -> list[dict[str, str]]:
    """The file, line by line."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_what_is_put_is_got(path: Path) -> None:
    """To the last bit, in the same run and in the next one."""
    with VectorJournal(path) as kept:
        assert kept.get("k") is None
        kept.put("k", ONE)
        assert kept.get("k") == ONE
    with VectorJournal(path) as kept:
        assert kept.get("k") == ONE
    assert lines(path)[0] == {"schema": SCHEMA}
    assert lines(path)[1] == {"key": "k", "vector": "zczMPZW/1rLmsWF/"}


def test_no_file_is_made_for_nothing(path: Path) -> None:
    """A run that compares no texts leaves none, and reads none of the baseline's."""

    def past() -> Path:
        raise AssertionError("nobody needs it")

    with VectorJournal(path, past):
        pass
    assert not path.exists()


def test_a_second_run_asks_nothing(path: Path) -> None:
    """Whatever was embedded costs nothing again, and comes out the same."""
    texts = ["a", "b", "c"]
    with JudgeServer() as server:
        with VectorJournal(path) as kept:
            first = ask(server, *texts, kept=kept)
        with VectorJournal(path) as kept:
            again = ask(server, *texts, kept=kept)
        assert asked(server) == [texts]
    assert again.told == first.told == [vector(embed(text)) for text in texts]
    assert (first.spend.judge_calls, again.spend.judge_calls) == (1, 0)
    assert again.spend.judge_cost_usd == 0.0
    assert len(lines(path)) == 1 + len(texts)


def test_nothing_of_a_text_is_in_the_file(path: Path) -> None:
    """Neither the text, nor model or address."""
    with JudgeServer() as server, VectorJournal(path) as kept:
        ask(server, "my number is 4111", kept=kept)
    assert "4111" not in path.read_text()
    assert {key for line in lines(path)[1:] for key in line} == {"key", "vector"}


@pytest.mark.parametrize("read", [lambda path: path, Path.read_bytes], ids=["folder", "zip"])
def test_the_baseline_s_are_used(
    path: Path, tmp_path: Path, read: Callable[[Path], Path | bytes]
) -> None:
    """They are copied into the own file, so that the next baseline has them too."""
    before = tmp_path / "baseline.jsonl"
    with JudgeServer() as server:
        with VectorJournal(before) as kept:
            ask(server, "a", "b", kept=kept)
        with VectorJournal(path, lambda: read(before)) as kept:
            ask(server, "b", "c", kept=kept)
        assert asked(server) == [["a", "b"], ["c"]]
    assert len(lines(path)) == 3
    with JudgeServer() as server, VectorJournal(path, lambda: None) as kept:
        server.always(vectors.of_each(lambda _: []))
        found = ask(server, "b", kept=kept).told
        assert len(server.requests) == 3, "another address is another key"
    assert not isinstance(found[0], Vector)


def test_the_cache_folder_is_used(path: Path, tmp_path: Path) -> None:
    """What another run on the same machine embedded is found there."""
    with JudgeServer() as server:
        for name in ("one", "two"):
            with (
                CacheFolder(tmp_path / "cache", "embeddings", KEY) as folder,
                VectorJournal(tmp_path / name, folder=folder) as kept,
            ):
                ask(server, "a", kept=kept)
        assert asked(server) == [["a"]]


KILLED = """\
import asyncio, sys
from pathlib import Path
from rubric_action.grading.embedding_cache import VectorJournal
from rubric_action.grading.embedding_opening import open_embedder
from rubric_action.grading.embedding_setup import EmbeddingModel
from rubric_action.grading.judge import Memory
from rubric_action.grading.model import Spend
from rubric_action.grading.opening import Terms

async def run(kept):
    terms = Terms(spend=Spend(), memory=Memory(vectors=kept))
    model = EmbeddingModel("openai", "text-embedding-3-small", sys.argv[1], None)
    async with open_embedder(model, None, terms) as embedder:
        for text in ("a", "b", "c", "d"):
            await embedder.vectors([text])
            print(text, flush=True)

with VectorJournal(Path(sys.argv[2])) as kept:
    asyncio.run(run(kept))
"""


def test_a_killed_run_goes_on(path: Path) -> None:
    """What came before the kill is there, and only the rest is asked for."""
    with JudgeServer(latency=0.1) as server:
        command = [sys.executable, "-c", KILLED, server.base_url, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed:
            assert killed.stdout is not None
            assert [killed.stdout.readline() for _ in range(2)] == ["a\n", "b\n"]
            killed.kill()
        with path.open("ab") as torn:
            torn.write(b'{"key":"half')
        before = len(server.requests)
        with VectorJournal(path) as kept:
            ask(server, "a", "b", "c", "d", kept=kept)
        assert asked(server)[before:] == [["c", "d"]]
    assert len(lines(path)) == 5


def no_vectors() -> Sequence[str]:
    """Lines that hold none."""
    return (
        '{"key":"k"}\n',
        '{"key":"k","vector":7}\n',
        '{"key":"k","vector":"?"}\n',
        '{"key":"k","vector":"AAA="}\n',
        '{"key":"k","vector":""}\n',
        '{"key":"k","vector":"AAAAAAAAAAA="}\n',
        '{"key":"k","vector":"AADAfw=="}\n',
        '{"key":"k","vector":"ä"}\n',
    )


@pytest.mark.parametrize("line", no_vectors())
@pytest.mark.parametrize("error", [ResultsUnwritable, BaselineUnreadable])
def test_a_line_without_a_vector(path: Path, line: str, error: type[CannotDecide]) -> None:
    """It is an error that names the file, and never a number."""
    own = error is ResultsUnwritable
    path.parent.mkdir()
    file = path if own else path.with_name("before.jsonl")
    file.write_text(HEADER + line)
    with VectorJournal(path, None if own else lambda: file) as kept, pytest.raises(error) as caught:
        kept.get("k")
    assert str(file) in str(caught.value)
    assert caught.value.mend


def test_another_schema_is_refused(path: Path) -> None:
    """A file of a newer version is not read as one of ours."""
    path.parent.mkdir()
    path.write_text('{"schema": "rubric-embeddings/2"}\n')
    with VectorJournal(path) as kept, pytest.raises(ResultsUnwritable, match="rubric-embeddings/2"):
        kept.get("k")


def test_trouble_with_the_file_reaches_who_asks(path: Path) -> None:
    """A vector that cannot be kept is an error for everybody who waits for one."""
    path.parent.mkdir()
    path.mkdir()
    with (
        JudgeServer() as server,
        VectorJournal(path) as kept,
        pytest.raises(ResultsUnwritable),
    ):
        ask(server, "a", kept=kept)
