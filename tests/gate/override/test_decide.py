import pytest

from rubric_action.gate.override.facts import Contribution, Person, Use
from rubric_action.gate.override.model import Override
from tests.gate.override.scenes import (
    ARRIVAL,
    BOT,
    HARD,
    LISA,
    MONA,
    NUMBER,
    OLD,
    TONE,
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

BOTH = policy("mona", "lisa")
UNPUBLISHED = "no results of this commit were published before the approval"


def turned_down(outcome: Override) -> list[tuple[str, str]]:
    """Who does not count, and why."""
    return [(one.who, one.reason) for one in outcome.rejected]


def test_a_signature_is_told_whole() -> None:
    """The whole outcome of the usual scene."""
    outcome = scene().outcome()
    assert outcome.sentence == (
        "signed by `mona` (named in the rubric) on 2026-11-23: "
        "the refund flow is switched off until Monday"
    )
    assert [(step.name, step.status, step.sentence) for step in outcome.steps] == [
        ("label", "pass", "asked for by `dana` on 2026-11-23 (2026-11-23 12:10:00 UTC)"),
        ("sign-off", "pass", "approved by `mona` at 2026-11-23 12:20:00 UTC"),
        ("objections", "pass", "no other approver asks for changes"),
        ("findings", "pass", "covers 1 finding, published before and no better then"),
    ]
    assert outcome.signature is not None
    assert outcome.signature.reason == "the refund flow is switched off until Monday"
    assert (outcome.signature.review, outcome.signature.label) == (review(), label())
    assert (outcome.label, outcome.floor) == (label(), ARRIVAL)
    assert (outcome.how, outcome.rejected, outcome.warnings) == ("", (), ())


def test_without_a_reason_the_sentence_ends_with_the_date() -> None:
    """Where none has to be given."""
    row = scene(policy=policy(reason_required=False), reviews=(review(body="fine"),))
    assert row.outcome().sentence == "signed by `mona` (named in the rubric) on 2026-11-23"


def test_the_first_who_covers_everything_signs() -> None:
    """Others are turned down with the reason: too early for the results, or not needed."""
    max_ = Person(9, "max")
    row = scene(
        policy=policy("mona", "lisa", "max"),
        reviews=(review(25, max_), review(20), review(12, LISA)),
        published=(published(15),),
        standings={9: standing()},
    )
    outcome = row.outcome()
    assert outcome.signature is not None
    assert outcome.signature.by == MONA
    assert turned_down(outcome) == [
        ("lisa", f"it does not cover `threshold` (`tone` of `head`): {UNPUBLISHED}"),
        ("max", "not needed: `mona` signed"),
    ]  # fmt: skip


def test_two_who_cover_a_half_each_do_not_cover_the_whole() -> None:
    """What is left by the better of them is named; both stay visible."""
    drop, other = finding("drop", 0.6), finding("drop", 0.5, slice="tail")
    row = scene(
        policy=BOTH,
        findings=(TONE, drop, other),
        reviews=(review(20), review(30, LISA)),
        published=(published(5, TONE), published(25, drop, other)),
    )
    outcome = row.outcome()
    assert outcome.state == "refused"
    assert outcome.left == (TONE,)
    assert outcome.sentence == (
        "asked for by `dana` on 2026-11-23, not signed: `lisa` approved, and it does not cover "
        "`threshold` (`tone` of `head`): it was not in the results that had been published "
        "before, 2026-11-23 12:25:00 UTC"
    )
    assert [(one.name, one.status, one.findings) for one in outcome.steps][-1] == (
        "findings", "fail", (TONE,),
    )  # fmt: skip
    assert outcome.steps[1].sentence == (
        "approved by `mona` at 2026-11-23 12:20:00 UTC and `lisa` at 2026-11-23 12:30:00 UTC"
    )
    assert [who for who, _ in turned_down(outcome)] == ["mona", "lisa"]
    assert turned_down(outcome)[0][1].endswith("12:05:00 UTC, and 1 more finding")


def test_what_is_not_allowed_and_what_is_not_covered_are_both_left() -> None:
    """One signature more would not be enough."""
    new = finding("drop", 0.6)
    outcome = scene(findings=(TONE, HARD, new)).outcome()
    assert outcome.left == (HARD, new)
    assert outcome.how == "Nobody may override `hard-gate`."


@pytest.mark.parametrize("changes", [{"reviews": ()}, {"events": (label(by=BOT),)}])
def test_what_nobody_may_sign_for_is_told_first(changes: dict[str, tuple[object, ...]]) -> None:
    """Nobody is sent for a signature that could not help."""
    outcome = scene(findings=(TONE, HARD), **changes).outcome()
    assert outcome.sentence.endswith(
        "not signed: the rubric lets nobody sign for `hard-gate` (`refund-014` of `crit`)"
    )
    assert outcome.left == (HARD,)
    assert outcome.how == "Nobody may override `hard-gate`."


def test_an_objection_is_told_with_who_could_lift_it() -> None:
    """The approval that it stops stays visible."""
    outcome = scene(policy=BOTH, reviews=(review(), objection(25))).outcome()
    assert turned_down(outcome) == [
        ("mona", "`lisa` (named in the rubric) asked for changes on `1a2b3c4` on 2026-11-23")
    ]
    assert outcome.how == (
        "To ship it all the same: have `lisa` approve, or the request for changes dismissed."
    )
    assert [(one.name, one.status) for one in outcome.steps] == [
        ("label", "pass"), ("sign-off", "pass"), ("objections", "fail"),
    ]  # fmt: skip


def test_an_objection_on_a_commit_that_is_gone_stops_it_too() -> None:
    """There is no commit to name."""
    outcome = scene(policy=BOTH, reviews=(review(), objection(commit=None))).outcome()
    assert outcome.sentence.endswith("`lisa` (named in the rubric) asked for changes on 2026-11-23")


def test_an_objector_whom_nobody_looked_up_counts_as_an_approver() -> None:
    """What is not known is no reason to ship."""
    row = scene(reviews=(review(), objection(by=Person(9, "max"))))
    assert "`max` (cannot determine who they are here) asked" in row.outcome().sentence


def test_notes_tell_what_a_reader_of_the_audit_should_know() -> None:
    """Commits of nobody, objections without weight, a contributor who may sign."""
    row = scene(
        policy=policy(contributors=True),
        contributions=(Contribution(MONA, "authored 9f8e7d6"),),
        nameless=(OLD,),
        reviews=(review(), objection()),
    )
    asked = "`lisa` (the rubric does not name them) asked for changes on `1a2b3c4` on 2026-11-23"
    assert row.outcome().notes == (
        "1 commit with an author who has no account, which rules nobody out: `9f8e7d6`",
        f"{asked}, which stops no signature",
        "`mona` contributed (authored 9f8e7d6), which the rubric permits",
    )


def test_notes_stay_where_it_is_refused() -> None:
    """An audit of a refusal tells of nobody's commits as well."""
    assert len(scene(nameless=(OLD, OLD), role="none").outcome().notes) == 1


def test_a_request_that_does_not_count_stands_among_the_rejected() -> None:
    """With who made it; then those who approved, who had nothing to answer."""
    assert turned_down(scene(events=(label(by=BOT),)).outcome()) == [
        ("github-actions[bot]",
         "the label: `github-actions[bot]` set it, which is a bot or an app"),
        ("mona", "there is no request that counts"),
    ]  # fmt: skip
    assert turned_down(scene(events=(label(by=None),)).outcome())[0][0] == "a deleted account"
    unknown = scene(events=()).outcome()
    assert turned_down(unknown)[0] == ("the label", "GitHub tells of nobody who set it")
    assert unknown.label is None
    assert unknown.steps[0].sentence == (
        "asked for by the label `rubric-override`, which does not count: "
        "GitHub tells of nobody who set it"
    )


def test_of_several_reviews_the_newest_is_told() -> None:
    """The others are counted, and stand among the rejected, oldest first."""
    outcome = scene(reviews=(review(30, by=None), review(commit=OLD), review(25, BOT))).outcome()
    assert outcome.sentence.endswith(
        "needs sign-off; `a deleted account` does not count: the account is gone; nor do 2 others"
    )
    two = scene(reviews=(review(30, by=None), review(commit=OLD))).outcome()
    assert two.sentence.endswith("the account is gone; nor does 1 other")
    assert [who for who, _ in turned_down(outcome)] == ["mona", BOT.login, "a deleted account"]


def test_an_objection_without_an_approval_is_no_candidate() -> None:
    """Nobody is rejected who never approved."""
    outcome = scene(policy=BOTH, reviews=(objection(),)).outcome()
    assert outcome.sentence.endswith("needs sign-off, and nobody has approved it")
    assert outcome.rejected == ()


def test_a_worn_valve_warns_and_still_counts() -> None:
    """The warning goes beside the steps; a refusal has no need of one."""
    rule, uses = policy(max_per_quarter=1), (Use(NUMBER + 1, at(-60)),)
    outcome = scene(policy=rule, uses=uses).outcome()
    told = (
        "1 other pull request shipped by override in Q4 2026, and the rubric allows for 1: "
        "it needs a rewrite rather than another signature"
    )
    assert outcome.state == "granted"
    assert outcome.warnings == (f"{told}.",)
    assert outcome.steps[-1].sentence == told
    assert scene(policy=rule, uses=uses, reviews=()).outcome().warnings == ()


@pytest.mark.parametrize("state", ["none", "unneeded", "impossible", "open"])
def test_nobody_asked(state: str) -> None:
    """The audit has nothing to tell then."""
    assert not Override(state, "").asked  # type: ignore[arg-type]
