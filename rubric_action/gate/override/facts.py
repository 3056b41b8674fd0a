"""What GitHub says about a request to override, as values; all times are GitHub's own, in UTC.

They are read in two steps. `Asked` is what everybody can see; only if somebody in it could sign
is `Backing` read as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from rubric_action.gate.model import Finding, Verdict

Role = Literal["none", "read", "triage", "write", "maintain", "admin"]
Membership = Literal["active", "pending", "absent", "unreadable"]
ReviewState = Literal["APPROVED", "CHANGES_REQUESTED", "DISMISSED", "COMMENTED", "PENDING"]


@dataclass(frozen=True, slots=True)
class Person:
    """An account by its number, which no renaming changes; `human` is off for bots and apps."""

    id: int
    login: str
    human: bool = True


@dataclass(frozen=True, slots=True)
class LabelEvent:
    """A label was set (`added`) or taken away; `actor` is None for a deleted account.

    `app` names the app that acted in the actor's name, if one did.
    """

    id: int
    label: str
    added: bool
    actor: Person | None
    at: datetime
    app: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A submitted review; `author` is None for a deleted account, `commit` for one that is gone."""

    id: int
    author: Person | None
    state: ReviewState
    commit: str | None
    at: datetime
    body: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, and what happened then, to follow "after" or "before"."""

    at: datetime
    what: str


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a person did for the pull request: `authored 1a2b3c4`, `force-pushed the branch`."""

    person: Person
    how: str


@dataclass(frozen=True, slots=True)
class CoAuthor:
    """A `Co-authored-by` trailer, which names no account but whatever its writer typed."""

    name: str
    email: str
    commit: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person is to the repository now; `teams` holds those asked about, by `org/slug`."""

    role: Role
    teams: Mapping[str, Membership] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Published:
    """Results of the head that were stored at `at`, as the artifact of a run."""

    at: datetime
    verdict: Verdict
    findings: tuple[Finding, ...]
    artifact_id: int = 0
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """An override that counted before, on another pull request."""

    pull: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """The pull request and its conversation. `labels` are those that are on it now.

    `floor` holds the last force-push and the last change of the base branch, as far as there were
    any.
    """

    number: int
    head: str
    base: str
    author: Person | None
    labels: tuple[str, ...] = ()
    events: tuple[LabelEvent, ...] = ()
    reviews: tuple[Review, ...] = ()
    floor: tuple[Moment, ...] = ()
    pushers: tuple[Contribution, ...] = ()


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another open pull request with the same head: one status of that commit counts for both."""

    number: int
    author: Person | None
    reviews: tuple[Review, ...] = ()
    pushers: tuple[Contribution, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    co_authors: tuple[CoAuthor, ...] = ()


@dataclass(frozen=True, slots=True)
class Backing:
    """What decides whether those who signed may: by person's id where it is about a person.

    `arrived` is GitHub's first sign of the head commit, None where there is none. `nameless` are
    the commits whose author has no account. `siblings` are weighed together with the pull request.
    """

    arrived: Moment | None
    contributions: tuple[Contribution, ...] = ()
    co_authors: tuple[CoAuthor, ...] = ()
    nameless: tuple[str, ...] = ()
    standings: Mapping[int, Standing] = field(default_factory=dict)
    published: tuple[Published, ...] = ()
    siblings: tuple[Sibling, ...] = ()
