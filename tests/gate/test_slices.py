from dataclasses import replace

import pytest

from rubric_action.gate.model import Baseline, CaseResult, SliceSummary
from rubric_action.gate.slices import summarise
from rubric_action.gate.statistics.intervals import mean_interval, wilson
from rubric_action.rubric.model import Axis, Slice
from tests.gate.builders import TONE, baseline, missing, part, result, rubric, ungraded


def summary(
    *cases: CaseResult, one: Slice | None = None, before: Baseline | None = None
) -> SliceSummary:
    """The summary of the slice `all`."""
    return summarise(rubric(one or part()), cases, before)["all"]


def test_a_slice_sums_up_its_members_only() -> None:
    """A case counts in each slice that it is in, and in no other; the order is the rubric's."""
    slices = summarise(
        rubric(part("b"), part("a")),
        [result("1", 1.0, slices=("a", "b")), result("2", 0.0, slices=("b",))],
        None,
    )
    assert list(slices) == ["b", "a"]
    assert [(one.cases, one.passed, one.pass_rate) for one in slices.values()] == [
        (2, 1, 0.5),
        (1, 1, 1.0),
    ]


def test_rates_and_means_carry_their_intervals() -> None:
    """Wilson for the rate, Student's t for the mean."""
    scores = [1.0, 0.8, 0.9, 0.2]
    one = summary(*(result(str(n), score) for n, score in enumerate(scores)))
    assert (one.pass_rate, one.interval) == (0.75, wilson(0.75, 4))
    axis = one.axes["tone"]
    assert axis.mean == pytest.approx(0.725)
    assert axis.cases == 4
    assert axis.interval == mean_interval(scores, [1.0] * 4)


def test_the_pass_rate_is_the_mean_share_of_passing_trials() -> None:
    """A case with one of four trials passing counts for a quarter, and as not passed."""
    one = summary(result("1", 1.0, 0.0, 0.0, 0.0), result("2", 1.0))
    assert (one.pass_rate, one.passed) == (0.625, 1)


def test_weights_affect_means_only() -> None:
    """A case of weight 3 counts three times in the mean and once in the rate."""
    one = summary(result("1", 0.0, weight=3.0), result("2", 1.0))
    assert (one.axes["tone"].mean, one.pass_rate) == (0.25, 0.5)


@pytest.mark.parametrize("undecided", [missing("2"), ungraded("2")])
def test_an_undecided_case_leaves_its_slice_without_a_mean(undecided: CaseResult) -> None:
    """The denominator never shrinks: nothing is averaged over the cases that are left."""
    one = summary(result("1"), undecided, before=baseline(result("1"), result("2")))
    assert (one.cases, one.passed, one.undecided) == (2, 1, 1)
    assert (one.pass_rate, one.interval, one.pass_rate_delta) == (None, None, None)
    assert (one.axes["tone"].mean, one.axes["tone"].delta) == (None, None)


def test_an_empty_slice_claims_nothing() -> None:
    """No case, no rate, no mean."""
    one = summary(one=part(tone=0.9, min_pass_rate=0.9))
    assert (one.cases, one.pass_rate, one.axes["tone"].mean) == (0, None, None)
    assert one.thin


def test_changes_are_over_the_cases_that_both_runs_share() -> None:
    """New and removed cases move the mean, not the change."""
    one = summary(
        result("kept", 0.6),
        result("new", 0.0),
        before=baseline(result("kept", 0.8), result("gone", 0.1)),
    )
    axis = one.axes["tone"]
    assert (axis.mean, axis.baseline, axis.paired_cases) == (0.3, 0.8, 1)
    assert axis.delta == pytest.approx(-0.2)
    assert (one.baseline_pass_rate, one.pass_rate_delta, one.paired_cases) == (1.0, 0.0, 1)


def test_a_fall_is_not_thinned_out_by_letting_others_into_the_slice() -> None:
    """Only cases that were in the slice then are compared in it; a new slice compares all."""
    one, other = result("1", 0.5), result("2", 1.0)
    then = baseline(result("1", 1.0), result("2", 1.0, slices=("rest",)))
    slices = summarise(rubric(part(), part("rest"), part("new")), [
        replace(one, slices=("all", "new")), replace(other, slices=("all", "rest", "new")),
    ], then)  # fmt: skip
    assert {name: axis.axes["tone"].delta for name, axis in slices.items()} == {
        "all": -0.5,
        "rest": 0.0,
        "new": -0.25,
    }


def test_a_case_undecided_then_is_not_paired() -> None:
    """What the baseline could not grade is compared with nothing."""
    one = summary(result("1", 0.6), before=baseline(ungraded("1")))
    assert (one.paired_cases, one.axes["tone"].delta, one.pass_rate_delta) == (0, None, None)


@pytest.mark.parametrize("weight", [0.01, 1.0, 100.0])
def test_both_sides_of_a_change_bear_the_weights_of_the_baseline(weight: float) -> None:
    """A weight moved since can neither look like a fall or a gain nor drown one."""
    one = summary(
        result("1", 0.5, weight=weight),
        result("2", 0.6),
        before=baseline(result("1", 0.5), result("2", 1.0, weight=3.0)),
    )
    assert one.axes["tone"].baseline == pytest.approx(0.875)
    assert one.axes["tone"].delta == pytest.approx(-0.3)


def test_stored_trials_are_held_against_the_marks_of_today() -> None:
    """A pass mark that moved moves both rates, so that the change is the agent's alone."""
    stricter = Axis("tone", "?", pass_mark=0.9)
    then = baseline(result("1", 0.8), result("2", 1.0))
    one = summarise(
        rubric(part(), axes={"tone": stricter}),
        [result("1", 0.8, mark=0.9), result("2", 1.0)],
        then,
    )["all"]
    assert (one.baseline_pass_rate, one.pass_rate, one.pass_rate_delta) == (0.5, 0.5, 0.0)


def test_an_axis_is_listed_where_it_is_graded_or_has_a_minimum() -> None:
    """An axis that applies to none of the cases has no column, unless a bar asks for one."""
    axes = {"tone": TONE, "policy": Axis("policy", "?"), "style": Axis("style", "?")}
    slices = summarise(
        rubric(part(minimums={"policy": 0.9}), axes=axes), [result("1", {"tone": 1.0})], None
    )
    assert list(slices["all"].axes) == ["tone", "policy"]
    assert slices["all"].axes["policy"].mean is None


@pytest.mark.parametrize(
    ("one", "cases", "thin"),
    [
        (part(tone=0.8), 15, True),
        (part(tone=0.8), 16, False),
        (part(min_pass_rate=0.9), 34, True),
        (part(min_pass_rate=0.9), 35, False),
        (part(tone=0.8, min_pass_rate=0.9), 20, True),
        (part(tone=1.0), 1, False),
        (part(hard=True), 1, False),
    ],
)
def test_a_slice_too_small_to_prove_its_bar_is_thin(one: Slice, cases: int, thin: bool) -> None:
    """Even all passing, so few cases can't show the rate; a bar of 1 has no such number."""
    assert summary(*(result(str(n)) for n in range(cases)), one=one).thin is thin
