"""Members of a zip as streams, inflated as they are read, and no further than is sane."""

import io
import zipfile
import zlib
from collections.abc import Callable
from typing import IO, Any, BinaryIO, Final, cast

from rubric_action.errors import CannotDecide

ZIP_FAULTS: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
)
MOST_MEMBERS: Final = 1_000
MOST_BYTES: Final = 1 << 30
MOST_INFLATION: Final = 1_000
_CHUNK_BYTES: Final = 1 << 16

Unreadable = Callable[[str], CannotDecide]
"""Makes the error that something cannot be read, from the reason why."""


def open_members(content: IO[bytes], unreadable: Unreadable) -> Callable[[str], BinaryIO | None]:
    """Opens members by name, None for one that is not there; `content` has to stay open.

    A zip that is none, or says that it inflates beyond reason, is unreadable.
    """
    try:
        archive = zipfile.ZipFile(content)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise unreadable(f"it is not a zip: {error}") from error
    _refuse_bomb(archive, unreadable)
    known = {info.filename for info in archive.infolist()}

    def opener(member: str) -> BinaryIO | None:
        if member not in known:
            return None
        stream = _Inflating(archive, member, unreadable)
        return cast("BinaryIO", io.BufferedReader(stream, _CHUNK_BYTES))

    return opener


def _refuse_bomb(archive: zipfile.ZipFile, unreadable: Unreadable) -> None:
    members = archive.infolist()
    names = [info.filename for info in members]
    size = sum(info.file_size for info in members)
    packed = sum(info.compress_size for info in members)
    if len(names) > MOST_MEMBERS or len(set(names)) != len(names):
        raise unreadable(f"it has {len(names)} members, or one of them twice")
    if size > MOST_BYTES or size > max(1, packed) * MOST_INFLATION:
        raise unreadable(f"it inflates from {packed} to {size} bytes")


class _Inflating(io.RawIOBase):
    """One member; the size that the archive claims is not believed."""

    def __init__(self, archive: zipfile.ZipFile, member: str, unreadable: Unreadable) -> None:
        self._name = member
        self._unreadable = unreadable
        self._read = 0
        self._stream = self._safely(lambda: archive.open(member))

    def readable(self) -> bool:
        """Nothing else can be done with it."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill as much of the buffer as one read gives."""
        data: bytes = self._safely(lambda: self._stream.read(len(buffer)))
        self._read += len(data)
        if self._read > MOST_BYTES:
            raise self._unreadable(f"{self._name} inflates to more than {MOST_BYTES} bytes")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Let go of the archive's member."""
        if not self.closed:
            self._stream.close()
        super().close()

    def _safely(self, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except ZIP_FAULTS as error:
            raise self._unreadable(f"{self._name} cannot be read: {error}") from error
