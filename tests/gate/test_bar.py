from dataclasses import replace

import pytest

from rubric_action.gate.evidence import BarNotCompared
from rubric_action.gate.model import CaseResult
from rubric_action.grading.model import RuleOutcome
from rubric_action.rubric.bar_change import BarChange
from rubric_action.rubric.model import Axis
from tests.gate.builders import (
    PLACE,
    TONE,
    bar,
    baseline,
    change,
    decided,
    missing,
    only,
    part,
    past,
    result,
    rubric,
)

WIDE = rubric(
    part(), part("head", tone=0.1), part("crit", hard=True), part("shown", informational=True)
)
BOTH = ("head", "crit")
RULED = replace(result(), rules=(RuleOutcome("polite", True, "", axis="tone"),))
"""As an earlier version stored a case whose own rules settle `tone`."""
TAKEN = "`a` takes the axis `tone` from the judge by rules of its own"


@pytest.mark.parametrize(
    ("changes", "lowered"),
    [
        ((), []),
        ((change(lowered=False),), []),
        ((change(),), ["slices.all.min.tone"]),
        ((change("ceilings.latency_p95"), change("axes.tone.ask", lowered=False)),
         ["ceilings.latency_p95"]),
        ((change("regression.alpha"), change("regression.commit")),
         ["regression.alpha", "regression.commit"]),
    ],
)  # fmt: skip
def test_a_lowered_key_of_the_rubric_fails(
    changes: tuple[BarChange, ...], lowered: list[str]
) -> None:
    """Each key that lowers the bar is a finding; what is only shown is none."""
    decision = decided(result(), bar=changes)
    assert [finding.key for finding in decision.findings] == lowered
    assert decision.verdict == ("fail" if lowered else "pass")


def test_a_lowered_key_says_from_what_to_what() -> None:
    """Slice and axis are part of its identity, the sentence is the comparison's own."""
    finding = only(decided(result(), bar=(change(slice="all", axis="tone"),)), "bar-lowered")
    assert finding.identity == ("bar-lowered", "all", "tone", None)
    assert (finding.severity, finding.place) == ("fail", None)
    assert finding.sentence == "`slices.all.min.tone` goes from 0.90 to 0.80"


def test_without_a_base_the_bar_is_said_not_to_be_compared() -> None:
    """It is a statement of the step, not silence and not a finding."""
    decision = decided(result(), bar=BarNotCompared("there is no rubric at the base"))
    step = next(step for step in decision.steps if step.name == "bar-lowered")
    assert (step.status, step.sentence, step.findings) == (
        "info",
        "the bar was not compared: there is no rubric at the base",
        (),
    )


