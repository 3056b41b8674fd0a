"""What each kind of rule looks at and finds, one small function a kind."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from rubric_action.agent.model import ToolCall
from rubric_action.grading.fence import is_blank
from rubric_action.grading.model import Ungraded
from rubric_action.grading.numbers import number_set, numbers
from rubric_action.grading.patterns import CannotRun, found, quoted
from rubric_action.grading.schemas import schema_problem
from rubric_action.grading.similarity import NoVector, Vector, cosine, shown
from rubric_action.rubric import rules as kinds

Vectors = Mapping[str, Vector | Ungraded]
"""The embedding of each text that a rule compares, or why there is none."""
NO_VECTORS: Final[Vectors] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a rule may look at: one answer, its tool calls, and the texts it may lean on.

    `known` holds the context of the turn and what the user said up to it.
    """

    answer: str
    tool_calls: tuple[ToolCall, ...]
    known: tuple[str, ...]
    vectors: Vectors


class Finding(NamedTuple):
    """Whether a check holds, and one sentence that says what was found."""

    passed: bool
    detail: str


def _contains(check: kinds.Contains, evidence: Evidence) -> Finding:
    at = evidence.answer.find(check.text)
    return Finding(at >= 0, _whereabouts(check.text, at))


def _not_contains(check: kinds.NotContains, evidence: Evidence) -> Finding:
    at = evidence.answer.find(check.text)
    return Finding(at < 0, _whereabouts(check.text, at))


def _matches(check: kinds.Matches, evidence: Evidence) -> Finding:
    match = found(check.pattern, evidence.answer)
    return Finding(match is not None, _matched(check.pattern, match))


def _not_matches(check: kinds.NotMatches, evidence: Evidence) -> Finding:
    match = found(check.pattern, evidence.answer)
    return Finding(match is None, _matched(check.pattern, match))


def _equals(check: kinds.Equals, evidence: Evidence) -> Finding:
    if evidence.answer.strip() == check.text.strip():
        return Finding(True, f"the answer is {quoted(check.text)}")
    answer, expected = quoted(evidence.answer.strip(), 40), quoted(check.text.strip(), 40)
    return Finding(False, f"the answer is {answer} instead of {expected}")


def _json_schema(check: kinds.JsonSchema, evidence: Evidence) -> Finding:
    problem = schema_problem(check.schema, evidence.answer)
    return Finding(problem is None, problem or "the answer is valid under the schema")


def _max_chars(check: kinds.MaxChars, evidence: Evidence) -> Finding:
    length = len(evidence.answer)
    return Finding(
        length <= check.limit,
        f"the answer has {length} characters, at most {check.limit} are allowed",
    )


def _cites(check: kinds.Cites, evidence: Evidence) -> Finding:
    """The id stands by itself: ``kb-1`` is not cited by ``kb-12`` or ``old-kb-1``."""
    alone = re.compile(rf"(?<![\w-]){re.escape(check.source)}(?![\w-])")
    match = alone.search(evidence.answer)
    return Finding(match is not None, _whereabouts(check.source, match.start() if match else -1))


def _numbers_from_context(_: kinds.NumbersFromContext, evidence: Evidence) -> Finding:
    known = number_set(evidence.known)
    unknown = [written for written, normal in numbers(evidence.answer) if normal not in known]
    if not unknown:
        return Finding(True, "every number stands in the context or in the question")
    others = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
    stands = "stand" if others else "stands"
    return Finding(
        False, f"{quoted(unknown[0], 40)}{others} {stands} neither in the context nor the question"
    )


def _tool_called(check: kinds.ToolCalled, evidence: Evidence) -> Finding:
    if any(_is_call(check, call) for call in evidence.tool_calls):
        return Finding(True, f"`{check.name}` was called{_with(check.arguments)}")
    same = [call for call in evidence.tool_calls if call.name == check.name]
    if same:
        told = min((_differences(call.arguments, check.arguments) for call in same), key=len)
        more = f", and {len(told) - 1} more differ" if len(told) > 1 else ""
        return Finding(False, f"`{check.name}` was called, but {told[0]}{more}")
    names = ", ".join(sorted({call.name for call in evidence.tool_calls})) or "no tool"
    return Finding(False, f"`{check.name}` was not called; called: {quoted(names)}")


