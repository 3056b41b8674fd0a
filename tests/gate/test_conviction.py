"""Broken or unlucky: the rule, against SciPy and against all that can still happen."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom

from rubric_action.gate.conviction import Tally, Trial, convicted, predictive, settled

PAST = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda n: Tally(min(n), max(n)))


@settings(deadline=None)
@given(PAST, st.integers(0, 20), st.integers(0, 20))
def test_the_chance_of_so_few_passes_is_that_of_scipy(past: Tally, passes: int, more: int) -> None:
    """Beta-binomial after the rule of succession."""
    trials = passes + more
    wanted = betabinom.cdf(passes, trials, 1 + past.passes, 1 + past.trials - past.passes)
    assert predictive(passes, trials, past) == pytest.approx(wanted, rel=1e-8)


@pytest.mark.parametrize(
    ("past", "now", "guilty"),
    [
        (Tally(5, 5), Tally(0, 6), True),
        (Tally(0, 0), Tally(0, 6), True),
        (Tally(5, 5), Tally(1, 6), True),
        (Tally(5, 5), Tally(2, 6), False),
        (Tally(20, 20), Tally(3, 6), True),
        (Tally(20, 20), Tally(4, 6), False),
        (Tally(15, 20), Tally(0, 6), True),
        (Tally(15, 20), Tally(1, 6), False),
        (Tally(0, 0), Tally(1, 6), False),
        (Tally(1, 1), Tally(0, 1), True),
    ],
)
def test_one_case_alone(past: Tally, now: Tally, guilty: bool) -> None:
    """Always failing convicts; passing sometimes only a case whose history makes it a surprise."""
    assert convicted([Trial(past, now)], 0.01) == (guilty,)


def test_many_cases_in_doubt_need_more() -> None:
    """What convicts one case alone is no surprise among forty; what always fails still is."""
    once = Trial(Tally(20, 20), Tally(3, 6))
    luck = Trial(Tally(20, 20), Tally(5, 6))
    assert convicted([once], 0.01) == (True,)
    assert convicted([once, *[luck] * 39], 0.01) == (False,) * 40
    broken = Trial(Tally(20, 20), Tally(0, 6))
    assert convicted([broken, *[luck] * 39], 0.01) == (True, *[False] * 39)


def test_no_case_in_doubt_is_no_verdict() -> None:
    """Nothing failed that should have passed."""
    assert convicted([], 0.01) == ()
    assert not Tally().all_failed


@given(PAST, st.integers(0, 6), st.integers(1, 4), st.integers(0, 6))
def test_it_stops_early_only_when_conviction_is_out_of_reach(
    past: Tally, passes: int, failures: int, more: int
) -> None:
    """No outcome of the trials that are left would have convicted; and else one would."""
    now = Tally(passes, passes + failures)
    ends = [Tally(passes + won, now.trials + more) for won in range(more + 1)]
    could = any(convicted([Trial(past, end)], 0.01)[0] for end in ends)
    assert settled(now, more, past, 0.01) is not could
