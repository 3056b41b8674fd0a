from collections.abc import Sequence
from typing import Any

import pytest

from rubric_action.agent.model import AgentTurn, Missing, Session, Usage
from rubric_action.cases.model import Case, UserTurn
from rubric_action.gate.case import case_result, cluster_of
from rubric_action.gate.model import CaseResult
from rubric_action.grading.model import (
    Graded,
    NotGraded,
    RuleOutcome,
    Scored,
    TrialOutcome,
    Ungraded,
)
from rubric_action.rubric.model import Axis

CASE = Case("a", (UserTurn("Hi"),), weight=2.0, origin={"trace": "t-1"})
AXES = {"tone": Axis("tone", "?", pass_mark=0.5), "policy": Axis("policy", "?", pass_mark=1.0)}
USAGE = Usage("known", 10, 10)
HOLDS = RuleOutcome("short", True, "12 characters")
BROKEN = RuleOutcome("short", False, "900 characters")
CANNOT_RUN = RuleOutcome("pattern", False, "the pattern took too long", error=True)


def price(usage: Usage) -> float | None:
    """A price list that knows one model."""
    return 0.5 if usage.model == "known" else None


def session(*turns: AgentTurn, trial: int = 1) -> Session:
    """A session of these turns, or of one plain turn."""
    return Session("a", trial, turns or (AgentTurn("Hello"),))


def graded(
    tone: float | Ungraded = 1.0,
    *rules: RuleOutcome,
    trial: int = 1,
    turns: Sequence[AgentTurn] = (),
) -> Graded:
    """A graded trial with a grade for the axis `tone`."""
    grade = tone if isinstance(tone, Ungraded) else Scored(tone, f"worth {tone}")
    return Graded(session(*turns, trial=trial), rules, {"tone": grade})


def put_together(*outcomes: TrialOutcome) -> CaseResult:
    """The result of the case from these outcomes."""
    return case_result(CASE, outcomes, ("all",), AXES, price, ("old",))


@pytest.mark.parametrize(
    ("outcomes", "passed", "share"),
    [
        ([graded(0.5)], True, 1.0),
        ([graded(0.49)], False, 0.0),
        ([graded(1.0, HOLDS)], True, 1.0),
        ([graded(1.0, HOLDS, BROKEN)], False, 0.0),
        ([graded(1.0), graded(0.0, trial=2)], False, 0.5),
        ([graded(1.0), graded(0.6, trial=2), graded(0.5, trial=3)], True, 1.0),
        ([Graded(session(), (), {"tone": Scored(1, ""), "policy": Scored(0.99, "")})], False, 0.0),
    ],
)
def test_a_case_passes_when_every_trial_passes_rules_and_marks(
    outcomes: list[TrialOutcome], passed: bool, share: float
) -> None:
    """One failing trial, rule or axis fails the case; the share counts the trials."""
    case = put_together(*outcomes)
    assert (case.passed, case.pass_share) == (passed, share)


@pytest.mark.parametrize(
    ("outcomes", "missing", "cause"),
    [
        ([Missing("a", 1, "timed out")], True, "timed out"),
        ([graded(1.0), Missing("a", 2, "timed out")], True, "timed out"),
        ([], True, "it was not run"),
        ([NotGraded(session(), "the budget is spent")], False, "the budget is spent"),
        (
            [graded(Ungraded("refusal", "it would not"))],
            False,
            "`tone` could not be graded (refusal): it would not",
        ),
        (
            [graded(1.0, HOLDS, CANNOT_RUN)],
            False,
            "rule `pattern` could not be run: the pattern took too long",
        ),
        (
            [graded(0.0), graded(Ungraded("cut", "too long"), trial=2)],
            False,
            "`tone` could not be graded (cut): too long",
        ),
    ],
)
def test_what_could_not_be_decided_is_no_failure_and_no_pass(
    outcomes: list[TrialOutcome], missing: bool, cause: str
) -> None:
    """A case with one undecided trial is undecided, with the cause; so is one never run."""
    case = put_together(*outcomes)
    assert (case.passed, case.missing, case.cause) == (None, missing, cause)


