"""A pull request whose failure was signed for; each test changes what it is about.

Minutes count from when the head came: results were published at 5, dana, who opened the pull
request, set the label at 10, mona approved at 20.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from rubric_action.gate.model import Finding
from rubric_action.gate.override.decide import weigh
from rubric_action.gate.override.facts import (
    Asked,
    Backing,
    LabelEvent,
    Membership,
    Moment,
    Person,
    Published,
    Review,
    Role,
    Standing,
    Use,
)
from rubric_action.gate.override.model import Override
from rubric_action.rubric.model import Approver, Approvers, OverridePolicy, Permission

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HEAD = "1a2b3c4" + "0" * 33
OLD = "9f8e7d6" + "0" * 33
NUMBER = 7
LABEL = "rubric-override"

DANA = Person(1, "dana")
MONA = Person(2, "mona")
LISA = Person(3, "lisa")
BOT = Person(4, "github-actions[bot]", human=False)

WHY = "override: the refund flow is switched off until Monday"


def at(minute: float) -> datetime:
    """So many minutes after the head came."""
    return NOON + timedelta(minutes=minute)


ARRIVAL = Moment(at(0), "the first workflow run of the head commit")
PUSH = Moment(at(30), ARRIVAL.what)
RETARGETED = Moment(at(30), "the last change of the base branch")


def finding(kind: Any = "threshold", observed: float | None = 0.7, **fields: Any) -> Finding:
    """Something that fails: by default a mean of 0.7 on `tone` in the slice `head`."""
    told = {"slice": "head", "axis": "tone"} if kind in ("threshold", "drop") else {}
    made = {"severity": "fail", "sentence": "it fails", **told, **fields}
    return Finding(kind, observed=observed, **made)


TONE = finding()
HARD = finding("hard-gate", 0.0, slice="crit", case="refund-014")


def label(minute: float = 10, by: Person | None = DANA, **fields: Any) -> LabelEvent:
    """Somebody sets the label; `added=False` takes it off."""
    told = {"id": int(minute * 100), "label": LABEL, "added": True, **fields}
    return LabelEvent(actor=by, at=at(minute), **told)


def review(minute: float = 20, by: Person | None = MONA, **fields: Any) -> Review:
    """Somebody approves the head and says why."""
    number = int(minute * 100)
    told = {"id": number, "state": "APPROVED", "commit": HEAD, "body": WHY, **fields}
    return Review(author=by, at=at(minute), url=f"https://github.example/r/{number}", **told)


def objection(minute: float = 15, by: Person = LISA, **fields: Any) -> Review:
    """Somebody asks for changes."""
    return review(minute, by, **{"state": "CHANGES_REQUESTED", "body": "", **fields})


def published(minute: float = 5, *findings: Finding, **fields: Any) -> Published:
    """Results of the head; by default they hold what fails today."""
    return Published(at(minute), "fail", findings or (TONE, HARD), **fields)


def policy(*users: str | Approver, **fields: Any) -> OverridePolicy:
    """By default mona may sign for averages, with a reason."""
    teams: tuple[str, ...] = fields.pop("teams", ())
    permission: Permission | None = fields.pop("permission", None)
    given = users or (() if teams or permission else ("mona",))
    people = tuple(Approver(one) if isinstance(one, str) else one for one in given)
    told = {"label": LABEL, "allow": ("threshold", "drop"), **fields}
    return OverridePolicy(approvers=Approvers(people, teams, permission), **told)


def standing(role: Role = "write", **teams: Membership) -> Standing:
    """What somebody is to the repository; `leads="active"` is about the team `acme/leads`."""
    return Standing(role, {f"acme/{team}": membership for team, membership in teams.items()})


LEADS = policy(teams=("acme/leads",))
MAINTAINERS = policy(permission="maintain")
STANDINGS = {one.id: standing() for one in (DANA, MONA, LISA)}


@dataclass(frozen=True)
class Scene:
    """All that an override is weighed by."""

    findings: tuple[Finding, ...]
    policy: OverridePolicy
    asked: Asked
    backing: Backing | None
    uses: tuple[Use, ...]
    now: datetime

    def outcome(self) -> Override:
        """What it comes to."""
        return weigh(self.findings, self.policy, self.asked, self.backing, self.uses, self.now)


def scene(**changes: Any) -> Scene:
    """The usual scene with changes, each by the name of its field, wherever that is.

    `role` and `teams` are mona's, `standings` are put over those of the others.
    """
    own = standing(changes.pop("role", "write"), **changes.pop("teams", {}))
    others: Mapping[int, Standing] = changes.pop("standings", {})
    told: dict[str, Any] = {
        "number": NUMBER,
        "head": HEAD,
        "base": "b" * 40,
        "author": DANA,
        "labels": (LABEL,),
        "events": (label(),),
        "reviews": (review(),),
        "arrived": ARRIVAL,
        "published": (published(),),
        "standings": {**STANDINGS, MONA.id: own, **others},
        **changes,
    }
    return Scene(
        findings=told.pop("findings", (TONE,)),
        policy=told.pop("policy", policy()),
        uses=told.pop("uses", ()),
        now=told.pop("now", at(60)),
        asked=Asked(**_only(Asked, told)),
        backing=Backing(**_only(Backing, told)) if told.pop("looked_up", True) else None,
    )


def _only(kind: type, told: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in told.items() if name in names}
