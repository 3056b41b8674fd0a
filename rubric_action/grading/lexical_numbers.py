"""Numbers in English text, with their units: what an answer claims and what its context knows.

``2 years``, ``two years`` and ``24 months`` are one number; ``30 days`` and ``30 EUR`` are not.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple, Self

from rubric_action.grading.lexical_text import plain

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_FROM_TWO = (
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
_TENS = {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "ninety": "90"}
_SPELLED = {word: str(number) for number, word in enumerate(_FROM_TWO, start=2)} | _TENS
# A unit, and how many of the smaller unit it is counted in.
_UNITS = {
    "%": ("percent", 1), "percent": ("percent", 1), "€": ("money", 1), "$": ("money", 1),
    "£": ("money", 1), "eur": ("money", 1), "euro": ("money", 1), "usd": ("money", 1),
    "dollar": ("money", 1), "gbp": ("money", 1), "minute": ("minute", 1), "hour": ("hour", 1),
    "day": ("day", 1), "week": ("day", 7), "month": ("month", 1), "year": ("month", 12),
}  # fmt: skip
_MONTH = rf"(?P<{{}}>{'|'.join(_MONTHS)})"
_DATE = re.compile(
    r"(?P<iso>\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b)"
    rf"|\b(?P<day1>[0-9]{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH.format('month1')}\b"
    r"(?:,? (?P<year1>[0-9]{4})\b(?!-))?"
    rf"|\b{_MONTH.format('month2')} (?P<day2>[0-9]{{1,2}})(?:st|nd|rd|th)?\b"
    r"(?:,? (?P<year2>[0-9]{4})\b(?!-))?"
)
_COUNT = re.compile(rf"[0-9]+(?:,[0-9]{{3}})*(?:\.[0-9]+)?|\b(?:{'|'.join(_SPELLED)})\b")
_UNIT_BEFORE = re.compile(r"([€$£]|\b(?:eur|usd|gbp))\s?$")
_UNIT_AFTER = re.compile(
    r"[\s-]{0,2}(?:(?:business|working|calendar|full)[\s-])?"
    r"(%|€|(?:percent|eur|usd|gbp|euro|dollar|minute|hour|day|week|month|year)(?=s?\b))s?"
)
_LONGEST_COUNT = 6  # digits; longer ones are identifiers, and are never multiplied by their unit


class Number(NamedTuple):
    """A number as written (``text``), its ``value`` in the ``unit``; ``""`` is no unit."""

    value: str
    unit: str
    text: str


def numbers(text: str, *, spelled: bool = False) -> list[Number]:
    """The numbers of a text, in order: dates, then counts and amounts.

    A spelled-out number ("two") is read where a unit follows it, or everywhere with ``spelled``.
    """
    lowered = plain(text).lower()
    dates = [number for found in _DATE.finditer(lowered) for number in _date(found)]
    rest = _DATE.sub(" ; ", lowered)
    counts = (_count(rest, found) for found in _COUNT.finditer(rest))
    return dates + [n for n in counts if spelled or n.unit or n.text[0].isdigit()]


def _date(found: re.Match[str]) -> list[Number]:
    """A date as month and day and, where it is given, as a year: each may be stated alone."""
    if found["iso"]:
        year, day = found["iso"][:4], found["iso"][5:]
    else:
        year = found["year1"] or found["year2"]
        month = _MONTHS.index(found["month1"] or found["month2"]) + 1
        day = f"{month:02}-{int(found['day1'] or found['day2']):02}"
    stated = [Number(day, "date", found[0])]
    return [*stated, Number(year, "", found[0])] if year else stated


def _count(text: str, found: re.Match[str]) -> Number:
    before = _UNIT_BEFORE.search(text, max(0, found.start() - 5), found.start())
    after = _UNIT_AFTER.match(text, found.end())
    marked = after or before
    unit, factor = _UNITS[marked[1]] if marked else ("", 1)
    written = text[found.start() : after.end() if after else found.end()]
    return Number(_value(found[0], factor), unit, written)


def _value(digits: str, factor: int) -> str:
    digits = _SPELLED.get(digits, digits).replace(",", "").lstrip("0") or "0"
    whole, _, decimals = digits.partition(".")
    if decimals.strip("0"):
        return f"{whole or '0'}.{decimals.rstrip('0')}"
    return str(int(whole or "0") * factor) if len(whole) <= _LONGEST_COUNT else whole


class KnownNumbers:
    """The numbers that some texts state, to look claims up in."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._units: dict[str, set[str]] = {}
        for text in texts:
            self._learn(numbers(text, spelled=True))

    @classmethod
    def of(cls, stated: Iterable[Number]) -> Self:
        """The numbers given, without a text."""
        known = cls()
        known._learn(stated)
        return known

    def _learn(self, stated: Iterable[Number]) -> None:
        for number in stated:
            self._units.setdefault(number.value, set()).add(number.unit)

    def __contains__(self, claim: Number) -> bool:
        """Whether the value is known with this unit, or on either side without a unit."""
        units = self._units.get(claim.value, frozenset[str]())
        return bool(units) and (not claim.unit or claim.unit in units or "" in units)
