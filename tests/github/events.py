"""Payloads and contexts, as small as they may be."""

import json
from pathlib import Path
from typing import Any

from rubric_action.github.context import Context, read_context
from rubric_action.github.event import (
    BranchEvent,
    Home,
    MergeGroupEvent,
    OtherEvent,
    PullName,
    PullRequestEvent,
    WorkflowRunEvent,
)

HOME = Home(7, "main")
QUEUED = f"refs/heads/gh-readonly-queue/main/pr-5-{'a' * 40}"
REPOSITORY = {"id": 7, "default_branch": "main"}


def pull_payload(**changes: Any) -> dict[str, Any]:
    """A pull request's payload; `changes` replace fields of `pull_request`."""
    pull = {
        "number": 5,
        "head": {"sha": "b" * 40, "repo": {"id": 7}},
        "base": {"sha": "a" * 40, "ref": "main"},
    }
    return {"pull_request": pull | changes, "repository": REPOSITORY}


def context_of(folder: Path, event: str, payload: object, ref: str = "refs/heads/main") -> Context:
    """The context of an event whose payload lies in the folder."""
    path = folder / "event.json"
    path.write_text(payload if isinstance(payload, str) else json.dumps(payload))
    environ = {
        "GITHUB_REPOSITORY": "acme/support",
        "GITHUB_EVENT_NAME": event,
        "GITHUB_EVENT_PATH": str(path),
        "GITHUB_SHA": "c" * 40,
        "GITHUB_REF": ref,
        "GITHUB_RUN_ID": "17",
        "GITHUB_WORKSPACE": str(folder),
    }
    return read_context(environ)


def group_payload(action: str = "checks_requested", **changes: Any) -> dict[str, Any]:
    """A merge group's payload; `changes` replace fields of `merge_group`."""
    group = {
        "head_sha": "b" * 40,
        "head_ref": QUEUED,
        "base_sha": "a" * 40,
        "base_ref": "refs/heads/main",
    }
    return {"action": action, "merge_group": group | changes, "repository": REPOSITORY}


def run_payload(action: str = "completed", **changes: Any) -> dict[str, Any]:
    """The payload of a run that another one of a fork has started; `changes` replace its fields."""
    run = {
        "id": 18,
        "workflow_id": 3,
        "path": ".github/workflows/rubric-sessions.yml",
        "event": "pull_request",
        "conclusion": "success",
        "head_sha": "b" * 40,
        "head_branch": "change",
        "head_repository": {"id": 8, "owner": {"login": "stranger"}},
    }
    return {"action": action, "workflow_run": run | changes, "repository": REPOSITORY}


def pull_event(
    name: PullName = "pull_request",
    head_repository: int | None = 7,
    action: str = "synchronize",
    **changes: Any,
) -> PullRequestEvent:
    """A pull request, by default from a branch of the repository itself."""
    known = {"base_ref": "main", **changes}
    return PullRequestEvent(
        name,
        5,
        "b" * 40,
        "a" * 40,
        head_repository_id=head_repository,
        home=HOME,
        action=action,
        **known,
    )


def group_event(action: str = "checks_requested") -> MergeGroupEvent:
    """A merge group onto the default branch."""
    return MergeGroupEvent(action, "b" * 40, QUEUED, "a" * 40, "refs/heads/main", 5, HOME)


def run_event(
    event: str = "pull_request", action: str = "completed", conclusion: str | None = "success"
) -> WorkflowRunEvent:
    """What the end of a fork's run starts."""
    path = ".github/workflows/rubric-sessions.yml"
    head = ("b" * 40, "change", 8, "stranger")
    return WorkflowRunEvent(action, 18, 3, path, event, conclusion, *head, HOME)


def branch_event(name: str = "push", ref: str = "refs/heads/main") -> BranchEvent:
    """A run on a branch."""
    return BranchEvent(name, "c" * 40, ref, HOME)


def other_event(name: str) -> OtherEvent:
    """An event that the gate does not know."""
    return OtherEvent(name, HOME)
