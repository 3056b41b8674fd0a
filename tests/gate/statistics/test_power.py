"""What a slice of a size can show, against SciPy and statsmodels."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.power import normal_power

from rubric_action.gate.statistics.power import (
    POWER,
    flips_to_show,
    pairs_to_show,
    smallest_drop,
    smallest_shortfall,
)


@settings(deadline=None)
@given(st.integers(2, 5000), st.floats(0.01, 0.5), st.sampled_from([0.9, 0.95, 0.99]))
def test_the_smallest_drop_has_the_power_that_is_promised(
    n: int, deviation: float, confidence: float
) -> None:
    """The one-sided test of a mean finds it four times out of five."""
    found = smallest_drop(n, deviation, confidence)
    assert found is not None
    if found < 1:
        power = normal_power(found / deviation, n, 1 - confidence, alternative="larger")
        assert power == pytest.approx(POWER, abs=1e-6)


@given(st.floats(0.001, 1), st.floats(0.01, 0.5))
def test_so_many_pairs_show_a_fall_and_one_fewer_does_not(fall: float, deviation: float) -> None:
    """The number of cases that would tell is the smallest one."""
    n = pairs_to_show(fall, deviation, 0.95)
    assert n is not None
    assert (smallest_drop(n, deviation, 0.95) or 1) <= fall + 1e-9
    if n > 2 and fall < 1:
        assert (smallest_drop(n - 1, deviation, 0.95) or 1) > fall - 1e-9


def test_no_pair_shows_anything() -> None:
    """One pair has no deviation, and no fall needs no proof."""
    assert smallest_drop(1, 0.1, 0.95) is None
    assert pairs_to_show(0.0, 0.1, 0.95) is None
    assert smallest_shortfall(0, 0.9) is None
    assert smallest_shortfall(9, 0.0) is None


@pytest.mark.parametrize(("confidence", "flips"), [(0.0, 1), (0.5, 1), (0.9, 4), (0.95, 5)])
def test_so_many_flips_are_believed(confidence: float, flips: int) -> None:
    """Five cases that break and none that mends: 1/32, the first below .05."""
    assert flips_to_show(confidence) == flips


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 400), st.sampled_from([0.5, 0.8, 0.9, 0.95, 1.0]))
def test_a_true_rate_that_far_below_mostly_falls_short(n: int, bar: float) -> None:
    """By the exact binomial of SciPy."""
    shortfall = smallest_shortfall(n, bar)
    assert shortfall is not None
    needed = -(-round(bar * n * 1e9) // 10**9)
    assert stats.binom.cdf(needed - 1, n, bar - shortfall) == pytest.approx(POWER, abs=1e-6)
