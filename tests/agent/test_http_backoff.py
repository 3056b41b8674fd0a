import pytest

from rubric_action.agent.backoff import LONGEST_WAIT_S, retry_after_s, wait_s

NOW = 1_000_000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "1.5", "retry-after-ms": "250"}, 0.25),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Mon, 12 Jan 1970 13:46:50 GMT"}, 10.0),
        ({"retry-after": "Mon, 12 Jan 1970 13:46:50"}, 10.0),
        ({"retry-after": "Mon, 12 Jan 1970 13:46:30 GMT"}, 0.0),
        (
            {
                "retry-after": "Mon, 12 Jan 1970 13:46:50 GMT",
                "date": "Mon, 12 Jan 1970 13:46:45 GMT",
            },
            5.0,
        ),
        ({"retry-after": "Mon, 99 Jan 1970 13:46:50 GMT"}, None),
    ],
)
def test_what_a_server_asks_for_is_read(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds, milliseconds and dates, by the server's own clock where it tells it; else none."""
    assert retry_after_s(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("tries", "asked_s", "chance", "longest_s", "wait"),
    [
        (1, None, 1.0, LONGEST_WAIT_S, 0.5),
        (2, None, 1.0, LONGEST_WAIT_S, 1.0),
        (3, None, 0.5, LONGEST_WAIT_S, 1.0),
        (99, None, 1.0, LONGEST_WAIT_S, LONGEST_WAIT_S),
        (99, None, 1.0, 1.0, 1.0),
        (5, None, 0.0, LONGEST_WAIT_S, 0.0),
        (1, 3.0, 0.0, LONGEST_WAIT_S, 3.0),
        (9, 3.0, 1.0, LONGEST_WAIT_S, 3.5),
    ],
)
def test_waits_double_and_keep_to_what_is_asked(
    tries: int, asked_s: float | None, chance: float, longest_s: float, wait: float
) -> None:
    """The bound doubles up to the longest; what a server asks for is waited for at least."""
    assert wait_s(tries, asked_s, chance, longest_s) == wait
