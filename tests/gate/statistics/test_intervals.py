import math
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import t
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from rubric_action.gate.statistics.intervals import (
    cases_to_prove,
    mean_interval,
    p95,
    weighted_mean,
    wilson,
)

SCORES = st.lists(st.floats(0, 1).map(lambda value: round(value, 4)), min_size=1, max_size=60)


@settings(deadline=None)
@given(st.integers(1, 2000), st.data())
def test_wilson_is_that_of_statsmodels(n: int, data: st.DataObject) -> None:
    """The interval of a rate agrees with an independent implementation, at the ends too."""
    passes = data.draw(st.sampled_from([0, 1, n - 1, n]) | st.integers(0, n))
    low, high = proportion_confint(passes, n, alpha=0.05, method="wilson")
    assert wilson(passes / n, n) == pytest.approx((max(0, low), min(1, high)), abs=1e-9)


@pytest.mark.parametrize(
    ("rate", "n", "interval"),
    [
        (0.0, 0, None),
        (0.0, 1, (0.0, 0.7935)),
        (1.0, 1, (0.2065, 1.0)),
        (1.0, 16, (0.8064, 1.0)),
        (0.0, 16, (0.0, 0.1936)),
        (0.5, 2, (0.0945, 0.9055)),
    ],
)
def test_wilson_at_its_edges(rate: float, n: int, interval: tuple[float, float] | None) -> None:
    """Nothing has no interval; one case says little; all or none passing stays within 0 and 1."""
    assert wilson(rate, n) == (interval and pytest.approx(interval, abs=1e-4))


@settings(deadline=None)
@given(SCORES.filter(lambda values: len(set(values) - {0.0, 1.0}) > 0 and len(set(values)) > 1))
@example([0.0, 0.5])
@example([0.2, 0.2, 0.2, 0.9])
def test_the_interval_of_a_mean_is_that_of_scipy(values: list[float]) -> None:
    """Equal weights give the textbook t interval, cut to 0 and 1."""
    n = len(values)
    mean = math.fsum(values) / n
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1))
    low, high = t.interval(0.95, n - 1, loc=mean, scale=deviation / math.sqrt(n))
    expected = (max(0.0, low), min(1.0, high))
    assert mean_interval(values, [1.0] * n) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("values", "n"),
    [([1.0] * 20, 20), ([0.0] * 20, 20), ([0.7], 1), ([0.7] * 9, 9), ([0, 1, 1], 3)],
)
def test_a_mean_that_cannot_vary_gets_the_bound_of_a_rate(values: list[float], n: int) -> None:
    """Constant scores, one score, and scores of 0 and 1 alone are bounded as rates are."""
    assert mean_interval(values, [2.0] * n) == pytest.approx(wilson(sum(values) / n, n))


def test_uneven_weights_leave_fewer_cases_in_effect() -> None:
    """One case that outweighs all the others proves about as little as one case alone."""
    heavy = mean_interval([1.0] * 50, [1e6, *[1.0] * 49])
    assert heavy == pytest.approx(wilson(1.0, 1), abs=1e-3)


@pytest.mark.parametrize("weights", [[1.0] * 6, [1.0, 2.0, 3.0, 1.0, 0.5, 4.0]])
def test_a_weighted_mean_is_that_of_statsmodels(weights: Sequence[float]) -> None:
    """Weights count in the mean, and the interval lies around it."""
    values = [0.1, 0.9, 0.4, 0.7, 1.0, 0.3]
    mean = weighted_mean(values, weights)
    interval = mean_interval(values, weights)
    assert mean == pytest.approx(DescrStatsW(values, weights).mean)
    assert interval is not None
    assert interval[0] < mean < interval[1]


@settings(deadline=None)
@given(SCORES, st.data())
def test_every_interval_holds_its_mean_and_stays_in_bounds(
    values: list[float], data: st.DataObject
) -> None:
    """Whatever the scores and weights, 0 <= low <= mean <= high <= 1."""
    positive = st.floats(0.01, 100)
    weights = data.draw(st.lists(positive, min_size=len(values), max_size=len(values)))
    interval = mean_interval(values, weights)
    assert interval is not None
    mean = weighted_mean(values, weights)
    assert 0 <= interval[0] <= mean + 1e-12
    assert mean - 1e-12 <= interval[1] <= 1


@pytest.mark.parametrize("unit", [5e-324, 1e-200, 0.0, 1e200])
@pytest.mark.parametrize("values", [[1.0, 1.0, 0.0], [0.2, 0.4, 0.6]])
def test_no_size_of_weight_breaks_the_arithmetic(values: list[float], unit: float) -> None:
    """Only the ratios of weights count, however small or large; nothing but zeros is all equal."""
    weights = [unit, unit, unit * 2]
    ratios = [1.0, 1.0, 2.0] if unit else [1.0, 1.0, 1.0]
    assert weighted_mean(values, weights) == pytest.approx(weighted_mean(values, ratios))
    assert mean_interval(values, weights) == pytest.approx(mean_interval(values, ratios))


def test_no_scores_have_no_interval() -> None:
    """Nothing is known of nothing."""
    assert mean_interval([], []) is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], None),
        ([3.0], 3.0),
        ([2.0, 1.0], 2.0),
        (range(1, 20), 19),
        (range(1, 21), 19),
        (range(1, 22), 20),
        (range(100, 0, -1), 95),
        (range(1, 102), 96),
    ],
)
def test_p95_is_the_nearest_rank(values: Sequence[float], expected: float | None) -> None:
    """The 95th percentile is a value that was measured: the one at rank ceil(0.95 n)."""
    assert p95(values) == expected


@settings(deadline=None)
@given(st.integers(1, 3_000))
def test_p95_leaves_no_more_than_a_twentieth_above(n: int) -> None:
    """At least 95 % of the values are at or below it, and of the next lower one fewer are."""
    rank = p95(range(1, n + 1))
    assert rank is not None
    assert 100 * rank >= 95 * n > 100 * (rank - 1)


@pytest.mark.parametrize(("rate", "n"), [(0.0, 0), (0.8, 16), (0.9, 35), (0.95, 73), (0.99, 381)])
def test_so_many_perfect_cases_prove_a_rate(rate: float, n: int) -> None:
    """From n cases on, all passing, Wilson's lower bound reaches the rate; with one less not."""
    assert cases_to_prove(rate) == n
    if n:
        enough, short = wilson(1.0, n), wilson(1.0, n - 1)
        assert enough is not None
        assert short is not None
        assert enough[0] >= rate > short[0]
