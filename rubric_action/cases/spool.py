"""Records kept aside, out of the reach of the agent under test."""

import os
import tempfile
import weakref
from array import array
from typing import IO, Final

from rubric_action.errors import CannotDecide

BUFFER_BYTES: Final = 1 << 20
"""So much is gathered before it goes to disk; a small suite never does."""


class Spool:
    """Byte strings by number, in a file without a name but for the newest `buffer_bytes`.

    No other process can open the file by path, and memory does not follow the number of records:
    eight bytes a record stay for the index.
    """

    def __init__(self, buffer_bytes: int = BUFFER_BYTES) -> None:
        self._buffer_bytes = buffer_bytes
        self._buffer = bytearray()
        self._written = 0
        self._file: IO[bytes] | None = None
        self._ends = array("Q", [0])

    def __len__(self) -> int:
        return len(self._ends) - 1

    def append(self, record: bytes) -> int:
        """Keep a record and give its number, from 0."""
        self._buffer += record
        ends = self._ends
        ends.append(ends[-1] + len(record))
        if len(self._buffer) >= self._buffer_bytes:
            self._flush()
        return len(ends) - 2

    def __getitem__(self, number: int) -> bytes:
        start, end = self._ends[number], self._ends[number + 1]
        if start >= self._written or self._file is None:
            return bytes(self._buffer[start - self._written : end - self._written])
        return os.pread(self._file.fileno(), end - start, start)

    def close(self) -> None:
        """Forget the records; nothing can be read afterwards."""
        self._ends = array("Q", [0])
        self._buffer.clear()
        if self._file is not None:
            self._file.close()

    def _flush(self) -> None:
        """Bring the buffer to disk; a record is never half there and half here."""
        try:
            file = self._file = self._file or self._opened()
            left = memoryview(bytes(self._buffer))
            while left:
                left = left[os.write(file.fileno(), left) :]
        except OSError as error:
            cause = f"The cases and sessions cannot be kept aside: {error.strerror}."
            raise CannotDecide(cause, "Make room in the temporary folder (TMPDIR).") from error
        self._written += len(self._buffer)
        self._buffer = bytearray()

    def _opened(self) -> IO[bytes]:
        file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 (closed with the spool)
        weakref.finalize(self, file.close)
        return file
