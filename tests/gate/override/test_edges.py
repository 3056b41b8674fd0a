"""Times within a second, names, and what nobody may get past."""

from datetime import timedelta, timezone
from itertools import product
from typing import Final

import pytest

from rubric_action.gate.override.decide import people_to_look_up, weigh
from rubric_action.gate.override.facts import Backing, LabelEvent, Moment, Person, Review
from rubric_action.gate.override.model import State
from rubric_action.rubric.model import OverridePolicy
from tests.gate.override.scenes import (
    ARRIVAL,
    BOT,
    DANA,
    HEAD,
    LISA,
    MONA,
    OLD,
    STANDINGS,
    Scene,
    at,
    label,
    objection,
    policy,
    published,
    review,
    scene,
)


@pytest.mark.parametrize(
    ("row", "state"),
    [
        pytest.param(scene(events=(label(20),)), "refused", id="approval and request"),
        pytest.param(scene(events=(label(20, by=MONA),)), "granted", id="both by one person"),
        pytest.param(scene(events=(label(0),)), "refused", id="request and arrival"),
        pytest.param(
            scene(floor=(Moment(at(20), "a push"),), events=(label(25, by=MONA),)),
            "refused",
            id="approval and force-push",
        ),
        pytest.param(scene(published=(published(20),)), "refused", id="approval and results"),
        pytest.param(
            scene(events=(label(10, id=1), label(10, id=2, added=False))),
            "refused",
            id="label on, then off, by number",
        ),
        pytest.param(
            scene(events=(label(10, id=2), label(10, id=1, added=False))),
            "granted",
            id="label off, then on, by number",
        ),
        pytest.param(
            scene(reviews=(review(id=1), review(id=2, state="CHANGES_REQUESTED"))),
            "refused",
            id="approved, then asked for changes, by number",
        ),
        pytest.param(
            scene(reviews=(review(id=2), review(id=1, state="CHANGES_REQUESTED"))),
            "granted",
            id="asked for changes, then approved, by number",
        ),
    ],
)
def test_in_the_same_second(row: Scene, state: State) -> None:
    """It does not come after; of one list the numbers tell the order."""
    assert row.outcome().state == state


def test_the_order_of_pages_does_not_matter() -> None:
    """Reviews and events decide by their times."""
    events = (label(15), label(12, added=False), label(10))
    reviews = (review(25, LISA), review(20, commit=OLD), review(30, commit=HEAD))
    told = {
        scene(events=some, reviews=others).outcome()
        for some in (events, events[::-1])
        for others in (reviews, reviews[::-1])
    }
    assert [one.state for one in told] == ["granted"]


def test_times_of_any_zone_are_told_in_utc() -> None:
    """And compared as moments."""
    there = timezone(timedelta(hours=9))
    stale = review(commit=OLD)
    early = LabelEvent(1, "rubric-override", True, DANA, at(-1).astimezone(there))
    assert "on 2026-11-23" in scene(events=(early,), reviews=(stale,)).outcome().sentence
    assert "(2026-11-23 12:00:00 UTC)" in scene(events=(early,)).outcome().sentence


@pytest.mark.parametrize(
    ("label_", "rule", "same"),
    [
        ("Rubric-Override", "rubric-override", True),
        ("ÜBERGEHEN 🚢", "übergehen 🚢", True),
        ("ΟΔΟΣ", "οδος", True),
        ("rubric-override ", "rubric-override", False),
        ("rubric override", "rubric-override", False),
        ("🚢", "🚀", False),
    ],
)
def test_a_label_is_compared_whole_and_in_any_case(label_: str, rule: str, same: bool) -> None:
    """On the pull request and in its events alike."""
    row = scene(policy=policy(label=rule), labels=(label_,), events=(label(label=label_),))
    assert row.outcome().state == ("granted" if same else "open")


def test_one_account_is_one_person_whatever_its_name_was() -> None:
    """An approval under the new name ends what was asked under the old one."""
    old = Person(MONA.id, "mona-old")
    row = scene(policy=policy("mona"), reviews=(objection(by=old), review()))
    assert row.outcome().state == "granted"
    assert scene(author=old).outcome().state == "refused"


def test_another_account_of_the_name_is_another_person() -> None:
    """It neither ends nor revives what the first one said."""
    other = Person(9, "mona")
    row = scene(reviews=(review(), objection(25, by=other)), standings={9: STANDINGS[MONA.id]})
    assert "`mona` (named in the rubric) asked for changes" in row.outcome().sentence


