from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import formatdate

import pytest

from rubric_action.errors import GitHubFailed
from rubric_action.github.faults import (
    BACK_OFF_S,
    SECONDARY_WAIT_S,
    Fault,
    NotFound,
    Operation,
    PermissionMissing,
    Refused,
    date_of,
    failure,
    wait_for,
)

NOW = 1_900_000_000.0
SPENT = {"x-ratelimit-remaining": "0"}


@pytest.mark.parametrize(
    ("status", "message", "headers", "seconds"),
    [
        (500, "Server Error", {}, BACK_OFF_S[0]),
        (502, "Bad Gateway", {}, BACK_OFF_S[0]),
        (0, "ConnectionError", {}, BACK_OFF_S[0]),
        (408, "Request Timeout", {}, BACK_OFF_S[0]),
        (429, "Too many requests", {"retry-after": "7"}, 7.0),
        (429, "Too many requests", {}, SECONDARY_WAIT_S),
        (429, "Too many requests", {"retry-after": "soon"}, SECONDARY_WAIT_S),
        (429, "Too many requests", {"retry-after": "-5"}, SECONDARY_WAIT_S),
        (403, "You have exceeded a secondary rate limit", {}, SECONDARY_WAIT_S),
        (403, "You have exceeded a secondary rate limit", {"retry-after": "3"}, 3.0),
        (403, "You have triggered an abuse detection mechanism", {}, SECONDARY_WAIT_S),
        (403, "API rate limit exceeded", SPENT | {"x-ratelimit-reset": "1900000030"}, 31.0),
        (403, "API rate limit exceeded", SPENT | {"x-ratelimit-reset": "1800000000"}, 1.0),
        (403, "API rate limit exceeded", SPENT | {"x-ratelimit-reset": "soon"}, SECONDARY_WAIT_S),
        (403, "Resource not accessible by integration", {}, None),
        (403, "Forbidden", {"x-ratelimit-remaining": "4999"}, None),
        (401, "Bad credentials", {}, None),
        (404, "Not Found", {}, None),
        (422, "Validation Failed", {}, None),
    ],
)
def test_the_first_wait(
    status: int, message: str, headers: Mapping[str, str], seconds: float | None
) -> None:
    """Each kind of fault has its wait; a plain refusal has none."""
    assert wait_for(Fault(status, message, headers), 1, NOW) == seconds


def test_a_limit_is_measured_by_githubs_clock() -> None:
    """A runner whose clock is an hour off waits as long as one whose clock is right."""
    headers = SPENT | {"x-ratelimit-reset": "1900000030", "date": formatdate(NOW, usegmt=True)}
    fault = Fault(403, "API rate limit exceeded", headers)
    assert wait_for(fault, 1, NOW + 3600) == wait_for(fault, 1, NOW - 3600) == 31.0


def test_back_off_doubles_and_ends() -> None:
    """After the last wait the next failure is the last."""
    fault = Fault(503, "Service Unavailable", {})
    waits = [wait_for(fault, tries, NOW) for tries in range(1, len(BACK_OFF_S) + 2)]
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, None]


def test_a_limit_without_end_is_given_up() -> None:
    """A limit that comes back each time is not waited for for ever."""
    fault = Fault(429, "Too many requests", {"retry-after": "0"})
    assert wait_for(fault, 5, NOW) == 0.0
    assert wait_for(fault, 6, NOW) is None


@pytest.mark.parametrize(
    ("status", "message", "kind", "words"),
    [
        (403, "Resource not accessible by integration", PermissionMissing, "pull-requests: write"),
        (404, "Not Found", NotFound, "token can read this repository"),
        (401, "Bad credentials", Refused, "github-token"),
        (422, "Validation Failed", Refused, "422"),
        (500, "Server Error", GitHubFailed, "again and again"),
        (0, "ReadTimeout", GitHubFailed, "ReadTimeout"),
        (429, "Too many requests", GitHubFailed, "rate limit"),
    ],
)
def test_each_error_says_what_was_being_done(
    status: int, message: str, kind: type[GitHubFailed], words: str
) -> None:
    """The error's class tells what it is, its sentence what was being done, and what helps."""
    error = failure(Operation.WRITE_COMMENT, Fault(status, message, {}))
    assert type(error) is kind
    assert error.cause.startswith("Could not write the comment")
    assert words in str(error)


# No job can be given `members`, so a refusal there is an answer and never shown as an error.
GRANTED = [one for one in Operation if one is not Operation.READ_TEAM]


@pytest.mark.parametrize("operation", GRANTED)
def test_each_operation_names_its_permission(operation: Operation) -> None:
    """A missing permission ends in the line to add to the workflow."""
    fault = Fault(403, "Resource not accessible by integration", {})
    error = failure(operation, fault)
    assert isinstance(error, PermissionMissing)
    assert f"Add `{operation.permission}`" in error.mend
    name, level = operation.permission.split(": ")
    assert name in {"actions", "contents", "metadata", "pull-requests", "statuses"}
    assert level in {"read", "write"}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("Mon, 23 Nov 2026 10:00:00 GMT", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("Mon, 23 Nov 2026 10:00:00 -0000", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("Mon, 23 Nov 2026 12:00:00 +0200", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("yesterday", None),
        ("", None),
    ],
)
def test_the_date_of_a_reply(told: str, expected: datetime | None) -> None:
    """In UTC, also where the header leaves the zone open; nonsense is no time."""
    assert date_of({"date": told}) == expected


def test_a_reply_without_a_date() -> None:
    """It tells no time."""
    assert date_of({}) is None
