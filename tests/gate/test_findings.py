import pytest

from rubric_action.gate.decision import Decision
from rubric_action.gate.evidence import Stopped
from rubric_action.gate.model import CaseResult, NoBaseline
from rubric_action.rubric.model import Regression
from tests.gate.builders import (
    NO_BASELINE,
    PLACE,
    bar,
    baseline,
    decided,
    missing,
    only,
    part,
    past,
    result,
    rubric,
    told,
    ungraded,
)

HARD = rubric(part("crit", hard=True), part())
WARN = Regression(unconfirmed="warn")
BROKEN = result("a", 0.0)


def kinds(decision: Decision) -> list[str]:
    """The kinds found, in order."""
    return [kind for kind, _ in told(decision)]


@pytest.mark.parametrize(
    ("case", "kind", "sentence"),
    [
        (missing(), "missing", "`a` has no session: no session in outputs.jsonl"),
        (
            ungraded(),
            "ungraded",
            "`a` could not be graded: `tone` could not be graded (refusal): it would not",
        ),
    ],
)
def test_a_case_without_session_or_grade_is_an_error(
    case: CaseResult, kind: str, sentence: str
) -> None:
    """It is named with its cause and its place, and never skipped."""
    decision = decided(result("b"), case)
    finding = only(decision, kind)
    assert decision.verdict == "error"
    assert told(decision) == [(kind, "error")]
    assert finding.identity == (kind, None, None, "a")
    assert (finding.sentence, finding.place) == (sentence, PLACE)


def test_a_missing_case_is_not_also_called_ungraded() -> None:
    """One case in doubt is one finding."""
    assert kinds(decided(missing("a"), ungraded("b"))) == ["missing", "ungraded"]


def test_a_run_without_a_case_decides_nothing() -> None:
    """Nothing graded is nothing proved."""
    decision = decided()
    assert (decision.verdict, told(decision)) == ("error", [("ungraded", "error")])


def test_a_run_cut_short_is_an_error_that_says_why() -> None:
    """Even if every case that was reached passes."""
    decision = decided(result(), stopped=Stopped("The judge refused the key.", "Set it right."))
    assert decision.verdict == "error"
    assert only(decision, "ungraded").sentence == "The judge refused the key. Set it right."
    assert only(decision, "ungraded").case is None


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (NoBaseline("no baseline yet", required=True), [("baseline", "error")]),
        (NO_BASELINE, []),
        (baseline(result()), []),
    ],
)
def test_a_required_baseline_that_is_absent_is_an_error(
    before: NoBaseline, expected: list[tuple[str, str]]
) -> None:
    """No baseline is a stated mode, unless one is required."""
    assert told(decided(result(), before=before)) == expected


@pytest.mark.parametrize(
    ("case", "named"),
    [
        (result("a", 0.0, slices=("crit",)), ["crit"]),
        (result("a", 1.0, rules=False, slices=("crit",)), ["crit"]),
        (result("a", 1.0, 0.0, 1.0, slices=("crit",)), ["crit"]),
        (result("a", 0.0, slices=("crit", "all")), ["crit"]),
        (result("a", 1.0, slices=("crit",)), []),
        (result("a", 0.0, slices=("all",)), []),
    ],
)
def test_any_failing_trial_in_a_hard_slice_fails_the_gate(
    case: CaseResult, named: list[str]
) -> None:
    """One trial is enough; other slices don't care."""
    decision = decided(case, rubric=HARD)
    assert [finding.slice for finding in decision.findings if finding.kind == "hard-gate"] == named
    assert decision.verdict == ("fail" if named else "pass")


def test_a_hard_failure_says_what_was_seen() -> None:
    """The finding holds case, slice, share of passing trials, key, place and the reason."""
    finding = only(decided(result("a", 1.0, 0.0, slices=("crit",)), rubric=HARD), "hard-gate")
    assert finding.identity == ("hard-gate", "crit", None, "a")
    assert (finding.severity, finding.observed, finding.required) == ("fail", 0.5, 1.0)
    assert (finding.key, finding.place) == ("slices.crit.gate", PLACE)
    assert finding.sentence == (
        "`a` fails in the hard slice `crit`: `tone` 0.50, needs 0.5: it is rude"
    )


def test_a_failing_trial_counts_beside_an_undecided_one() -> None:
    """The error stands first, and the hard failure is still told."""
    failed = result("a", 0.0, slices=("crit",))
    case = CaseResult(
        "a", ("crit",), None, (*failed.trials, *missing().trials), missing=True, cause="gone"
    )
    decision = decided(case, rubric=HARD)
    assert kinds(decision) == ["missing", "hard-gate"]
    assert decision.verdict == "error"


def test_two_hard_slices_are_two_findings() -> None:
    """An override of one does not cover the other."""
    both = rubric(part("x", hard=True), part("y", hard=True))
    decision = decided(result("a", 0.0, slices=("x", "y")), rubric=both)
    assert [finding.slice for finding in decision.findings] == ["x", "y"]