def _tool_not_called(check: kinds.ToolNotCalled, evidence: Evidence) -> Finding:
    if any(_is_call(check, call) for call in evidence.tool_calls):
        return Finding(False, f"`{check.name}` was called{_with(check.arguments)}")
    return Finding(True, f"`{check.name}` was not called{_with(check.arguments)}")


def _similar_to(check: kinds.SimilarTo, evidence: Evidence) -> Finding:
    if is_blank(evidence.answer):
        return Finding(False, f"the answer is empty, and so not similar to {quoted(check.text)}")
    answer, text = (_vector(one, evidence.vectors) for one in (evidence.answer, check.text))
    try:
        similarity = cosine(answer, text)
    except NoVector as error:
        raise CannotRun(f"the embedding of the answer {error}") from error
    told = f"{shown(similarity, check.minimum)} similar to {quoted(check.text)}"
    detail = f"the answer is {told}, at least {check.minimum:g} is needed"
    return Finding(similarity >= check.minimum, detail)


def _vector(text: str, vectors: Vectors) -> Vector:
    found = vectors.get(text, Ungraded("inapplicable", "nobody was asked for one"))
    if isinstance(found, Ungraded):
        raise CannotRun(f"there is no embedding of {quoted(text, 40)}: {found.detail}")
    return found


def _is_call(check: kinds.ToolCalled | kinds.ToolNotCalled, call: ToolCall) -> bool:
    return call.name == check.name and holds(call.arguments, check.arguments)


def _differences(actual: Mapping[str, Any], expected: Mapping[str, Any]) -> list[str]:
    """Name each argument that is not as expected, with both values."""
    return [
        f"with {name} {quoted(str(actual.get(name, 'left out')))}, not {quoted(str(value))}"
        for name, value in expected.items()
        if name not in actual or not holds(actual[name], value)
    ]


def holds(actual: object, expected: object) -> bool:
    """Whether `expected` is a part of `actual`: objects at any depth may have further keys.

    Lists are compared item by item and have the same length; ``true`` is not ``1``, ``1`` is 1.0.
    """
    if isinstance(expected, Mapping):
        return isinstance(actual, Mapping) and all(
            name in actual and holds(actual[name], value) for name, value in expected.items()
        )
    if isinstance(expected, (list, tuple)):
        if not isinstance(actual, (list, tuple)) or len(actual) != len(expected):
            return False
        return all(holds(*pair) for pair in zip(actual, expected, strict=True))
    return isinstance(actual, bool) == isinstance(expected, bool) and actual == expected


def _with(arguments: Mapping[str, Any]) -> str:
    return f" with {quoted(str(dict(arguments)))}" if arguments else ""


def _whereabouts(text: str, at: int) -> str:
    where = f"found at character {at + 1}" if at >= 0 else "not found in the answer"
    return f"{quoted(text)} is {where}"


def _matched(pattern: str, match: tuple[int, str] | None) -> str:
    if match is None:
        return f"nothing in the answer matches {quoted(pattern)}"
    return f"found {quoted(match[1])} at character {match[0] + 1}"


CHECKS: Mapping[type, Callable[[Any, Evidence], Finding]] = {
    kinds.Contains: _contains,
    kinds.NotContains: _not_contains,
    kinds.Matches: _matches,
    kinds.NotMatches: _not_matches,
    kinds.Equals: _equals,
    kinds.JsonSchema: _json_schema,
    kinds.MaxChars: _max_chars,
    kinds.Cites: _cites,
    kinds.NumbersFromContext: _numbers_from_context,
    kinds.ToolCalled: _tool_called,
    kinds.ToolNotCalled: _tool_not_called,
    kinds.SimilarTo: _similar_to,
}
"""The function for each kind of check."""
