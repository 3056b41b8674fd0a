"""A case: one input of one or more user turns, with what is expected of the answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rubric_action.errors import Place
from rubric_action.rubric.model import Source, Stakes
from rubric_action.rubric.rules import Rule


@dataclass(frozen=True, slots=True)
class ContextItem:
    """A text that an answer may lean on; `updated_at` is an ISO 8601 date or time."""

    text: str
    source: str | None = None
    updated_at: str | None = None


@dataclass(frozen=True, slots=True)
class UserTurn:
    """What the user says, and the rules aimed at the answer to it."""

    user: str
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One input with what is expected. `weight` affects means only."""

    id: str
    turns: tuple[UserTurn, ...]
    tags: tuple[str, ...] = ()
    stakes: Stakes = "normal"
    source: Source = "handwritten"
    expected: str | None = None
    facts: tuple[str, ...] = ()
    context: tuple[ContextItem, ...] = ()
    rules: tuple[Rule, ...] = ()
    weight: float = 1.0
    as_of: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    origin: Mapping[str, Any] | None = None
    notes: str | None = None
    place: Place = Place("")

    @property
    def promoted(self) -> bool:
        """Whether the case came from a failed production trace."""
        return self.origin is not None
