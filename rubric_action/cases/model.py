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
class SimulatedUser:
    """A user whom a model plays: who it is, what it wants, and when it is done.

    `seed` tells one course of the conversation from another.
    """

    persona: str
    goal: str
    stop: str = "The goal is reached, or it is plain that it will not be."
    max_turns: int = 6
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Case:
    """One input with what is expected. `weight` affects means only.

    Where a `user` is simulated, `turns` holds its first words, or nothing if it finds them itself.
    """

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
    user: SimulatedUser | None = None

    @property
    def most_turns(self) -> int:
        """How many turns a session of it has; of a simulated user's, at most."""
        return self.user.max_turns if self.user else len(self.turns)

    @property
    def promoted(self) -> bool:
        """Whether the case came from a failed production trace."""
        return self.origin is not None
