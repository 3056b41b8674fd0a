import json
from dataclasses import replace
from typing import Any

import pytest

from rubric_action.cases.fingerprint import CaseBar, case_bar, fingerprint
from rubric_action.cases.model import Case, ContextItem, SimulatedUser, UserTurn
from rubric_action.errors import Place
from rubric_action.rubric.rules import Cites, Contains, NotContains, Rule

CASE = Case(
    "refund-1",
    (UserTurn("Hello"), UserTurn("Refund me", (Rule("says-no", Contains("no"), turn=2),))),
    expected="No refund.",
    facts=("30 days", "unopened"),
    context=(ContextItem("Refunds within 30 days.", "doc-1", "2026-01-01"),),
    rules=(Rule("cites", Cites("doc-1")), Rule("polite", NotContains("damn"), axis="tone")),
    as_of="2026-01-31",
    metadata={"plan": "free"},
)


@pytest.mark.parametrize(
    "change",
    [
        {"notes": "seen twice"},
        {"tags": ("head",)},
        {"origin": {"trace": "t-1"}},
        {"place": Place("a.jsonl", 7)},
        {"id": "refund-2"},
        {"rules": (replace(CASE.rules[0], id="other-name"), CASE.rules[1])},
    ],
)
def test_what_is_no_content_leaves_the_fingerprint(change: dict[str, Any]) -> None:
    """Notes, tags, origin, place and names do not restart a case's history."""
    assert fingerprint(replace(CASE, **change)) == fingerprint(CASE)


@pytest.mark.parametrize(
    "change",
    [
        {"turns": (*CASE.turns, UserTurn("Thanks"))},
        {"turns": (CASE.turns[0], UserTurn("Refund me"))},
        {"expected": None},
        {"facts": ("30 days",)},
        {"context": (replace(CASE.context[0], updated_at=None),)},
        {"rules": CASE.rules[:1]},
        {"rules": (CASE.rules[0], replace(CASE.rules[1], axis=None))},
        {"rules": (Rule("cites", Contains("doc-1")), CASE.rules[1])},
        {"metadata": {"plan": "paid"}},
        {"stakes": "high"},
        {"source": "trace"},
        {"weight": 2.0},
        {"as_of": "2026-03-31"},
        {"user": SimulatedUser("A traveller.", "Move the flight.")},
    ],
)
def test_content_changes_the_fingerprint(change: dict[str, Any]) -> None:
    """Whatever the agent is given or held to is content."""
    assert fingerprint(replace(CASE, **change)) != fingerprint(CASE)


@pytest.mark.parametrize(
    "change",
    [
        {"persona": "A manager."},
        {"goal": "Cancel the flight."},
        {"stop": "Now."},
        {"max_turns": 3},
        {"seed": 8},
    ],
)
def test_all_of_a_simulated_user_is_content(change: dict[str, Any]) -> None:
    """Another user, or another seed, makes another conversation."""
    user = SimulatedUser("A traveller.", "Move the flight.")
    before, after = replace(CASE, user=user), replace(CASE, user=replace(user, **change))
    assert fingerprint(before) != fingerprint(after)


def test_the_fingerprint_does_not_hang_on_the_process() -> None:
    """A baseline of another machine holds the same digests."""
    assert fingerprint(Case("a", (UserTurn("Hi"),))) == "sha256:eddfa71f7e563d45"
    user = SimulatedUser("A traveller.", "Move the flight.")
    assert fingerprint(CASE) == "sha256:7529c0364c192bda"
    assert fingerprint(replace(CASE, user=user)) == "sha256:69cdce22ce425672"
    assert list(case_bar(CASE).rules) == [
        "sha256:bc5321476299f32b",
        "sha256:4c573fe1baca8998",
        "sha256:5a3767d5b82cb0c9",
    ]
    assert list(case_bar(CASE).expects) == [
        "sha256:087efae666ce327e",
        "sha256:b113d6ac4f745845",
        "sha256:edeed647b0f6358f",
        "sha256:2e7e73f7540d79e7",
    ]


@pytest.mark.parametrize(
    ("change", "rules", "expectations"),
    [
        ({}, (), ()),
        ({"tags": ("x",), "notes": "n"}, (), ()),
        ({"rules": CASE.rules[::-1], "facts": CASE.facts[::-1]}, (), ()),
        ({"rules": (*CASE.rules, Rule("more", Contains("x")))}, (), ()),
        ({"rules": (replace(CASE.rules[0], id="renamed"), CASE.rules[1])}, (), ()),
        ({"rules": ()}, ("cites", "polite"), ()),
        ({"rules": (Rule("cites", Cites("doc-2")), CASE.rules[1])}, ("cites",), ()),
        ({"rules": (replace(CASE.rules[0], turn=1), CASE.rules[1])}, ("cites",), ()),
        ({"turns": CASE.turns[:1]}, ("says-no",), ()),
        ({"expected": "Maybe."}, (), ("expected",)),
        ({"expected": None, "facts": ("unopened",)}, (), ("expected", "facts[0]")),
        ({"as_of": "2026-06-30"}, (), ()),
        ({"as_of": None}, (), ("as_of",)),
    ],
)
def test_a_bar_names_what_a_case_lost(
    change: dict[str, Any], rules: tuple[str, ...], expectations: tuple[str, ...]
) -> None:
    """Removed and changed rules and expectations are named; added and renamed ones are not."""
    base, now = case_bar(CASE), case_bar(replace(CASE, **change))
    assert base.lost_rules(now) == rules
    assert base.lost_expectations(now) == expectations


@pytest.mark.parametrize(
    ("case", "settles"),
    [
        (CASE, ("tone",)),
        (replace(CASE, rules=()), ()),
        (replace(CASE, turns=(UserTurn("Hi", (Rule("x", Contains("x"), 1, "help"),)),)),
         ("help", "tone")),
        (replace(CASE, rules=(CASE.rules[1], Rule("more", Contains("x"), axis="tone"))),
         ("tone",)),
    ],
)  # fmt: skip
def test_a_bar_names_the_axes_that_its_own_rules_settle(
    case: Case, settles: tuple[str, ...]
) -> None:
    """Rules of the case and of its turns, each axis once, in a fixed order."""
    assert case_bar(case).settles == settles


def test_a_bar_of_an_earlier_version_settles_nothing() -> None:
    """Its record lacks the field, and is still a bar."""
    stored = case_bar(CASE).as_json()
    del stored["settles"]
    assert CaseBar.from_json(stored) == replace(case_bar(CASE), settles=())


def test_a_bar_survives_json() -> None:
    """What a baseline stores reads back as the same bar."""
    bar = case_bar(replace(CASE, stakes="high"))
    assert CaseBar.from_json(json.loads(json.dumps(bar.as_json()))) == bar
    assert bar.stakes == "high"


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"stakes": "low", "rules": {}, "expects": {}},
        {"stakes": "high", "rules": [], "expects": {}},
        {"stakes": "high", "rules": {}, "expects": {}, "settles": "tone"},
        {"stakes": "high", "rules": {}, "expects": {}, "settles": [1]},
    ],
)
def test_a_foreign_bar_is_refused(value: dict[str, Any]) -> None:
    """A baseline that was not written by us is an error, not an empty bar."""
    with pytest.raises(ValueError, match=r"stakes are|are an object|are a list"):
        CaseBar.from_json(value)
