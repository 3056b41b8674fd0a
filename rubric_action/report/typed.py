"""Decoded JSON read with its types checked: what a stored record may not hold raises ValueError."""

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
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
    if _is_number(value) and 0 <= value <= sys.float_info.max:
        return float(value)
    raise ValueError(f"{value!r:.80} is not a number from 0")


def number(value: Any) -> float:
    """A finite number."""
    if _is_number(value) and abs(value) <= sys.float_info.max:
        return float(value)
    raise ValueError(f"{value!r:.80} is not a number")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def share(value: Any) -> float:
    """A number from 0 to 1."""
    if (found := amount(value)) <= 1:
        return found
    raise ValueError(f"{value!r:.80} is not between 0 and 1")


def moment(value: Any) -> datetime:
    """A time in ISO 8601 that says its zone, in UTC."""
    at = datetime.fromisoformat(text(value))
    if at.tzinfo is None:
        raise ValueError(f"{value!r:.80} says no time zone")
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{value!r:.80} is at the end of time") from error


def one_of(known: tuple[Value, ...]) -> Read[Value]:
    """One of these values."""

    def read_one(value: Any) -> Value:
        for each in known:
            if isinstance(value, str) and value == each:
                return each
        raise ValueError(f"{value!r:.80} is not one of {', '.join(map(str, known))}")

    return read_one


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


def need(record: Any, name: str, read: Read[Value]) -> Value:
    """A field that has to be there."""
    if name not in as_object(record):
        raise ValueError(f"there is no `{name}`")
    try:
        return read(record[name])
    except ValueError as error:
        raise ValueError(f"`{name}`: {error}") from error


def may(record: Any, name: str, read: Read[Value], otherwise: Value) -> Value:
    """A field that an older writer did not know; null is a value like any other."""
    return need(record, name, read) if name in as_object(record) else otherwise
