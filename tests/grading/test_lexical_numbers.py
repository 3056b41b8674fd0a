"""Numbers, their units, and whether a text knows them."""

import pytest

from rubric_action.grading.lexical_numbers import KnownNumbers, numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30 days, 30-day and thirty days", [("30", "day")] * 3),
        ("5 business days, 5 working days", [("5", "day")] * 2),
        ("two weeks", [("14", "day")]),
        ("2 years or 24 months", [("24", "month")] * 2),
        ("€1,200.50, 1200.5 EUR and 1200.50 euros", [("1200.5", "money")] * 3),
        ("$5.00 and EUR 5", [("5", "money")] * 2),
        ("19 % or 19 percent", [("19", "percent")] * 2),
        ("room 12, version 1.20", [("12", ""), ("1.2", "")]),
        ("007 and 0.50", [("7", ""), ("0.5", "")]),
        ("order A1042", [("1042", "")]),
        ("two options", []),
        ("12345678 days", [("12345678", "day")]),
        ("no number at all", []),
        ("", []),
    ],
)
def test_numbers(text: str, expected: list[tuple[str, str]]) -> None:
    """Numbers are read with their unit, in one spelling whatever they are written like."""
    assert [(number.value, number.unit) for number in numbers(text)] == expected


@pytest.mark.parametrize(
    "text",
    ["2026-03-01", "1 March 2026", "1st of March, 2026", "March 1, 2026", "march 1st 2026"],
)
def test_dates(text: str) -> None:
    """A date is its day and its year in any order and spelling, so that each may stand alone."""
    assert [(n.value, n.unit) for n in numbers(text)] == [("03-01", "date"), ("2026", "")]


def test_a_number_remembers_how_it_was_written() -> None:
    """Reasons quote what stands in the answer, with its unit."""
    assert [number.text for number in numbers("within 10 days for €5")] == ["10 days", "5"]


@pytest.mark.parametrize(
    ("context", "claim", "known"),
    [
        ("within 30 days", "30 days", True),
        ("within 30 days", "30", True),
        ("within 30 days", "30 EUR", False),
        ("within 30 days", "31 days", False),
        ("14 to 21 days", "14 days", True),
        ("a warranty of 24 months", "2 years", True),
        ("a warranty of two years", "24 months", True),
        ("two options", "2 days", True),
        ("on 1 March 2026", "1 March", True),
        ("on 1 March 2026", "2 March", False),
        ("costs 1,500 EUR", "€1500", True),
        ("costs 1,500 EUR", "1.5 EUR", False),
        ("", "1", False),
    ],
)
def test_known_numbers(context: str, claim: str, known: bool) -> None:
    """A claim is known with the same value and unit, or where one side gives no unit."""
    assert all(number in KnownNumbers([context]) for number in numbers(claim)) is known


def test_known_numbers_of_numbers() -> None:
    """Numbers that were read already need no text to be known by."""
    known = KnownNumbers.of(numbers("30 days"))
    assert numbers("thirty days")[0] in known
    assert numbers("40 days")[0] not in known
