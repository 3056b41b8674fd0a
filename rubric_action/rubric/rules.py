"""Deterministic checks as values; `grading/rules.py` runs them.

A rule stands in the rubric (for all cases), in a case, or in one turn of a case.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Contains:
    """The answer holds this text."""

    text: str


@dataclass(frozen=True, slots=True)
class NotContains:
    """The answer does not hold this text."""

    text: str


@dataclass(frozen=True, slots=True)
class Matches:
    """The pattern is found in the answer."""

    pattern: str


@dataclass(frozen=True, slots=True)
class NotMatches:
    """The pattern is not found in the answer."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Equals:
    """The answer is this text, white space at both ends aside."""

    text: str


@dataclass(frozen=True, slots=True)
class JsonSchema:
    """The answer is JSON and valid under this schema."""

    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MaxChars:
    """The answer has at most this many characters."""

    limit: int


@dataclass(frozen=True, slots=True)
class Cites:
    """The answer names this source id."""

    source: str


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """The agent called this tool, with at least these arguments."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolNotCalled:
    """The agent did not call this tool with these arguments."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NumbersFromContext:
    """Every number in the answer stands in the context."""


@dataclass(frozen=True, slots=True)
class SimilarTo:
    """Cosine of the answer's and this text's embeddings is at least `minimum`."""

    text: str
    minimum: float


Check = (
    Contains
    | NotContains
    | Matches
    | NotMatches
    | Equals
    | JsonSchema
    | MaxChars
    | Cites
    | ToolCalled
    | ToolNotCalled
    | NumbersFromContext
    | SimilarTo
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One check, the turn that it looks at (from 1; None is the last) and the axis it settles."""

    id: str
    check: Check
    turn: int | None = None
    axis: str | None = None
