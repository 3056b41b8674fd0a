from typing import Any

import pytest

from rubric_action.grading.model import Scored, Ungraded
from rubric_action.rubric.model import Rubric
from tests.fakes.judge import JudgeServer, faults
from tests.grading.samples import FakeTime, Outcome, a_case, a_judge, a_rubric, a_session, grade


def rubric_for(judge: JudgeServer, **fields: Any) -> Rubric:
    """A rubric whose judge is this server."""
    return a_rubric(judge=a_judge(judge.base_url, **fields))


def tone(outcome: Outcome) -> Scored | Ungraded:
    """The last case's grade of the tone."""
    return outcome.graded[-1].grades["tone"]


@pytest.mark.parametrize(
    ("header", "value", "wait"),
    [
        ("retry_after", "7", 7.25),
        ("retry_after_ms", "1500", 1.75),
        ("retry_after", "-1", 0.25),
        ("retry_after", "NaN", 0.25),
        ("retry_after", "1e300", 0.25),
        ("retry_after", "99999999", 0.25),
    ],
)
def test_what_the_judge_asks_for_is_waited(header: str, value: str, wait: float) -> None:
    """At least the time that is asked for, unless it is nonsense."""
    at = FakeTime()
    with JudgeServer() as judge:
        # Not throttled, so that the wait is the case's own and not the whole client's.
        judge.queue(faults.status(503, **{header: value}))
        outcome = grade(rubric_for(judge), effects=at.effects)
    assert isinstance(tone(outcome), Scored)
    assert at.waits == [wait]


def test_a_wait_past_the_deadline_is_not_slept() -> None:
    """When the judge asks for more than is left, the case is given up at once."""
    at = FakeTime()
    with JudgeServer() as judge:
        judge.always(faults.status(503, retry_after="15"))
        outcome = grade(rubric_for(judge, deadline_s=20.0), effects=at.effects)
        assert len(judge.requests) == 2
    assert isinstance(tone(outcome), Ungraded)
    assert at.waits == [15.25]


def test_a_throttled_client_starts_nothing_new() -> None:
    """After a 429 with Retry-After no other case is sent before that time."""
    with JudgeServer() as judge:
        judge.queue(faults.status(429, retry_after_ms="300"))
        outcome = grade(rubric_for(judge), *[(a_case(str(n)), a_session(str(n))) for n in range(3)])
        first, second = judge.requests[0].at, judge.requests[1].at
    assert second - first >= 0.29
    assert all(isinstance(one.grades["tone"], Scored) for one in outcome.graded)


@pytest.mark.parametrize(
    ("retry_after_ms", "times", "waits"),
    [
        ("5", 3, []),
        ("5", 4, [0.255]),
        ("0", 5, [0.25, 0.25]),
        ("99999999999", 1, [0.25]),
    ],
)
def test_a_pause_of_all_is_not_slept_twice(
    retry_after_ms: str, times: int, waits: list[float]
) -> None:
    """A throttled case keeps the pause in the queue; one that meets too many waits on its own."""
    at = FakeTime()
    with JudgeServer() as judge:
        judge.queue(*[faults.status(429, retry_after_ms=retry_after_ms)] * times)
        outcome = grade(rubric_for(judge), effects=at.effects)
        assert len(judge.requests) == times + 1
    assert isinstance(tone(outcome), Scored)
    assert at.waits == pytest.approx(waits)


def test_a_pause_past_the_deadline_is_not_kept() -> None:
    """A case that has no time for the pause that all are asked for is given up at once."""
    at = FakeTime()
    with JudgeServer() as judge:
        judge.queue(faults.status(503, retry_after="10"), faults.status(429, retry_after="15"))
        outcome = grade(rubric_for(judge, deadline_s=20.0), effects=at.effects)
        assert len(judge.requests) == 2
    assert isinstance(tone(outcome), Ungraded)
    assert at.waits == [10.25]
