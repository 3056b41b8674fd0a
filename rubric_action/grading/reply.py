"""The judge's reply: the JSON Schema that is asked for, and its strict reading."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rubric_action.grading.fence import one_line
from rubric_action.grading.model import Scored
from rubric_action.rubric.model import Axis

MAX_REASON_CHARS = 600
_GRADE = {
    "type": "object",
    "properties": {
        # The reason comes first, so that the score follows from it and not the other way round.
        "reason": {"type": "string"},
        "score": {"type": "number", "minimum": 0, "maximum": 1},
    },
    "required": ["reason", "score"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class BadReply:
    """A reply that came whole and is of no use; `problem` holds no word of the reply."""

    problem: str


class _Bad(Exception):
    """Carries the problem of a reply from the depth where it is found."""


Scores = Mapping[str, Scored]
Cleaner = Callable[[str], str]


def reply_schema(axes: Sequence[Axis], turns: int) -> dict[str, Any]:
    """`{axis: {reason, score}}`; an axis graded per turn holds `turn_1` to `turn_<turns>`."""
    return closed_object({axis.name: _axis_schema(axis, turns) for axis in axes})


def read_object(text: str, names: Sequence[str]) -> Mapping[str, Any] | BadReply:
    """Read a reply that is one JSON object of exactly these keys."""
    try:
        return _keys(_load(text), names, "the reply")
    except _Bad as bad:
        return BadReply(str(bad))


def parse_reply(
    text: str, axes: Sequence[Axis], turns: int, clean: Cleaner = str
) -> Scores | BadReply:
    """Read a reply: every axis, no other, scores from 0 to 1; reasons are cleaned and cut.

    `clean` takes secrets out of reasons. Of an axis graded per turn the lowest score counts.
    """
    try:
        found = _keys(_load(text), [axis.name for axis in axes], "the reply")
        return {axis.name: _axis_grade(axis, found[axis.name], turns, clean) for axis in axes}
    except _Bad as bad:
        return BadReply(str(bad))


def closed_object(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of an object of exactly these keys, as strict structured replies want it."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _axis_schema(axis: Axis, turns: int) -> dict[str, Any]:
    if axis.per == "turn":
        return closed_object(dict.fromkeys(_turn_names(turns), _GRADE))
    return _GRADE


def _turn_names(turns: int) -> list[str]:
    return [f"turn_{number}" for number in range(1, turns + 1)]


def _load(text: str) -> object:
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        raise _Bad("the reply is not one JSON object") from None


def _refuse(constant: str) -> object:
    raise ValueError(constant)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


_DECODER = json.JSONDecoder(parse_constant=_refuse, object_pairs_hook=_unique)


def _keys(found: object, expected: Sequence[str], where: str) -> Mapping[str, Any]:
    """The object, when it has exactly the expected keys."""
    if not isinstance(found, dict):
        raise _Bad(f"{where} is not an object")
    for name in expected:
        if name not in found:
            raise _Bad(f"`{name}` is missing in {where}")
    if len(found) != len(expected):
        raise _Bad(f"{where} has a key that was not asked for")
    return found


def _axis_grade(axis: Axis, found: object, turns: int, clean: Cleaner) -> Scored:
    if axis.per == "conversation":
        return _grade(found, f"`{axis.name}`", clean)
    names = _turn_names(turns)
    by_turn = _keys(found, names, f"`{axis.name}`")
    grades = [_grade(by_turn[name], f"`{axis.name}`, {name}", clean) for name in names]
    lowest = min(range(turns), key=lambda index: grades[index].score)
    return Scored(grades[lowest].score, f"turn {lowest + 1}: {grades[lowest].reason}")


def _grade(found: object, where: str, clean: Cleaner) -> Scored:
    fields = _keys(found, ("reason", "score"), where)
    score, reason = fields["score"], fields["reason"]
    if isinstance(score, bool) or not isinstance(score, (int, float)):
        raise _Bad(f"the score of {where} is not a number")
    if not 0 <= score <= 1:
        raise _Bad(f"the score of {where} is not between 0 and 1")
    if not isinstance(reason, str):
        raise _Bad(f"the reason of {where} is not a text")
    return Scored(float(score), one_line(clean(reason), MAX_REASON_CHARS))
