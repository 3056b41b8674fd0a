"""A session: the agent's run of one case, or the reason why there is none."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, runtime_checkable

from rubric_action.cases.model import Case, ContextItem, UserTurn


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the agent called, with its arguments."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one turn, for a price where the cost is not given."""

    model: str
    input_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class AgentTurn:
    """One answer. Latency is in seconds, cost in USD; None is unknown, never 0.

    `user` is what a simulated user said in this turn; None where the case's script says it.
    """

    output: str
    latency_s: float | None = None
    context: tuple[ContextItem, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    usage: Usage | None = None
    cost_usd: float | None = None
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """The agent's answers to all turns of one case, in one trial (from 1)."""

    case: str
    trial: int
    turns: tuple[AgentTurn, ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the user said in one turn, and the answer to it; None while it is awaited."""

    user: str
    answer: AgentTurn | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """There is no session of this case and trial, and why."""

    case: str
    trial: int
    cause: str


class Agent(Protocol):
    """Anything that can answer a case."""

    async def answer(self, case: Case, trial: int) -> Session | Missing:
        """Run one trial of one case; trouble with the case is `Missing`, never an exception."""
        ...

    def trials_of(self, case_id: str) -> tuple[int, ...]:
        """The trials to ask for: at least 1 to `agent.trials`, ascending."""
        ...


@runtime_checkable
class Conversing(Protocol):
    """An agent that can be asked for one turn at a time."""

    async def reply(
        self, case: Case, trial: int, so_far: Sequence[Exchange]
    ) -> AgentTurn | Missing:
        """Answer the last exchange of the conversation, the only one without an answer."""
        ...


AgentContext = AbstractAsyncContextManager[Agent]


def held(case: Case, session: Session) -> Case:
    """The case with the words of its session in place of a simulated user's first ones."""
    if case.user is None:
        return case
    return replace(case, turns=tuple(UserTurn(turn.user or "") for turn in session.turns))
