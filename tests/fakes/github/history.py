"""The graph of commits that a repository and its forks share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.fakes.github.records import Commit, blob_sha


@dataclass(frozen=True, slots=True)
class FileChange:
    """A path that differs between two trees; a side without the file is None."""

    path: str
    before: bytes | None
    after: bytes | None

    @property
    def status(self) -> str:
        """`added`, `removed` or `modified`."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "modified"


@dataclass(slots=True)
class Network:
    """Commits by SHA, in the order in which they were made, and trees that await theirs."""

    commits: dict[str, Commit] = field(default_factory=dict)
    trees: dict[str, Mapping[str, bytes]] = field(default_factory=dict)

    def add(self, commit: Commit) -> None:
        """Make a commit known."""
        self.commits[commit.sha] = commit

    def tree(self, parents: Iterable[str]) -> Mapping[str, bytes]:
        """The files that a child of these parents starts from: the first one's."""
        return next((self.commits[sha].files for sha in parents), {})

    def blob(self, sha: str) -> bytes | None:
        """A file's content by its name in git, from whichever tree."""
        trees = [*self.trees.values(), *(commit.files for commit in self.commits.values())]
        contents = (data for files in trees for data in files.values())
        return next((data for data in contents if blob_sha(data) == sha), None)

    def ancestors(self, sha: str) -> set[str]:
        """The commit itself and everything it builds on."""
        found: set[str] = set()
        waiting = [sha]
        while waiting:
            current = waiting.pop()
            if current not in found:
                found.add(current)
                waiting.extend(self.commits[current].parents)
        return found

    def merge_base(self, one: str, other: str) -> str | None:
        """The newest commit that both build on; None for unrelated histories."""
        shared = self.ancestors(one) & self.ancestors(other)
        return next((sha for sha in reversed(self.commits) if sha in shared), None)

    def between(self, base: str, head: str) -> list[Commit]:
        """The commits that head has and base lacks, oldest first."""
        only = self.ancestors(head) - self.ancestors(base)
        return [commit for sha, commit in self.commits.items() if sha in only]

    def log(self, sha: str) -> list[Commit]:
        """A commit's history, newest first."""
        known = self.ancestors(sha)
        return [commit for key, commit in reversed(self.commits.items()) if key in known]

    def changes(self, base: str | None, head: str) -> list[FileChange]:
        """The files that differ between two commits' trees; no base stands for an empty tree."""
        before = self.commits[base].files if base else {}
        after = self.commits[head].files
        paths = sorted(before.keys() | after.keys())
        pairs = [FileChange(path, before.get(path), after.get(path)) for path in paths]
        return [change for change in pairs if change.before != change.after]
