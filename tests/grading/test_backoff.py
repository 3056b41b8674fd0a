import pytest

from rubric_action.grading.backoff import LONGEST_WAIT_S, retry_after_s, wait_s

DATE = "Mon, 23 Nov 2026 10:00:00 GMT"
LATER = "Mon, 23 Nov 2026 10:00:20 GMT"
EPOCH = 1795428000.0  # DATE in seconds


@pytest.mark.parametrize(
    ("headers", "asked"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "NaN"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "-1", "retry-after": "9"}, 9.0),
        ({"retry-after": LATER, "date": DATE}, 20.0),
        ({"retry-after": DATE, "date": LATER}, 0.0),
        ({"retry-after": LATER}, 20.0),
        ({"retry-after": LATER, "date": "yesterday"}, 20.0),
        ({"retry-after": "Mon, 99 Nov 2026 10:00:20 GMT"}, None),
    ],
)
def test_what_the_server_asks_for(headers: dict[str, str], asked: float | None) -> None:
    """Seconds, milliseconds and dates are understood, and nonsense is ignored."""
    assert retry_after_s(headers, EPOCH) == asked


@pytest.mark.parametrize(
    ("tries", "asked", "chance", "wait"),
    [
        (1, None, 1.0, 0.5),
        (1, None, 0.0, 0.0),
        (2, None, 1.0, 1.0),
        (4, None, 0.5, 2.0),
        (7, None, 1.0, LONGEST_WAIT_S),
        (10_000, None, 1.0, LONGEST_WAIT_S),
        (1, 2.0, 0.0, 2.0),
        (5, 2.0, 1.0, 2.5),
        (1, 600.0, 0.0, 600.0),
        (1, 600.1, 1.0, 0.5),
        (1, 1e30, 1.0, 0.5),
    ],
)
def test_the_wait(tries: int, asked: float | None, chance: float, wait: float) -> None:
    """The bound doubles up to a limit; at least what is asked for is waited, if it can be."""
    assert wait_s(tries, asked, 600.0, chance) == wait
