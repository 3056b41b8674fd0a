"""What happened: the webhook payload decoded into the few facts that the gate decides by."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from rubric_action.errors import InputError, Place, Problem
from rubric_action.github.context import Context
from rubric_action.github.fields import part, pick_or_none

Value = TypeVar("Value")
PullName = Literal["pull_request", "pull_request_target", "pull_request_review"]

BRANCH_EVENTS: Final = ("push", "schedule", "workflow_dispatch")
PULL_EVENTS: Final[tuple[PullName, ...]] = (
    "pull_request",
    "pull_request_target",
    "pull_request_review",
)
MOST_BYTES: Final = 64 << 20
_QUEUED = re.compile(r"refs/heads/gh-readonly-queue/.+/pr-(\d{1,18})-[0-9a-f]+")
"""The branch of a merge group, which names the pull request that the group ends with."""


@dataclass(frozen=True, slots=True)
class Home:
    """The repository itself. GitHub leaves either fact out of a few payloads."""

    id: int | None
    default_branch: str | None


@dataclass(frozen=True, slots=True)
class PullRequestEvent:
    """A pull request; `head_repository_id` is None when the repository it came from is gone.

    `action` is what was done to it, or to its review; `base_changed` says that an edit moved it
    onto another branch.
    """

    name: PullName
    number: int
    head_sha: str
    base_sha: str
    base_ref: str
    head_repository_id: int | None
    home: Home
    action: str = ""
    base_changed: bool = False

    @property
    def fork(self) -> bool:
        """Whether it comes from anywhere but this very repository."""
        return self.head_repository_id is None or self.head_repository_id != self.home.id

    @property
    def sha(self) -> str:
        """The commit that the verdict is about."""
        return self.head_sha


@dataclass(frozen=True, slots=True)
class BranchEvent:
    """A push, a schedule or a run by hand, on the tip of a branch."""

    name: str
    sha: str
    ref: str
    home: Home

    @property
    def on_default_branch(self) -> bool:
        """Whether the branch is the default one; a tag is no branch."""
        return self.ref == f"refs/heads/{self.home.default_branch}"


@dataclass(frozen=True, slots=True)
class MergeGroupEvent:
    """A merge queue's group of pull requests; `number` is that of the last one, where it is told.

    `base_sha` is the commit that the group was put upon: it may be another group's head, of which
    nobody knows yet whether it will be merged. Refs are whole, `refs/heads/...`.
    """

    action: str
    head_sha: str
    head_ref: str
    base_sha: str
    base_ref: str
    number: int | None
    home: Home
    name: Literal["merge_group"] = "merge_group"

    @property
    def sha(self) -> str:
        """The commit that the verdict is about."""
        return self.head_sha


@dataclass(frozen=True, slots=True)
class WorkflowRunEvent:
    """Another workflow's run, which started this one. All but `action` and `home` is about it.

    `head_owner` is the login of who owns the repository that its head comes from; it and the
    repository's id are None once that is gone.
    """

    action: str
    run_id: int
    workflow_id: int
    workflow_path: str | None
    event: str
    conclusion: str | None
    head_sha: str
    head_branch: str | None
    head_repository_id: int | None
    head_owner: str | None
    home: Home
    name: Literal["workflow_run"] = "workflow_run"

    @property
    def sha(self) -> str:
        """The commit that the verdict is about."""
        return self.head_sha


@dataclass(frozen=True, slots=True)
class OtherEvent:
    """An event that the gate does not know."""

    name: str
    home: Home


Event = PullRequestEvent | BranchEvent | MergeGroupEvent | WorkflowRunEvent | OtherEvent


def read_event(context: Context) -> Event:
    """The event of this run; InputError when the payload is not what GitHub writes."""
    payload = _Payload(_load(context.event_path), context.event_path)
    for name in PULL_EVENTS:
        if context.event == name:
            return _pull_request(name, payload)
    if context.event in BRANCH_EVENTS:
        return BranchEvent(context.event, context.sha, context.ref, payload.home)
    if context.event == "merge_group":
        return _merge_group(payload)
    if context.event == "workflow_run":
        return _workflow_run(payload)
    return OtherEvent(context.event, payload.home)


class _Payload:
    """The payload, and what of it was asked for and is not there."""

    def __init__(self, data: Any, path: Path) -> None:
        self._data = data
        self._path = path
        self._missing: list[str] = []

    @property
    def home(self) -> Home:
        repository = part(self._data, "repository")
        return Home(
            pick_or_none(repository, "id", int), pick_or_none(repository, "default_branch", str)
        )

    def has(self, name: str) -> bool:
        return part(self._data, name) is not None

    def text(self, name: str) -> str:
        found = pick_or_none(self._data, name, str)
        return found or self._lacks(name, "")

    def text_or_none(self, name: str) -> str | None:
        return pick_or_none(self._data, name, str) or None

    def number(self, name: str) -> int:
        found = pick_or_none(self._data, name, int)
        return found or self._lacks(name, 0)

    def number_or_none(self, name: str) -> int | None:
        return pick_or_none(self._data, name, int)

    def check(self) -> None:
        """Refuse the payload for all that it lacks."""
        if self._missing:
            raise _no_use(self._path, f"it does not hold {', '.join(self._missing)}")

    def _lacks(self, name: str, instead: Value) -> Value:
        self._missing.append(name)
        return instead


def _pull_request(name: PullName, payload: _Payload) -> PullRequestEvent:
    event = PullRequestEvent(
        name=name,
        head_sha=payload.text("pull_request.head.sha"),
        base_sha=payload.text("pull_request.base.sha"),
        base_ref=payload.text("pull_request.base.ref"),
        number=payload.number("pull_request.number"),
        head_repository_id=payload.number_or_none("pull_request.head.repo.id"),
        home=payload.home,
        action=payload.text_or_none("action") or "",
        base_changed=payload.has("changes.base"),
    )
    payload.check()
    return event


def _merge_group(payload: _Payload) -> MergeGroupEvent:
    ref = payload.text("merge_group.head_ref")
    queued = _QUEUED.fullmatch(ref)
    event = MergeGroupEvent(
        action=payload.text("action"),
        head_sha=payload.text("merge_group.head_sha"),
        head_ref=ref,
        base_sha=payload.text("merge_group.base_sha"),
        base_ref=payload.text("merge_group.base_ref"),
        number=int(queued[1]) if queued else None,
        home=payload.home,
    )
    payload.check()
    return event


def _workflow_run(payload: _Payload) -> WorkflowRunEvent:
    path = payload.text_or_none("workflow_run.path")
    event = WorkflowRunEvent(
        action=payload.text("action"),
        run_id=payload.number("workflow_run.id"),
        workflow_id=payload.number("workflow_run.workflow_id"),
        workflow_path=path.partition("@")[0] if path else None,
        event=payload.text("workflow_run.event"),
        conclusion=payload.text_or_none("workflow_run.conclusion"),
        head_sha=payload.text("workflow_run.head_sha"),
        head_branch=payload.text_or_none("workflow_run.head_branch"),
        head_repository_id=payload.number_or_none("workflow_run.head_repository.id"),
        head_owner=payload.text_or_none("workflow_run.head_repository.owner.login"),
        home=payload.home,
    )
    payload.check()
    return event


def _load(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            return json.loads(file.read(MOST_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        raise _no_use(path, f"it cannot be read: {error}") from error


def _no_use(path: Path, why: str) -> InputError:
    mend = "Run this as a step of a workflow, where GitHub writes the payload."
    return InputError(Problem(Place(str(path)), f"the event's payload is no use: {why}", mend))
