"""Distributions, against SciPy's."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from rubric_action.gate.statistics.special import (
    beta_binomial_cdf,
    beta_cdf,
    binomial_tail,
    t_cdf,
    t_quantile,
)

SHAPES = st.floats(0.05, 500)


@settings(deadline=None, max_examples=500)
@given(st.floats(0, 1), SHAPES, SHAPES)
def test_the_incomplete_beta_is_that_of_scipy(x: float, a: float, b: float) -> None:
    """The base of all others, on both sides of its mean and at its ends."""
    assert beta_cdf(x, a, b) == pytest.approx(special.betainc(a, b, x), rel=1e-9, abs=1e-13)


@settings(deadline=None, max_examples=300)
@given(st.integers(-1, 400), st.integers(0, 400), st.floats(0.001, 0.999))
def test_the_tail_of_a_binomial_is_that_of_scipy(least: int, n: int, p: float) -> None:
    """At least none is certain, more than all impossible."""
    assert binomial_tail(least, n, p) == pytest.approx(
        stats.binom.sf(least - 1, n, p), rel=1e-9, abs=1e-13
    )


@settings(deadline=None, max_examples=300)
@given(st.floats(-60, 60), st.floats(0.5, 2000))
def test_students_t_is_that_of_scipy(t: float, df: float) -> None:
    """Both tails, for whole and broken degrees of freedom."""
    assert t_cdf(t, df) == pytest.approx(stats.t.cdf(t, df), rel=1e-8, abs=1e-13)


@pytest.mark.parametrize("df", [*range(1, 41), 100, 1_000, 100_000, 2.5])
@pytest.mark.parametrize("p", [0.001, 0.025, 0.5, 0.9, 0.975, 0.9995])
def test_the_quantile_of_t_is_that_of_scipy(p: float, df: float) -> None:
    """For every number of cases, in both tails."""
    assert t_quantile(p, df) == pytest.approx(stats.t.ppf(p, df), rel=1e-9, abs=1e-12)


def test_an_infinite_t_is_certain() -> None:
    """No variance leaves no doubt."""
    assert (t_cdf(float("inf"), 3), t_cdf(float("-inf"), 3)) == (1.0, 0.0)


@settings(deadline=None, max_examples=300)
@given(st.integers(0, 60), st.integers(0, 60), SHAPES, SHAPES)
def test_the_predictive_binomial_is_that_of_scipy(k: int, n: int, a: float, b: float) -> None:
    """What a history lets one expect of the next trials; none fails to come to no trial."""
    assert beta_binomial_cdf(k, n, a, b) == pytest.approx(
        stats.betabinom.cdf(k, n, a, b), rel=1e-8, abs=1e-12
    )
