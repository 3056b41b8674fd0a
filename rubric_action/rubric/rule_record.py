"""Rules as they are written, in the rubric, a case or a turn."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from rubric_action.rubric import rules
from rubric_action.rubric.decode import (
    Anything,
    Decoder,
    Definitions,
    Number,
    Only,
    Schema,
    Text,
    Whole,
    decode,
)
from rubric_action.rubric.problems import Found, Locate, Path
from rubric_action.rubric.record import ExactlyOne, Key, Record
from rubric_action.rubric.rules import Check, Rule
from rubric_action.rubric.shapes import ListOf, MapOf, Parsed, Refused

LONGEST_PATTERN: Final = 10_000
"""Characters of one regular expression."""


def _compiles(pattern: str) -> str:
    import regex  # late: only rubrics with patterns pay for it

    try:
        regex.compile(pattern)
    except (regex.error, RecursionError, OverflowError) as error:
        what = f"not a regular expression: {error}"
        raise Refused(what, "Correct it; in YAML, single quotes keep its backslashes.") from error
    return pattern


def _valid_schema(schema: dict[str, Any]) -> dict[str, Any]:
    import jsonschema  # late: only rubrics with such rules pay for it

    dialect = jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator)
    try:
        dialect.check_schema(schema)
    except jsonschema.SchemaError as error:
        where = error.json_path.removeprefix("$").removeprefix(".")
        what = f"not a JSON Schema: {f'`{where}`: ' if where else ''}{error.message}"
        raise Refused(what, "See json-schema.org for its words.") from error
    return schema


_PATTERN = Parsed(Text(longest=LONGEST_PATTERN), _compiles, "a regular expression")
_SCHEMA = Parsed(MapOf(Anything(), "a mapping"), _valid_schema, "a JSON Schema")
_TOOL_KEYS = (
    Key("name", Text("a tool's name"), "the tool", required=True),
    Key(
        "arguments",
        MapOf(Anything(), "a mapping of arguments"),
        "arguments that the call has, maybe beside others",
        default={},
    ),
)
_SIMILAR_KEYS = (
    Key("text", Text(), "what the answer should say", required=True),
    Key("min", Number(0, 1), "the least cosine", required=True, field="minimum"),
)


def _numbers_from_context(_: object) -> Check:
    return rules.NumbersFromContext()


_CHECKS: Final[Mapping[str, tuple[Decoder[Any], Callable[[Any], Check] | None, str]]] = {
    "contains": (Text(), rules.Contains, "the answer holds this text"),
    "not_contains": (Text(), rules.NotContains, "the answer does not hold this text"),
    "matches": (_PATTERN, rules.Matches, "the pattern is found in the answer"),
    "not_matches": (_PATTERN, rules.NotMatches, "the pattern is not found in the answer"),
    "equals": (
        Text(blank=True),
        rules.Equals,
        "the answer is this text, white space at both ends aside",
    ),
    "json_schema": (_SCHEMA, rules.JsonSchema, "the answer is JSON and valid under this schema"),
    "max_chars": (Whole(1), rules.MaxChars, "the answer has at most this many characters"),
    "cites": (Text("a source id"), rules.Cites, "the answer names this source"),
    "tool_called": (
        Record(rules.ToolCalled, _TOOL_KEYS, expected="a mapping `{name, arguments}`"),
        None,
        "the agent called this tool, with at least these arguments",
    ),
    "tool_not_called": (
        Record(rules.ToolNotCalled, _TOOL_KEYS, expected="a mapping `{name, arguments}`"),
        None,
        "the agent did not call this tool with these arguments",
    ),
    "numbers_from_context": (
        Only(value=True, mend="Write `true`, or leave the rule out."),
        _numbers_from_context,
        "every number in the answer stands in the context",
    ),
    "similar_to": (
        Record(rules.SimilarTo, _SIMILAR_KEYS, expected="a mapping `{text, min}`"),
        None,
        "cosine of the answer's and this text's embeddings, at least `min`",
    ),
}

KINDS: Final = tuple(_CHECKS)
"""The keys that name a check; a rule has exactly one of them."""


def _build(**fields: Any) -> Rule:
    """A rule from its keys; the empty id is filled in by the list that it stands in."""
    kind = next(kind for kind in KINDS if kind in fields)
    make = _CHECKS[kind][1]
    check = make(fields[kind]) if make else fields[kind]
    return Rule(fields.get("id", ""), check, fields.get("turn"), fields.get("axis"))


_ID = Key(
    "id",
    Text("an id", longest=100),
    "what results and messages call the rule",
    otherwise="`<kind>-<n>`, the n-th of its kind here",
)
_TURN = Key("turn", Whole(1), "the turn whose answer it looks at, from 1", otherwise="the last")
_AXIS = Key("axis", Text("the name of an axis"), "the axis that it settles, in place of the judge")
_CHECK_KEYS = tuple(Key(kind, each[0], each[2]) for kind, each in _CHECKS.items())
_ONE_KIND = (ExactlyOne(*KINDS, called="kind of check"),)
_EXPECTED = "a mapping with one kind of check"

RULE: Final = Record(
    _build, (_ID, _TURN, _AXIS, *_CHECK_KEYS), expected=_EXPECTED, constraints=_ONE_KIND
)
"""A rule of the rubric or of a case."""

TURN_RULE: Final = Record(
    _build, (_ID, _AXIS, *_CHECK_KEYS), expected=_EXPECTED, constraints=_ONE_KIND
)
"""A rule of a turn, which is the turn that it looks at."""


class Rules(Decoder[tuple[Rule, ...]]):
    """A list of rules with distinct ids; one without an id is named after its kind and rank."""

    expected = "a list of rules"

    def __init__(self, rule: Record[Rule] = RULE) -> None:
        self._list = ListOf(rule, self.expected)

    def read(self, value: Any, at: Path, found: Found) -> tuple[Rule, ...]:
        """The rules, each with an id."""
        before = len(found.problems)
        items = self._list.read(value, at, found)
        if len(found.problems) > before:
            return ()
        ids = _ids(value, items)
        for n, id_ in enumerate(ids):
            if ids.index(id_) < n:
                what = f"the id `{id_}` is taken by rule {ids.index(id_) + 1} of this list"
                found.refuse((*at, n), what, "Give each rule an `id` of its own.")
        return tuple(
            Rule(id_, rule.check, rule.turn, rule.axis)
            for id_, rule in zip(ids, items, strict=True)
        )

    def schema(self, definitions: Definitions) -> Schema:
        """An array of rules."""
        return self._list.schema(definitions)

    def parts(self) -> Iterator[tuple[str, Decoder[Any]]]:
        """The record of one rule."""
        yield from self._list.parts()


def _ids(written: Sequence[Mapping[str, Any]], items: Sequence[Rule]) -> list[str]:
    count: Counter[str] = Counter()
    ids = []
    for each, rule in zip(written, items, strict=True):
        kind = next(kind for kind in KINDS if kind in each)
        count[kind] += 1
        ids.append(rule.id or f"{kind}-{count[kind]}")
    return ids


RULES: Final = Rules()
"""`rules` of the rubric and `cases[].rules`."""

TURN_RULES: Final = Rules(TURN_RULE)
"""`turns[].rules` of a case."""


def decode_rules(value: object, locate: Locate, *, at: Path = ("rules",)) -> tuple[Rule, ...]:
    """Read the rules of a rubric or a case, or raise one `InputError` with all their mistakes."""
    return decode(RULES, value, locate, at=at)
