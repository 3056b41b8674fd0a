"""`embeddings.jsonl`: every embedding that was paid for, found again by model, address and text.

A key is a hash, and a vector is no text: nothing of what was embedded stands in the file.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from rubric_action.grading.cache_folder import CacheFolder
from rubric_action.grading.embedding_reply import decoded, encoded
from rubric_action.grading.journal import Journal
from rubric_action.grading.similarity import Vector

SCHEMA: Final = "rubric-embeddings/1"


class VectorCodec:
    """A vector as base64 of its numbers, 32 bits each: a quarter of what JSON makes of them."""

    schema = SCHEMA

    def write(self, value: Vector) -> Mapping[str, Any]:
        """The one field of the line."""
        return {"vector": encoded(value)}

    def read(self, record: Mapping[str, Any]) -> Vector:
        """The vector, which has to be one that can be measured with."""
        return decoded(record["vector"])


class VectorJournal:
    """Vectors in a file, by key. Use as a context manager.

    The file is opened, or made, when the first vector is asked for: most rubrics need none.
    """

    def __init__(
        self,
        path: Path,
        past: Callable[[], Path | bytes | None] | None = None,
        folder: CacheFolder | None = None,
    ) -> None:
        """`past` gives a file of an earlier run, or what it holds; it is only read."""
        self._path = path
        self._past = past
        self._folder = folder
        self._journal: Journal[Vector] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._journal is not None:
            self._journal.close()

    def get(self, key: str) -> Vector | None:
        """The vector that is kept. Raises `ResultsUnwritable`, or `BaselineUnreadable`."""
        return self._opened().get(key)

    def put(self, key: str, vector: Vector) -> None:
        """Keep a vector. Raises `ResultsUnwritable`."""
        self._opened().put(key, vector)

    def _opened(self) -> Journal[Vector]:
        if self._journal is None:
            past = self._past() if self._past else None
            others = [] if past is None else [past]
            self._journal = Journal(self._path, VectorCodec(), others, self._folder)
        return self._journal
