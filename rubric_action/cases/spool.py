"""Records kept aside, out of the reach of the agent under test."""

import tempfile
import weakref
from array import array

from rubric_action.errors import CannotDecide

MEMORY_BYTES = 64 * 1024 * 1024


class Spool:
    """Byte strings by number, in memory up to `MEMORY_BYTES`, then in an unlinked file.

    The file has no name from the start, so no other process can open it by path, and memory does
    not follow the number of records. Eight bytes a record stay in memory for the index.
    """

    def __init__(self, memory_bytes: int = MEMORY_BYTES) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=memory_bytes)  # noqa: SIM115 - kept
        self._ends = array("Q", [0])
        self.close = weakref.finalize(self, self._file.close)

    def __len__(self) -> int:
        return len(self._ends) - 1

    def append(self, record: bytes) -> int:
        """Keep a record and give its number, from 0."""
        try:
            self._file.seek(self._ends[-1])
            self._file.write(record)
        except OSError as error:
            cause = f"The cases and sessions cannot be kept aside: {error.strerror}."
            raise CannotDecide(cause, "Make room in the temporary folder (TMPDIR).") from error
        self._ends.append(self._ends[-1] + len(record))
        return len(self) - 1

    def __getitem__(self, number: int) -> bytes:
        start, end = self._ends[number], self._ends[number + 1]
        self._file.seek(start)
        return self._file.read(end - start)
