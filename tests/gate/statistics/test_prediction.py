"""What the next run is likely to show, against SciPy and by simulation."""

import math
import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from rubric_action.gate.statistics.prediction import Prediction, Unit, _f_tail, predict

SCORES = st.lists(st.floats(0, 1), min_size=2, max_size=30)
BARS = 8
CHANCE = 0.05 / BARS
FAMILIES, CASES = 200, 30


def once(scores: Sequence[float]) -> list[Unit]:
    """A run of cases that were tried once each."""
    return [Unit(1.0, {0: [score]}) for score in scores]


def trials(*rows: Sequence[float]) -> list[Unit]:
    """Cases of one run, each with these trials."""
    return [Unit(1.0, {0: row}) for row in rows]


@settings(deadline=None)
@given(SCORES)
def test_one_run_is_bounded_as_by_another_sample_of_its_size(scores: list[float]) -> None:
    """Without a second trial it is the t interval of what another such run has, of other cases."""
    found = predict(once(scores), 1)
    n = len(scores)
    error = math.sqrt(2 * (stats.sem(scores) ** 2 + 1 / n**2))
    assert found.basis == "cases"
    assert found.change is None
    assert found.mean == pytest.approx(np.mean(scores))
    assert found.error == pytest.approx(error, abs=1e-9)
    longer = (stats.norm.ppf(0.95) ** 2 - 1) / 6 / n
    low = found.mean - stats.t.ppf(0.95, n - 1) * error - longer
    assert found.lower(0.05) == pytest.approx(max(0, low), abs=1e-6)


@settings(deadline=None)
@given(st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=1, max_size=20))
def test_trials_of_the_same_cases_are_the_noise(rows: list[list[float]]) -> None:
    """The next run's mean of single trials differs by their variance, once known and once new."""
    found = predict(trials(*rows), 1)
    variances = [np.var(row, ddof=1) for row in rows]
    one_more = (1 + 1 / 3) / 3
    ahead = (sum(variances) * (1 + 1 / 3) + one_more) / len(rows) ** 2
    assert found.basis == "trials"
    assert found.error == pytest.approx(math.sqrt(ahead), abs=1e-9)
    assert found.change == pytest.approx(math.sqrt(2 * sum(variances)) / len(rows), abs=1e-9)


def test_more_trials_a_run_leave_less_noise() -> None:
    """A run that tries each case four times is twice as still, if its noise is well known."""
    rows = [[0.0, 1.0] * 50] * 20
    once_, often = predict(trials(*rows), 1), predict(trials(*rows), 4)
    assert once_.change == pytest.approx(2 * (often.change or 0))


def test_cases_that_never_differed_may_yet() -> None:
    """The quieter a long past, the less room is left; never none."""
    short, long = (predict(trials(*[[0.9] * tries] * 20), 1) for tries in (2, 40))
    for found in (short, long):
        assert found.change == 0
        assert found.mean > found.lower(0.01)
    assert short.mean - short.lower(0.01) > 2 * (long.mean - long.lower(0.01))


def test_one_case_tells_nothing() -> None:
    """A single trial of a single case bounds nothing."""
    found = predict(once([0.9]), 1)
    assert (found.error, found.lower(0.05)) == (None, 0.0)


def test_a_case_that_was_tried_once_is_as_noisy_as_the_others() -> None:
    """New cases among known ones take their noise from them."""
    known = [Unit(1.0, {0: [0.0], 1: [1.0]}) for _ in range(9)]
    found = predict([*known, Unit(1.0, {1: [1.0]})], 1)
    variance = 0.5
    one_more = (1 + 1 / 1.9) / 1.9
    ahead = 9 * variance * 1.5 + variance * 2 + one_more
    assert found.error == pytest.approx(math.sqrt(ahead) / 10)


def test_weights_count() -> None:
    """A case of weight three moves mean and noise three times as far."""
    found = predict([Unit(3.0, {0: [0.0, 1.0]}), Unit(1.0, {0: [1.0, 1.0]})], 1)
    assert found.mean == pytest.approx((3 * 0.5 + 1) / 4)
    one_more = (1 + 1 / 2) / 2 / 2**2
    assert found.error == pytest.approx(math.sqrt(0.5 * 1.5 * (3 / 4) ** 2 + one_more))


def test_runs_that_differ_by_more_than_their_trials_count_as_runs() -> None:
    """An agent that gets better from run to run is no unchanged one; the spread of runs bounds."""
    levels = (0.2, 0.5, 0.8)
    units = [
        Unit(1.0, {run: [level + 0.01 * (n % 3)] for run, level in enumerate(levels)})
        for n in range(30)
    ]
    found = predict(units, 1)
    assert found.basis == "runs"
    assert found.freedom == 2
    assert found.error == pytest.approx(0.3 * math.sqrt(1 + 1 / 3))
    assert found.lower(0.01) == 0


@pytest.mark.parametrize("runs", [1, 2])
def test_less_than_three_runs_show_no_spread(runs: int) -> None:
    """Two runs cannot tell an agent that changed from one that is noisy."""
    units = [Unit(1.0, {run: [0.2 + run, 0.2 + run] for run in range(runs)}) for _ in range(9)]
    assert predict(units, 2).basis == "trials"


@given(st.floats(0, 50), st.floats(1, 60), st.floats(1, 5000))
def test_the_f_distribution_is_scipy_s(ratio: float, over: float, under: float) -> None:
    """The tail of the F test."""
    assert _f_tail(ratio, over, under) == pytest.approx(stats.f.sf(ratio, over, under), abs=1e-6)


@pytest.mark.parametrize(("runs", "tried"), [(1, 1), (1, 4), (2, 1), (3, 1), (6, 1)])
def test_the_bound_holds(runs: int, tried: int) -> None:
    """An unchanged agent falls below the bound of one of eight slices once in 20 runs, or less."""
    chance = random.Random(f"{runs} {tried}")  # noqa: S311 (a seeded draw, not a secret)
    missed = sum(
        any(_falls_below(chance, runs, tried) for _ in range(BARS)) for _ in range(FAMILIES)
    )
    assert missed / FAMILIES <= 0.05


def _falls_below(chance: random.Random, runs: int, tried: int) -> bool:
    """Whether the next run of an agent, who is sure of most cases, falls below its bound."""
    rates = [chance.betavariate(1.2, 0.3) for _ in range(CASES)]

    def run() -> list[list[float]]:
        return [[float(chance.random() < rate) for _ in range(tried)] for rate in rates]

    past = [run() for _ in range(runs)]
    units = [Unit(1.0, {n: one[case] for n, one in enumerate(past)}) for case in range(CASES)]
    found: Prediction = predict(units, tried)
    now = sum(sum(row) / tried for row in run()) / CASES
    return now < found.lower(CHANCE) - 1e-9
