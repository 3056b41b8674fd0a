"""Every promise about what counts as an override is kept by a test over the wire."""

from tests.action import (
    test_override_more,
    test_override_people,
    test_override_record,
    test_override_table,
)

MANY = 45
"""Rows of the table of promises."""


def test_every_promise_has_its_test() -> None:
    """By a row of a table that is played, or by a test of its own; and there are no others."""
    rows = [*test_override_table.ROWS, *test_override_people.ROWS]
    own = {**test_override_more.PROMISES, **test_override_record.PROMISES}
    assert {row.row for row in rows} | set(own) == set(range(1, MANY + 1))
    assert all(test.__name__.startswith("test_") for test in own.values())
