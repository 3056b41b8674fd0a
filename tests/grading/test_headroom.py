import pytest

from rubric_action.grading.allowance import Allowance, Kind
from rubric_action.grading.headroom import TRUSTED_S, Headroom


def told(
    remaining: float,
    limit: float | None = None,
    reset_s: float | None = None,
    *,
    kind: Kind = "requests",
    number: int = 1,
    answered_at: float = 0.0,
) -> Headroom:
    """What is known after the answer to one request, which started at 0 seconds."""
    room = Headroom()
    room.told([Allowance(kind, remaining, limit, reset_s)], number, 0.0, answered_at)
    return room


@pytest.mark.parametrize(
    ("remaining", "limit", "reset_s", "started", "now", "wait_s"),
    [
        (5, 60, 55.0, 1, 0.0, 0.0),  # five are left
        (5, 60, 55.0, 5, 0.0, 0.0),  # four of them are taken
        (5, 60, 55.0, 6, 0.0, 1.0),  # all of them; one comes back a second
        (5, 60, 55.0, 8, 0.0, 3.0),
        (5, 60, 55.0, 8, 2.0, 1.0),
        (5, 60, 55.0, 8, 3.0, 0.0),
        (0, None, 30.0, 1, 0.0, 30.0),  # nobody says how many come back: all at the reset
        (0, None, 30.0, 1, 29.0, 1.0),
        (0, None, 30.0, 1, 30.0, 0.0),
        (0, None, None, 1, 0.0, 0.0),  # nobody says when: a request finds out
        (0, 60, 0.0, 1, 0.0, 0.0),
        (0, 1, 3600.0, 1, 0.0, TRUSTED_S),  # an hour is not waited by a header alone
        (0, 1, 3600.0, 1, TRUSTED_S, 0.0),
    ],
)
def test_how_long_to_wait(
    remaining: float,
    limit: float | None,
    reset_s: float | None,
    started: int,
    now: float,
    wait_s: float,
) -> None:
    """Until what is left, less what has started since, is enough for one more request."""
    assert told(remaining, limit, reset_s).wait_s(now, started) == pytest.approx(wait_s)


def test_nothing_told_is_no_limit() -> None:
    """Without headers nobody waits, and tokens are not counted."""
    room = Headroom()
    room.used(900, 100)
    assert room.wait_s(0.0, 1000) == 0


def test_the_newest_request_counts() -> None:
    """An older request that is answered late does not overrule a newer one."""
    room = told(0, 10, 10.0, number=7)
    room.told([Allowance("requests", 9, 10, 1.0)], 6, 0.0, 0.0)
    assert room.wait_s(0.0, 7) == pytest.approx(1.0)
    room.told([Allowance("requests", 9, 10, 1.0)], 8, 0.0, 0.0)
    assert room.wait_s(0.0, 8) == 0


@pytest.mark.parametrize(
    ("kind", "wait_s"), [("tokens", 4.0), ("input-tokens", 3.2), ("output-tokens", 0.0)]
)
def test_tokens_are_counted_by_what_requests_took(kind: Kind, wait_s: float) -> None:
    """A request is expected to take as many tokens of each kind as those before."""
    room = told(600, 1000, 1.0, kind=kind)
    room.told([Allowance(kind, 600, 1000, 4.0)], 2, 0.0, 0.0)
    assert room.wait_s(0.0, 2) == 0  # nobody knows yet what a request takes
    for _ in range(3):
        room.used(920, 80)
    assert room.wait_s(0.0, 2) == pytest.approx(wait_s)


@pytest.mark.parametrize(
    ("limit", "wait_s"), [(50.0, 1.0), (10.0, 0.5)], ids=["large limit", "small limit"]
)
def test_headers_that_are_written_at_the_end(limit: float, wait_s: float) -> None:
    """What came back while the request was answered is not counted twice, but for a small limit."""
    reset_s = limit / 10  # ten a second come back
    room = told(0, limit, reset_s, answered_at=1.0)
    assert room.wait_s(1.0, 10) == pytest.approx(wait_s)


def test_the_strictest_kind_counts() -> None:
    """Requests may be left while tokens are not."""
    room = told(100, 100, 1.0)
    room.told([Allowance("tokens", 0, None, 20.0)], 1, 0.0, 0.0)
    assert room.wait_s(0.0, 1) == pytest.approx(20.0)
