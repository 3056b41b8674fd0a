"""The commits of a file, as git has them here: no network, no shell, nothing of a user's settings.

Along the first parents, so that what a branch tried out counts once, when it was merged.
"""

import os
import posixpath
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rubric_action.errors import CannotDecide, InputError, Place, Problem
from rubric_action.rubric.history import Commit

TIMEOUT_S: Final = 60
MOST_COMMITS: Final = 1000
"""So many commits of a file are looked at."""
MOST_NAMES: Final = 20
"""So many names of a file are gone back through."""
_LATEST: Final = datetime(9999, 12, 31, tzinfo=UTC).timestamp()
_QUIET: Final = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C",
}
_FORMAT: Final = ("--encoding=UTF-8", "--format=%H%x00%P%x00%aN%x00%ct%x00%s")
_FIELDS: Final = 5


@dataclass(frozen=True, slots=True)
class Blob:
    """The file as a commit left it; `data` is None where the commit took it away."""

    commit: Commit
    data: bytes | None


@dataclass(frozen=True, slots=True)
class History:
    """The file's versions, oldest first. `cut` says why there may be earlier ones."""

    blobs: tuple[Blob, ...]
    cut: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    commit: Commit
    parents: tuple[str, ...]
    path: str


@dataclass(frozen=True, slots=True)
class Git:
    """The program, with the environment that it is started in and the time that it gets."""

    environ: Mapping[str, str] = field(repr=False)
    timeout_s: float = TIMEOUT_S

    def ask(self, folder: Path, *asked: str) -> "subprocess.CompletedProcess[bytes]":
        """What it says in a folder; InputError where it is not installed."""
        # `GIT_DIR` and its like, which a hook is started with, mean another repository.
        kept = {name: text for name, text in self.environ.items() if not name.startswith("GIT_")}
        command = ["git", "-C", str(folder), "-c", "log.showSignature=false", *asked]
        try:
            return subprocess.run(  # noqa: S603 (fixed words, no shell)
                command,
                capture_output=True,
                timeout=self.timeout_s,
                check=False,
                env=kept | _QUIET,
            )
        except FileNotFoundError:
            problem = Problem(Place("git"), "it is not installed, or not on PATH", "Install git.")
            raise InputError(problem) from None
        except subprocess.TimeoutExpired:
            cause = f"git did not answer within {self.timeout_s:g} seconds."
            raise CannotDecide(cause, "Is the disk slow? Try again.") from None


