import pytest

from rubric_action.gate.marks import lowest_passing, only_marks_rose, share_today
from rubric_action.gate.model import CaseResult, TrialResult
from rubric_action.rubric.model import Axis
from tests.gate.builders import TONE, baseline, decided, part, result, rubric

RAISED = {"tone": Axis("tone", "?", pass_mark=0.9)}
STEADY = result("steady", 0.5)


@pytest.mark.parametrize(
    ("case", "share"),
    [
        (result("a", 0.95), 1.0),
        (result("a", 0.8), 0.0),
        (result("a", 0.8, 0.95), 0.5),
        (result("a", 0.95, rules=False), 0.0),
        (result("a", {"tone": 0.95, "gone": 0.0}), 1.0),
    ],
)
def test_stored_scores_are_held_against_the_marks_of_today(case: CaseResult, share: float) -> None:
    """Rules still count, axes that the rubric dropped do not."""
    assert share_today(case, RAISED) == share


def test_the_mark_of_the_baseline_is_bounded_by_what_passed_it() -> None:
    """The lowest trial of a passing case, over all cases; failing ones say nothing."""
    cases = [result("a", 0.9, 0.7), result("b", 0.6), result("c", 0.1)]
    assert lowest_passing(cases) == {"tone": 0.6}
    assert lowest_passing([result("c", 0.1)]) == {}


@pytest.mark.parametrize(
    ("then", "now", "found"),
    [
        (0.85, 0.85, False),
        (0.85, 0.80, False),
        (0.85, 0.50, False),
        (0.85, 0.49, True),
        (0.85, 0.0, True),
        (0.95, 0.85, True),
    ],
)
def test_a_raised_mark_is_no_regression_and_hides_none(
    then: float, now: float, found: bool
) -> None:
    """A case is excused that passed by the old mark and still would; one that broke is not."""
    decision = decided(
        result("a", now, mark=0.9),
        result("steady", 0.5, mark=0.9),
        rubric=rubric(part(), axes=RAISED),
        before=baseline(result("a", then), STEADY),
    )
    assert [finding.case for finding in decision.findings if finding.blocks] == ["a"] * found


def test_a_rule_that_breaks_under_a_raised_mark_is_a_regression() -> None:
    """The mark explains scores and nothing else."""
    decision = decided(
        result("a", 0.8, mark=0.9, rules=False),
        rubric=rubric(part(), axes=RAISED),
        before=baseline(result("a", 0.8), STEADY),
    )
    assert "regression" in [finding.kind for finding in decision.findings]


def test_every_failing_trial_has_to_be_explained() -> None:
    """One trial that broke convicts beside another that only misses the new mark."""
    decision = decided(
        result("a", 0.8, 0.1, mark=0.9),
        rubric=rubric(part(), axes=RAISED),
        before=baseline(result("a", 0.8), STEADY, result("gone", 0.0)),
    )
    assert [finding.kind for finding in decision.findings if finding.case == "a"] == ["regression"]


def test_a_failure_without_a_reason_is_not_explained() -> None:
    """What nothing explains, a mark does not either."""
    bare = CaseResult("a", ("all",), passed=False, trials=(TrialResult(1, passed=False),))
    assert not only_marks_rose(bare, result("a"), RAISED, {"tone": 0.5})


@pytest.mark.parametrize(("tone", "found"), [(1.0, False), (0.1, True)])
def test_an_axis_that_is_new_asks_for_more_and_excuses_nothing_else(
    tone: float, found: bool
) -> None:
    """Failing the new axis alone is no regression; failing an old one still is."""
    axes = {"tone": TONE, "policy": Axis("policy", "?")}
    decision = decided(
        result("a", {"tone": tone, "policy": 0.0}),
        rubric=rubric(part(), axes=axes),
        before=baseline(result("a", 1.0), STEADY, result("gone", 0.0)),
    )
    kinds = [finding.kind for finding in decision.findings if finding.case == "a"]
    assert kinds == ["regression"] * found
