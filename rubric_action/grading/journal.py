"""A file of JSON lines that is looked up by key: what was paid for is found again.

The first line names the schema, each further line holds one record, its key first. Whoever can
write the file decides what is found, so the caller opens only files that the graded change cannot
have written.
"""

import errno
import json
import os
import stat
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from io import BytesIO, FileIO
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Generic, Protocol, Self, TypeVar

from rubric_action.errors import BaselineUnreadable, CannotDecide, ResultsUnwritable
from rubric_action.grading.cache_folder import CacheFolder
from rubric_action.grading.places import Places

_OPEN_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
_KEY_FIRST: Final = b'{"key":"'
_ENCODE: Final = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode

Value = TypeVar("Value")


class Codec(Protocol[Value]):
    """How a value stands in a line, beside its key."""

    schema: str

    def write(self, value: Value) -> Mapping[str, Any]:
        """The fields of the line."""
        ...

    def read(self, record: Mapping[str, Any]) -> Value:
        """The value, read strictly: ValueError, KeyError or TypeError for any other line."""
        ...


class Journal(Generic[Value]):
    """Values by key: read from any number of files, appended to one. Use as a context manager.

    Only places are held in memory. A value is one write, unbuffered, so that a killed run loses
    none; a line torn by the kill is cut off when the file is opened again.
    """

    def __init__(
        self,
        path: Path,
        codec: Codec[Value],
        others: Iterable[Path | bytes] = (),
        folder: CacheFolder | None = None,
    ) -> None:
        """Open `path`, making it where it is absent; `others` are read only (a path or contents).

        What is in neither is looked for in the `folder`, which gets every value that is put.
        Raises `ResultsUnwritable` for trouble with `path`, `BaselineUnreadable` with another.
        """
        self._path = path
        self._codec = codec
        self._folder = folder
        self._lock = threading.Lock()
        with ExitStack() as opened:
            self._file = opened.enter_context(_open_own(path, _header(codec.schema)))
            self._own = _Source(_FileBytes(self._file), str(path), ResultsUnwritable)
            self._own.index(codec.schema)
            self._others = [_open_other(other, path.name, opened) for other in others]
            for other in self._others:
                other.index(codec.schema)
            self._end = self._file.seek(0, os.SEEK_END)
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
        """How many values the own file holds."""
        return len(self._own.places)

    def get(self, key: str) -> Value | None:
        """The stored value; one that came from elsewhere is copied into the own file."""
        with self._lock:
            line = self._own.line(key)
            if line is not None:
                return self._own.decode(line, self._codec)
            for other in self._others:
                line = other.line(key)
                if line is not None:
                    value = other.decode(line, self._codec)
                    self._append(key, line)
                    return value
            return self._from_folder(key)

    def own(self, key: str) -> Value | None:
        """The value that the own file holds, whatever others do."""
        with self._lock:
            line = self._own.line(key)
            return None if line is None else self._own.decode(line, self._codec)

    def values(self) -> Iterator[Value]:
        """Every value of every file, as it stands there; the `folder` is not gone through."""
        for source in (self._own, *self._others):
            for line in source.lines():
                yield source.decode(line, self._codec)

    def put(self, key: str, value: Value) -> None:
        """Append a value; a later one of the same key replaces it. Raises `ResultsUnwritable`."""
        line = _ENCODE({"key": key, **self._codec.write(value)}).encode() + b"\n"
        with self._lock:
            self._append(key, line)
            if self._folder is not None:
                self._folder.put(key, line)

    def close(self) -> None:
        """Bring what was written to the disk, and let go of the files."""
        with self._lock, self._opened:
            if not self._file.closed:
                try:
                    os.fsync(self._file.fileno())
                except OSError as error:
                    raise _unwritable(self._path, error) from error

    def _from_folder(self, key: str) -> Value | None:
        line = self._folder.get(key) if self._folder is not None else None
        if line is None:
            return None
        try:
            value = self._codec.read(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError):
            return None  # written by a version that stored other values under such a key
        self._append(key, line)
        return value

    def _append(self, key: str, line: bytes) -> None:
        start = self._end
        try:
            written = self._file.write(line)
            while written < len(line):
                written += self._file.write(line[written:])
        except OSError as error:
            self._file.truncate(start)
            raise _unwritable(self._path, error) from error
        self._end += len(line)
        self._own.places.note(key, start, len(line))


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
    """One file of values with the place of each key's newest line."""

    def __init__(self, content: _Bytes, name: str, error: type[CannotDecide]) -> None:
        self.places = Places()
        self._content = content
        self._name = name
        self._error = error

    def index(self, schema: str) -> None:
        """Note the place of every line; raises for a line that is none."""
        lines = iter(self._content.lines())
        first = next(lines, b"")
        header = _object(first)
        if header is None or header.get("schema") != schema:
            told = str(header.get("schema") if header else None)[:80]
            raise self._bad(f"has the schema {told!r}, this version reads {schema!r}")
        offset = len(first)
        for number, line in enumerate(lines, start=2):
            if line.endswith(b"\n"):
                key = _key(line)
                if key is None:
                    raise self._bad(f"has a line {number} that is no record")
                self.places.note(key, offset, len(line))
            offset += len(line)

    def line(self, key: str) -> bytes | None:
        """The stored line of a key."""
        place = self.places.find(key)
        return self._content.part(*place) if place else None

    def lines(self) -> Iterator[bytes]:
        """Every whole line behind the header."""
        behind = islice(self._content.lines(), 1, None)
        return (line for line in behind if line.endswith(b"\n"))

    def decode(self, line: bytes, codec: Codec[Value]) -> Value:
        """Read a stored line, strictly."""
        try:
            return codec.read(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            kind = type(error).__name__
            raise self._bad(f"holds a record that cannot be read ({kind})") from error

    def _bad(self, what: str) -> CannotDecide:
        return self._error(f"`{self._name}` {what}.", "Delete it, and it is all asked for again.")


def _open_own(path: Path, header: bytes) -> FileIO:
    """Open for appending, with its header, and without a last line that was torn."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = _ordinary(FileIO(os.open(path, _OPEN_FLAGS, 0o644), "r+"))
        whole = sum(len(line) for line in _FileBytes(file).lines() if line.endswith(b"\n"))
        file.truncate(whole)
        if whole == 0:
            file.write(header)
    except OSError as error:
        raise _unwritable(path, error) from error
    return file


def _ordinary(file: FileIO) -> FileIO:
    """The file, unless it is a pipe or a device, which reading would never come to the end of."""
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    raise OSError(errno.EINVAL, "it is no ordinary file")


def _open_other(other: Path | bytes, name: str, opened: ExitStack) -> _Source:
    if isinstance(other, bytes):
        return _Source(_HeldBytes(other), f"{name} of the baseline", BaselineUnreadable)
    try:
        file = opened.enter_context(_ordinary(FileIO(other, "r")))
    except OSError as error:
        raise BaselineUnreadable(f"`{other}` cannot be read: {error.strerror}.") from error
    return _Source(_FileBytes(file), str(other), BaselineUnreadable)


def _header(schema: str) -> bytes:
    return json.dumps({"schema": schema}).encode() + b"\n"


def _key(line: bytes) -> str | None:
    """The key of a line. A large file is gone through at a tenth of the time by its look."""
    if line.startswith(_KEY_FIRST) and line.endswith(b"}\n"):
        key, closing, _ = line[len(_KEY_FIRST) :].partition(b'"')
        if closing and key.isalnum():
            return key.decode()
    found = (_object(line) or {}).get("key")
    return found if isinstance(found, str) else None


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _unwritable(path: Path, error: OSError) -> ResultsUnwritable:
    return ResultsUnwritable(
        f"`{path}` cannot be written: {error.strerror}.",
        "Free some space, or give another folder with `--results`.",
    )
