"""Globs of a checkout that may hold links: bounded, where `Path.glob` follows them without end."""

import os
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

MOST_VISITED: Final = 1_000_000
"""So many files and folders may be looked at for one glob."""

_WILD: Final = re.compile(r"[*?\[]")

Step = tuple[Path, tuple[str, ...]]
"""A folder, and the parts of the glob that are still to be followed from it."""


def matches(root: Path, pattern: str, most_visited: int = MOST_VISITED) -> set[Path]:
    """The files under root that a glob matches; a folder is visited once for each part of it.

    A wildcard does not lead into a folder that is a link: links can make endless paths out of one
    folder. A link that the glob names is followed. Raises ValueError for a pattern that is none or
    that looks at more than `most_visited` entries, OSError for a folder that cannot be listed.
    """
    parts = Path(pattern).parts
    if not parts:
        raise ValueError("it is empty")
    if any("**" in part and part != "**" for part in parts):
        raise ValueError("`**` has to stand alone between slashes")
    walk = _Walk(most_visited)
    todo: list[Step] = [(root, parts)]
    seen = set(todo)
    while todo:
        folder, (part, *rest) = todo.pop()
        fresh = set(walk.steps(folder, part, tuple(rest))) - seen
        seen |= fresh
        todo += fresh
    return walk.files


class _Walk:
    """The files found, and how much was looked at for them."""

    def __init__(self, most_visited: int) -> None:
        self.files: set[Path] = set()
        self._most = most_visited
        self._visited = 0

    def steps(self, folder: Path, part: str, rest: tuple[str, ...]) -> Iterator[Step]:
        """Where one part leads from a folder; what the last part leads to is kept."""
        if part == "**":
            if rest:
                yield folder, rest
            for entry in self._entries(folder):
                if entry.is_dir(follow_symlinks=False):
                    yield folder / entry.name, (part, *rest)
        elif _WILD.search(part):
            for entry in self._entries(folder):
                if fnmatchcase(entry.name, part):
                    yield from self._reach(entry, folder / entry.name, rest)
        elif rest and (folder / part).is_dir():
            yield folder / part, rest
        elif not rest and os.path.lexists(folder / part) and not (folder / part).is_dir():
            self.files.add(folder / part)

    def _reach(self, entry: os.DirEntry[str], path: Path, rest: tuple[str, ...]) -> Iterator[Step]:
        if rest and entry.is_dir(follow_symlinks=False):
            yield path, rest
        elif not rest and not entry.is_dir():
            self.files.add(path)

    def _entries(self, folder: Path) -> Iterator[os.DirEntry[str]]:
        with os.scandir(folder) as entries:
            for entry in entries:
                self._visited += 1
                if self._visited > self._most:
                    raise ValueError(f"it looks at more than {self._most:,} files and folders")
                yield entry