def test_scores_are_means_over_trials_with_the_worst_reason() -> None:
    """An axis passes if every trial does, whatever the mean."""
    axis = put_together(graded(1.0), graded(0.4, trial=2), graded(1.0, trial=3)).axes["tone"]
    assert axis.score == pytest.approx(0.8)
    assert (axis.passed, axis.reason) == (False, "worth 0.4")


def test_an_axis_that_was_not_graded_is_absent() -> None:
    """An axis that does not apply has no score, rather than one of 0 or 1."""
    assert "policy" not in put_together(graded(1.0)).axes


def test_an_undecided_case_keeps_what_was_graded() -> None:
    """The report can still show the first trial of a case whose second is missing."""
    case = put_together(graded(0.3, BROKEN), Missing("a", 2, "timed out"))
    assert (case.axes["tone"].score, case.rules) == (0.3, (BROKEN,))


def test_the_rules_shown_are_those_of_the_first_failing_trial() -> None:
    """Later failures don't hide behind the first trial's success."""
    case = put_together(graded(1.0, HOLDS), graded(1.0, BROKEN, trial=2))
    assert case.rules == (BROKEN,)
    assert put_together(graded(1.0, HOLDS)).rules == (HOLDS,)


@pytest.mark.parametrize(
    ("trials", "latency_s", "cost_usd"),
    [
        ([[AgentTurn("x")]], None, None),
        ([[AgentTurn("x", 2.0, cost_usd=0.1)]], 2.0, 0.1),
        ([[AgentTurn("x", 2.0, cost_usd=0.1), AgentTurn("y", 1.0, cost_usd=0.2)]], 3.0, 0.3),
        ([[AgentTurn("x", 2.0, cost_usd=0.1), AgentTurn("y")]], None, None),
        ([[AgentTurn("x", 2.0)], [AgentTurn("x", 4.0)]], 3.0, None),
        ([[AgentTurn("x", 2.0)], [AgentTurn("x")]], 2.0, None),
        ([[AgentTurn("x", usage=USAGE)]], None, 0.5),
        ([[AgentTurn("x", usage=USAGE, cost_usd=0.1)]], None, 0.1),
        ([[AgentTurn("x", usage=Usage("unknown", 1, 1))]], None, None),
        ([[AgentTurn("x", 0.0, cost_usd=0.0)]], 0.0, 0.0),
    ],
)
def test_latency_and_cost_are_sums_over_turns_and_means_over_trials(
    trials: list[list[AgentTurn]], latency_s: float | None, cost_usd: float | None
) -> None:
    """Unknown stays unknown, never 0; a given cost is taken before a price."""
    case = put_together(*(graded(turns=turns, trial=n) for n, turns in enumerate(trials, 1)))
    assert case.latency_s == (latency_s and pytest.approx(latency_s))
    assert case.cost_usd == (cost_usd and pytest.approx(cost_usd))


def test_what_the_case_says_of_itself_is_carried_over() -> None:
    """Weight, origin, slices and staleness reach the result."""
    case = put_together(graded(1.0))
    assert (case.weight, case.promoted, case.slices, case.stale) == (2.0, True, ("all",), ("old",))
    assert case.fingerprint.startswith("sha256:")


@pytest.mark.parametrize(
    ("fields", "cluster"),
    [
        ({}, None),
        ({"origin": {"trace": "t1"}}, "t1"),
        ({"metadata": {"conversation": "c1"}, "origin": {"trace": "t1"}}, "c1"),
        ({"metadata": {"conversation": 7}}, None),
        ({"metadata": {"conversation": ""}, "origin": {"trace": ["t1"]}}, None),
    ],
)
def test_what_cases_were_cut_from(fields: dict[str, Any], cluster: str | None) -> None:
    """Cases of one conversation, or of one trace, are known as such."""
    assert cluster_of(Case("a", (UserTurn("Hi"),), **fields)) == cluster
