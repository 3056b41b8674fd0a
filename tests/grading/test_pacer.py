import math
from itertools import pairwise

import pytest

from rubric_action.grading.allowance import Allowance
from rubric_action.grading.pacer import LOWEST_CUT, MOST_SURE, PROBE_S, Pacer, Start


def busy(pacer: Pacer, count: int, now: float = 0.0) -> list[Start]:
    """Start so many requests, one after the other, each as soon as it may; all are under way."""
    started = []
    for _ in range(count):
        wait_s = pacer.wait_s(now)
        assert wait_s < math.inf
        now += wait_s
        started.append(pacer.start(now))
    return started


def learned(ceiling: int = 32) -> Pacer:
    """A pacer that knows that an answer takes a second."""
    pacer = Pacer(ceiling)
    pacer.answered(pacer.start(0.0), 1.0)
    return pacer


def test_no_more_than_the_ceiling() -> None:
    """Only an answer lets another request start, at once."""
    pacer = Pacer(3)
    first, *_ = busy(pacer, 3)
    assert pacer.wait_s(0.0) == math.inf
    pacer.answered(first, 0.2)
    assert pacer.wait_s(0.2) == 0


def test_a_request_that_failed_makes_room() -> None:
    """A fault tells nothing about limits: the slot is free again."""
    pacer = Pacer(1)
    busy(pacer, 1)
    pacer.failed()
    assert pacer.wait_s(0.0) == 0
    assert pacer.limit(0.0) == 1


def test_what_was_taken_is_the_limit() -> None:
    """Of 32 requests at once 24 come back as too many: eight is what the judge can take."""
    pacer = Pacer(32)
    for start in busy(pacer, 32)[8:]:
        pacer.throttled(start, 0.01, 0.0)
    assert pacer.busy == 8
    assert pacer.limit(PROBE_S) == 8


def test_one_cut_an_episode() -> None:
    """Ten throttled answers to requests of one moment cut once, a later one cuts again."""
    pacer = learned()
    for start in busy(pacer, 10, 1.0):
        pacer.throttled(start, 1.0, 0.0)
    assert pacer.limit(1.0 + PROBE_S) == 32 * LOWEST_CUT
    pacer.throttled(pacer.start(3.0), 3.0, 0.0)
    assert pacer.limit(3.0 + PROBE_S) < 32 * LOWEST_CUT


def test_one_bad_moment_cuts_by_half_at_most() -> None:
    """A judge that is known and refuses the only request under way is not thought to take none."""
    pacer = learned()
    pacer.throttled(pacer.start(1.0), 1.0, 0.0)
    assert pacer.limit(1.0 + PROBE_S) == 16


@pytest.mark.parametrize("pause_s", [0.0, 0.5, 30.0])
def test_a_pause_is_kept_to_the_moment(pause_s: float) -> None:
    """Nothing starts before the judge allows it, and something does right then."""
    pacer = Pacer(4)
    pacer.throttled(pacer.start(0.0), 1.0, pause_s)
    assert pacer.wait_s(1.0) == pytest.approx(pause_s)
    assert pacer.wait_s(1.0 + pause_s) == 0


def test_the_longest_pause_counts() -> None:
    """A shorter one that is asked for later does not shorten it."""
    pacer = Pacer(4)
    first, second = busy(pacer, 2)
    pacer.throttled(first, 1.0, 10.0)
    pacer.throttled(second, 1.1, 2.0)
    assert pacer.wait_s(1.1) == pytest.approx(9.9)


@pytest.mark.parametrize(
    ("after", "limit"),
    [(0.0, 15), (0.5, 16), (1.0, 16), (2.0, 17), (3.0, 22), (3.5, 28), (4.0, 32), (100.0, 32)],
)
def test_the_limit_is_felt_for(after: float, limit: int) -> None:
    """Below where it was met, level at it, then above it, faster and faster, up to the ceiling."""
    pacer = learned()
    for start in busy(pacer, 32, 1.0)[16:]:
        pacer.throttled(start, 1.0, 0.0)
    assert pacer.limit(1.0 + after * PROBE_S) == limit


