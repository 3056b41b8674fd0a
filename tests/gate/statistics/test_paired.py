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
TENTHS = st.integers(0, 10).map(lambda n: n / 10)
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


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(TENTHS, TENTHS), min_size=2, max_size=9))
def test_few_pairs_are_weighed_exactly(pairs: list[tuple[float, float]]) -> None:
    """As SciPy's exact test that swaps runs within pairs."""
    now, before = (list(column) for column in zip(*pairs, strict=True))
    found = fall(now, before, [1.0] * len(now), apart(len(now)), "s")
    if found.method == "McNemar" or sum(now) > sum(before) - 0.05:
        return
    theirs = stats.permutation_test(
        (np.array(now), np.array(before)),
        lambda a, b, axis: np.mean(a - b, axis=axis),
        permutation_type="samples",
        alternative="less",
        n_resamples=np.inf,
        vectorized=True,
    ).pvalue
    assert found.chance == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize("clusters", [14, 30, 100, 1000])
def test_more_pairs_are_weighed_by_drawn_ways(clusters: int) -> None:
    """Near the normal limit of the same test, and near the paired t test on ordinary data."""
    chance = random.Random(7)  # noqa: S311
    before = [min(1.0, max(0.0, chance.gauss(0.8, 0.1))) for _ in range(clusters)]
    shift = 0.06 / clusters**0.5
    now = [min(1.0, max(0.0, value + chance.gauss(-shift, 0.06))) for value in before]
    found = fall(now, before, [1.0] * clusters, apart(clusters), "s")
    theirs = stats.ttest_rel(now, before, alternative="less").pvalue
    assert found.method == "permutation"
    assert found.chance == pytest.approx(theirs, abs=0.03)


def test_very_many_clusters_are_weighed_by_the_normal_limit() -> None:
    """As the paired t test, one-sided."""
    chance = random.Random(3)  # noqa: S311
    before = [0.5 + chance.random() / 4 for _ in range(MANY_CLUSTERS)]
    now = [value + chance.gauss(-0.001, 0.05) for value in before]
    found = fall(now, before, [1.0] * len(now), apart(len(now)), "s")
    theirs = stats.ttest_rel(now, before, alternative="less").pvalue
    assert found.chance == pytest.approx(theirs, abs=0.002)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(TENTHS, TENTHS), min_size=2, max_size=9), st.data())
def test_a_score_that_gets_worse_makes_no_fall_less_sure(
    pairs: list[tuple[float, float]], data: st.DataObject
) -> None:
    """So that nobody turns a verdict green by breaking one case more."""
    now, before = (list(column) for column in zip(*pairs, strict=True))
    at = data.draw(st.integers(0, len(now) - 1))
    worse = [*now]
    worse[at] = data.draw(TENTHS.filter(lambda value: value <= now[at]))
    one, two = (
        fall(scores, before, [1.0] * len(now), apart(len(now)), "s") for scores in (now, worse)
    )
    if one.method == two.method:
        assert two.chance <= one.chance + 1e-9


def test_passes_and_failures_are_the_same_to_both_tests() -> None:
    """McNemar's test is the permutation test of scores that are 0 or 1."""
    now, before = [0.0, 0.0, 0.0, 1.0, 1.0, 0.0], [1.0, 1.0, 1.0, 0.0, 1.0, 0.0]
    exact = fall(now, before, [1.0] * 6, apart(6), "s")
    scaled = fall([0.9 * n for n in now], [0.9 * b for b in before], [1.0] * 6, apart(6), "s")
    assert (exact.method, scaled.method) == ("McNemar", "permutation")
    assert scaled.chance == pytest.approx(exact.chance)


def test_the_same_data_give_the_same_chance() -> None:
    """What is drawn is seeded: a verdict never changes by running again."""
    now, before = [0.5, 0.4, 0.9, 0.7, 0.2] * 4, [0.6, 0.6, 0.8, 0.8, 0.3] * 4
    one, two, other = (fall(now, before, [1.0] * 20, apart(20), seed) for seed in ("a", "a", "b"))
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


def test_hundreds_that_all_fell_leave_no_doubt() -> None:
    """By however little; and no change is no fall."""
    many = 400
    assert fall([0.4] * many, [0.5] * many, [1.0] * many, apart(many), "s").chance < 1e-3
    assert fall([0.5] * many, [0.5] * many, [1.0] * many, apart(many), "s").chance == 1.0


def test_one_pair_has_no_interval() -> None:
    """A single cluster says nothing of how much clusters differ."""
    assert fall([0.1], [0.9], [1.0], ["a"], "s").interval is None
