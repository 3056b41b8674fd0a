"""From a response to a turn or a session, or to the cause why there is none."""

import codecs
import math
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from rubric_action.agent.backoff import retry_after_s
from rubric_action.agent.http_model import Fault, Reply, Unanswered
from rubric_action.agent.model import AgentTurn, ToolCall, Usage
from rubric_action.agent.sessions import SessionLine, read_session
from rubric_action.agent.template import as_text
from rubric_action.cases.jsonl import parse_object
from rubric_action.cases.model import Case, ContextItem
from rubric_action.errors import InputError, Place
from rubric_action.rubric.decode import LARGEST
from rubric_action.rubric.problems import quoted

Json = Mapping[str, Any]
Steps = tuple[str | int, ...]

RETRIED: Final = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)
"""Statuses below 500 that speak of the moment and not of the request."""
THROTTLED: Final = frozenset({429, 503, 529})
"""Statuses of an agent that has too much to do; the last one is nobody's standard."""

MOST_QUOTED: Final = 160
LONGEST_CAUSE: Final = 600

_STEP: Final = r"(?:[^.\[\]\s]+|\[\d{1,6}\])"
_PATH: Final = re.compile(rf"{_STEP}(?:\.[^.\[\]\s]+|\[\d{{1,6}}\])*")
_STEPS: Final = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
_PLACE: Final = Place("the reply")
_NOWHERE: Final = object()


def steps_of(path: str) -> Steps | None:
    """`data.answers[0].text` as `("data", "answers", 0, "text")`; None for what is no path."""
    if not _PATH.fullmatch(path):
        return None
    return tuple(int(index) if index else name for index, name in _STEPS.findall(path))


def fault_of(reply: Reply) -> Fault | None:
    """What a response says of the moment, and not of what it was asked; None for any other."""
    if reply.status not in RETRIED and reply.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return None
    asked_s = retry_after_s(reply.headers, reply.received_at)
    return Fault(_told(reply), retry_after_s=asked_s, throttled=reply.status in THROTTLED)


def check_status(reply: Reply) -> None:
    """Raise Unanswered unless the status says that the body is an answer."""
    if HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
        return
    if HTTPStatus.MULTIPLE_CHOICES <= reply.status < HTTPStatus.BAD_REQUEST:
        where = "redirects are not followed, so give the final address as `agent.http.url`"
        raise Unanswered(f"the agent answered {reply.status}: {where}")
    raise Unanswered(_told(reply))


def object_in(body: bytes) -> Json:
    """The JSON object that a body holds."""
    try:
        return parse_object(body.removeprefix(codecs.BOM_UTF8), _PLACE)
    except InputError as error:
        what = error.problems[0].what.replace("the line", "the reply")
        raise Unanswered(f"{what}; it begins {first_words(body)}") from None


def value_in(body: bytes) -> Any:
    """The JSON object or list that a body holds."""
    if not body.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"["):
        return object_in(body)
    wrapped = object_in(b'{"":' + body.removeprefix(codecs.BOM_UTF8) + b"}")
    if wrapped.keys() != {""}:
        raise Unanswered(f"the reply is not JSON; it begins {first_words(body)}")
    return wrapped[""]


def turn_in(body: bytes, path: str, steps: Steps) -> AgentTurn:
    """One answer by its path, with what the reply tells beside it at its top.

    `context`, `usage` and `cost_usd` count where they have a session's form, and are unknown
    otherwise; `tool_calls` of another form are refused, since a rule may forbid a tool.
    """
    reply = value_in(body)
    found = _at(reply, steps)
    if found is _NOWHERE or found is None:
        what = "null" if found is None else "nothing"
        raise Unanswered(f"the reply has {what} at `{path}`; it begins {first_words(body)}")
    beside = reply if isinstance(reply, dict) else {}
    return AgentTurn(
        as_text(found),
        context=_context(beside.get("context")),
        tool_calls=tool_calls(beside.get("tool_calls")),
        usage=usage_in(beside),
        cost_usd=_cost(beside.get("cost_usd")),
    )


