"""The table of what counts: the rows with a no, each named by its words."""

import pytest

from rubric_action.gate.override.facts import CoAuthor, Contribution, Moment
from rubric_action.gate.override.model import State
from rubric_action.rubric.model import Approver
from tests.gate.override.scenes import (
    BOT,
    DANA,
    HARD,
    LABEL,
    LEADS,
    LISA,
    MAINTAINERS,
    MONA,
    OLD,
    PUSH,
    RETARGETED,
    TONE,
    Scene,
    at,
    finding,
    label,
    objection,
    policy,
    published,
    review,
    scene,
    standing,
)

FORCE_PUSH = Moment(at(30), "the last force-push")
NEW = finding("regression", 0.0, case="refund-015")
CO_AUTHOR = CoAuthor("Mona L.", "2+mona@users.noreply.github.com", OLD)


ROWS: dict[str, tuple[Scene, State, str]] = {
    "label without review": (scene(reviews=()), "refused", "needs sign-off"),
    "label, and a review that only comments": (
        scene(reviews=(review(state="COMMENTED"),)), "refused", "needs sign-off",
    ),
    "approving review without label": (
        scene(labels=("other",), events=()), "open", "nobody has asked for one",
    ),
    "a label whose name holds the one that is asked for": (
        scene(labels=(f"{LABEL}-please",)), "open", "nobody has asked for one",
    ),
    "ordinary approval, label added later by the author": (
        scene(events=(label(30),)), "refused",
        "the approval did not come after the request (2026-11-23 12:30:00 UTC)",
    ),
    "reviewer is the pull request's author": (
        scene(reviews=(review(by=DANA),), policy=policy("dana", contributors=True)),
        "refused", "`dana` does not count: the pull request is theirs",
    ),
    "reviewer authored a commit": (
        scene(contributions=(Contribution(MONA, "authored 9f8e7d6"),)),
        "refused", "they contributed to the pull request: authored 9f8e7d6",
    ),
    "reviewer co-authored a commit": (
        scene(co_authors=(CO_AUTHOR,)), "refused", "co-authored `9f8e7d6`",
    ),
    "reviewer made a force-push": (
        scene(pushers=(Contribution(MONA, "force-pushed the branch"),)),
        "refused", "they contributed to the pull request: force-pushed the branch",
    ),
    "reviewer's permission is below what is asked, and no name or team": (
        scene(policy=MAINTAINERS, role="write"), "refused",
        "the rubric does not name them; their permission is `write`, and it takes `maintain`",
    ),
    "reviewer neither named nor in a team": (
        scene(policy=policy("lisa", teams=("acme/leads",)), teams={"leads": "absent"}),
        "refused", "the rubric does not name them; they are in none of the rubric's teams",
    ),
    "named reviewer has no access any more": (
        scene(role="none"), "refused", "they have no access to the repository",
    ),
    "team member has no access any more": (
        scene(policy=LEADS, role="none", teams={"leads": "active"}),
        "refused", "they have no access to the repository",
    ),
    "team membership pending": (
        scene(policy=LEADS, teams={"leads": "pending"}),
        "refused", "their membership in `acme/leads` is pending",
    ),
    "team cannot be read with this token": (
        scene(policy=LEADS, teams={"leads": "unreadable"}), "refused",
        "`acme/leads`: the token lacks the organization's permission `members: read`",
    ),
    "login and id pinned, and the id differs": (
        scene(policy=policy(Approver("mona", 99))), "refused",
        "the rubric means another account of that name, 99, not 2",
    ),
    "pinned account under another name": (
        scene(policy=policy(Approver("mona-old", MONA.id))), "refused",
        "the rubric knows this account by another name, `mona-old`",
    ),
    "review by a bot": (
        scene(policy=policy(BOT.login), reviews=(review(by=BOT),)), "refused",
        "a bot or an app signs for nobody",
    ),
    "review of a deleted account": (
        scene(reviews=(review(by=None),)), "refused", "the account is gone",
    ),
    "review's commit is not the head": (
        scene(reviews=(review(commit=OLD),)), "refused",
        "stale, since the review is of `9f8e7d6`, not of `1a2b3c4`",
    ),
    "review's commit is gone": (
        scene(reviews=(review(commit=None),)), "refused", "of a commit that is gone, not of",
    ),
    "review's commit is the head, submitted before a force-push": (
        scene(floor=(FORCE_PUSH,), events=(label(40),)), "refused",
        "stale, since it did not come after the last force-push (2026-11-23 12:30:00 UTC)",
    ),
    "review's commit is the head, submitted before that came": (
        scene(arrived=PUSH, events=(label(40, by=MONA),)), "refused",
        "stale, since it did not come after the first workflow run of the head commit",
    ),
    "GitHub shows no sign of the head": (
        scene(arrived=None), "refused",
        "the request does not count: GitHub shows no workflow run, check or status",
    ),
    "review dismissed": (
        scene(reviews=(review(state="DISMISSED"),)), "refused", "the review was dismissed",
    ),
    "review dismissed, an older approval of the same person remains": (
        scene(reviews=(review(), review(25, state="DISMISSED"))),
        "refused", "the review was dismissed",
    ),
    "approved, then asked for changes by the same person": (
        scene(reviews=(review(), objection(25, by=MONA))),
        "refused", "they asked for changes afterwards",
    ),
    "another approver asks for changes, on any commit": (
        scene(policy=policy("mona", "lisa"), reviews=(objection(commit=OLD), review())),
        "refused", "`lisa` (named in the rubric) asked for changes on `9f8e7d6` on 2026-11-23",
    ),
    "another approver asked for changes and commented since": (
        scene(
            policy=policy("mona", "lisa"),
            reviews=(objection(), review(), review(25, by=LISA, state="COMMENTED")),
        ),
        "refused", "`lisa` (named in the rubric) asked for changes",
    ),
    "an approver who contributed asks for changes": (
        scene(
            policy=policy("mona", "lisa"),
            contributions=(Contribution(LISA, "authored 9f8e7d6"),),
            reviews=(review(), objection()),
        ),
        "refused", "`lisa` (named in the rubric) asked for changes",
    ),
    "somebody asks for changes who may be an approver": (
        scene(
            policy=policy("mona", teams=("acme/leads",)),
            standings={LISA.id: standing(leads="unreadable")},
            reviews=(review(), objection()),
        ),
        "refused", "`lisa` (cannot determine whether they are in `acme/leads`",
    ),
    "new push after label and approval": (
        scene(arrived=PUSH, reviews=(review(commit=OLD),)), "refused",
        "the request does not count: stale, since it did not come after the first workflow run",
    ),
    "label removed and added again by a person, review older": (
        scene(events=(label(), label(25, added=False), label(30))), "refused",
        "the approval did not come after the request",
    ),
    "label on, and its last event took it off": (
        scene(events=(label(), label(15, added=False))), "refused", "it was taken off again",
    ),
    "label on, and no event of it": (
        scene(events=(label(label="other"),)), "refused", "GitHub tells of nobody who set it",
    ),
    "label set by a workflow or bot": (
        scene(events=(label(by=BOT),)), "refused",
        "`github-actions[bot]` set it, which is a bot or an app",
    ),
    "label set by an app in a person's name": (
        scene(events=(label(app="label-helper"),)), "refused",
        "the app `label-helper` set it for `dana`",
    ),
    "label set by an account that is gone": (
        scene(events=(label(by=None),)), "refused", "the account that set it is gone",
    ),
    "the pull request's own rubric adds its author": (
        scene(policy=policy("mona"), reviews=(review(by=DANA),)), "refused",
        "the pull request is theirs",
    ),
    "the pull request changes the bar, which the base does not allow": (
        scene(findings=(finding("bar-lowered", None, key="axes.tone.pass"),)), "refused",
        "the rubric lets nobody sign for `bar-lowered`",
    ),
    "a failing kind is not allowed": (
        scene(findings=(HARD,)), "refused",
        "the rubric lets nobody sign for `hard-gate`",
    ),
    "two findings, one allowed and one not": (
        scene(findings=(TONE, HARD)), "refused",
        "does not cover `hard-gate` (`refund-014` of `crit`): the rubric lets nobody sign",
    ),
    "verdict is error": (
        scene(findings=(TONE, finding("ungraded", severity="error"))), "impossible",
        "an error can't be overridden",
    ),
    "nothing fails": (
        scene(findings=(finding(severity="warn"),)), "unneeded", "nothing fails",
    ),
    "pull request retargeted after approval": (
        scene(floor=(RETARGETED,)), "refused",
        "stale, since it did not come after the last change of the base branch",
    ),
    "a re-run on the same commit finds a new failing case": (
        scene(
            policy=policy(allow=("threshold", "regression")),
            findings=(TONE, NEW),
            published=(published(), published(40, TONE, NEW)),
        ),
        "refused",
        "`regression` (`refund-015`): it was not in the results that had been published before",
    ),
    "nothing was published before the approval": (
        scene(published=(published(20),)), "refused",
        "no results of this commit were published before the approval",
    ),
    "no reason where one is asked for": (
        scene(reviews=(review(body="Looks good to me"),)), "refused",
        "the review has no line `override: <why>`",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("row", "state", "words"), ROWS.values(), ids=list(ROWS))
def test_what_does_not_count(row: Scene, state: State, words: str) -> None:
    """Nobody signed, and the sentence says why."""
    outcome = row.outcome()
    assert outcome.state == state, outcome.sentence
    assert outcome.signature is None
    assert words in outcome.sentence
    assert "\n" not in outcome.sentence


@pytest.mark.parametrize(
    ("row", "state", "words"),
    [one for one in ROWS.values() if one[1] == "refused"],
    ids=[name for name, one in ROWS.items() if one[1] == "refused"],
)
def test_a_refusal_can_be_followed(row: Scene, state: State, words: str) -> None:
    """Its last step fails, it says what to do, and everybody who approved stands there."""
    outcome = row.outcome()
    assert outcome.asked
    assert [step.status for step in outcome.steps][-1] == "fail"
    assert all(step.status == "pass" for step in outcome.steps[:-1])
    assert outcome.how.startswith(("To ship it all the same: ", "Nobody may override "))
    once = {one.author for one in row.asked.reviews if one.state in ("APPROVED", "DISMISSED")}
    told = {one.review.author for one in outcome.rejected if one.review}
    assert told == once
    assert all(one.reason for one in outcome.rejected)
