import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rubric_action.agent.model import AgentTurn, Session, ToolCall, Usage
from rubric_action.cases.fingerprint import CaseBar
from rubric_action.cases.model import ContextItem
from rubric_action.errors import Place
from rubric_action.gate.model import AxisScore, CaseResult, Confirmation, History, TrialResult
from rubric_action.grading.model import RuleOutcome
from rubric_action.report.compact import REASON_KEPT, compact
from rubric_action.report.records import case_from, case_record, session_from, session_record

TEXT = st.text(max_size=20)
SHARE = st.floats(0, 1)
AMOUNT = st.none() | st.floats(0, 1e6)
NAMES = st.dictionaries(TEXT, TEXT, max_size=3)
RUNS = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda run: (min(run), max(run)))
TRIALS = st.builds(
    TrialResult,
    trial=st.integers(1, 9),
    passed=st.none() | st.booleans(),
    scores=st.dictionaries(TEXT, SHARE, max_size=3),
    rules_passed=st.booleans(),
    latency_s=AMOUNT,
    cost_usd=AMOUNT,
    cause=st.none() | TEXT,
)
CASES = st.builds(
    CaseResult,
    id=TEXT,
    slices=st.lists(TEXT, max_size=3).map(tuple),
    passed=st.none() | st.booleans(),
    trials=st.lists(TRIALS, min_size=1, max_size=3).map(tuple),
    axes=st.dictionaries(TEXT, st.builds(AxisScore, SHARE, st.booleans(), TEXT), max_size=3),
    rules=st.lists(
        st.builds(RuleOutcome, TEXT, st.booleans(), TEXT, st.none() | TEXT, st.booleans()),
        max_size=3,
    ).map(tuple),
    missing=st.booleans(),
    cause=st.none() | TEXT,
    latency_s=AMOUNT,
    cost_usd=AMOUNT,
    weight=st.floats(0.1, 10),
    promoted=st.booleans(),
    fingerprint=TEXT,
    bar=st.builds(CaseBar, st.sampled_from(["high", "normal"]), NAMES, NAMES),
    history=st.builds(History, st.lists(RUNS, max_size=4).map(tuple), st.booleans()),
    stale=st.lists(TEXT, max_size=2).map(tuple),
    place=st.builds(Place, TEXT, st.none() | st.integers(1, 99)),
    confirmation=st.none()
    | st.builds(
        Confirmation,
        st.lists(st.booleans(), max_size=5).map(tuple),
        st.none() | st.booleans(),
        st.none() | TEXT,
    ),
    cluster=st.none() | TEXT,
)
TURNS = st.builds(
    AgentTurn,
    output=TEXT,
    latency_s=AMOUNT,
    context=st.lists(
        st.builds(ContextItem, TEXT, st.none() | TEXT, st.none() | TEXT), max_size=2
    ).map(tuple),
    tool_calls=st.lists(
        st.builds(ToolCall, TEXT, st.dictionaries(TEXT, st.none() | TEXT | st.integers())),
        max_size=2,
    ).map(tuple),
    usage=st.none() | st.builds(Usage, TEXT, st.integers(0, 99), st.integers(0, 99)),
    cost_usd=AMOUNT,
    user=st.none() | TEXT,
)
SESSIONS = st.builds(Session, TEXT, st.integers(1, 9), st.lists(TURNS, max_size=3).map(tuple))

TURN = session_record(Session("a", 1, (AgentTurn("x"),)))["turns"][0]
CASE = CaseResult("c0", ("head",), True, (TrialResult(1, True, {"tone": 0.5}),))


def through_json(record: object) -> Any:
    """What a record is after it was written and read."""
    return json.loads(json.dumps(record, ensure_ascii=False))


@settings(max_examples=60, deadline=None)
@given(CASES)
def test_cases_come_back(case: CaseResult) -> None:
    """A case that is written and read is the same case."""
    assert case_from(through_json(case_record(case))) == case