def session_in(body: bytes, case: Case, trial: int) -> SessionLine:
    """The session that the whole reply is; `case` and `trial` may be left out of it."""
    reply = {"case": case.id, "trial": trial, **object_in(body)}
    try:
        line = read_session(reply, _PLACE)
    except InputError as error:
        told = "; ".join(str(problem) for problem in error.problems[:3])
        hint = "Where the reply is no session, `agent.http.output` names the answer in it."
        raise Unanswered(f"{told[:LONGEST_CAUSE]} {hint}") from None
    if (line.case, line.trial) != (case.id, trial):
        what = f"the reply is for case `{quoted(line.case)}`, trial {line.trial}"
        raise Unanswered(f"{what}; trial {trial} of `{quoted(case.id)}` was asked")
    return line


def tool_calls(value: Any) -> tuple[ToolCall, ...]:
    """Calls as `{name, arguments}`, or as OpenAI's `{function: {name, arguments}}`."""
    if value is None:
        return ()
    calls = [_tool_call(item) for item in value] if isinstance(value, list) else [None]
    found = tuple(call for call in calls if call is not None)
    if len(found) != len(calls):
        raise Unanswered("the reply's `tool_calls` are not a list of {name, arguments}")
    return found


def usage_in(reply: Json) -> Usage | None:
    """Tokens by either of their usual names, and the model beside them; None unless all are told.

    Raises nothing: what is told in another way is unknown.
    """
    usage = reply.get("usage")
    if not isinstance(usage, dict):
        return None
    model = usage.get("model", reply.get("model"))
    told = _count(usage.get("input_tokens", usage.get("prompt_tokens")))
    said = _count(usage.get("output_tokens", usage.get("completion_tokens")))
    if not isinstance(model, str) or not model.strip() or told is None or said is None:
        return None
    return Usage(model, told, said)


def first_words(body: bytes) -> str:
    """How a body begins: one short line in backticks, with nothing in it that acts on a reader."""
    words = " ".join(body[: 4 * MOST_QUOTED].decode("utf-8", "replace").split())
    cut = words[:MOST_QUOTED] + ("..." if len(words) > MOST_QUOTED else "")
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)
    return f"`{shown.replace('`', chr(39))}`" if shown else "with nothing"


def _told(reply: Reply) -> str:
    words = f": {first_words(reply.body)}" if reply.body.strip() else ""
    return f"the agent answered {reply.status}{words}"


def _at(value: Any, steps: Steps) -> Any:
    for step in steps:
        if isinstance(step, int):
            known = isinstance(value, list) and step < len(value)
        else:
            known = isinstance(value, dict) and step in value
        if not known:
            return _NOWHERE
        value = value[step]
    return value


def _context(value: Any) -> tuple[ContextItem, ...]:
    if value is None:
        return ()
    try:
        line = read_session({"case": "c", "output": "", "context": value}, _PLACE)
    except InputError:  # the field is the API's own, of another meaning
        return ()
    return line.turns[0].context


def _cost(value: Any) -> float | None:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if known and math.isfinite(value) and value >= 0 else None


def _count(value: Any) -> int | None:
    known = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST
    return value if known else None


def _tool_call(item: Any) -> ToolCall | None:
    call = item.get("function", item) if isinstance(item, dict) else None
    if not isinstance(call, dict) or not isinstance(name := call.get("name"), str) or not name:
        return None
    return ToolCall(name, _arguments(call.get("arguments")))


def _arguments(value: Any) -> Json:
    """What a model wrote as arguments need not be JSON; then it is kept as it stands."""
    if isinstance(value, dict):
        return value
    if value is None or value == "":
        return {}
    if isinstance(value, str):
        try:
            return parse_object(value.encode(), _PLACE)
        except InputError:
            return {"": value}
    return {"": value}