@dataclass(frozen=True, slots=True)
class Repository:
    """A git checkout by its top folder; `git` is how it is asked."""

    top: Path
    git: Git

    @classmethod
    def around(cls, folder: Path, git: Git) -> "Repository":
        """The repository that the folder lies in; InputError where there is none."""
        told = git.ask(folder, "rev-parse", "--show-toplevel")
        if told.returncode:
            why = os.fsdecode(told.stderr).strip().partition("\n")[0]
            mend = "Run it in a clone of the repository, or name one with `--root`."
            raise InputError(Problem(Place(str(folder)), f"git knows no repository: {why}", mend))
        return cls(Path(os.fsdecode(told.stdout.removesuffix(b"\n"))), git)

    def history(self, folder: Path, name: str, most: int = MOST_COMMITS) -> History:
        """The versions of a file, its earlier names included; the name counts from the folder.

        At most so many of each of its names are looked at, the newest.
        """
        path = self._path(folder, name)
        born = self._try("rev-parse", "-q", "--verify", "HEAD") is not None
        found = list(self._commits(path, most)) if born else []
        if not found:
            mend = "Commit it first, or mend the path."
            raise InputError(Problem(Place(name), "git knows no commit of this file", mend))
        blobs = tuple(Blob(self._told(one), self._blob(one)) for one in reversed(found))
        return History(blobs, self._cut(found, most))

    def branch_files(self, branch: str, path: str) -> Iterator[tuple[str, bytes]]:
        """A file on a branch that is here, and on what was fetched of it, by the name of each."""
        for prefix in ("refs/heads", "refs/remotes/origin"):
            name = f"{prefix}/{branch}:{path}"
            data = self._try("cat-file", "blob", name)
            if data is not None:
                yield name, data

    def _path(self, folder: Path, name: str) -> str:
        top = self.top.resolve()
        path = Path(posixpath.normpath((folder.resolve() / name).as_posix()))
        if not path.is_relative_to(top):
            what, mend = f"it lies outside of the repository {top}", "Mend `--rubric` or `--root`."
            raise InputError(Problem(Place(name), what, mend))
        return path.relative_to(top).as_posix()

    def _commits(self, path: str, most: int) -> Iterator[_Found]:
        """The commits that touched the file, newest first, back through its names."""
        start = "HEAD"
        for _ in range(MOST_NAMES):
            found = list(self._log(path, start, most))
            yield from found
            earlier = self._earlier_name(found[-1]) if found else None
            if earlier is None:
                return
            start, path = earlier

    def _log(self, path: str, start: str, most: int) -> Iterator[_Found]:
        limit = f"--max-count={most}"
        told = self._ask("log", "--first-parent", limit, "-z", *_FORMAT, start, "--", path)
        fields = os.fsdecode(told).split("\0")
        for at in range(0, len(fields) - _FIELDS + 1, _FIELDS):
            sha, parents, who, seconds, subject = fields[at : at + _FIELDS]
            yield _Found(Commit(sha, _time(seconds), (who,), subject), tuple(parents.split()), path)

    def _earlier_name(self, first: _Found) -> tuple[str, str] | None:
        """The commit and the name to go on from, where the first commit only renamed the file."""
        if not first.parents:
            return None
        parent, sha = first.parents[0], first.commit.sha
        asked = ("diff-tree", "-r", "-z", "-M", "--name-status", "--diff-filter=R", parent, sha)
        told = os.fsdecode(self._ask(*asked)).split("\0")
        renamed = {new: old for _, old, new in zip(*[iter(told)] * 3, strict=False)}
        return (parent, renamed[first.path]) if first.path in renamed else None

    def _told(self, one: _Found) -> Commit:
        """The commit; of a merge, with those who wrote what it brought."""
        if len(one.parents) < 2:
            return one.commit
        brought = f"{one.parents[0]}..{one.commit.sha}"
        format_ = ("--encoding=UTF-8", "--format=%aN")
        asked = ("log", "--no-merges", "-z", *format_, brought, "--", one.path)
        told = os.fsdecode(self._ask(*asked)).split("\0")
        names = dict.fromkeys(name for name in reversed(told) if name)
        return replace(one.commit, who=tuple(names) or one.commit.who)

    def _blob(self, one: _Found) -> bytes | None:
        tree = self._ask("ls-tree", "-z", "--full-tree", one.commit.sha, "--", one.path)
        if not tree:
            return None
        blob = os.fsdecode(tree.partition(b"\t")[0]).split()[-1]
        return self._ask("cat-file", "blob", blob)

    def _cut(self, found: Sequence[_Found], most: int) -> str:
        if len(found) >= most:
            return f"only the newest {most:,} commits of the file were looked at"
        if self._ask("rev-parse", "--is-shallow-repository").strip() == b"true":
            return "the clone is shallow: `git fetch --unshallow` gets the rest of the history"
        return ""

    def _ask(self, *asked: str) -> bytes:
        """What git says; CannotDecide where it refuses."""
        told = self._try(*asked)
        if told is None:
            cause = f"git could not read the history (`git {asked[0]}`)."
            raise CannotDecide(cause, "Try `git fsck`; a partial clone has to be made whole.")
        return told

    def _try(self, *asked: str) -> bytes | None:
        """What git says; None where it refuses."""
        told = self.git.ask(self.top, *asked)
        return None if told.returncode else told.stdout


def _time(seconds: str) -> datetime:
    """A commit's time; commits may hold any number, and one beyond all years is cut."""
    return datetime.fromtimestamp(max(0, min(int(seconds or 0), _LATEST)), UTC)
