"""A finding about a slice names the cases to look at."""

from rubric_action.gate.worst import MOST_NAMED
from rubric_action.rubric.model import Regression
from tests.gate.builders import baseline, decided, missing, only, part, result, rubric


def test_the_lowest_cases_are_named_worst_first() -> None:
    """At most `MOST_NAMED`; a full score is no place to look, ties go by id."""
    cases = [
        result(name, score)
        for name, score in zip("abcdef", (1, 0.5, 0.1, 0.5, 0.7, 0.2), strict=True)
    ]
    finding = only(decided(*cases, rubric=rubric(part(tone=0.9))), "threshold")
    assert finding.worst == ("c", "f", "b")
    assert len(finding.worst) == MOST_NAMED
    assert finding.sentence.endswith("lowest: `c`, `f`, `b`")


def test_only_cases_of_the_slice_are_named() -> None:
    """A case elsewhere that scores lower has no part in the finding."""
    wanted = rubric(part("x", tone=0.9), part("y"))
    decision = decided(
        result("in", 0.5, slices=("x",)),
        result("out", 0.4, slices=("y",)),
        result("ok", slices=("y",)),
        rubric=wanted,
    )
    assert only(decision, "threshold").worst == ("in",)


def test_failing_cases_are_named_for_a_pass_rate() -> None:
    """The smallest share of passing trials first."""
    cases = [result("half", 1.0, 0.0), result("none", 0.0), result("all", 1.0)]
    finding = only(decided(*cases, rubric=rubric(part(min_pass_rate=0.9))), "threshold")
    assert finding.worst == ("none", "half")


def test_what_fell_most_is_named_for_a_drop() -> None:
    """A low case that was always low, and a new one, are not where the fall is."""
    wanted = rubric(part(), regression=Regression(max_drop=0.03))
    decision = decided(
        result("low", 0.6), result("fell", 0.7), result("new", 0.6), result("rose", 1.0),
        rubric=wanted,
        before=baseline(result("low", 0.6), result("fell", 1.0), result("rose", 0.9)),
    )  # fmt: skip
    assert only(decision, "drop").worst == ("fell",)


def test_the_next_step_names_them() -> None:
    """A blocked engineer reads where to look in the second line."""
    decision = decided(result("a", 0.6), rubric=rubric(part(tone=0.9)))
    assert decision.next_step == "Look at `a` of slice `all` first."


def test_undecided_cases_are_never_ranked() -> None:
    """A slice with a missing case is not weighed at all."""
    decision = decided(missing("gone"), result("a", 0.1), rubric=rubric(part(tone=0.9)))
    assert [finding.kind for finding in decision.findings] == ["missing"]