def test_foreign_text_stays_whole_beside_sentences_that_are_cut() -> None:
    """The reason is kept as it is; the sentence about it stays short and on one line."""
    why = "`x` ::error:: <b>@all</b> " * 60
    outcome = scene(reviews=(review(body=f"OVERRIDE: {why}"),)).outcome()
    assert outcome.signature is not None
    assert outcome.signature.reason == why.strip()
    assert len(outcome.sentence) < 300


def test_long_names_leave_every_sentence_short() -> None:
    """Whatever labels, logins, teams and findings are called."""
    people = [f"{letter * 39}" for letter in "abcdef"]
    rule = policy(*people, teams=(f"acme/{'t' * 100}",), permission="admin", label="l" * 50)
    rows = [
        scene(policy=rule, labels=labels, events=events, reviews=reviews)
        for labels in ((), (rule.label,))
        for events in ((), (label(label=rule.label),))
        for reviews in ((), (review(by=Person(2, "a" * 39)),))
    ]
    for outcome in (row.outcome() for row in rows):
        assert len(outcome.sentence) <= 600
        assert len(outcome.how) <= 280


REQUESTS: Final[dict[str, tuple[LabelEvent, ...]]] = {
    "none": (),
    "person": (label(),),
    "setter": (label(25, by=MONA),),
    "bot": (label(by=BOT),),
    "app": (label(app="helper"),),
    "gone": (label(by=None),),
    "old": (label(-1),),
    "same second": (label(0),),
    "off": (label(5), label(10, added=False)),
    "on, then by a bot": (label(5), label(7, added=False), label(10, by=BOT)),
}
REVIEWS: Final[tuple[tuple[Review, ...], ...]] = (
    (),
    (review(),),
    (review(-2),),
    (review(by=DANA),),
    (review(by=BOT),),
    (review(by=None),),
    (review(), review(25, LISA)),
    (review(), objection(25)),
    (review(commit=OLD),),
    (review(), review(30, state="DISMISSED")),
)
POLICIES: Final = (
    policy(),
    policy("mona", "lisa", contributors=True, reason_required=False),
    policy(permission="write"),
    policy("dana", BOT.login, teams=("acme/leads",)),
)
MAY: Final = ("person", "setter")


@pytest.mark.parametrize("request_", REQUESTS)
@pytest.mark.parametrize("rule", POLICIES)
@pytest.mark.parametrize("arrived", [ARRIVAL, None])
def test_nothing_counts_without_a_persons_request_after_the_floor(
    request_: str, rule: OverridePolicy, arrived: Moment | None
) -> None:
    """Of all that can be combined, only what a person asked for after the head came is shipped.

    Whoever was not to be looked up changes nothing either.
    """
    for reviews, labels in product(REVIEWS, [("rubric-override",), ("other",)]):
        row = scene(
            policy=rule,
            events=REQUESTS[request_],
            reviews=reviews,
            labels=labels,
            arrived=arrived,
        )
        outcome = row.outcome()
        if outcome.state == "granted":
            assert request_ in MAY
            assert arrived is not None
            assert labels == ("rubric-override",)
        assert outcome == _told_with_as_little_as_can_be(row)


def _told_with_as_little_as_can_be(row: Scene) -> object:
    """The outcome from no more standings than had to be looked up."""
    assert row.backing is not None
    people = people_to_look_up(row.policy, row.asked)
    standings = {one.id: row.backing.standings.get(one.id) for one in people}
    known = {number: one for number, one in standings.items() if one is not None}
    little = Backing(row.backing.arrived, standings=known, published=row.backing.published)
    if not people:
        _refused_without_backing(row)
    return weigh(row.findings, row.policy, row.asked, little, row.uses, row.now)


def _refused_without_backing(row: Scene) -> None:
    """Where nobody is to look up, nothing else can make it count."""
    alone = weigh(row.findings, row.policy, row.asked, None, row.uses, row.now)
    assert alone.state in ("open", "refused")


@pytest.mark.parametrize("request_", MAY)
def test_some_of_the_combinations_count(request_: str) -> None:
    """So that the test above has something to refuse."""
    row = scene(events=REQUESTS[request_], reviews=(review(30),))
    assert row.outcome().state == "granted"
