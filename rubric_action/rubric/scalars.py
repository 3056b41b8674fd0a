"""Plain YAML scalars: which value an unquoted word is, and which words are refused as traps."""

import re
from typing import Final

from rubric_action.rubric.problems import quoted

_NOTHING: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE: Final = frozenset(
    form for word in ("true", "yes", "on") for form in (word, word.title(), word.upper())
)
_FALSE: Final = frozenset(
    form for word in ("false", "no", "off") for form in (word, word.title(), word.upper())
)
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)", re.ASCII)
_DECIMAL = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?", re.ASCII)
_OTHER_BASE = re.compile(r"[-+]?0([0-9_]+|[xob][0-9a-fA-F_]+)", re.ASCII)
_SIXTIES = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?", re.ASCII)
_GROUPED = re.compile(r"[-+]?[0-9]+_[0-9_.]*", re.ASCII)

LONGEST_NUMBER: Final = 64
"""Characters of one number; more digits mean nothing and cost time."""

Scalar = str | int | float | bool | None


class Trap(ValueError):
    """An unquoted word that YAML readers take for different values: `str()` says what and why."""


def resolve(word: str) -> Scalar:
    """The value of an unquoted scalar; raises `Trap`. Dates stay texts."""
    if word in _NOTHING:
        return None
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    if word[0] not in "+-.0123456789":
        return word
    return _number(word)


def _number(word: str) -> Scalar:
    if _NOT_FINITE.fullmatch(word):
        raise Trap(f"`{word}` is not a finite number")
    looks_like_one = _WHOLE.fullmatch(word) or _DECIMAL.fullmatch(word)
    if looks_like_one and len(word) > LONGEST_NUMBER:
        raise Trap(f"`{quoted(word)}` has more than {LONGEST_NUMBER} characters")
    if _WHOLE.fullmatch(word):
        return int(word)
    if _OTHER_BASE.fullmatch(word):
        raise Trap(f"`{quoted(word)}` is a number in another base to some YAML readers")
    if _SIXTIES.fullmatch(word):
        raise Trap(f"`{quoted(word)}` is a number in base 60 to some YAML readers")
    if _GROUPED.fullmatch(word):
        raise Trap(f"`{quoted(word)}` is a number to some YAML readers and a text to others")
    if not _DECIMAL.fullmatch(word):
        return word
    number = float(word)
    if number in (float("inf"), float("-inf")):
        raise Trap(f"`{word}` is larger than any finite number")
    return number
