from typing import Any

import pytest

from rubric_action.errors import InputError, Place
from rubric_action.rubric import rules
from rubric_action.rubric.decode import decode
from rubric_action.rubric.problems import Path
from rubric_action.rubric.rule_record import KINDS, TURN_RULES, decode_rules
from rubric_action.rubric.rules import Check, Rule


def here(path: Path) -> Place:
    """One place for everything."""
    return Place("cases.jsonl", 1)


CHECKS: list[tuple[str, Any, Check]] = [
    ("contains", "x", rules.Contains("x")),
    ("not_contains", "x", rules.NotContains("x")),
    ("matches", "x+", rules.Matches("x+")),
    ("not_matches", r"(?i)\bx", rules.NotMatches(r"(?i)\bx")),
    ("equals", "", rules.Equals("")),
    ("json_schema", {"type": "object"}, rules.JsonSchema({"type": "object"})),
    ("max_chars", 5, rules.MaxChars(5)),
    ("cites", "kb-1", rules.Cites("kb-1")),
    ("tool_called", {"name": "t"}, rules.ToolCalled("t", {})),
    ("tool_not_called", {"name": "t", "arguments": {"a": 1}}, rules.ToolNotCalled("t", {"a": 1})),
    ("numbers_from_context", True, rules.NumbersFromContext()),
    ("similar_to", {"text": "x", "min": 0.8}, rules.SimilarTo("x", 0.8)),
]


@pytest.mark.parametrize(("kind", "value", "check"), CHECKS)
def test_every_kind_of_check(kind: str, value: Any, check: Check) -> None:
    """Each kind is read into its own type."""
    assert decode_rules([{kind: value}], here) == (Rule(f"{kind}-1", check),)


def test_the_table_above_holds_every_kind() -> None:
    """No kind is left untested."""
    assert tuple(kind for kind, _, _ in CHECKS) == KINDS


def test_ids() -> None:
    """A rule without an id is named after its kind and its rank among those of its kind."""
    read = decode_rules(
        [
            {"contains": "a"},
            {"matches": "b"},
            {"contains": "c", "turn": 2},
            {"id": "x", "cites": "d"},
        ],
        here,
    )
    assert [rule.id for rule in read] == ["contains-1", "matches-1", "contains-2", "x"]
    assert read[2].turn == 2


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"matches": "["}, "`rules[0].matches`: not a regular expression"),
        ({"matches": "(" * 9000}, "not a regular expression"),
        ({"matches": "a" * 10_001}, "at most 10000 characters"),
        ({"json_schema": {"type": "text"}}, "`rules[0].json_schema`: not a JSON Schema: `type`"),
        ({"json_schema": True}, "expected a mapping"),
        ({"max_chars": 0}, "a whole number from 1"),
        ({"numbers_from_context": False}, "Write `true`, or leave the rule out"),
        ({"tool_called": "t"}, "expected a mapping `{name, arguments}`, found the text `t`"),
        ({"tool_called": {"name": "t", "args": {}}}, "Known keys here: `name`, `arguments`"),
        ({"similar_to": {"text": "x"}}, "`min` is missing"),
        ({"contains": ""}, "found a blank text"),
        ({"contain": "x"}, "Did you mean `contains`?"),
        ({"id": "x"}, "expected exactly one kind of check, found none"),
        ({"contains": "x", "matches": "y"}, "found `contains` as well"),
        ({"contains": "x", "turn": 0}, "a whole number from 1"),
        ("contains", "a mapping with one kind of check"),
    ],
)
def test_bad_rules(rule: Any, words: str) -> None:
    """A rule that could not be run is refused when it is read."""
    with pytest.raises(InputError) as caught:
        decode_rules([rule], here)
    [problem] = caught.value.problems
    assert words in str(problem)


def test_two_rules_of_one_id() -> None:
    """Ids are unique in their list, the given and the default ones together."""
    with pytest.raises(InputError, match=r"`rules\[1\]`: the id `contains-1` is taken by rule 1"):
        decode_rules([{"contains": "a"}, {"id": "contains-1", "cites": "b"}], here)


def test_a_turn_s_rule_is_aimed_already() -> None:
    """A rule within a turn cannot name another one."""
    with pytest.raises(InputError, match="unknown key"):
        decode(TURN_RULES, [{"contains": "a", "turn": 1}], here)
