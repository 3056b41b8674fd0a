from contextlib import suppress
from datetime import date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rubric_action.cases.dates import iso_date


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2026-03-31", "2026-03-31"),
        ("2026-03-31T10:00:00Z", "2026-03-31T10:00:00Z"),
        ("2026-03-31 10:00", "2026-03-31 10:00"),
        ("20260331", "2026-03-31T00:00:00"),
        ("20260331T100000Z", "2026-03-31T10:00:00+00:00"),
        ("2026-W13", "2026-03-23T00:00:00"),
        ("2026W13T10:00:00", "2026-03-23T10:00:00"),
        ("2026-W13-2T10:00+02:00", "2026-03-24T10:00:00+02:00"),
    ],
)
def test_a_date_begins_with_its_day(written: str, kept: str) -> None:
    """The usual forms stay as they are; the others of ISO 8601 are written anew."""
    assert iso_date(written) == kept


@given(st.text(alphabet="0123456789-:WTZ+. ", max_size=25))
@example("2026W13T10:00:00")
@example("2026W132T1")
def test_what_is_taken_has_a_day_to_read(text: str) -> None:
    """Whatever passes, its first ten characters are the day that it means."""
    with suppress(ValueError):
        kept = iso_date(text)
        assert date.fromisoformat(kept[:10]) == datetime.fromisoformat(text).date()


@pytest.mark.parametrize("text", ["", "soon", "2026-02-30", "2026-01-31 and more", "1/2/26"])
def test_what_is_no_date_is_refused(text: str) -> None:
    """A ValueError, for its caller to place."""
    with pytest.raises(ValueError, match=r".+"):
        iso_date(text)
