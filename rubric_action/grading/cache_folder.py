"""A folder of kept lines that outlives a run: on a laptop, or carried by `actions/cache`.

Whoever can write the folder would decide grades, and the code of the graded change may have run
before. So each line bears a code that only a holder of the secret can make, and a line whose code
is wrong counts as absent. Nothing here breaks a run: what cannot be read is asked for again, what
cannot be written is not kept, and both are told in a warning.
"""

import hmac
import os
from collections.abc import Iterator
from contextlib import ExitStack
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from rubric_action.grading.cache_files import MOST_LINE_BYTES, CacheFiles, lines_of
from rubric_action.grading.places import Places

MOST_BYTES: Final = 256 * 1024 * 1024
"""The most that a folder keeps of one kind of line; the oldest ones are dropped."""
MOST_FILES: Final = 16
"""With more files than that of one kind, those of runs that have ended are made one."""

_PURPOSE: Final = b"rubric-cache/1"
_KEY_FIRST: Final = b'{"key":"'
_MAC: Final = b'{"mac":"'
_CODE_AT: Final = slice(len(_MAC), len(_MAC) + 64)
_NEXT_AT: Final = _CODE_AT.stop + len(b'",')
_KEY_AT: Final = _NEXT_AT + len(_KEY_FIRST) - 1


class CacheFolder:
    """Lines of one kind by key. Use as a context manager; `warnings` tells what went wrong.

    A line is a JSON object with its key first, as `Journal` writes it. `secret` is what only those
    know who may decide what is found, such as the judge's key; lines written with another one are
    not found.
    """

    def __init__(self, folder: Path, kind: str, secret: str) -> None:
        self._folder = folder
        self._files = CacheFiles(folder, kind)
        purpose = b"\0".join((_PURPOSE, kind.encode()))
        self._secret = hmac.digest(secret.encode(), purpose, "sha256")
        self._opened = ExitStack()
        self._own: FileIO | None = None
        self._trouble: str | None = None
        self._unsigned = 0
        self._damaged = 0
        self._places = Places()
        self._sources: list[FileIO] = []
        try:
            self._index()
        except OSError as error:
            self._fails(error)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know, a sentence each."""
        return tuple(self._told())

    def get(self, key: str) -> bytes | None:
        """The kept line of a key, as it was put."""
        place = self._places.find(key)
        if place is None:
            return None
        source, offset = divmod(place[0], 1 << 40)
        try:
            sealed = os.pread(self._sources[source].fileno(), place[1], offset)
        except OSError as error:
            self._fails(error)
            return None
        line = b"{" + sealed[_NEXT_AT:]
        if hmac.compare_digest(self._sealed(line), sealed):
            return line
        self._unsigned += 1
        return None

    def put(self, key: str, line: bytes) -> None:
        """Keep a line under its key."""
        sealed = self._sealed(line)
        if self._trouble is not None or len(sealed) > MOST_LINE_BYTES:
            return
        try:
            if self._own is None:
                self._own = self._opened.enter_context(self._files.make())
            written = self._own.write(sealed)
        except OSError as error:
            self._fails(error)
            return
        if written < len(sealed):
            self._trouble = "the disk is full"

    def close(self) -> None:
        """Let go of the files, and tidy up the folder if this run added to it."""
        own, self._own = self._own, None
        self._opened.close()
        if own is None:
            return
        try:
            self._files.tidy(MOST_FILES, MOST_BYTES)
        except OSError as error:
            self._fails(error)

    def _index(self) -> None:
        self._sources = self._files.open()
        for number, source in enumerate(self._sources):
            self._opened.enter_context(source)
            for offset, line in lines_of(source):
                key, closing, _ = line[_KEY_AT:].partition(b'"')
                if closing and line[_NEXT_AT - 2 : _KEY_AT] == b'","key":"':
                    self._places.note(key.decode("latin-1"), number << 40 | offset, len(line))
                else:
                    self._damaged += 1

    def _sealed(self, line: bytes) -> bytes:
        """The line with its code: made of all that follows it."""
        code = hmac.digest(self._secret, line[1:], "sha256").hex().encode()
        return b"".join((_MAC, code, b'",', line[1:]))

    def _fails(self, error: OSError) -> None:
        self._trouble = self._trouble or str(error.strerror or type(error).__name__)

    def _told(self) -> Iterator[str]:
        name = f"the cache folder `{self._folder}`"
        if self._trouble is not None:
            yield f"Not all that was paid for is kept in {name}: {self._trouble}."
        if self._unsigned:
            yield (
                f"{self._unsigned} entries of {name} were not used: they were written with another "
                "key, or changed since."
            )
        if self._damaged:
            yield f"{self._damaged} lines of {name} cannot be read, and were not used."
