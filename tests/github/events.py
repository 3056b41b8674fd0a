"""Payloads and contexts, as small as they may be."""

import json
from pathlib import Path
from typing import Any, Literal

from rubric_action.github.context import Context, read_context
from rubric_action.github.event import BranchEvent, Home, OtherEvent, PullRequestEvent

PullName = Literal["pull_request", "pull_request_target"]
HOME = Home(7, "main")
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


def pull_event(
    name: PullName = "pull_request", head_repository: int | None = 7
) -> PullRequestEvent:
    """A pull request, by default from a branch of the repository itself."""
    return PullRequestEvent(name, 5, "b" * 40, "a" * 40, "main", head_repository, HOME)


def branch_event(name: str = "push", ref: str = "refs/heads/main") -> BranchEvent:
    """A run on a branch."""
    return BranchEvent(name, "c" * 40, ref, HOME)


def other_event(name: str) -> OtherEvent:
    """An event that the gate does not know."""
    return OtherEvent(name, HOME)
