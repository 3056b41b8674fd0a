import pytest

from rubric_action.gate.model import Finding, Verdict
from rubric_action.gate.override.decide import (
    beforehand,
    people_to_look_up,
    times_to_cover,
    unasked,
)
from rubric_action.gate.override.facts import Backing, Contribution
from rubric_action.gate.override.model import Override
from rubric_action.rubric.model import OverridePolicy
from tests.gate.override.scenes import (
    ARRIVAL,
    BOT,
    DANA,
    HARD,
    LISA,
    MONA,
    OLD,
    TONE,
    Scene,
    at,
    finding,
    label,
    objection,
    policy,
    review,
    scene,
)

NO_SECTION = "the rubric has no `override` section, so nobody can sign for what fails"


@pytest.mark.parametrize(
    ("verdict", "findings", "rule", "expected"),
    [
        ("fail", [TONE], None,
         Override("none", NO_SECTION)),
        ("pass", [], None,
         Override("none", NO_SECTION)),
        ("error", [TONE], None,
         Override("none", NO_SECTION, "An error can't be overridden.")),
        ("error", [TONE], policy(),
         Override("impossible", "an error can't be overridden", "An error can't be overridden.")),
        ("pass", [], policy(), Override("unneeded", "nothing fails, so none is needed")),
        ("pass", [finding(severity="warn")], policy(),
         Override("unneeded", "nothing fails, so none is needed")),
        ("fail", [HARD], policy(), None),
    ],
)  # fmt: skip
def test_what_is_sure_without_asking_github(
    verdict: Verdict,
    findings: list[Finding],
    rule: OverridePolicy | None,
    expected: Override | None,
) -> None:
    """Without a policy, a failure or a verdict nobody has to be asked."""
    assert beforehand(verdict, findings, rule) == expected


def test_without_the_label_it_says_how_to_ask() -> None:
    """Label, approvers, commit and reason, as the policy wants them."""
    rule = policy("mona", teams=("acme/leads",), permission="maintain")
    assert unasked([TONE], rule) == Override(
        "open",
        "nobody has asked for one",
        "To ship it all the same: set the label `rubric-override`, and have `mona`, a member of "
        "`acme/leads` or anybody with `maintain` approve this very commit in a review with a line "
        "`override: <why>`.",
    )
    assert unasked([TONE], policy(reason_required=False)).how.endswith(
        "and have `mona` approve this very commit in a review."
    )


def test_without_the_label_it_says_what_nobody_may_sign_for() -> None:
    """The findings in the way are named, and what the rubric allows."""
    assert unasked([TONE, HARD], policy()) == Override(
        "impossible",
        "not possible here: the rubric allows it for `threshold`, `drop`, not for `hard-gate` "
        "(`refund-014` of `crit`)",
        "Nobody may override `hard-gate`.",
        left=(HARD,),
    )
    assert "allows it for nothing, not for" in unasked([HARD], policy(allow=())).sentence


@pytest.mark.parametrize(
    ("row", "people"),
    [
        (scene(), [MONA]),
        (scene(reviews=(review(), objection(), review(25, BOT, state="CHANGES_REQUESTED"))),
         [MONA, LISA]),
        (scene(reviews=(objection(),)), []),
        (scene(reviews=()), []),
        (scene(labels=()), []),
        (scene(events=(label(by=BOT),)), []),
        (scene(events=(label(30),)), []),
        (scene(reviews=(review(by=DANA),)), []),
        (scene(reviews=(review(commit=OLD), objection())), []),
        (scene(reviews=(review(), review(25, LISA, body="fine"))), [MONA]),
        (scene(pushers=(Contribution(MONA, "force-pushed"),)), []),
        (scene(policy=policy(contributors=True), pushers=(Contribution(MONA, "pushed"),)), [MONA]),
    ],
)  # fmt: skip
def test_only_who_could_sign_or_stop_it_is_looked_up(row: Scene, people: list[object]) -> None:
    """Nobody is, where no approval could count; the label and the floor are asked first."""
    assert list(people_to_look_up(row.policy, row.asked)) == people


def test_approvals_that_may_count_tell_when_results_had_to_be_there() -> None:
    """So that no more of what was published is read than decides."""
    row = scene(reviews=(review(), review(25, LISA), review(30, BOT)))
    assert times_to_cover(row.policy, row.asked) == (at(20), at(25))


def test_nobody_signs_while_nobody_was_looked_up() -> None:
    """A caller who leaves out what decides is told so, and gets no answer."""
    with pytest.raises(ValueError, match="nobody looked up"):
        scene(looked_up=False).outcome()


def test_what_needs_no_look_up_is_told_without_one() -> None:
    """Whether the label is older than the head is not known then, so the advice has both."""
    waiting = scene(reviews=(), looked_up=False).outcome()
    assert waiting.state == "refused"
    assert waiting.how == (
        "To ship it all the same: have `mona` approve this very commit in a review with a line "
        "`override: <why>`, and first set the label again if this commit came after it."
    )
    assert not scene(reviews=()).outcome().how.endswith("came after it.")


def test_the_arrival_alone_tells_a_stale_request() -> None:
    """A label from before the push is known to be stale before anybody has approved."""
    row = scene(reviews=(), events=(label(-5),), looked_up=False)
    known = Scene(row.findings, row.policy, row.asked, Backing(ARRIVAL), (), row.now).outcome()
    assert "the request does not count: stale" in known.sentence
    assert known.how.startswith(
        "To ship it all the same: take the label `rubric-override` off, let a person set it again"
    )


def test_the_label_is_asked_for_even_by_who_did_not_check() -> None:
    """Whoever weighs without looking at the label hears how to ask."""
    row = scene(labels=())
    assert row.outcome() == unasked(row.findings, row.policy)