@pytest.mark.parametrize(
    ("then", "now", "sentences"),
    [
        (result(slices=BOTH), result(slices=BOTH), []),
        (result(slices=BOTH), result(slices=("head",)), ["`a` leaves the slice `crit`"]),
        (
            result(slices=BOTH),
            result(slices=()),
            ["`a` leaves the slice `head`", "`a` leaves the slice `crit`"],
        ),
        (result(slices=("shown",)), result(slices=()), []),
        (result(slices=("gone",)), result(slices=()), []),
        (
            result(bar=bar(rules=["r1", "r2"])),
            result(bar=bar(rules=["r2", "r3"])),
            ["`a` loses or changes its rule `r1`"],
        ),
        (
            result(bar=bar(expects=["expected", "facts[0]"])),
            result(bar=bar()),
            [
                (
                    "`a` loses or changes what it expects: `expected`, "
                    "loses or changes what it expects: `facts[0]`"
                )
            ],
        ),
        (result(bar=bar("high")), result(bar=bar()), ["`a` no longer has high stakes"]),
        (result(bar=bar()), result(bar=bar("high", rules=["r"])), []),
        (result(), result(weight=0.1), ["`a` weighs 0.1 instead of 1"]),
        (result(weight=0.1), result(), ["`a` weighs 1 instead of 0.1"]),
        (result("a", {"tone": 1, "policy": 1}), result(), ["`a` is no longer graded on `policy`"]),
        (result("a", {"tone": 1, "gone": 1}), result(), []),
        (result(), result(bar=bar(settles=["tone"])), [TAKEN]),
        (result(bar=bar("high")), result(bar=bar("high", settles=["tone"])), [TAKEN]),
        (result(bar=bar(settles=["tone"])), result(bar=bar(settles=["tone"])), []),
        (result(bar=bar(settles=["tone"])), result(), []),
        (RULED, result(bar=bar(settles=["tone"])), []),
        (result(), result("a", {"tone": 1, "policy": 1}, bar=bar(settles=["policy"])), []),
    ],
)
def test_a_committed_case_may_not_be_held_to_less(
    then: CaseResult, now: CaseResult, sentences: list[str]
) -> None:
    """It stays in its barred slices, keeps rules, expectations, stakes, weight, axes and judge."""
    wanted = rubric(*WIDE.slices.values(), axes={"tone": TONE, "policy": Axis("policy", "?")})
    decision = decided(now, rubric=wanted, before=baseline(then))
    found = [one.sentence for one in decision.findings if one.kind == "bar-lowered"]
    assert found == sentences


def test_what_a_case_loses_has_the_case_and_its_place() -> None:
    """Leaving a slice is a finding of that slice; the other losses of a case are one finding."""
    then = result(slices=BOTH, bar=bar("high", rules=["r"]))
    decision = decided(result(slices=("head",)), rubric=WIDE, before=baseline(then))
    found = [one for one in decision.findings if one.kind == "bar-lowered"]
    assert [one.identity for one in found] == [
        ("bar-lowered", "crit", None, "a"),
        ("bar-lowered", None, None, "a"),
    ]
    assert {one.place for one in found} == {PLACE}
    assert found[1].sentence == "`a` no longer has high stakes, loses or changes its rule `r`"


@pytest.mark.parametrize(
    ("then", "counts"),
    [
        (result(bar=bar(rules=["r"])), True),
        (result("a", 0.0, bar=bar("high", rules=["r"])), True),
        (result("a", 0.0, bar=bar(rules=["r"])), False),
        (result(history=past(1, 4), bar=bar(rules=["r"])), False),
        (result(history=past(1, 4), slices=("crit",), bar=bar(rules=["r"])), True),
        (result(history=past(1, 4), promoted=True, bar=bar(rules=["r"])), True),
    ],
)
def test_only_cases_that_count_are_watched(then: CaseResult, counts: bool) -> None:
    """Committed or of high stakes by the baseline, whatever the case says of itself now."""
    now = result(slices=then.slices, bar=bar("normal"))
    decision = decided(now, rubric=WIDE, before=baseline(then))
    assert any(one.kind == "bar-lowered" for one in decision.findings) is counts


def test_a_missing_case_is_not_said_to_lose_its_axes() -> None:
    """It was not graded on any; that is an error of its own."""
    decision = decided(missing(), before=baseline(result()))
    assert [finding.kind for finding in decision.findings] == ["missing"]


def test_without_a_base_rubric_the_baseline_stands_in() -> None:
    """An axis that was graded and a slice that was there are missed, where that is asked for."""
    before = baseline(result("a", {"tone": 1.0, "policy": 1.0}, slices=("all", "old")))
    missed = decided(
        result("a"), rubric=rubric(part()), before=before, bar=BarNotCompared("none given", True)
    )
    found = [one for one in missed.findings if one.kind == "bar-lowered" and one.case is None]
    assert [(one.axis, one.slice) for one in found] == [("policy", None), (None, "old")]
    assert missed.verdict == "fail"
    silent = decided(
        result("a"), rubric=rubric(part()), before=before, bar=BarNotCompared("main's own run")
    )
    assert [one for one in silent.findings if one.case is None] == []
