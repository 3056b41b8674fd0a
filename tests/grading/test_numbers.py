import pytest

from rubric_action.grading.numbers import number_set, numbers


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("1,000.50", "1000.5"),
        ("$1,000", "1000 USD"),
        ("1.000,50 EUR", "1000.50"),
        ("1.000.000", "1,000,000"),
        ("1\u00a0000", "1000"),
        ("1'250", "1250"),
        ("15%", "15 percent"),
        ("2,5", "2.50"),
        ("007", "7"),
        ("-40", "40"),
        ("\u0661\u0662", "12"),
        ("3-5 days", "5 or 3"),
        ("0.0", "0"),
    ],
)
def test_one_number_in_two_writings(left: str, right: str) -> None:
    """Separators, currency, percent, sign and script play no part."""
    assert number_set([left]) == number_set([right]) != frozenset()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("order A1234 of gpt4", []),
        ("1. Pack it\n2) Send 3 boxes\n- 4. label", ["3"]),
        ("version 1.2.3", ["1", "2", "3"]),
        ("10,20,30", ["10", "20", "30"]),
        ("1,5 and 1,500", ["1.5", "1500"]),
        ("2026-01-05", ["2026", "1", "5"]),
        ("10kg, 3rd", ["10", "3"]),
        ("no numbers, thirty at most", []),
    ],
)
def test_what_is_a_number(text: str, expected: list[str]) -> None:
    """Names and list markers are not numbers, lists of numbers are taken apart."""
    assert [normal for _, normal in numbers(text)] == expected


def test_a_number_of_any_length() -> None:
    """A hundred thousand digits are read without a limit and in little time."""
    assert number_set(["9" * 100_000]) == {"9" * 100_000}
