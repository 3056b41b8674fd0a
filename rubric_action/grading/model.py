"""Grades. "Could not grade" is a type of its own, never a number."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rubric_action.agent.model import Missing, Session

Cause = Literal["transport", "reply", "refusal", "cut", "inapplicable", "rule", "budget", "judge"]


@dataclass(frozen=True, slots=True)
class Scored:
    """A score from 0 to 1 and the reason for it."""

    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Ungraded:
    """No grade, and why."""

    cause: Cause
    detail: str


Grade = Scored | Ungraded


@dataclass(frozen=True, slots=True)
class Line:
    """What a simulated user says next; `done`, without words, once it has no more to say."""

    message: str
    done: bool = False


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What one rule found. `error` says that the rule itself could not be run."""

    id: str
    passed: bool
    detail: str
    axis: str | None = None
    error: bool = False


@dataclass(frozen=True, slots=True)
class Graded:
    """One trial of one case: its session, what the rules found, and a grade an axis."""

    session: Session
    rules: tuple[RuleOutcome, ...]
    grades: Mapping[str, Grade]


@dataclass(frozen=True, slots=True)
class NotGraded:
    """A session that was never graded, since the run was stopped, and why."""

    session: Session
    cause: str


TrialOutcome = Graded | NotGraded | Missing


@dataclass(slots=True)
class Spend:
    """What a run cost so far. `judge_cost_usd` is None while a price is unknown."""

    judge_calls: int = 0
    judge_cached: int = 0
    judge_cost_usd: float | None = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    agent_sessions: int = 0
