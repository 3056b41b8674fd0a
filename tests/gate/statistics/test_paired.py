"""Whether a second run did worse, against SciPy and statsmodels."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as their_mcnemar

from rubric_action.gate.statistics.paired import MANY_CLUSTERS, fall, mcnemar

BITS = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60)
SHARES = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=5, max_size=40)


def apart(count: int) -> list[int]:
    """Every case in a cluster of its own."""
    return list(range(count))


@given(st.integers(0, 200), st.integers(0, 200))
def test_mcnemar_is_that_of_scipy(losses: int, gains: int) -> None:
    """One-sided and exact, and 1 where no pair changed."""
    if losses + gains:
        exact = stats.binomtest(losses, losses + gains, 0.5, alternative="greater").pvalue
        assert mcnemar(losses, gains) == pytest.approx(exact, rel=1e-9)
    else:
        assert mcnemar(0, 0) == 1.0


@given(st.integers(1, 60), st.integers(0, 60))
def test_mcnemar_is_half_of_the_two_sided_test(losses: int, gains: int) -> None:
    """Where more is lost than won, statsmodels' two-sided chance is twice ours."""
    if losses > gains:
        both = their_mcnemar([[0, losses], [gains, 0]], exact=True).pvalue
        assert mcnemar(losses, gains) == pytest.approx(both / 2, rel=1e-9)


@given(BITS)
def test_passes_and_failures_are_weighed_by_mcnemar(pairs: list[tuple[bool, bool]]) -> None:
    """Only the pairs that changed say anything."""
    now, before = ([float(side) for side in column] for column in zip(*pairs, strict=True))
    found = fall(now, before, [1.0] * len(now), apart(len(now)), "s")
    losses = sum(b and not a for a, b in pairs)
    gains = sum(a and not b for a, b in pairs)
    assert (found.method, found.chance) == ("McNemar", mcnemar(losses, gains))


@settings(deadline=None)
@given(SHARES)
def test_the_interval_of_a_change_is_that_of_scipy(pairs: list[tuple[float, float]]) -> None:
    """Without clusters and weights it is the paired t interval, cut to -1 and 1."""
    now, before = map(list, zip(*pairs, strict=True))
    changes = np.array(now) - np.array(before)
    found = fall(now, before, [1.0] * len(now), apart(len(now)), "s").interval
    assert found is not None
    if changes.std() > 1e-9:
        low, high = stats.t.interval(
            0.95, len(now) - 1, loc=changes.mean(), scale=stats.sem(changes)
        )
        assert found == pytest.approx((max(-1, low), min(1, high)), abs=1e-7)
    else:
        assert found == pytest.approx((changes.mean(), changes.mean()), abs=1e-7)


@pytest.mark.parametrize("clusters", [30, 100])
def test_the_bootstrap_agrees_with_the_permutation_test(clusters: int) -> None:
    """On ordinary data it is near SciPy's one-sided test that swaps runs within pairs."""
    chance = random.Random(7)  # noqa: S311
    before = [min(1.0, max(0.0, chance.gauss(0.8, 0.1))) for _ in range(clusters)]
    now = [min(1.0, max(0.0, value + chance.gauss(-0.01, 0.06))) for value in before]
    swapped = stats.permutation_test(
        (np.array(now), np.array(before)),
        lambda a, b: np.mean(a - b),
        permutation_type="samples",
        alternative="less",
        n_resamples=20_000,
        rng=1,
    ).pvalue
    found = fall(now, before, [1.0] * clusters, apart(clusters), "s")
    assert found.method == "bootstrap"
    assert found.chance == pytest.approx(swapped, abs=0.02)


def test_many_clusters_are_weighed_by_t() -> None:
    """As SciPy's paired t test, one-sided."""
    chance = random.Random(3)  # noqa: S311
    before = [chance.random() for _ in range(MANY_CLUSTERS)]
    now = [min(1.0, value + chance.gauss(-0.002, 0.05)) for value in before]
    found = fall(now, before, [1.0] * len(now), apart(len(now)), "s")
    theirs = stats.ttest_rel(now, before, alternative="less").pvalue
    assert found.method == "t"
    assert found.chance == pytest.approx(theirs, rel=1e-6)


def test_the_same_data_give_the_same_chance() -> None:
    """The bootstrap is seeded: a verdict never changes by running again."""
    now, before = [0.5, 0.4, 0.9, 0.7, 0.2], [0.6, 0.6, 0.8, 0.9, 0.4]
    one, two, other = (fall(now, before, [1.0] * 5, apart(5), seed) for seed in ("a", "a", "b"))
    assert one == two
    assert other.chance == pytest.approx(one.chance, abs=0.05)


def test_few_pairs_prove_no_more_than_as_many_coins() -> None:
    """One case that fell is no proof, however far; two that fell together in a cluster are one."""
    assert fall([0.1], [0.9], [1.0], ["a"], "s").chance == 0.5
    assert fall([0.1, 0.2], [0.9, 0.9], [1.0, 1.0], ["a", "a"], "s").chance == 0.5
    assert fall([0.1, 0.2], [0.9, 0.9], [1.0, 1.0], ["a", "b"], "s").chance == 0.25


def test_clusters_make_a_fall_less_sure() -> None:
    """Turns of one conversation are no independent evidence."""
    now, before = [0.0, 0.0, 0.0, 1.0, 1.0, 1.0] * 4, [1.0, 1.0, 1.0, 1.0, 1.0, 0.9] * 4
    alone = fall(now, before, [1.0] * 24, apart(24), "s")
    together = fall(now, before, [1.0] * 24, [number // 6 for number in range(24)], "s")
    assert alone.chance < 0.01 < together.chance


def test_a_rise_is_no_fall() -> None:
    """And a constant change has an interval without width."""
    found = fall([0.9, 0.9, 0.8], [0.5, 0.5, 0.4], [1.0] * 3, apart(3), "s")
    assert found.chance == 1.0
    assert found.interval == pytest.approx((0.4, 0.4))


def test_no_variance_leaves_no_doubt() -> None:
    """Hundreds of cases that all fell by the same."""
    many = MANY_CLUSTERS
    assert fall([0.4] * many, [0.5] * many, [1.0] * many, apart(many), "s").chance < 1e-9
    assert fall([0.5] * many, [0.5] * many, [1.0] * many, apart(many), "s").chance == 1.0


def test_one_pair_has_no_interval() -> None:
    """A single cluster says nothing of how much clusters differ."""
    assert fall([0.1], [0.9], [1.0], ["a"], "s").interval is None
