"""Other open pull requests with the same head: one status turns all of them green."""

import pytest

from rubric_action.gate.override.decide import people_to_look_up
from rubric_action.gate.override.facts import CoAuthor, Contribution, Person, Review, Sibling
from rubric_action.rubric.model import Approver
from tests.gate.override.scenes import (
    BOT,
    DANA,
    HEAD,
    LEADS,
    LISA,
    MONA,
    OLD,
    Scene,
    label,
    objection,
    policy,
    review,
    scene,
    standing,
)

KIM = Person(8, "kim")
BOTH = policy("mona", "lisa")
LENIENT = policy(contributors=True)
CO_AUTHOR = CoAuthor("Mona L.", "2+mona@users.noreply.github.com", OLD)
WROTE = Contribution(MONA, "authored 9f8e7d6")
PUSHED = Contribution(MONA, "force-pushed the branch")


def beside(
    *reviews: Review, number: int = 8, author: Person | None = KIM, **fields: tuple[object, ...]
) -> Sibling:
    """A second pull request, which kim opened."""
    return Sibling(number, author, reviews, **fields)  # type: ignore[arg-type]


ROWS = {
    "the signer opened it": (
        scene(siblings=(beside(author=MONA),)),
        "`mona` does not count: pull request #8, which shows the same commit, is theirs",
    ),
    "the signer opened it, and contributors may sign": (
        scene(siblings=(beside(author=MONA),), policy=LENIENT),
        "pull request #8, which shows the same commit, is theirs",
    ),
    "the signer, renamed since, opened the second of two": (
        scene(siblings=(beside(), beside(number=9, author=Person(MONA.id, "mona-old")))),
        "pull request #9, which shows the same commit, is theirs",
    ),
    "the signer wrote a commit of it": (
        scene(siblings=(beside(contributions=(WROTE,)),)),
        "they contributed to the pull request: authored 9f8e7d6 in #8",
    ),
    "the signer is named as co-author of a commit of it": (
        scene(siblings=(beside(co_authors=(CO_AUTHOR,)),)),
        "co-authored `9f8e7d6` in #8",
    ),
    "the signer force-pushed it": (
        scene(siblings=(beside(), beside(number=9, pushers=(PUSHED,)))),
        "force-pushed the branch in #9",
    ),
    "another approver asks for changes in it": (
        scene(policy=BOTH, siblings=(beside(objection()),)),
        "`lisa` (named in the rubric) asked for changes in #8 on `1a2b3c4` on 2026-11-23",
    ),
    "another approver asks for changes in it and approves here": (
        scene(
            policy=BOTH,
            reviews=(review(), review(25, LISA)),
            siblings=(beside(objection()),),
        ),
        "`lisa` (named in the rubric) asked for changes in #8",
    ),
    "the signer asks for changes in it": (
        scene(siblings=(beside(objection(by=MONA)),)),
        "`mona` (named in the rubric) asked for changes in #8",
    ),
    "somebody asks for changes in it who may be an approver": (
        scene(
            policy=policy("mona", teams=LEADS.approvers.teams),
            standings={LISA.id: standing(leads="unreadable")},
            siblings=(beside(objection()),),
        ),
        "`lisa` (cannot determine whether they are in `acme/leads`",
    ),
    "somebody asks for changes in it whom nobody looked up": (
        scene(siblings=(beside(objection(by=KIM)),)),
        "`kim` (cannot determine who they are here) asked for changes in #8",
    ),
}


@pytest.mark.parametrize(("row", "words"), ROWS.values(), ids=list(ROWS))
def test_what_stops_a_signature_elsewhere_stops_it_here(row: Scene, words: str) -> None:
    """Whoever may not sign there signs here for both; the sentence names where."""
    outcome = row.outcome()
    assert outcome.state == "refused", outcome.sentence
    assert words in outcome.sentence
    assert MONA.login in {one.who for one in outcome.rejected}


COUNTS = {
    "nothing speaks against it there": scene(siblings=(beside(),)),
    "its author is gone": scene(siblings=(beside(author=None),)),
    "contributors may sign": scene(
        policy=LENIENT, siblings=(beside(contributions=(WROTE,), pushers=(PUSHED,)),)
    ),
    "the objection there is withdrawn": scene(
        policy=BOTH, siblings=(beside(objection(), review(18, LISA)),)
    ),
    "the objection there is dismissed": scene(
        policy=BOTH, siblings=(beside(objection(state="DISMISSED")),)
    ),
    "a bot asks for changes there": scene(
        policy=policy("mona", Approver(BOT.login)), siblings=(beside(objection(by=BOT)),)
    ),
    "who asks for changes there may not sign": scene(siblings=(beside(objection()),)),
}


@pytest.mark.parametrize("row", COUNTS.values(), ids=list(COUNTS))
def test_a_sibling_alone_is_no_obstacle(row: Scene) -> None:
    """The signature counts, and the record says that both were weighed."""
    outcome = row.outcome()
    assert outcome.state == "granted", outcome.sentence
    assert outcome.notes[0] == (
        "the same commit is open as #8 too, where authors, contributors and requests for changes "
        "count as well"
    )


def test_a_signature_there_is_none_here() -> None:
    """Label and approval belong to one pull request."""
    assert scene(reviews=(), siblings=(beside(review()),)).outcome().state == "refused"


def test_what_was_done_here_is_told_and_not_once_more_from_there() -> None:
    """The same commit is in both."""
    row = scene(contributions=(WROTE,), siblings=(beside(contributions=(WROTE,)),))
    assert row.outcome().sentence.endswith("pull request: authored 9f8e7d6")
    permitted = scene(
        policy=LENIENT, contributions=(WROTE,), siblings=(beside(contributions=(WROTE,)),)
    )
    assert permitted.outcome().notes[1:] == (
        "`mona` contributed (authored 9f8e7d6), which the rubric permits",
    )


def test_each_request_for_changes_is_withdrawn_where_it_stands() -> None:
    """The advice names the pull request; what has no weight is noted with it."""
    row = scene(
        policy=BOTH,
        reviews=(review(), objection(25)),
        siblings=(beside(objection(26), objection(27, DANA)),),
    )
    outcome = row.outcome()
    assert outcome.how == (
        "To ship it all the same: have `lisa` approve and `lisa` approve #8, "
        "or the request for changes dismissed."
    )
    asked = "`dana` (the rubric does not name them) asked for changes in #8 on `1a2b3c4`"
    assert outcome.notes[1:] == (f"{asked} on 2026-11-23, which stops no signature",)


@pytest.mark.parametrize(
    ("row", "people"),
    [
        (scene(siblings=(beside(objection()),)), [MONA, LISA]),
        (scene(siblings=(beside(objection(by=MONA), objection(), number=9),)), [MONA, LISA]),
        (scene(siblings=(beside(review(5, KIM, commit=HEAD)),)), [MONA]),
        (scene(events=(label(by=BOT),), siblings=(beside(objection()),)), []),
    ],
)
def test_who_asks_for_changes_there_is_looked_up_once(row: Scene, people: list[Person]) -> None:
    """And only where somebody could sign."""
    assert row.backing is not None
    assert list(people_to_look_up(row.policy, row.asked, row.backing.siblings)) == people
