from datetime import UTC, datetime

import pytest

from rubric_action.errors import GitHubFailed
from rubric_action.github.fields import pick_time, time_or_none

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-20T12:00:00Z", NOON),
        ("2026-11-20T13:00:00+01:00", NOON),
        ("2026-11-20T12:00:00", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_times_are_told_in_utc(text: str | None, at: datetime | None) -> None:
    """A time without a zone could be any, so it is none."""
    assert time_or_none(text) == at


@pytest.mark.parametrize("reply", [{}, {"at": None}, {"at": 7}, {"at": "soon"}])
def test_a_time_that_is_relied_on_has_to_be_there(reply: object) -> None:
    """A reply without it is an error and no early time."""
    with pytest.raises(GitHubFailed, match=r"does not hold .*`at`"):
        pick_time(reply, "at")
