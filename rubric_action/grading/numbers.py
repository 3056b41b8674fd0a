"""Numbers as they are written, made comparable; language and unit play no part.

``1,000.50``, ``1 000.5`` (no-break space), ``$1000.50`` and ``1.000,50`` are one number; ``15%``
and ``15`` are too. A minus sign is left out, since a hyphen looks the same ("3-5 days"). What is
glued to a letter on its left ("A1234", "gpt4") is a name and not a number, and neither is the
marker of a list ("2. Send it back"). Numbers in words ("thirty") are not read.
"""

import re
from collections.abc import Iterable, Iterator

_LIST_MARKER = re.compile(r"(?m)^[ \t]*(?:[-*>#+]+[ \t]+)?\d{1,2}[.)][ \t]+")
_NUMBER = re.compile(r"(?<![^\W_])(?<!\d[.,])\d+(?:[.,'\u00a0\u2009\u202f]\d+)*")
_GAPS = re.compile(r"['\u00a0\u2009\u202f]")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_GROUPED_TWICE = re.compile(r"\d{1,3}(?:\.\d{3}){2,}")


def numbers(text: str) -> Iterator[tuple[str, str]]:
    """Yield each number of a text as (what is written, its normal form), in order."""
    for found in _NUMBER.finditer(_LIST_MARKER.sub("\n", text)):
        for part in _parts(found[0]):
            yield part, _normal(part)


def number_set(texts: Iterable[str]) -> frozenset[str]:
    """The normal forms of all numbers that the texts hold."""
    return frozenset(normal for text in texts for _, normal in numbers(text))


def _parts(written: str) -> tuple[str, ...]:
    """One number, or the pieces of what is none: ``1.2.3`` and ``10,20,30`` are lists."""
    plain = _GAPS.sub("", written)
    separators = re.sub(r"\d", "", plain)
    is_one = len(separators) <= 1 or _THOUSANDS.fullmatch(plain) or _decimal_comma(plain)
    return (written,) if is_one else tuple(re.split(r"[.,]", written))


def _decimal_comma(plain: str) -> bool:
    """Whether points group the thousands: ``1.000,50`` or ``1.000.000``."""
    whole, comma, decimals = plain.partition(",")
    if comma:
        return decimals.isdigit() and re.fullmatch(r"\d{1,3}(?:\.\d{3})+", whole) is not None
    return _GROUPED_TWICE.fullmatch(plain) is not None


def _normal(written: str) -> str:
    plain = _GAPS.sub("", written)
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    elif _decimal_comma(plain):
        plain = plain.replace(".", "").replace(",", ".")
    whole, _, decimals = plain.replace(",", ".").partition(".")
    whole, decimals = _ascii(whole).lstrip("0") or "0", _ascii(decimals).rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole


def _ascii(digits: str) -> str:
    """Digits of any script as 0 to 9, one by one: their count has no limit, unlike `int`'s."""
    return "".join(str(int(digit)) for digit in digits)
