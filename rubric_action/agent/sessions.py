"""A session as it is written in a line, by an agent or an earlier step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from rubric_action.agent.model import AgentTurn, Missing, Session, ToolCall, Usage
from rubric_action.cases.model import Case
from rubric_action.cases.record import CONTEXT, ID, OBJECT, SAID
from rubric_action.errors import InputError, Place
from rubric_action.rubric.decode import Decoder, Number, Text, Whole
from rubric_action.rubric.problems import Found, Path
from rubric_action.rubric.record import Key, Record
from rubric_action.rubric.shapes import ListOf

SCHEMA: Final = "rubric-sessions"
LONGEST_ERROR: Final = 500


@dataclass(frozen=True, slots=True)
class SessionLine:
    """What one line says: the answers to a case, or the agent's own error."""

    case: str
    trial: int
    turns: tuple[AgentTurn, ...]
    error: str | None = None


class _OrNull(Decoder[Any]):
    """A value that may be null, which says as much as leaving it out."""

    def __init__(self, inner: Decoder[Any]) -> None:
        self.inner, self.expected = inner, f"{inner.expected} or null"

    def read(self, value: Any, at: Path, found: Found) -> Any:
        """The inner value, or None."""
        return None if value is None else self.inner.read(value, at, found)

    def schema(self, definitions: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """The inner schema, or null."""
        return {"anyOf": [self.inner.schema(definitions), {"type": "null"}]}


_TOOL_CALL: Final = Record(
    ToolCall,
    (
        Key("name", Text("a tool's name"), "the tool", required=True),
        Key("arguments", OBJECT, "what it was given"),
    ),
)
_USAGE: Final = Record(
    Usage,
    (
        Key("model", Text("a model's name"), "the model", required=True),
        Key("input_tokens", Whole(0), "tokens in", required=True),
        Key("output_tokens", Whole(0), "tokens out", required=True),
    ),
)
_TURN_KEYS: Final = (
    Key("latency_s", _OrNull(Number(0, unit=" of seconds")), "how long the answer took"),
    Key("context", CONTEXT, "what the agent leaned on"),
    Key("tool_calls", ListOf(_TOOL_CALL, "a list of {name, arguments}"), "tools called, in order"),
    Key("usage", _OrNull(_USAGE), "tokens spent"),
    Key("cost_usd", _OrNull(Number(0, unit=" of USD")), "what the answer cost"),
    Key("user", _OrNull(SAID), "what a simulated user said in this turn"),
)
_TURN: Final = Record(
    AgentTurn, (Key("output", SAID, "the answer", required=True), *_TURN_KEYS), expected="a turn"
)


class _Answered:
    """A line holds `turns`, or the fields of one turn, or an `error`."""

    def check(self, value: dict[str, Any], at: Path, found: Found) -> None:
        """Note that there is no answer, or that it is in two places."""
        if "turns" in value:
            for name in _TURN_FIELDS & value.keys():
                mend = "Put it into the turn that it belongs to."
                found.refuse_key((*at, name), "stands beside `turns`", mend)
        elif "output" not in value and value.get("error") is None:
            mend = "Write `output`, `turns` (one a user turn), or `error`."
            found.refuse(at, "the session holds no answer", mend)

    def schema(self) -> dict[str, Any]:
        """One of the three."""
        return {"anyOf": [{"required": [name]} for name in ("output", "turns", "error")]}


def _build(
    *,
    case: str,
    trial: int = 1,
    error: str | None = None,
    turns: tuple[AgentTurn, ...] | None = None,
    metadata: Mapping[str, Any] | None = None,  # noqa: ARG001 - free for the agent's own use
    **turn: Any,
) -> SessionLine:
    if turns is None:
        turns = (AgentTurn(**turn),) if "output" in turn else ()
    return SessionLine(case, trial, turns, error)


_TURN_FIELDS: Final = frozenset(field.name for field in fields(AgentTurn))
_LINE: Final[Record[SessionLine]] = Record(
    _build,
    (
        Key("case", ID, "the case's id", required=True),
        Key("trial", Whole(1), "which of its trials", default=1),
        Key("output", SAID, "the answer, in a case of one turn"),
        *_TURN_KEYS,
        Key("turns", ListOf(_TURN, "a list of turns"), "the answers, one a user turn"),
        Key("error", _OrNull(Text("what went wrong")), "why there is no answer"),
        Key("metadata", OBJECT, "free"),
    ),
    expected="a session (an object)",
    constraints=(_Answered(),),
)


def read_session(value: Mapping[str, Any], place: Place) -> SessionLine:
    """Read one session line; one InputError holds all its mistakes."""
    found = Found(lambda _: place)
    line: SessionLine = _LINE.read(value, (), found)
    if found.problems:
        raise InputError(*found.problems)
    return line


def settle(line: SessionLine, case: Case) -> Session | Missing:
    """Make the line the case's session, or say why it is none."""
    if line.error is not None:
        return _reported(line)
    if case.user is None:
        cause, turns = _misfit(line.turns, case), _without_user(line.turns)
    else:
        cause, turns = _unheld(line.turns, case), line.turns
    if cause is not None:
        return Missing(case.id, line.trial, cause)
    return Session(case.id, line.trial, turns)


def one_turn(line: SessionLine) -> AgentTurn | Missing:
    """The one answer of a line that was asked for the next turn, or say why it is none."""
    if line.error is not None:
        return _reported(line)
    if len(line.turns) != 1:
        cause = f"the agent answered with {_turns(len(line.turns))} where one was asked for"
        return Missing(line.case, line.trial, cause)
    return line.turns[0]


def _reported(line: SessionLine) -> Missing:
    cause = f"the agent reported an error: {(line.error or '')[:LONGEST_ERROR]}"
    return Missing(line.case, line.trial, cause)


def _misfit(turns: Sequence[AgentTurn], case: Case) -> str | None:
    """Why the turns don't answer the case's script; what they say of the user has to be that."""
    if len(turns) != len(case.turns):
        return f"the session has {_turns(len(turns))}, the case {_turns(len(case.turns))}"
    for number, (asked, turn) in enumerate(zip(case.turns, turns, strict=True), start=1):
        if turn.user not in (None, asked.user):
            return f"turn {number} of the session has a `user` who says what the case does not"
    return None


def _without_user(turns: tuple[AgentTurn, ...]) -> tuple[AgentTurn, ...]:
    return tuple(turn if turn.user is None else replace(turn, user=None) for turn in turns)


def _unheld(turns: Sequence[AgentTurn], case: Case) -> str | None:
    """Why the turns are no conversation with the case's simulated user."""
    if not 1 <= len(turns) <= case.most_turns:
        return f"the session has {_turns(len(turns))}, its user takes 1 to {case.most_turns}"
    for number, turn in enumerate(turns, start=1):
        if turn.user is None:
            return f"turn {number} of the session lacks `user`: what the simulated user said"
    if case.turns and turns[0].user != case.turns[0].user:
        return "the session begins with other words than the case's `input`"
    return None


def _turns(count: int) -> str:
    return "1 turn" if count == 1 else f"{count} turns"
