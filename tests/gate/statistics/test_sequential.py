"""The sequential test near a pass mark."""

import math
import random

import pytest
from scipy import stats

from rubric_action.gate.statistics.sequential import NEAR_A_MARK, Sampling, State


@pytest.mark.parametrize(
    ("failures", "samples", "state"),
    [
        (0, 0, "open"),
        (0, 3, "open"),
        (0, 4, "passes"),
        (1, 1, "open"),
        (2, 2, "open"),
        (3, 3, "fails"),
        (3, 4, "fails"),
        (4, 8, "open"),
        (5, 8, "fails"),
        (1, 8, "passes"),
        (3, 10, "open"),
        (5, 15, "fails"),
        (4, 15, "passes"),
    ],
)
def test_what_so_many_failures_say(failures: int, samples: int, state: State) -> None:
    """As Wald's bounds have it; after the last sample nothing stays open."""
    assert NEAR_A_MARK.state(failures, samples) == state


def test_the_bounds_are_walds() -> None:
    """The logarithm of the two likelihoods, taken from SciPy, is held against A and B."""
    test = Sampling()
    for samples in range(1, test.most):
        for failures in range(samples + 1):
            ratio = stats.binom.logpmf(failures, samples, test.fails_at) - stats.binom.logpmf(
                failures, samples, test.passes_at
            )
            wanted = "fails" if ratio >= math.log((1 - test.beta) / test.alpha) else "open"
            wanted = "passes" if ratio <= math.log(test.beta / (1 - test.alpha)) else wanted
            assert test.state(failures, samples) == wanted


@pytest.mark.parametrize(("rate", "wrong", "most"), [(0.1, "fails", 0.015), (0.6, "passes", 0.05)])
def test_the_errors_stay_within_their_bounds(rate: float, wrong: State, most: float) -> None:
    """At both hypotheses, over many runs; the end after `most` costs a little of alpha."""
    chance = random.Random(11)  # noqa: S311
    errors = used = 0
    for _ in range(20_000):
        failures = samples = 0
        while (state := NEAR_A_MARK.state(failures, samples)) == "open":
            failures += chance.random() < rate
            samples += 1
        errors += state == wrong
        used += samples
    assert errors / 20_000 <= most
    assert used / 20_000 < 7


def test_fewer_samples_than_a_fixed_number() -> None:
    """Most answers are settled after a few samples, not after `most`."""
    assert NEAR_A_MARK.most == 15
    assert NEAR_A_MARK.state(0, 4) == "passes"
