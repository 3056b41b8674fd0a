"""A checked line of a sessions file as bytes, and back: nothing is parsed or checked again.

The bytes stay in the process that made them.
"""

import marshal
from typing import Any

from rubric_action.agent.model import AgentTurn, ToolCall, Usage
from rubric_action.agent.sessions import SessionLine
from rubric_action.cases.packed import pack_context, unpack_context


def packed(line: SessionLine) -> bytes:
    """All that a line says."""
    return marshal.dumps((line.case, line.trial, [_turn(turn) for turn in line.turns], line.error))


def unpacked(record: bytes) -> SessionLine:
    """The line that `packed` made the record of."""
    case, trial, turns, error = marshal.loads(record)  # noqa: S302 (written by `packed`)
    return SessionLine(case, trial, tuple([_turn_of(*turn) for turn in turns]), error)


def _turn(turn: AgentTurn) -> tuple[Any, ...]:
    usage = turn.usage
    return (
        turn.output,
        turn.latency_s,
        pack_context(turn.context),
        [(call.name, call.arguments) for call in turn.tool_calls],
        None if usage is None else (usage.model, usage.input_tokens, usage.output_tokens),
        turn.cost_usd,
        turn.user,
    )


def _turn_of(
    output: str,
    latency_s: float | None,
    context: list[tuple[Any, ...]],
    calls: list[tuple[Any, ...]],
    usage: tuple[Any, ...] | None,
    cost_usd: float | None,
    user: str | None,
) -> AgentTurn:
    return AgentTurn(
        output,
        latency_s,
        unpack_context(context),
        tuple([ToolCall(*call) for call in calls]),
        None if usage is None else Usage(*usage),
        cost_usd,
        user,
    )
