"""Decoded JSON read with its types checked: what a stored record may not hold raises ValueError."""

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

Record = Mapping[str, Any]
Value = TypeVar("Value")
Read = Callable[[Any], Value]


def text(value: Any) -> str:
    """A string."""
    if isinstance(value, str):
        return value
    raise ValueError(f"{value!r:.80} is not a text")


def flag(value: Any) -> bool:
    """True or false."""
    if isinstance(value, bool):
        return value
    raise ValueError(f"{value!r:.80} is not true or false")


def whole(value: Any) -> int:
    """A whole number from 0."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ValueError(f"{value!r:.80} is not a whole number from 0")


def amount(value: Any) -> float:
    """A finite number from 0."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and 0 <= value < math.inf:
        return float(value)
    raise ValueError(f"{value!r:.80} is not a number from 0")


def share(value: Any) -> float:
    """A number from 0 to 1."""
    if (number := amount(value)) <= 1:
        return number
    raise ValueError(f"{value!r:.80} is not between 0 and 1")


def optional(read: Read[Value]) -> Read[Value | None]:
    """The same, or null."""
    return lambda value: None if value is None else read(value)


def items(read: Read[Value]) -> Read[tuple[Value, ...]]:
    """A list of them."""

    def read_items(value: Any) -> tuple[Value, ...]:
        if isinstance(value, list):
            return tuple(read(each) for each in value)
        raise ValueError(f"{value!r:.80} is not a list")

    return read_items


def by_name(read: Read[Value]) -> Read[dict[str, Value]]:
    """An object of them."""
    return lambda value: {name: read(each) for name, each in as_object(value).items()}


def as_object(value: Any) -> dict[str, Any]:
    """An object."""
    if isinstance(value, dict):
        return value
    raise ValueError(f"{value!r:.80} is not an object")
