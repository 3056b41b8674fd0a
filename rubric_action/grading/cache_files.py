"""The files of a cache folder: finding them, making one, and keeping them few and small.

No file is written by two runs. A run holds a lock on its own file; the system lets go of it when
the process ends, however it ends.
"""

import fcntl
import os
import re
import secrets
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from io import FileIO
from pathlib import Path
from typing import Final

SCHEMA: Final = b'{"schema": "rubric-cache/1"}\n'
"""The first line of every file; a file with another one is left alone."""
MOST_LINE_BYTES: Final = 1024 * 1024
"""The longest line; behind a longer one, nothing of a file is read."""
MOST_READ_FILES: Final = 64
"""So many files of one kind are read, the newest ones."""

_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_MAKE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
_LOCK = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
# Readable for all: `actions/cache` packs the folder as another user than the container's.
_MODE = 0o644


class CacheFiles:
    """The files of one kind of line in a folder. Every method may raise OSError."""

    def __init__(self, folder: Path, kind: str) -> None:
        self._folder = folder
        self._kind = kind
        self._name = re.compile(rf"{re.escape(kind)}-(\d{{8}})-[0-9a-f]{{16}}\.jsonl")

    def open(self) -> list[FileIO]:
        """The files that can be read, oldest first; the caller closes them."""
        with ExitStack() as opened:
            found = [file for path in self._paths()[-MOST_READ_FILES:] if (file := _open(path))]
            for file in found:
                opened.enter_context(file)
            opened.pop_all()
        return found

    def make(self) -> FileIO:
        """A new file, newer than all others, with its header, and locked."""
        self._folder.mkdir(parents=True, exist_ok=True)
        newest = max(map(self._number, self._paths()), default=0)
        return self._make(newest + 1)

    def tidy(self, most_files: int, most_bytes: int) -> None:
        """Make one of the files of runs that have ended, where they are too many or too large.

        The oldest lines are dropped. Where another run is at it, nothing is done.
        """
        with ExitStack() as held:
            lock = FileIO(os.open(self._folder / f"{self._kind}.lock", _LOCK, _MODE), "r+")
            if not _locked(held.enter_context(lock)):
                return
            there = [
                (path, held.enter_context(file))
                for path in self._paths()
                if (file := _open(path)) is not None
            ]
            ended = [(path, file) for path, file in there if _locked(file)]
            size = sum(os.fstat(file.fileno()).st_size for _, file in ended)
            if size > most_bytes:
                self._merge(ended, size - most_bytes * 3 // 4)
            elif len(ended) > most_files:
                self._merge(ended, 0)

    def _merge(self, ended: Sequence[tuple[Path, FileIO]], surplus: int) -> None:
        """Write the lines of some files into one, without so many bytes of the oldest."""
        with self._make(self._number(ended[-1][0])) as merged:
            for _, file in ended:
                for _, line in lines_of(file):
                    if surplus > 0:
                        surplus -= len(line)
                    else:
                        merged.write(line)
            os.fsync(merged.fileno())
        for path, _ in ended:
            path.unlink(missing_ok=True)

    def _paths(self) -> list[Path]:
        """The files, oldest first."""
        try:
            found = [path for path in self._folder.iterdir() if self._name.fullmatch(path.name)]
        except FileNotFoundError:
            return []
        return sorted(found)

    def _number(self, path: Path) -> int:
        found = self._name.fullmatch(path.name)
        return int(found[1]) if found else 0

    def _make(self, number: int) -> FileIO:
        while True:
            name = f"{self._kind}-{number % 10**8:08}-{secrets.token_hex(8)}.jsonl"
            path = self._folder / name
            file = FileIO(os.open(path, _MAKE, _MODE), "r+")
            # Whoever tidies up may have taken it for one of a run that has ended.
            if _locked(file) and path.exists():
                file.write(SCHEMA)
                return file
            file.close()


def lines_of(file: FileIO) -> Iterator[tuple[int, bytes]]:
    """The whole lines of a file behind its header, each with where it begins."""
    file.seek(0)
    with open(file.fileno(), "rb", closefd=False) as buffered:
        offset = len(buffered.readline(len(SCHEMA)))
        while (line := buffered.readline(MOST_LINE_BYTES)).endswith(b"\n"):
            yield offset, line
            offset += len(line)


def _open(path: Path) -> FileIO | None:
    """The file, if it is there, an ordinary one, and begins as one of ours."""
    try:
        file = FileIO(os.open(path, _READ), "r")
    except OSError:  # gone since it was listed, or a link
        return None
    ordinary = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
    if ordinary and file.read(len(SCHEMA)) == SCHEMA:
        return file
    file.close()
    return None


def _locked(file: FileIO) -> bool:
    """Whether the file could be locked, at once."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