@pytest.mark.parametrize(
    ("now", "then", "expected"),
    [
        (BROKEN, result(), ["regression"]),
        (result("a", 0.0, 0.0), result(), ["regression"]),
        (result("a", 1.0, 0.0), result(), []),
        (result("a", 1.0, 0.0, 0.0), result(history=past(40, 40)), ["regression"]),
        (result("a", 1.0, rules=False), result(), ["regression"]),
        (BROKEN, result(history=past(19, 20)), ["regression"]),
        (BROKEN, result("a", 0.0, history=past(19, 20)), ["regression"]),
        (BROKEN, result(history=past(3, 6)), []),
        (BROKEN, result("a", 0.0), []),
        (BROKEN, result(history=past(1, 6), promoted=True), ["regression"]),
        (BROKEN, result("other"), []),
        (result(), result(), []),
    ],
)
def test_a_committed_case_that_fails_now_is_a_regression(
    now: CaseResult, then: CaseResult, expected: list[str]
) -> None:
    """What the team counts on may not break; flaky cases, failing ones and new ones may fail."""
    before = baseline(then, *([] if then.id == "a" else [result("a", 0.0)]))
    assert kinds(decided(now, result("other"), before=before)) == expected


def test_a_regression_says_what_was_and_what_is() -> None:
    """Observed and baseline are shares of passing trials, and the past is told."""
    then = result("a", 1.0, 1.0, history=past(12, 12))
    finding = only(decided(result("a", 0.2), before=baseline(then)), "regression")
    assert finding.identity == ("regression", None, None, "a")
    assert (finding.observed, finding.required, finding.baseline) == (0.0, 1.0, 1.0)
    assert (finding.severity, finding.key, finding.place) == ("fail", "regression", PLACE)
    assert finding.sentence == (
        "`a` used to pass and fails now: `tone` 0.20, needs 0.5: it is rude "
        "(it passed 12 of 12 trials on the baseline)"
    )


def test_without_a_baseline_nothing_can_regress() -> None:
    """The mode is stated in the step's sentence."""
    decision = decided(BROKEN)
    step = next(step for step in decision.steps if step.name == "regression")
    assert (step.status, step.sentence) == (
        "info",
        "no baseline yet: the regression rule did not run",
    )


@pytest.mark.parametrize(
    ("regression", "fields", "then", "now", "severity"),
    [
        (WARN, {}, result(), BROKEN, "warn"),
        (Regression(), {}, result(), BROKEN, "fail"),
        (WARN, {"rerunnable": True}, result(), BROKEN, "fail"),
        (WARN, {}, result(promoted=True), BROKEN, "fail"),
        (WARN, {}, result(), result("a", 0.0, promoted=True), "fail"),
        (WARN, {}, result(), result("a", 0.0, slices=("crit", "all")), "fail"),
    ],
)
def test_what_cannot_be_confirmed_may_be_set_to_warn(
    regression: Regression,
    fields: dict[str, bool],
    then: CaseResult,
    now: CaseResult,
    severity: str,
) -> None:
    """`unconfirmed: warn` holds for recorded sessions, and never where one failure convicts."""
    wanted = rubric(part("crit", hard=True), part(), regression=regression)
    decision = decided(now, rubric=wanted, before=baseline(then), **fields)
    assert only(decision, "regression").severity == severity


def test_stale_context_fails_with_its_phrases() -> None:
    """All that is too old of a case is one finding."""
    finding = only(decided(result(stale=("context `faq` is 99 days old", "x"))), "freshness")
    assert finding.identity == ("freshness", None, None, "a")
    assert (finding.severity, finding.key) == ("fail", "freshness.max_context_age")
    assert (finding.sentence, finding.place) == ("`a`: context `faq` is 99 days old; x", PLACE)


@pytest.mark.parametrize(
    ("gone", "expected"),
    [
        (result("b"), "`b` is counted on and is gone; it passed 1 of 1 trials on the baseline"),
        (
            result("b", 0.0, bar=bar("high")),
            "`b` has high stakes and is gone; it passed 0 of 1 trials on the baseline",
        ),
        (
            result("b", 0.0, history=past(1, 9), slices=("crit",)),
            "`b` is counted on and is gone; it passed 1 of 9 trials on the baseline",
        ),
        (result("b", 0.0), None),
        (result("b", history=past(1, 3)), None),
    ],
)
def test_a_case_that_counts_may_not_disappear(gone: CaseResult, expected: str | None) -> None:
    """Committed and high-stakes cases of the baseline have to be there; others may go."""
    decision = decided(result(), rubric=HARD, before=baseline(result(), gone))
    assert [finding.sentence for finding in decision.findings] == ([expected] if expected else [])
    if expected:
        finding = only(decision, "case-removed")
        assert finding.identity == ("case-removed", None, None, "b")
        assert (finding.severity, finding.key, finding.place) == ("fail", "cases", None)
