import pytest

from rubric_action.cases.model import Case, ContextItem, SimulatedUser, UserTurn
from rubric_action.cases.packed import packed, unpacked
from rubric_action.errors import Place
from rubric_action.rubric.rules import (
    Check,
    Cites,
    Contains,
    Equals,
    JsonSchema,
    Matches,
    MaxChars,
    NotContains,
    NotMatches,
    NumbersFromContext,
    Rule,
    SimilarTo,
    ToolCalled,
    ToolNotCalled,
)

PLACE = Place("eval/cases.jsonl", 7)
FULL = Case(
    "refund-1",
    (UserTurn("Hello"), UserTurn("Refund \u2764", (Rule("says-no", Contains("no"), turn=2),))),
    tags=("head", "billing"),
    stakes="high",
    source="trace",
    expected="No refund.",
    facts=("30 days",),
    context=(ContextItem("Within 30 days."), ContextItem("Unopened.", "doc-1", "2026-01-01")),
    rules=(Rule("polite", NotContains("damn"), axis="tone"),),
    weight=2.0,
    as_of="2026-01-31",
    metadata={"plan": {"seats": [1, 2.5, None, True]}},
    origin={"trace": "t-1"},
    notes="seen twice",
    place=PLACE,
)
USER = SimulatedUser("A traveller.", "Move the flight.", "Now.", 3, 8)


@pytest.mark.parametrize(
    "case",
    [
        FULL,
        Case("least", (UserTurn(""),), place=PLACE),
        Case("simulated", (), place=PLACE, user=USER),
    ],
)
def test_a_case_comes_back_as_it_was(case: Case) -> None:
    """All that a case holds survives, and its place is told anew."""
    assert unpacked(packed(case), PLACE) == case
    assert unpacked(packed(case), Place("b.jsonl", 1)).place == Place("b.jsonl", 1)


@pytest.mark.parametrize(
    "check",
    [
        Contains("a"),
        NotContains("a"),
        Matches("a+"),
        NotMatches("a+"),
        Equals(" a "),
        JsonSchema({"type": "object"}),
        MaxChars(5),
        Cites("doc-1"),
        ToolCalled("refund", {"order": {"id": 7}}),
        ToolNotCalled("refund", {}),
        NumbersFromContext(),
        SimilarTo("a", 0.5),
    ],
)
def test_every_kind_of_check_comes_back(check: Check) -> None:
    """A rule keeps its kind and all that the kind asks for."""
    case = Case("a", (UserTurn("Hi"),), rules=(Rule("r", check, 1, "tone"),), place=PLACE)
    assert unpacked(packed(case), PLACE) == case
