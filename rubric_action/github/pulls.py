"""A pull request as GitHub shows it now: its two ends, what happened to it, who reviewed it.

A payload tells how it was when the event happened. What decides is read again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, get_args

from rubric_action.errors import GitHubFailed
from rubric_action.gate.override.facts import (
    Asked,
    Contribution,
    LabelEvent,
    Moment,
    Person,
    Review,
    ReviewState,
)
from rubric_action.github.api import Api
from rubric_action.github.faults import Operation
from rubric_action.github.fields import part, pick, pick_or_none, pick_time
from rubric_action.github.records import person

LABELED: Final = ("labeled", "unlabeled")
FORCE_PUSHED: Final = "head_ref_force_pushed"
FORCE_PUSH: Final = "the last force-push"
RETARGETED: Final = ("base_ref_changed", "automatic_base_change_succeeded")
RETARGETING: Final = "the last change of the base branch"
STATES: Final[dict[str, ReviewState]] = {name: name for name in get_args(ReviewState)}


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request now; `commits` counts them. A head whose repository is gone has no owner."""

    number: int
    state: str
    merged: bool
    head_sha: str
    head_ref: str
    head_repository_id: int | None
    head_owner: str | None
    base_ref: str
    base_sha: str
    author: Person | None
    labels: tuple[str, ...]
    commits: int
    url: str

    @property
    def ended(self) -> str:
        """How one that is not open came to its end."""
        return "merged" if self.merged else "closed"

    @classmethod
    def of(cls, data: Any) -> "Pull":
        """Read the schema `pull-request`."""
        return cls(
            number=pick(data, "number", int),
            state=pick(data, "state", str),
            merged=pick(data, "merged", bool),
            head_sha=pick(data, "head.sha", str),
            head_ref=pick(data, "head.ref", str),
            head_repository_id=pick_or_none(data, "head.repo.id", int),
            head_owner=pick_or_none(data, "head.repo.owner.login", str),
            base_ref=pick(data, "base.ref", str),
            base_sha=pick(data, "base.sha", str),
            author=person(part(data, "user")),
            labels=tuple(pick(label, "name", str) for label in _list(data, "labels")),
            commits=pick(data, "commits", int),
            url=pick(data, "html_url", str),
        )


@dataclass(frozen=True, slots=True)
class Happened:
    """What of a pull request's past bears on an override; labels oldest first."""

    labels: tuple[LabelEvent, ...]
    floor: tuple[Moment, ...]
    pushers: tuple[Contribution, ...]


def read_pull(api: Api, number: int) -> Pull:
    """The pull request as it is now."""
    return Pull.of(api.client.get(Operation.READ_PULL_REQUEST, api.path(f"/pulls/{number}")))


def read_happened(api: Api, number: int) -> Happened:
    """Labels set and taken away, force-pushes and changes of the base branch, over all pages."""
    path = api.path(f"/issues/{number}/events")
    return happened(list(api.client.pages(Operation.READ_EVENTS, path)))


def read_reviews(api: Api, number: int) -> tuple[Review, ...]:
    """Every submitted review, over all pages; one that its author has yet to submit is none."""
    path = api.path(f"/pulls/{number}/reviews")
    found = map(review, api.client.pages(Operation.READ_REVIEWS, path))
    return tuple(one for one in found if one is not None)


def asked_of(pull: Pull, past: Happened, reviews: tuple[Review, ...]) -> Asked:
    """What everybody can see of a request to override."""
    return Asked(
        number=pull.number,
        head=pull.head_sha,
        base=pull.base_sha,
        author=pull.author,
        labels=pull.labels,
        events=past.labels,
        reviews=reviews,
        floor=past.floor,
        pushers=past.pushers,
    )


def happened(events: Iterable[Any]) -> Happened:
    """Sort the schemas `issue-event-for-issue` by what they bear on; most bear on nothing."""
    labels: list[LabelEvent] = []
    pushes: list[Moment] = []
    changes: list[Moment] = []
    pushers: dict[int, Contribution] = {}
    for event in events:
        kind = pick(event, "event", str)
        if kind in LABELED:
            labels.append(_label_event(event, added=kind == "labeled"))
        elif kind == FORCE_PUSHED:
            pushes.append(Moment(pick_time(event, "created_at"), FORCE_PUSH))
            who = person(part(event, "actor"))
            if who is not None:
                pushers.setdefault(who.id, Contribution(who, "force-pushed the branch"))
        elif kind in RETARGETED:
            changes.append(Moment(pick_time(event, "created_at"), RETARGETING))
    last = [max(moments, key=lambda one: one.at) for moments in (pushes, changes) if moments]
    return Happened(tuple(labels), tuple(last), tuple(pushers.values()))


def review(data: Any) -> Review | None:
    """Read the schema `pull-request-review`; None for one that is not submitted yet."""
    told = pick(data, "state", str).upper()
    state = STATES.get(told)
    if state is None:
        raise GitHubFailed(f"A review is in a state that the gate does not know, `{told}`.")
    if state == "PENDING":
        return None
    return Review(
        id=pick(data, "id", int),
        author=person(part(data, "user")),
        state=state,
        commit=pick_or_none(data, "commit_id", str),
        at=pick_time(data, "submitted_at"),
        body=pick_or_none(data, "body", str) or "",
        url=pick_or_none(data, "html_url", str) or "",
    )


def _label_event(event: Any, *, added: bool) -> LabelEvent:
    app = part(event, "performed_via_github_app")
    return LabelEvent(
        id=pick(event, "id", int),
        label=pick(event, "label.name", str),
        added=added,
        actor=person(part(event, "actor")),
        at=pick_time(event, "created_at"),
        app=None if app is None else pick_or_none(app, "slug", str) or pick(app, "name", str),
    )


def _list(data: Any, name: str) -> list[Any]:
    value = part(data, name)
    if not isinstance(value, list):
        raise GitHubFailed(f"GitHub's reply does not hold the list `{name}`.")
    return value
