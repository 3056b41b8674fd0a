"""Typed decoders of plain values: each reads, refuses, and says the same in JSON Schema.

A decoder is declared once. `read` turns a plain value (from YAML or JSON) into a typed one and
notes every mistake in a `Found`; `schema` is its JSON Schema; `expected` its name in messages and
in the reference. What `read` returns is of use only if it noted nothing.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

from rubric_action.rubric.problems import Found, Locate, Path

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Schema = dict[str, Any]
Definitions = dict[str, Schema]

LARGEST = 2**53
"""The largest number read; beyond it floats lose whole numbers and JSON readers disagree."""


class Decoder(ABC, Generic[T_co]):
    """Reads one kind of value; `expected` names the kind, article included."""

    expected: str

    @abstractmethod
    def read(self, value: Any, at: Path, found: Found) -> T_co:
        """The typed value; mistakes are noted in `found` under the path `at`."""

    @abstractmethod
    def schema(self, definitions: Definitions) -> Schema:
        """The same as JSON Schema; what it refers to is put into `definitions`."""

    def parts(self) -> "Iterator[tuple[str, Decoder[Any]]]":
        """The decoders inside this one, each with what leads to it: `.min`, `[]`, `.<name>`."""
        yield from ()


class Plain(Decoder[T_co]):
    """A decoder whose schema refers to nothing; it is made once, in `own`."""

    own: Schema

    def schema(self, definitions: Definitions) -> Schema:
        """A copy of the decoder's own schema."""
        return self.own.copy()


def decode(
    decoder: Decoder[T],
    value: object,
    locate: Locate,
    *,
    at: Path = (),
    written: Mapping[Path, str] | None = None,
) -> T:
    """Read a plain value or raise one `InputError` that holds all its mistakes."""
    found = Found(locate, written)
    result = decoder.read(value, at, found)
    found.raise_if_any()
    return result


class Anything(Plain[Any]):
    """Any plain value, as it is."""

    expected = "any value"
    own: Schema = {}  # noqa: RUF012 - every copy of it is its reader's own

    def read(self, value: Any, at: Path, found: Found) -> Any:
        """The value itself."""
        return value


class Flag(Plain[bool]):
    """True or false."""

    expected = "true or false"
    own: Schema = {"type": "boolean"}  # noqa: RUF012 - every copy of it is its reader's own

    def read(self, value: Any, at: Path, found: Found) -> bool:
        """The boolean."""
        if not isinstance(value, bool):
            found.wrong_type(at, value, self.expected)
            return False
        return value


class Only(Plain[Any]):
    """One value and no other; `mend` says what to do instead."""

    def __init__(self, value: bool | int | str, mend: str) -> None:
        self.value, self.mend = value, mend
        self.expected = f"`{str(value).lower() if isinstance(value, bool) else value}`"
        self.own = {"const": value}

    def read(self, value: Any, at: Path, found: Found) -> Any:
        """The value itself."""
        if type(value) is not type(self.value) or value != self.value:
            found.wrong_type(at, value, self.expected, self.mend)
        return value


class Text(Plain[str]):
    """A text; blank ones and ones off the pattern (matched whole) are refused."""

    def __init__(
        self,
        expected: str = "a text",
        *,
        pattern: str | None = None,
        blank: bool = False,
        longest: int | None = None,
        mend: str = "",
    ) -> None:
        self.expected = expected
        self.longest = longest
        self._blank = blank
        self._matches = re.compile(pattern).fullmatch if pattern else None
        self._mend = mend or f"Write {expected}."
        self.own = {"type": "string"}
        if pattern or not blank:
            self.own["pattern"] = f"^(?:{pattern})$" if pattern else r"\S"
        if longest is not None:
            self.own["maxLength"] = longest

    def read(self, value: Any, at: Path, found: Found) -> str:
        """The text, unchanged."""
        if not isinstance(value, str):
            written = found.written(at)
            fits = written and (self._matches is None or self._matches(written))
            mend = f'Put it in quotes: "{written}".' if fits else self._mend
            found.wrong_type(at, value, self.expected, mend)
            return ""
        if not self._blank and (not value or value.isspace()):
            found.refuse(at, f"expected {self.expected}, found a blank text", self._mend)
        elif self.longest is not None and len(value) > self.longest:
            what = f"expected at most {self.longest} characters, found {len(value)}"
            found.refuse(at, what, "Shorten it.")
        elif self._matches and not self._matches(value):
            found.wrong_type(at, value, self.expected, self._mend)
        return value


class Choice(Plain[str]):
    """One of a few words; `off` also where YAML made it the boolean false."""

    def __init__(self, *words: str) -> None:
        self.words = words
        self.expected = " or ".join(f"`{word}`" for word in words)
        self.own = {"enum": [*words, False] if "off" in words else list(words)}

    def read(self, value: Any, at: Path, found: Found) -> str:
        """The word."""
        if isinstance(value, str) and value in self.words:
            return value
        if value is False and "off" in self.words and _is_off(found.written(at)):
            return "off"
        mend = found.suggest(value, self.words, "values") if isinstance(value, str) else ""
        found.wrong_type(at, value, self.expected, mend)
        return ""


def _is_off(written: str | None) -> bool:
    return written is None or written.lower() == "off"


class Number(Plain[float]):
    """A number within bounds; `below` and `above` are bounds that it may not reach."""

    def __init__(
        self,
        low: float | None = None,
        high: float | None = None,
        *,
        above: float | None = None,
        below: float | None = None,
        unit: str = "",
    ) -> None:
        self.low, self.high, self.above, self.below = low, high, above, below
        self.expected = f"a number{_bounds(low, high, above, below)}{unit}"
        self.own = {"type": "number", **_bounds_schema(low, high, above, below)}

    def read(self, value: Any, at: Path, found: Found) -> float:
        """The number as a float."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            found.wrong_type(at, value, self.expected)
            return 0.0
        if not self._within(value):
            found.wrong_type(at, value, self.expected)
            return 0.0
        return float(value)

    def _within(self, value: float) -> bool:
        return (
            (self.low is None or value >= self.low)
            and (self.high is None or value <= self.high)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
            and -LARGEST <= value <= LARGEST
        )


class Whole(Plain[int]):
    """A whole number within bounds, both included."""

    def __init__(self, low: int, high: int = LARGEST) -> None:
        self.low, self.high = low, high
        self.expected = f"a whole number{_bounds(low, high, None, None)}"
        self.own = {"type": "integer", **_bounds_schema(low, high, None, None)}

    def read(self, value: Any, at: Path, found: Found) -> int:
        """The number as an int; `3.0` is not one."""
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or value < self.low or value > self.high:
            found.wrong_type(at, value, self.expected)
            return 0
        return int(value)


def _bounds(low: float | None, high: float | None, above: float | None, below: float | None) -> str:
    if high == LARGEST:
        high = None
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}"
    words = {" from": low, " above": above, " up to": high, " below": below}
    return "".join(f"{word} {bound:g}" for word, bound in words.items() if bound is not None)


def _bounds_schema(
    low: float | None, high: float | None, above: float | None, below: float | None
) -> Schema:
    bounds = {
        "minimum": low,
        "maximum": high,
        "exclusiveMinimum": above,
        "exclusiveMaximum": below,
    }
    return {name: bound for name, bound in bounds.items() if bound is not None}
