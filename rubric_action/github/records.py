"""What GitHub tells us, as values, read strictly: what we rely on has to be there."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from rubric_action.gate.override.facts import Person
from rubric_action.github.fields import part, pick, pick_or_none, time_or_none

GHOST: Final = "ghost"
"""The account that GitHub shows in the place of all that were deleted."""


@dataclass(frozen=True, slots=True)
class Author:
    """An account by its login; logins are the same in any case."""

    login: str
    bot: bool

    @classmethod
    def of(cls, data: Any) -> "Author | None":
        """The account, or None once it is deleted."""
        if not isinstance(data, dict):
            return None
        return cls(pick(data, "login", str).lower(), pick_or_none(data, "type", str) == "Bot")


def person(data: Any) -> Person | None:
    """The account by its number, as in the schema `simple-user`; None once it is deleted."""
    # GitHub shows a commit's author that it does not know as null or as an empty object.
    if not data:
        return None
    login, kind = pick(data, "login", str), pick_or_none(data, "type", str)
    if login.lower() == GHOST:
        return None
    human = kind == "User" and not login.endswith("[bot]")
    return Person(pick(data, "id", int), login, human)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment of a pull request's conversation."""

    id: int
    author: Author | None
    body: str
    url: str

    @classmethod
    def of(cls, data: Any) -> "Comment":
        """Read the schema `issue-comment`."""
        return cls(
            pick(data, "id", int),
            Author.of(part(data, "user")),
            pick_or_none(data, "body", str) or "",
            pick(data, "html_url", str),
        )


@dataclass(frozen=True, slots=True)
class Status:
    """A commit status; GitHub counts the newest of a context. Whose it is, is no part of it."""

    context: str
    state: str
    description: str
    target_url: str
    creator: Author | None = field(default=None, compare=False)
    created_at: datetime | None = field(default=None, compare=False)

    @classmethod
    def of(cls, data: Any) -> "Status":
        """Read the schema `status`."""
        return cls(
            pick(data, "context", str),
            pick(data, "state", str),
            pick_or_none(data, "description", str) or "",
            pick_or_none(data, "target_url", str) or "",
            Author.of(part(data, "creator")),
            time_or_none(pick_or_none(data, "created_at", str)),
        )


@dataclass(frozen=True, slots=True)
class Artifact:
    """An uploaded zip, and where it says it came from."""

    id: int
    name: str
    size: int
    expired: bool
    digest: str | None
    created_at: str
    run_id: int | None
    repository_id: int | None
    head_repository_id: int | None
    head_branch: str | None
    head_sha: str | None

    @classmethod
    def of(cls, data: Any) -> "Artifact":
        """Read the schema `artifact`."""
        run = part(data, "workflow_run")
        return cls(
            id=pick(data, "id", int),
            name=pick(data, "name", str),
            size=pick(data, "size_in_bytes", int),
            expired=pick(data, "expired", bool),
            digest=pick_or_none(data, "digest", str),
            created_at=pick_or_none(data, "created_at", str) or "",
            run_id=pick_or_none(run, "id", int),
            repository_id=pick_or_none(run, "repository_id", int),
            head_repository_id=pick_or_none(run, "head_repository_id", int),
            head_branch=pick_or_none(run, "head_branch", str),
            head_sha=pick_or_none(run, "head_sha", str),
        )


@dataclass(frozen=True, slots=True)
class WorkflowRun:
    """A run of a workflow. `path` is the workflow's file, without a ref."""

    id: int
    workflow_id: int
    path: str | None
    event: str
    status: str | None
    head_branch: str | None
    repository_id: int | None
    head_repository_id: int | None
    created_at: datetime | None = None
    started_at: datetime | None = None

    @classmethod
    def of(cls, data: Any) -> "WorkflowRun":
        """Read the schema `workflow-run`."""
        path = pick_or_none(data, "path", str)
        return cls(
            id=pick(data, "id", int),
            workflow_id=pick(data, "workflow_id", int),
            path=path.partition("@")[0] if path else None,
            event=pick(data, "event", str),
            status=pick_or_none(data, "status", str),
            head_branch=pick_or_none(data, "head_branch", str),
            repository_id=pick_or_none(data, "repository.id", int),
            head_repository_id=pick_or_none(data, "head_repository.id", int),
            created_at=time_or_none(pick_or_none(data, "created_at", str)),
            started_at=time_or_none(pick_or_none(data, "run_started_at", str)),
        )
