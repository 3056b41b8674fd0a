"""What happened: the webhook payload decoded into the few facts that the gate decides by."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from rubric_action.errors import InputError, Place, Problem
from rubric_action.github.context import Context
from rubric_action.github.fields import part, pick_or_none

BRANCH_EVENTS: Final = ("push", "schedule", "workflow_dispatch")
PULL_EVENTS: Final = ("pull_request", "pull_request_target")
MOST_BYTES: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class Home:
    """The repository itself. GitHub leaves either fact out of a few payloads."""

    id: int | None
    default_branch: str | None


@dataclass(frozen=True, slots=True)
class PullRequestEvent:
    """A pull request; `head_repository_id` is None when the repository it came from is gone."""

    name: Literal["pull_request", "pull_request_target"]
    number: int
    head_sha: str
    base_sha: str
    base_ref: str
    head_repository_id: int | None
    home: Home

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
class OtherEvent:
    """An event that the gate does not know."""

    name: str
    home: Home


Event = PullRequestEvent | BranchEvent | OtherEvent


def read_event(context: Context) -> Event:
    """The event of this run; InputError when the payload is not what GitHub writes."""
    payload = _payload(context.event_path)
    repository = part(payload, "repository")
    home = Home(
        pick_or_none(repository, "id", int), pick_or_none(repository, "default_branch", str)
    )
    if context.event in PULL_EVENTS:
        return _pull_request(context, payload, home)
    if context.event in BRANCH_EVENTS:
        return BranchEvent(context.event, context.sha, context.ref, home)
    return OtherEvent(context.event, home)


def _pull_request(context: Context, payload: Any, home: Home) -> PullRequestEvent:
    pull = part(payload, "pull_request")
    texts = {name: pick_or_none(pull, name, str) for name in ("head.sha", "base.sha", "base.ref")}
    number = pick_or_none(pull, "number", int)
    missing = [f"pull_request.{name}" for name, text in texts.items() if not text]
    missing += [] if number else ["pull_request.number"]
    if missing or number is None:
        raise _bad_payload(context.event_path, f"it does not hold {', '.join(missing)}")
    return PullRequestEvent(
        name="pull_request_target" if context.event.endswith("target") else "pull_request",
        number=number,
        head_sha=str(texts["head.sha"]),
        base_sha=str(texts["base.sha"]),
        base_ref=str(texts["base.ref"]),
        head_repository_id=pick_or_none(pull, "head.repo.id", int),
        home=home,
    )


def _payload(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            return json.loads(file.read(MOST_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        raise _bad_payload(path, f"it cannot be read: {error}") from error


def _bad_payload(path: Path, why: str) -> InputError:
    mend = "Run this as a step of a workflow, where GitHub writes the payload."
    return InputError(Problem(Place(str(path)), f"the event's payload is no use: {why}", mend))