@settings(max_examples=60, deadline=None)
@given(SESSIONS)
def test_sessions_come_back(session: Session) -> None:
    """A session that is written and read is the same session."""
    assert session_from(through_json(session_record(session))) == session


@pytest.mark.parametrize("user", [None, "Well?"])
def test_words_of_a_simulated_user_are_kept(user: str | None) -> None:
    """A turn of a script has no such key, as in files that know of none."""
    [turn] = session_record(Session("a", 1, (AgentTurn("x", user=user),)))["turns"]
    assert turn.get("user", "none") == (user or "none")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", 7),
        ("id", None),
        ("slices", "head"),
        ("slices", [1]),
        ("passed", "true"),
        ("passed", 1),
        ("cause", 0),
        ("missing", None),
        ("axes", []),
        ("axes", {"tone": {"score": 1.5, "passed": True, "reason": ""}}),
        ("axes", {"tone": {"score": float("nan"), "passed": True, "reason": ""}}),
        ("axes", {"tone": {"score": True, "passed": True, "reason": ""}}),
        ("axes", {"tone": {"score": 0.5, "passed": True}}),
        ("rules", [{"id": "r"}]),
        ("rules", {}),
        ("trials", []),
        ("trials", [7]),
        ("latency_s", -1),
        ("latency_s", float("inf")),
        ("cost_usd", "0.1"),
        ("history", {"runs": [[2, 1]], "committed": False}),
        ("history", {"runs": [[1]], "committed": False}),
        ("history", {"runs": [[0.5, 1]], "committed": False}),
        ("history", {"runs": [], "committed": "no"}),
        ("bar", {"stakes": "low", "rules": {}, "expects": {}}),
        ("bar", []),
        ("weight", float("nan")),
        ("stale", None),
        ("place", {"file": 1, "line": 1}),
        ("place", None),
    ],
)
def test_what_is_no_record_is_refused(key: str, value: object) -> None:
    """A stored value of another kind is an error when it is read, not a surprise later."""
    record = {**case_record(CASE), key: value}
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        case_from(record)


LATER = ("confirmation", "cluster")
"""Keys that older records don't have."""


@pytest.mark.parametrize("key", LATER)
def test_an_older_record_is_read(key: str) -> None:
    """What it could not tell is unknown."""
    record = case_record(CASE)
    del record[key]
    assert getattr(case_from(record), key) is None


@pytest.mark.parametrize("key", [key for key in case_record(CASE) if key not in LATER])
def test_no_key_may_be_absent(key: str) -> None:
    """A record that lacks a key is none."""
    record = case_record(CASE)
    del record[key]
    with pytest.raises((KeyError, TypeError)):
        case_from(record)


@pytest.mark.parametrize(
    "record",
    [
        {"case": "c", "trial": "1", "turns": []},
        {"case": "c", "trial": 1, "turns": [{"output": 1}]},
        {"case": "c", "trial": 1, "turns": {}},
        {"case": "c", "trial": 1},
        {"case": "c", "trial": 1, "turns": [{**TURN, "user": 1}]},
    ],
)
def test_what_is_no_session_is_refused(record: Any) -> None:
    """Likewise for sessions."""
    with pytest.raises((KeyError, TypeError, ValueError)):
        session_from(record)


def test_compact() -> None:
    """In memory stays why a case fails, and nothing about what passes."""
    failed, fine = RuleOutcome("a", passed=False, detail="no"), RuleOutcome("b", True, "yes")
    axes = {"low": AxisScore(0.1, False, "x" * 1000), "high": AxisScore(1.0, True, "fine")}
    kept = compact(CaseResult("c", (), False, (TrialResult(1, False),), axes, (failed, fine)))
    assert kept.rules == (failed,)
    assert kept.axes["low"].reason == "x" * REASON_KEPT
    assert kept.axes["high"] == AxisScore(1.0, True, "")
