import pytest
from hypothesis import given
from hypothesis import strategies as st

from rubric_action.gate.suggestion.rounding import (
    amount_up,
    share_down,
    share_up,
    write_seconds,
    write_share,
    write_usd,
)
from rubric_action.rubric.scalars import resolve
from rubric_action.rubric.units import parse_duration

AMOUNTS = st.floats(1e-6, 5e4)


@given(st.floats(0, 1))
def test_shares_are_rounded_to_the_side_of_room(value: float) -> None:
    """Two decimals: a minimum no higher than the value, a drop no smaller, each by a step."""
    down, up = share_down(value), share_up(value)
    assert value - 0.01 < down <= value + 1e-8
    assert value - 1e-8 <= up < max(value, 0) + 0.01 + 1e-9
    assert round(down, 2) == down
    assert round(up, 2) == up


@pytest.mark.parametrize(
    ("value", "down", "up"), [(0.29, 0.29, 0.29), (0.9, 0.9, 0.9), (0, 0, 0.01), (1, 1, 1)]
)
def test_what_has_two_decimals_stays(value: float, down: float, up: float) -> None:
    """A float that is a hair off its decimal is not rounded away from it; no drop of 0."""
    assert (share_down(value), share_up(value)) == (down, up)


@given(AMOUNTS)
def test_amounts_keep_two_digits(value: float) -> None:
    """Up to the next number of two digits, by a tenth at most."""
    found = amount_up(value)
    assert value * (1 - 1e-6) <= found <= value * 1.1 * (1 + 1e-9)
    assert float(f"{found:.1e}") == found


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0.79, "790ms"),
        (0.0079, "7.9ms"),
        (3.9, "3.9s"),
        (4, "4s"),
        (90, "90s"),
        (130, "130s"),
        (180, "3m"),
        (7200, "2h"),
    ],
)
def test_durations(seconds: float, written: str) -> None:
    """As one writes them, in the unit that leaves few digits."""
    assert write_seconds(seconds) == written


@given(AMOUNTS)
def test_the_rubric_reads_what_is_written(value: float) -> None:
    """Durations and money come back as the amounts they were."""
    found = amount_up(value)
    duration = parse_duration(write_seconds(found))
    assert duration == pytest.approx(found)
    assert resolve(write_usd(found)) == pytest.approx(found)
    assert "e" not in write_usd(found)


@pytest.mark.parametrize(
    ("usd", "written"), [(0.08, "0.08"), (0.0054, "0.0054"), (2, "2.0"), (0.1, "0.1"), (0, "0.0")]
)
def test_money(usd: float, written: str) -> None:
    """As many decimals as an amount needs."""
    assert write_usd(usd) == written


def test_shares_as_written() -> None:
    """Without zeros at the end."""
    assert [write_share(value) for value in (0.9, 0.85, 1.0)] == ["0.9", "0.85", "1"]