def test_a_limit_that_is_met_again_is_probed_more_rarely() -> None:
    """Each time at the same place the quiet lasts twice as long, to a longest one."""
    pacer, now, quiet = learned(12), 100.0, []
    for _ in range(8):
        under_way = [pacer.start(now) for _ in range(11)]
        pacer.throttled(under_way[-1], now, 0.0)
        steps = (count / 10 for count in range(10_000))
        quiet.append(next(step for step in steps if pacer.limit(now + step) == 11))
        now += quiet[-1]
        for start in under_way[:-1]:
            pacer.answered(start, start.at + 1.0)
    assert quiet == sorted(quiet)
    assert quiet[4] == pytest.approx(MOST_SURE * quiet[0], rel=0.1)
    assert quiet[5:] == [quiet[4]] * 3


def test_trouble_that_goes_on_teaches_nothing() -> None:
    """Cuts with no answer in between are one trouble: the limit comes back as soon as after one."""
    pacer = learned(4)
    for now in range(1, 10):
        pacer.throttled(pacer.start(float(now)), float(now), 0.0)
    assert pacer.limit(9.0) == 1
    assert pacer.limit(9.0 + 6 * PROBE_S) == 4


def test_a_limit_is_forgotten_at_the_ceiling() -> None:
    """Once the judge takes all again, the next cut starts from the ceiling."""
    pacer = learned(8)
    pacer.throttled(pacer.start(1.0), 1.0, 0.0)
    pacer.answered(pacer.start(50.0), 51.0)
    assert [pacer.wait_s(51.0) for _ in busy(pacer, 7, 51.0)] == [0.0] * 7


def test_a_late_refusal_does_not_bring_a_forgotten_limit_back() -> None:
    """An answer to a request of an episode that is over cuts nothing."""
    pacer = learned(8)
    late, first = busy(pacer, 2, 1.0)
    pacer.throttled(first, 1.0, 0.0)
    pacer.answered(pacer.start(50.0), 51.0)
    pacer.throttled(late, 51.0, 0.0)
    assert pacer.limit(51.0) == 8


def test_starts_are_spread_once_a_limit_was_met() -> None:
    """Ten under way, a second each: about a tenth of a second between two, and no crowd."""
    pacer = learned()
    for start in busy(pacer, 32, 1.0)[10:]:
        pacer.throttled(start, 1.0, 0.0)
    for _ in range(10):
        pacer.answered(Start(1, 0, 1.0), 2.0)
    at = [start.at for start in busy(pacer, 5, 2.0)]
    assert at[0] == 2.0
    gaps = [after - before for before, after in pairwise(at)]
    assert all(0.04 < gap < 0.1 for gap in gaps)


def test_a_late_start_is_made_up_for() -> None:
    """Timers are late: the pace is kept on the whole, with no crowd after a long silence."""
    pacer = learned()
    for start in busy(pacer, 32, 1.0)[16:]:
        pacer.throttled(start, 1.0, 0.0)
    while pacer.busy:
        pacer.failed()
    pacer.start(2.0)
    gap_s = pacer.wait_s(2.0)
    pacer.start(2.0 + 1.5 * gap_s)
    assert pacer.wait_s(2.0 + 1.5 * gap_s) == pytest.approx(0.5 * gap_s, rel=0.1)
    pacer.start(3.0)
    assert pacer.wait_s(3.0) == pytest.approx(gap_s, rel=0.1)


def test_headers_hold_back_before_the_judge_has_to() -> None:
    """With nothing left and one coming back in two seconds, the next request starts then."""
    pacer = Pacer(8)
    start = pacer.start(0.0)
    pacer.told(start, 0.0, [Allowance("requests", 0, 10, 20.0)])
    pacer.answered(start, 0.0)
    pacer.used(900, 100)
    assert pacer.wait_s(0.0) == pytest.approx(2.0)
    assert pacer.wait_s(2.0) == 0
