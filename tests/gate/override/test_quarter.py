from datetime import UTC, datetime, timedelta, timezone

import pytest

from rubric_action.gate.override.facts import Use
from rubric_action.gate.override.quarter import quarter, step, used
from tests.gate.override.scenes import policy

NOW = datetime(2026, 11, 23, tzinfo=UTC)
USES = (
    Use(1, datetime(2026, 9, 30, 23, 59, 59, tzinfo=UTC)),
    Use(2, datetime(2026, 10, 1, tzinfo=UTC)),
    Use(3, datetime(2026, 11, 1, tzinfo=UTC)),
    Use(3, datetime(2026, 11, 2, tzinfo=UTC)),
    Use(7, datetime(2026, 11, 3, tzinfo=UTC)),
    Use(8, datetime(2025, 11, 3, tzinfo=UTC)),
)


@pytest.mark.parametrize(
    ("at", "name"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), "Q1 2026"),
        (datetime(2026, 3, 31, tzinfo=UTC), "Q1 2026"),
        (datetime(2026, 4, 1, tzinfo=UTC), "Q2 2026"),
        (datetime(2026, 9, 30, tzinfo=UTC), "Q3 2026"),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), "Q4 2026"),
        (datetime(2027, 1, 1, 8, tzinfo=timezone(timedelta(hours=9))), "Q4 2026"),
    ],
)
def test_a_quarter_is_the_calendars_in_utc(at: datetime, name: str) -> None:
    """Whatever the zone of the time."""
    assert quarter(at) == name


def test_other_pull_requests_of_the_quarter_count_once() -> None:
    """This one, last quarter's and last year's do not."""
    assert used(USES, 7, NOW) == 2
    assert used(USES, 100, NOW) == 3


@pytest.mark.parametrize(
    ("most", "status", "end"),
    [
        (3, "pass", "and the rubric allows for 3"),
        (2, "warn", "allows for 2: it needs a rewrite rather than another signature"),
        (1, "warn", "allows for 1: it needs a rewrite rather than another signature"),
    ],
)
def test_reaching_the_number_warns(most: int, status: str, end: str) -> None:
    """With count and quarter."""
    node = step(policy(max_per_quarter=most), USES, 7, NOW)
    assert node is not None
    assert node.status == status
    assert node.sentence.startswith("2 other pull requests shipped by override in Q4 2026, ")
    assert node.sentence.endswith(end)


def test_without_a_number_nothing_is_counted() -> None:
    """Nobody reads the uses then, so that there is nothing to tell."""
    assert step(policy(), (), 7, NOW) is None
