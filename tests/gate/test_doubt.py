"""Committed cases that fail now: run again, and judged once."""

from typing import Any

import pytest

from rubric_action.gate.doubt import Doubt, Outcome, doubted, to_run_again
from rubric_action.gate.evidence import Evidence
from rubric_action.gate.model import CaseResult, Confirmation, History
from rubric_action.gate.wording import likelihood
from rubric_action.rubric.model import Regression
from tests.gate.builders import baseline, decided, evidence, only, part, past, result, rubric

TWO_SLICES = rubric(part("crit", hard=True), part())
STEADY = result(history=past(20, 20))


def again(*trials: bool, regrade: bool | None = False, cause: str | None = None) -> Confirmation:
    """What came of the re-runs."""
    return Confirmation(trials, regrade, cause)


def doubts(seen: Evidence) -> list[Doubt]:
    """What became of each case in doubt."""
    return [one.doubt for one in doubted(seen)]


def failing(confirmation: Confirmation | None = None, **fields: Any) -> CaseResult:
    """A case that fails in its one trial."""
    return result("a", 0.2, confirmation=confirmation, **fields)


@pytest.mark.parametrize(
    ("now", "then", "outcome"),
    [
        (failing(again(*[False] * 5)), STEADY, "broken"),
        (failing(again(*[False] * 5)), result(history=past(1, 1)), "broken"),
        (failing(again(True)), result(history=past(1, 1)), "luck"),
        (failing(again(False, True, True, True, True)), STEADY, "luck"),
        (failing(again(True, False, False, True, False)), STEADY, "surprise"),
        (failing(again(True, False, False, True, False)), result(history=past(8, 10)), "luck"),
        (failing(again(False, cause="the agent hangs")), STEADY, "unended"),
        (failing(), STEADY, "broken"),
        (failing(promoted=True), STEADY, "strict"),
        (failing(slices=("crit", "all")), STEADY, "strict"),
        (failing(again(True, True), fingerprint="new"), STEADY, "luck"),
        (failing(again(*[False] * 5), fingerprint="new"), STEADY, "broken"),
    ],
)
def test_what_becomes_of_a_case_in_doubt(
    now: CaseResult, then: CaseResult, outcome: Outcome
) -> None:
    """An agent that can be run again has its failures confirmed, or cleared."""
    seen = evidence(now, rubric=TWO_SLICES, before=baseline(then), rerunnable=True)
    (doubt,) = doubts(seen)
    assert doubt.outcome == outcome
    kinds = [
        one.kind
        for one in decided(now, rubric=TWO_SLICES, before=baseline(then), rerunnable=True).findings
    ]
    expected = "ungraded" if outcome == "unended" else "regression"
    assert (expected in kinds) == (outcome != "luck")


def test_a_case_that_was_cleared_blocks_nothing() -> None:
    """It stays a failure in its slices, and no more than that."""
    now = failing(again(True, True, True, True))
    decision = decided(now, before=baseline(STEADY), rerunnable=True)
    assert decision.verdict == "pass"
    assert decision.slices["all"].passed == 0
    assert [doubt.outcome for doubt in decision.doubts] == ["luck"]


def test_what_could_not_be_run_again_is_an_error() -> None:
    """Nobody knows whether it is broken; nothing turns green because something broke."""
    decision = decided(
        failing(again(cause="no answer within 60 s")), before=baseline(STEADY), rerunnable=True
    )
    assert decision.verdict == "error"
    assert only(decision, "ungraded").sentence == (
        "`a` used to pass, fails now, and could not be run again: no answer within 60 s"
    )


@pytest.mark.parametrize(
    ("confirmation", "flipped"),
    [
        (again(False, False, regrade=True), "judge"),
        (again(True, False), "agent"),
        (again(False, False), None),
        (again(False, False, regrade=None), None),
        (None, None),
    ],
)
def test_whose_noise_it_was(confirmation: Confirmation | None, flipped: str | None) -> None:
    """The same answer graded otherwise is the judge's; another answer that passes, the agent's."""
    (doubt,) = doubts(evidence(failing(confirmation), before=baseline(STEADY), rerunnable=True))
    assert doubt.flipped == flipped


def test_only_what_trials_can_clear_is_run_again() -> None:
    """Neither a strict case, nor one that nobody counts on, nor recorded sessions."""
    cases = [
        failing(),
        result("b", 0.2, promoted=True),
        result("c", 0.2),
        result("d"),
    ]
    then = [STEADY, result("b"), result("c", history=past(3, 6)), result("d")]
    live = evidence(*cases, before=baseline(*then), rerunnable=True)
    assert [doubt.case.id for doubt in to_run_again(live)] == ["a"]
    recorded = evidence(*cases, before=baseline(*then))
    assert list(to_run_again(recorded)) == []


def test_recorded_trials_are_used() -> None:
    """Where the agent can't be run again, several trials in the file say what re-runs would."""
    mixed = result("a", 0.2, 0.9, 0.9)
    assert [d.outcome for d in doubts(evidence(mixed, before=baseline(STEADY)))] == ["luck"]
    dead = result("a", 0.2, 0.1, 0.0)
    assert [d.outcome for d in doubts(evidence(dead, before=baseline(STEADY)))] == ["broken"]


def test_alpha_is_the_rubrics() -> None:
    """A stricter level needs a greater surprise."""
    now = failing(again(True, False, False, True, True))
    strict = rubric(regression=Regression(alpha=1e-6))
    loose = rubric(regression=Regression(alpha=0.05))
    found = [
        doubts(evidence(now, rubric=one, before=baseline(STEADY), rerunnable=True))[0].outcome
        for one in (strict, loose)
    ]
    assert found == ["luck", "surprise"]


def test_a_commitment_without_a_history_still_convicts_what_always_fails() -> None:
    """After a change of the case's content its counts restart, and the commitment stays."""
    then = result(history=History((), committed=True))
    (doubt,) = doubts(
        evidence(failing(again(*[False] * 5)), before=baseline(then), rerunnable=True)
    )
    assert doubt.outcome == "broken"


def test_the_sentence_says_history_and_trials() -> None:
    """What an engineer needs to believe it, or not."""
    now = failing(again(True, False, False, True, False))
    finding = only(decided(now, before=baseline(STEADY), rerunnable=True), "regression")
    assert finding.sentence == (
        "`a` used to pass and fails now: `tone` 0.20, needs 0.5: it is rude (it passed 20 of 20 "
        "trials on the baseline, and passes 2 of 6 now, which an unchanged agent does once in "
        "1,170 times)"
    )
    assert finding.observed == pytest.approx(2 / 6)


@pytest.mark.parametrize(
    ("chance", "said"),
    [
        (1.0, "100% of the time"),
        (0.25, "25% of the time"),
        (0.01, "once in 100 times"),
        (1 / 296_010, "once in 296,010 times"),
        (0.0, "practically never"),
    ],
)
def test_chances_in_words(chance: float, said: str) -> None:
    """As people say them."""
    assert likelihood(chance) == said
