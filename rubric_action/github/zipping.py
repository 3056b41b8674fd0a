"""Some files of a folder as one zip: in a temporary file, and the same bytes for the same files."""

import hashlib
import os
import stat
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from rubric_action.errors import CannotDecide
from rubric_action.github import artifacts
from rubric_action.report import zipped

_CHUNK: Final = 1 << 20
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


class NotPacked(CannotDecide):
    """The files make no zip that could be read back later."""


@dataclass(frozen=True, slots=True)
class Room:
    """The most bytes of all files together, and of the zip: what a later run would still read."""

    inside: int = zipped.MOST_BYTES
    packed: int = artifacts.MOST_BYTES


@dataclass(frozen=True, slots=True)
class Packed:
    """A zip: the whole of `file`, its size in bytes, and its digest as `sha256:` and hex."""

    file: BinaryIO
    size: int
    digest: str


@contextmanager
def packed(folder: Path, names: Sequence[str], room: Room | None = None) -> Iterator[Packed]:
    """The files of those names, as far as they are there; the zip is gone afterwards.

    Links are not followed. Raises NotPacked, and OSError where something cannot be read or kept.
    """
    within = room or Room()
    with tempfile.TemporaryFile() as file:
        _fill(file, folder, names, within.inside)
        size = file.seek(0, os.SEEK_END)
        if size > within.packed:
            raise _too_large("packed", within.packed)
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        yield Packed(file, size, f"sha256:{digest}")


def _fill(file: BinaryIO, folder: Path, names: Sequence[str], most: int) -> None:
    left = most
    handle = os.open(folder, _FOLDER)
    try:
        with zipfile.ZipFile(file, "w") as archive:
            for name in names:
                left -= _copy(archive, handle, name, left)
                if left < 0:
                    raise _too_large("together", most)
    finally:
        os.close(handle)


def _copy(archive: zipfile.ZipFile, folder: int, name: str, most: int) -> int:
    """Put a file into the zip, if it is there; how many bytes, which is over `most` if cut."""
    try:
        handle = os.open(name, _FILE, dir_fd=folder)
    except FileNotFoundError:
        return 0
    size = 0
    with os.fdopen(handle, "rb") as source:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise NotPacked(f"`{name}` in the results folder is no file.")
        with archive.open(_member(name), "w") as target:
            while size <= most and (chunk := source.read(_CHUNK)):
                size += target.write(chunk)
    return size


def _member(name: str) -> zipfile.ZipInfo:
    """An entry that tells nothing of when and where it was made."""
    info = zipfile.ZipInfo(name, _LONG_AGO)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = _UNIX
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    return info


def _too_large(how: str, most: int) -> NotPacked:
    return NotPacked(f"The results are larger than {most:,} bytes {how}.")
