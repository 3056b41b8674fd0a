"""The table of what counts: the rows with a yes, each named by its words."""

import pytest

from rubric_action.gate.override.facts import Contribution, Person
from rubric_action.rubric.model import Approver
from tests.gate.override.scenes import (
    BOT,
    LABEL,
    LEADS,
    LISA,
    MAINTAINERS,
    MONA,
    OLD,
    PUSH,
    RETARGETED,
    Scene,
    finding,
    label,
    objection,
    policy,
    published,
    review,
    scene,
)


def person(number: int) -> Person:
    """Somebody of many."""
    return Person(100 + number, f"user-{number}")


COUNTS = {
    "label, then an approver's approval with a reason, both at head after the floor": scene(),
    "approver sets the label and then approves": scene(events=(label(by=MONA),)),
    "approver approves and then sets the label": scene(events=(label(25, by=MONA),)),
    "contributor where the rubric permits contributors": scene(
        policy=policy(contributors=True), contributions=(Contribution(MONA, "authored 9f8e7d6"),)
    ),
    "force-pusher where the rubric permits contributors": scene(
        policy=policy(contributors=True), pushers=(Contribution(MONA, "force-pushed"),)
    ),
    "a commit's author maps to no account": scene(nameless=(OLD,)),
    "permission as the rubric asks": scene(policy=MAINTAINERS, role="maintain"),
    "permission above what the rubric asks": scene(policy=MAINTAINERS, role="admin"),
    "named, with a permission below": scene(
        policy=policy("mona", permission="admin"), role="read"
    ),
    "approver by team, membership active": scene(policy=LEADS, teams={"leads": "active"}),
    "one team is unreadable, in the other membership is active": scene(
        policy=policy(teams=("acme/ops", "acme/leads")),
        teams={"ops": "unreadable", "leads": "active"},
    ),
    "team unreadable, but the person is also named": scene(
        policy=policy("mona", teams=("acme/leads",)), teams={"leads": "unreadable"}
    ),
    "team unreadable, but the permission is enough": scene(
        policy=policy(teams=("acme/leads",), permission="write"), teams={"leads": "unreadable"}
    ),
    "login differs only in case": scene(policy=policy("MoNa")),
    "login and id pinned, and both are the reviewer's": scene(
        policy=policy(Approver("mona", MONA.id))
    ),
    "approved, then commented by the same person": scene(
        reviews=(review(), review(25, state="COMMENTED", body="one more thought"))
    ),
    "approved, then a review begun and not submitted": scene(
        reviews=(review(), review(25, state="PENDING", body=""))
    ),
    "somebody who may not sign asks for changes": scene(reviews=(review(), objection())),
    "another approver asked for changes and approved since": scene(
        policy=policy("mona", "lisa"), reviews=(objection(), review(), review(25, by=LISA))
    ),
    "a bot asks for changes": scene(
        policy=policy("mona", BOT.login), reviews=(review(), objection(by=BOT))
    ),
    "changes were asked for by an account that is gone": scene(
        reviews=(review(), review(25, by=None, state="CHANGES_REQUESTED"))
    ),
    "new push, and label and approval given again": scene(
        arrived=PUSH,
        events=(label(), label(35, added=False), label(40)),
        reviews=(review(commit=OLD), review(50)),
        published=(published(32),),
    ),
    "pull request retargeted, and label and approval given again": scene(
        floor=(RETARGETED,),
        events=(label(), label(35, added=False), label(40)),
        reviews=(review(), review(50)),
    ),
    "the bar is lowered, and the base allows that": scene(
        policy=policy(allow=("bar-lowered",)),
        findings=(finding("bar-lowered", None, key="axes.tone.pass"),),
        published=(published(5, finding("bar-lowered", None, key="axes.tone.pass")),),
    ),
    "label name differs in case": scene(
        labels=(LABEL.upper(),), events=(label(label="Rubric-OVERRIDE"),)
    ),
    "label name has an emoji": scene(
        policy=policy(label="Ship it 🚢"),
        labels=("ship IT 🚢",),
        events=(label(label="ship it 🚢"),),
    ),
    "reason not asked for, and none given": scene(
        policy=policy(reason_required=False), reviews=(review(body=""),)
    ),
    "the pull request's author is gone": scene(author=None),
    "max_per_quarter reached": scene(policy=policy(max_per_quarter=1)),
    "more than 100 reviews and events": scene(
        events=(*(label(n / 100, label=f"other-{n}") for n in range(150)), label()),
        reviews=(*(review(n / 100, person(n), commit=OLD) for n in range(150)), review()),
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", COUNTS.values(), ids=list(COUNTS))
def test_what_counts(row: Scene) -> None:
    """Mona's approval is the signature, for all that fails."""
    outcome = row.outcome()
    assert outcome.state == "granted", outcome.sentence
    assert outcome.signature is not None
    assert outcome.signature.by == MONA
    assert outcome.signature.covered == row.findings
    assert outcome.left == ()
    assert all(step.status in ("pass", "warn") for step in outcome.steps)
