import pytest

from rubric_action.rubric.units import (
    parse_duration,
    print_days,
    print_duration,
    print_money,
    seconds_to_days,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("800ms", 0.8),
        ("4s", 4.0),
        ("1.5s", 1.5),
        ("2m", 120.0),
        ("1h", 3600.0),
        ("90d", 90 * 86_400.0),
        ("0s", None),
        ("60", None),
        ("4 s", None),
        ("-1s", None),
        ("4S", None),
        ("1h30m", None),
        ("٤s", None),
        ("4s\n", None),
        ("", None),
    ],
)
def test_durations(text: str, seconds: float | None) -> None:
    """A duration is a number above zero with its unit, and nothing else."""
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["800ms", "4s", "90s", "2m", "25h", "90d", "1500ms", "1ms"])
def test_durations_print_as_they_were_written(text: str) -> None:
    """What is printed reads back as the same duration."""
    seconds = parse_duration(text)
    assert seconds is not None
    assert print_duration(seconds) == text
    assert parse_duration(print_duration(seconds)) == seconds


def test_a_duration_finer_than_a_millisecond_prints_in_seconds() -> None:
    """No unit leaves a whole number, so that seconds are printed."""
    assert print_duration(0.00025) == "0.00025s"


def test_ages() -> None:
    """An age is kept in days and printed in the unit that fits."""
    assert seconds_to_days(43_200.0) == 0.5
    assert print_days(0.5) == "12h"
    assert print_days(90) == "90d"


@pytest.mark.parametrize(
    ("usd", "text"),
    [(0.08, "$0.08"), (1, "$1.00"), (0.0041, "$0.0041"), (12.5, "$12.50"), (0, "$0.00")],
)
def test_money(usd: float, text: str) -> None:
    """Money has two decimals, or as many as it needs."""
    assert print_money(usd) == text
