"""Lines in a cache folder, as runs keep and find them."""

import json
from pathlib import Path

from rubric_action.grading.cache import KIND
from rubric_action.grading.cache_folder import CacheFolder
from tests.grading.samples import KEY


def a_line(key: str, **fields: object) -> bytes:
    """A line as a journal writes it."""
    return json.dumps({"key": key, **fields}, separators=(",", ":")).encode() + b"\n"


def kept(folder: Path, *lines: bytes, secret: str = KEY) -> Path:
    """The folder after a run that kept these lines, by their keys."""
    with CacheFolder(folder, KIND, secret) as cache:
        for line in lines:
            cache.put(json.loads(line)["key"], line)
        assert cache.warnings == ()
    return folder


def files(folder: Path) -> list[Path]:
    """The files of lines, oldest first."""
    return sorted(folder.glob(f"{KIND}-*.jsonl"))


def found(folder: Path, *keys: str, secret: str = KEY) -> tuple[list[bool], tuple[str, ...]]:
    """Which keys a later run finds, and what it warns of."""
    with CacheFolder(folder, KIND, secret) as cache:
        return [cache.get(key) is not None for key in keys], cache.warnings
