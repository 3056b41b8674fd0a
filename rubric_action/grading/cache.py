"""`grades.jsonl`: every judge reply that was paid for, found again by the content of its request.

The first line names the schema, each further line holds one reply. Whoever can write the file
decides grades, so the caller opens only files that the graded change cannot have written.
"""

import json
import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from rubric_action.errors import BaselineUnreadable, CannotDecide, ResultsUnwritable
from rubric_action.grading.answers import TokenUsage
from rubric_action.grading.model import Scored

SCHEMA = "rubric-grades/1"
_HEADER = json.dumps({"schema": SCHEMA}).encode() + b"\n"
_OPEN_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply of a judge: a grade an axis, and what it took."""

    grades: Mapping[str, Scored]
    model: str
    usage: TokenUsage | None = None


class ReplyJournal:
    """Replies by key: read from any number of files, appended to one. Use as a context manager.

    Only keys and offsets are held in memory. A reply is one write, flushed at once, so that a
    killed run loses none; a line torn by the kill is cut off when the file is opened again.
    """

    def __init__(self, path: Path, others: Iterable[Path | bytes] = ()) -> None:
        """Open `path`, making it where it is absent; `others` are read only (a path or contents).

        Raises `ResultsUnwritable` for trouble with `path`, `BaselineUnreadable` with another.
        """
        self._path = path
        self._lock = threading.Lock()
        self._own = _open_own(path)
        try:
            self._sources = [_Source(self._own, str(path), ResultsUnwritable)]
            self._sources += [_open_other(other) for other in others]
        except BaseException:
            self._own.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __len__(self) -> int:
        """How many replies the own file holds."""
        return len(self._sources[0].offsets)

    def get(self, key: str) -> Reply | None:
        """The stored reply; one that came from another file is copied into the own file."""
        with self._lock:
            for source in self._sources:
                line = source.line(key)
                if line is not None:
                    reply = source.decode(line)
                    if source is not self._sources[0]:
                        self._append(key, line)
                    return reply
        return None

    def put(self, key: str, reply: Reply) -> None:
        """Append a reply; a later one of the same key replaces it. Raises `ResultsUnwritable`."""
        record = {"key": key, **asdict(reply)}
        line = json.dumps(record, separators=(",", ":"), allow_nan=False).encode() + b"\n"
        with self._lock:
            self._append(key, line)

    def close(self) -> None:
        """Bring what was written to the disk, and let go of the files."""
        with self._lock:
            if self._own.closed:
                return
            try:
                os.fsync(self._own.fileno())
            except OSError as error:
                raise _unwritable(self._path, error) from error
            finally:
                for source in self._sources:
                    source.stream.close()

    def _append(self, key: str, line: bytes) -> None:
        try:
            start = self._own.seek(0, os.SEEK_END)
            self._own.write(line)
            self._own.flush()
        except OSError as error:
            raise _unwritable(self._path, error) from error
        self._sources[0].offsets[key] = start


class _Source:
    """One file of replies with the offset of each key's newest line."""

    def __init__(self, stream: BinaryIO, name: str, error: type[CannotDecide]) -> None:
        self.stream = stream
        self.offsets: dict[str, int] = {}
        self._name = name
        self._error = error
        self._index()

    def line(self, key: str) -> bytes | None:
        """The stored line of a key."""
        offset = self.offsets.get(key)
        if offset is None:
            return None
        self.stream.seek(offset)
        return self.stream.readline()

    def decode(self, line: bytes) -> Reply:
        """Read a stored line, strictly."""
        try:
            return _reply(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._bad(
                f"holds a reply that cannot be read ({type(error).__name__})"
            ) from error

    def _index(self) -> None:
        self.stream.seek(0)
        header = _object(self.stream.readline())
        if header is None or header.get("schema") != SCHEMA:
            told = str(header.get("schema") if header else None)[:80]
            raise self._bad(f"has the schema {told!r}, this version reads {SCHEMA!r}")
        offset = self.stream.tell()
        for number, line in enumerate(self.stream, start=2):
            record = _object(line)
            key = record.get("key") if record else None
            if line.endswith(b"\n"):
                if not isinstance(key, str):
                    raise self._bad(f"has a line {number} that is no reply")
                self.offsets[key] = offset
            offset += len(line)

    def _bad(self, what: str) -> CannotDecide:
        return self._error(f"`{self._name}` {what}.", "Delete it to have its cases graded again.")


def _open_own(path: Path) -> BinaryIO:
    """Open for appending, with its header, and without a last line that was torn."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = os.fdopen(os.open(path, _OPEN_FLAGS, 0o644), "r+b")
        whole = _end_of_last_line(stream)
        stream.truncate(whole)
        if whole == 0:
            stream.write(_HEADER)
            stream.flush()
    except OSError as error:
        raise _unwritable(path, error) from error
    return stream


def _end_of_last_line(stream: BinaryIO) -> int:
    end = 0
    for line in stream:
        if line.endswith(b"\n"):
            end += len(line)
    return end


def _open_other(other: Path | bytes) -> _Source:
    if isinstance(other, bytes):
        return _Source(BytesIO(other), "grades.jsonl of the baseline", BaselineUnreadable)
    try:
        stream = other.open("rb")
    except OSError as error:
        raise BaselineUnreadable(f"`{other}` cannot be read: {error.strerror}.") from error
    try:
        return _Source(stream, str(other), BaselineUnreadable)
    except BaseException:
        stream.close()
        raise


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _reply(record: Mapping[str, Any]) -> Reply:
    usage = record["usage"]
    return Reply(
        {axis: _scored(**grade) for axis, grade in record["grades"].items()},
        record["model"],
        TokenUsage(**usage) if usage is not None else None,
    )


def _scored(score: float, reason: str) -> Scored:
    if isinstance(score, bool) or not 0 <= score <= 1 or not isinstance(reason, str):
        raise ValueError("a grade is a score from 0 to 1 with a reason")
    return Scored(float(score), reason)


def _unwritable(path: Path, error: OSError) -> ResultsUnwritable:
    return ResultsUnwritable(
        f"`{path}` cannot be written: {error.strerror}.",
        "Free some space, or give another folder with `--results`.",
    )
