"""Overrides as they may come out, to be kept: who asked, who signed, who was turned down."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from rubric_action.gate.decision import Decision
from rubric_action.gate.model import Finding, Node
from rubric_action.gate.override.facts import (
    Backing,
    LabelEvent,
    Moment,
    Person,
    Published,
    Review,
    Standing,
)
from rubric_action.gate.override.model import Override, Rejected, Signature
from rubric_action.report.audit import Grounds

MONA: Final = Person(11, "mona")
HUBOT: Final = Person(12, "hubot")
HEAD, BASE = "a" * 40, "b" * 40


def at(minute: int) -> datetime:
    """A minute of the hour in which everything happens, told in the zone of Berlin."""
    utc = datetime(2026, 11, 23, 9, minute, tzinfo=UTC)
    return utc.astimezone(timezone(timedelta(hours=1)))


LABEL: Final = LabelEvent(21, "ship-it", added=True, actor=HUBOT, at=at(10))
FLOOR: Final = Moment(at(1), "the push of the head commit")


def review(number: int, author: Person | None, minute: int) -> Review:
    """An approval of the head."""
    url = f"https://github.com/acme/bot/pull/7#pullrequestreview-{number}"
    return Review(number, author, "APPROVED", HEAD, at(minute), "override: demo day", url)


TURNED_DOWN: Final = (
    Rejected("the label", "it was set by a bot before"),
    Rejected("hubot", "they opened the pull request themselves", review(31, HUBOT, 12)),
    Rejected("a deleted account", "nobody stands behind it", review(32, None, 13)),
)


def failing(decision: Decision) -> tuple[Finding, ...]:
    """What would have to be signed for."""
    return tuple(finding for finding in decision.findings if finding.severity == "fail")


def granted(findings: Sequence[Finding]) -> Override:
    """Mona signed for all of it."""
    signature = Signature(
        MONA, review(33, MONA, 20), LABEL, "has the role maintain", "demo day", tuple(findings)
    )
    return Override(
        "granted",
        "signed by `mona`: demo day",
        steps=(Node("label", "pass", "asked for by `hubot`"), Node("sign-off", "pass", "approved")),
        signature=signature,
        label=LABEL,
        floor=FLOOR,
        rejected=TURNED_DOWN,
        notes=("the author of 1a2b3c4 has no account",),
        warnings=("4 pull requests shipped by override: the rubric needs a rewrite.",),
    )


def refused(findings: Sequence[Finding]) -> Override:
    """Somebody asked, and nobody's approval covers these findings."""
    return Override(
        "refused",
        "asked for by `hubot`, not signed",
        "To ship it all the same, mona approves.",
        steps=(Node("findings", "fail", "not covered", tuple(findings)),),
        label=LABEL,
        floor=FLOOR,
        rejected=TURNED_DOWN,
        left=tuple(findings),
    )


def grounds(findings: Sequence[Finding] = ()) -> Grounds:
    """The pull request, and who mona is; the findings were published, twice, before she signed."""
    newest = Published(at(8), "fail", tuple(findings), 52)
    backing = Backing(
        arrived=FLOOR,
        standings={MONA.id: Standing("maintain", {"acme/leads": "active"})},
        published=(Published(at(5), "fail", (), 51), newest, Published(at(30), "fail", (), 53)),
    )
    return Grounds(at(40), 7, HEAD, BASE, "sha256:base", backing)
