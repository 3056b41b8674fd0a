"""The plain things GitHub remembers: accounts, tokens, commits, comments, reviews, statuses."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

GITHUB_ACTIONS_BOT = "github-actions[bot]"

# What a workflow of this project asks for.
JOB_PERMISSIONS: Mapping[str, str] = {
    "actions": "read",
    "checks": "write",
    "contents": "read",
    "issues": "write",
    "pull-requests": "write",
    "statuses": "write",
}
# What GitHub leaves of any permission set when the pull request comes from a fork.
FORK_PERMISSIONS: Mapping[str, str] = dict.fromkeys(JOB_PERMISSIONS, "read")


@dataclass(frozen=True, slots=True)
class Account:
    """A user, bot or organisation."""

    login: str
    id: int
    type: str = "User"


@dataclass(frozen=True, slots=True)
class Token:
    """A credential: who it speaks for and what it may do; `write` includes `read`."""

    value: str
    account: Account
    permissions: Mapping[str, str]

    def allows(self, permission: str) -> bool:
        """Whether `name:level` is granted."""
        name, _, level = permission.partition(":")
        granted = self.permissions.get(name)
        return name == "metadata" or granted in ("write", level)


@dataclass(slots=True)
class Commit:
    """A commit with its whole tree; `author` is None when the email maps to no account."""

    sha: str
    message: str
    parents: tuple[str, ...]
    files: Mapping[str, bytes]
    author: Account | None
    committer: Account | None
    date: datetime

    @property
    def tree_sha(self) -> str:
        """A hash of the tree, as stable as its content."""
        return tree_sha(self.files)


@dataclass(slots=True)
class Comment:
    """A comment of a pull request's conversation; `user` is None when the account is gone."""

    id: int
    user: Account | None
    body: str
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True)
class Review:
    """A review; its `state` is APPROVED, CHANGES_REQUESTED, COMMENTED or DISMISSED."""

    id: int
    user: Account | None
    state: str
    body: str
    commit_id: str
    submitted_at: datetime
    author_association: str = "MEMBER"


@dataclass(slots=True)
class IssueEvent:
    """An entry of a pull request's history; `label` is set for `labeled` and `unlabeled`.

    `app` is the slug of an app that acted for the actor; `review` the one that was dismissed.
    """

    id: int
    event: str
    actor: Account | None
    created_at: datetime
    label: str | None = None
    commit_id: str | None = None
    app: str | None = None
    review: Review | None = None


@dataclass(slots=True)
class Status:
    """A commit status; the newest of a context is the one that counts."""

    id: int
    sha: str
    context: str
    state: str
    description: str | None
    target_url: str | None
    creator: Account
    created_at: datetime


@dataclass(slots=True)
class CheckRun:
    """A check run on a commit."""

    id: int
    name: str
    head_sha: str
    status: str
    conclusion: str | None
    output: Mapping[str, object] = field(default_factory=dict)
    details_url: str | None = None
    external_id: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None


def sha1(data: bytes) -> str:
    """The 40 hex digits that name an object."""
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def blob_sha(data: bytes) -> str:
    """The name git gives a file's content."""
    return sha1(b"blob %d\0" % len(data) + data)


def tree_sha(files: Mapping[str, bytes]) -> str:
    """A hash of a tree, as stable as its content."""
    listing = "".join(f"{path}\0{blob_sha(data)}" for path, data in sorted(files.items()))
    return sha1(listing.encode())


def timestamp(moment: datetime | None) -> str | None:
    """A moment as GitHub writes it: UTC, whole seconds, `Z`."""
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
