"""`grades.jsonl`: every judge reply that was paid for, found again by the content of its request.

The first line names the schema, each further line holds one reply. Whoever can write the file
decides grades, so the caller opens only files that the graded change cannot have written.
"""

import errno
import json
import os
import stat
import threading
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO, FileIO
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from rubric_action.cases.plain import plain
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

    Only keys and offsets are held in memory. A reply is one write, unbuffered, so that a killed run
    loses none; a line torn by the kill is cut off when the file is opened again.
    """

    def __init__(self, path: Path, others: Iterable[Path | bytes] = ()) -> None:
        """Open `path`, making it where it is absent; `others` are read only (a path or contents).

        Raises `ResultsUnwritable` for trouble with `path`, `BaselineUnreadable` with another.
        """
        self._path = path
        self._lock = threading.Lock()
        with ExitStack() as opened:
            self._file = opened.enter_context(_open_own(path))
            self._own = _Source(_FileBytes(self._file), str(path), ResultsUnwritable)
            self._sources = [self._own, *(_open_other(other, opened) for other in others)]
            self._opened = opened.pop_all()

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
        return len(self._own.spans)

    def get(self, key: str) -> Reply | None:
        """The stored reply; one that came from another file is copied into the own file."""
        with self._lock:
            for source in self._sources:
                line = source.line(key)
                if line is not None:
                    reply = source.decode(line)
                    if source is not self._own:
                        self._append(key, line)
                    return reply
        return None

    def put(self, key: str, reply: Reply) -> None:
        """Append a reply; a later one of the same key replaces it. Raises `ResultsUnwritable`."""
        record = {
            "key": key,
            "grades": {axis: plain(grade) for axis, grade in reply.grades.items()},
            "model": reply.model,
            "usage": reply.usage and plain(reply.usage),
        }
        line = json.dumps(record, separators=(",", ":"), allow_nan=False).encode() + b"\n"
        with self._lock:
            self._append(key, line)

    def close(self) -> None:
        """Bring what was written to the disk, and let go of the files."""
        with self._lock, self._opened:
            if not self._file.closed:
                try:
                    os.fsync(self._file.fileno())
                except OSError as error:
                    raise _unwritable(self._path, error) from error

    def _append(self, key: str, line: bytes) -> None:
        start = self._file.seek(0, os.SEEK_END)
        try:
            written = self._file.write(line)
            while written < len(line):
                written += self._file.write(line[written:])
        except OSError as error:
            self._file.truncate(start)
            raise _unwritable(self._path, error) from error
        self._own.spans[key] = (start, len(line))


class _Bytes(Protocol):
    """Bytes that can be read from any place, as often as needed."""

    def lines(self) -> Iterable[bytes]:
        """All lines, from the start."""
        ...

    def part(self, start: int, length: int) -> bytes:
        """`length` bytes from `start`."""
        ...


class _FileBytes:
    """The bytes of an open file; reading moves no position, so that writing goes on undisturbed."""

    def __init__(self, file: FileIO) -> None:
        self._file = file

    def lines(self) -> Iterable[bytes]:
        """All lines, from the start."""
        self._file.seek(0)
        with open(self._file.fileno(), "rb", closefd=False) as buffered:
            yield from buffered

    def part(self, start: int, length: int) -> bytes:
        """`length` bytes from `start`."""
        return os.pread(self._file.fileno(), length, start)


class _HeldBytes:
    """Bytes in memory."""

    def __init__(self, held: bytes) -> None:
        self._held = held

    def lines(self) -> Iterable[bytes]:
        """All lines, from the start."""
        return BytesIO(self._held)

    def part(self, start: int, length: int) -> bytes:
        """`length` bytes from `start`."""
        return self._held[start : start + length]


class _Source:
    """One file of replies with the place of each key's newest line: offset and length."""

    def __init__(self, content: _Bytes, name: str, error: type[CannotDecide]) -> None:
        self.spans: dict[str, tuple[int, int]] = {}
        self._content = content
        self._name = name
        self._error = error
        self._index()

    def line(self, key: str) -> bytes | None:
        """The stored line of a key."""
        span = self.spans.get(key)
        return self._content.part(*span) if span else None

    def decode(self, line: bytes) -> Reply:
        """Read a stored line, strictly."""
        try:
            return _reply(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            kind = type(error).__name__
            raise self._bad(f"holds a reply that cannot be read ({kind})") from error

    def _index(self) -> None:
        lines = iter(self._content.lines())
        first = next(lines, b"")
        header = _object(first)
        if header is None or header.get("schema") != SCHEMA:
            told = str(header.get("schema") if header else None)[:80]
            raise self._bad(f"has the schema {told!r}, this version reads {SCHEMA!r}")
        offset = len(first)
        for number, line in enumerate(lines, start=2):
            if line.endswith(b"\n"):
                key = (_object(line) or {}).get("key")
                if not isinstance(key, str):
                    raise self._bad(f"has a line {number} that is no reply")
                self.spans[key] = (offset, len(line))
            offset += len(line)

    def _bad(self, what: str) -> CannotDecide:
        return self._error(f"`{self._name}` {what}.", "Delete it to have its cases graded again.")


def _open_own(path: Path) -> FileIO:
    """Open for appending, with its header, and without a last line that was torn."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = _ordinary(FileIO(os.open(path, _OPEN_FLAGS, 0o644), "r+"))
        whole = sum(len(line) for line in _FileBytes(file).lines() if line.endswith(b"\n"))
        file.truncate(whole)
        if whole == 0:
            file.write(_HEADER)
    except OSError as error:
        raise _unwritable(path, error) from error
    return file


def _ordinary(file: FileIO) -> FileIO:
    """The file, unless it is a pipe or a device, which reading would never come to the end of."""
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    raise OSError(errno.EINVAL, "it is no ordinary file")


def _open_other(other: Path | bytes, opened: ExitStack) -> _Source:
    if isinstance(other, bytes):
        return _Source(_HeldBytes(other), "grades.jsonl of the baseline", BaselineUnreadable)
    try:
        file = opened.enter_context(_ordinary(FileIO(other, "r")))
    except OSError as error:
        raise BaselineUnreadable(f"`{other}` cannot be read: {error.strerror}.") from error
    return _Source(_FileBytes(file), str(other), BaselineUnreadable)


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
