"""Flat values as plain records, for JSON."""

from typing import Any


def plain(value: Any) -> dict[str, Any]:
    """The fields of a slotted dataclass by name, the values as they are.

    `dataclasses.asdict` copies all the way down, which costs ten times as much for a flat value.
    """
    return {name: getattr(value, name) for name in value.__slots__}
