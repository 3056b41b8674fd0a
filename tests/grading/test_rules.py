from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from rubric_action.agent.model import AgentTurn, Session, ToolCall
from rubric_action.cases.model import Case, ContextItem, UserTurn
from rubric_action.grading.checks import CHECKS, holds
from rubric_action.grading.model import RuleOutcome, Scored, Ungraded
from rubric_action.grading.patterns import MOST_TIMEOUTS
from rubric_action.grading.rules import compared_texts, rules_for, run_rules, settled_axes
from rubric_action.grading.similarity import Vector, vector
from rubric_action.rubric.rules import (
    Check,
    Cites,
    Contains,
    Equals,
    JsonSchema,
    Matches,
    MaxChars,
    NotContains,
    NotMatches,
    NumbersFromContext,
    Rule,
    SimilarTo,
    ToolCalled,
    ToolNotCalled,
)
from tests.grading.samples import a_case, a_session, retrieved

REFUND = ToolCall("refund", {"order": "A1", "items": [{"sku": "x", "n": 1}], "notify": True})


def outcome_of(check: Check, answer: str | AgentTurn, case: Case | None = None) -> RuleOutcome:
    """What one rule finds in one answer."""
    (outcome,) = run_rules([Rule("r", check)], case or a_case(), a_session(answer))
    return outcome


@pytest.mark.parametrize(
    ("check", "holding", "breaking", "detail"),
    [
        (Contains("30 days"), "within 30 days", "within a month", '"30 days" is not found'),
        (NotContains("lawyer"), "sure", "ask a lawyer", '"lawyer" is found at character 7'),
        (Matches(r"\d+ days"), "30 days", "some days", "nothing in the answer matches"),
        (NotMatches("(?i)sk-[a-z]+"), "no", "it is SK-abc", 'found "SK-abc" at character 7'),
        (Equals("yes"), " yes\n", "Yes", 'the answer is "Yes" instead of "yes"'),
        (MaxChars(3), "abc", "abcd", "the answer has 4 characters, at most 3 are allowed"),
        (Cites("kb-1"), "see [kb-1].", "see kb-12, old-kb-1", '"kb-1" is not found'),
        (JsonSchema({"required": ["id"]}), '{"id": 1}', "{}", "breaks `required` of the schema"),
        (JsonSchema({}), "1", "one", "the answer is not JSON"),
        (JsonSchema({}), "[1]", "[NaN]", "NaN is not a JSON number"),
    ],
)
def test_text_rules(check: Check, holding: str, breaking: str, detail: str) -> None:
    """Each rule on text holds, and breaks with one sentence that says what was found."""
    assert outcome_of(check, holding).passed
    broken = outcome_of(check, breaking)
    assert not broken.passed
    assert not broken.error
    assert detail in broken.detail


@pytest.mark.parametrize(
    ("name", "arguments", "called"),
    [
        ("refund", {}, True),
        ("refund", {"order": "A1"}, True),
        ("refund", {"items": [{"sku": "x"}]}, True),
        ("refund", {"items": []}, False),
        ("refund", {"items": [{"sku": "x"}, {}]}, False),
        ("refund", {"order": "A2"}, False),
        ("refund", {"notify": 1}, False),
        ("refund", {"other": None}, False),
        ("cancel", {}, False),
    ],
)
def test_tool_rules(name: str, arguments: dict[str, Any], called: bool) -> None:
    """A tool counts as called when its arguments hold at least the given ones, at any depth."""
    turn = AgentTurn("done", tool_calls=(ToolCall("look_up"), REFUND))
    assert outcome_of(ToolCalled(name, arguments), turn).passed is called
    assert outcome_of(ToolNotCalled(name, arguments), turn).passed is not called


def test_what_a_missed_tool_call_says() -> None:
    """The detail names the tools that were called, or the other arguments."""
    turn = AgentTurn("done", tool_calls=(REFUND,))
    assert 'called: "refund"' in outcome_of(ToolCalled("cancel", {}), turn).detail
    other = outcome_of(ToolCalled("refund", {"order": "B"}), turn).detail
    assert other == '`refund` was called, but with order "A1", not "B"'
    assert "no tool" in outcome_of(ToolCalled("refund", {}), "done").detail


def test_the_nearest_of_several_calls_is_told() -> None:
    """With several calls of the tool, the one that differs least says what is wrong."""
    far, near = ToolCall("book", {"to": "X"}), ToolCall("book", {"to": "SEA", "seats": 1})
    turn = AgentTurn("done", tool_calls=(near, far))
    detail = outcome_of(ToolCalled("book", {"to": "SEA", "seats": 2}), turn).detail
    assert detail == '`book` was called, but with seats "1", not "2"'
    detail = outcome_of(
        ToolCalled("book", {"to": "NYC", "bags": 2}), AgentTurn("", tool_calls=(far,))
    ).detail
    assert detail == '`book` was called, but with to "X", not "NYC", and 1 more differ'


@pytest.mark.parametrize(
    ("actual", "expected", "held"),
    [(1, 1.0, True), (1, True, False), ("1", 1, False), (None, None, True), ({}, [], False)],
)
def test_what_counts_as_the_same_argument(actual: object, expected: object, held: bool) -> None:
    """Numbers compare by value, and a boolean is never a number."""
    assert holds(actual, expected) is held


@pytest.mark.parametrize(
    ("answer", "passed"),
    [
        (retrieved("You have 30 days.", "Returns: 30 days."), True),
        (retrieved("You have 60 days.", "Returns: 30 days."), False),
        (retrieved("Order 77 costs $1,200.50.", "price 1200.5"), True),
        (retrieved("You have 14 days.", "Returns: 30 days."), False),
        (AgentTurn("You have 14 days."), True),
        (AgentTurn("No number."), True),
    ],
)
def test_numbers_stand_in_the_context(answer: AgentTurn, passed: bool) -> None:
    """Numbers come from what was retrieved, else from the case's context, or from the user."""
    case = a_case("What about order 77?", context=(ContextItem("Policy: 14 days"),))
    outcome = outcome_of(NumbersFromContext(), answer, case)
    assert outcome.passed is passed


def test_an_unknown_number_is_named() -> None:
    """The detail quotes the first unknown number and counts the others."""
    detail = outcome_of(NumbersFromContext(), "Pay 5 and 6 and 7").detail
    assert detail == '"5" and 2 more stand neither in the context nor the question'


def test_details_echo_little() -> None:
    """No detail echoes more than 80 characters of an answer."""
    answer = "sk-" + "x" * 5000
    for check in (NotMatches("sk-x+"), Equals("y" * 3000), JsonSchema({"type": "string"})):
        assert len(outcome_of(check, answer).detail) < 200


@pytest.mark.parametrize(
    "check",
    [
        Matches("(a|aa)+$"),
        NotMatches("(a|aa)+$"),
        Matches("(unclosed"),
        NotMatches("(unclosed"),
        JsonSchema({"type": "no-such-type"}),
        JsonSchema({"$ref": "http://127.0.0.1:9/schema.json"}),
        JsonSchema({"$ref": "file:///etc/passwd"}),
        JsonSchema({"$ref": "#"}),
        JsonSchema({"pattern": "(a|aa)+$"}),
        JsonSchema({"unevaluatedProperties": False}),
    ],
)
def test_a_rule_that_cannot_be_run_never_passes(check: Check) -> None:
    """A hanging or bad pattern and a schema that leads out are errors of the rule, both ways."""
    answer = '"' + "a" * 60 + '!"'
    outcome = outcome_of(check, answer)
    assert (outcome.passed, outcome.error) == (False, True)


def test_a_pattern_that_hangs_is_given_up() -> None:
    """After some answers that it ran out of time on, a pattern is an error without being run."""
    pattern, answer = "(b|bb)+$", "b" * 60 + "!"
    for _ in range(MOST_TIMEOUTS):
        assert "took longer" in outcome_of(Matches(pattern), answer).detail
    assert "ran out of time" in outcome_of(Matches(pattern), answer).detail


@pytest.mark.parametrize(
    ("schema", "answer", "passed"),
    [
        ({"patternProperties": {"^x": {"type": "integer"}}}, '{"x1": 1}', True),
        ({"patternProperties": {"^x": {"type": "integer"}}}, '{"x1": "a"}', False),
        ({"additionalProperties": False, "properties": {"a": {}}}, '{"a": 1}', True),
        ({"additionalProperties": False, "properties": {"a": {}}}, '{"b": 1}', False),
        ({"additionalProperties": {"type": "null"}}, '{"b": 1}', False),
        ({"additionalProperties": False, "patternProperties": {"^x": {}}}, '{"x": 1}', True),
        ({"pattern": "^a"}, '"ab"', True),
        ({"pattern": "^a"}, '"b"', False),
        ({"pattern": "^a"}, "1", True),
        ({"$defs": {"n": {"type": "integer"}}, "$ref": "#/$defs/n"}, "1", True),
    ],
)
def test_json_schema_patterns(schema: dict[str, Any], answer: str, passed: bool) -> None:
    """The time-limited keywords mean what the specification says."""
    assert outcome_of(JsonSchema(schema), answer).passed is passed


def test_rules_come_from_three_places() -> None:
    """The rubric's rules run first, then the case's, then each turn's at its own turn."""
    turns = (
        UserTurn("a", rules=(Rule("first", Equals("one")),)),
        UserTurn("b", rules=(Rule("second", Equals("two")),)),
    )
    case = Case("case-1", turns, rules=(Rule("own", Equals("two")),))
    rules = rules_for([Rule("of-all", Equals("one"), turn=1)], case)
    outcomes = run_rules(rules, case, a_session("one", "two"))
    assert [(o.id, o.passed) for o in outcomes] == [
        ("of-all", True),
        ("own", True),
        ("first", True),
        ("second", True),
    ]


@pytest.mark.parametrize("check", [NotContains("x"), ToolNotCalled("x", {}), MaxChars(5)])
def test_a_turn_without_an_answer_breaks_every_rule(check: Check) -> None:
    """A rule that forbids something is not satisfied by silence in a missing turn."""
    case = a_case("a", "b", "c")
    rules = [Rule("last", check), Rule("third", check, turn=3), Rule("far", check, turn=9)]
    outcomes = run_rules(rules, case, a_session("one", "two"))
    assert [outcome.passed for outcome in outcomes] == [False, False, False]
    assert outcomes[2].detail == "turn 9 has no answer"


def test_a_session_of_no_turn() -> None:
    """A session without any answer fails its rules and does not crash."""
    (outcome,) = run_rules([Rule("r", NotContains("x"))], a_case(), Session("case-1", 1, ()))
    assert not outcome.passed


def test_rules_settle_axes() -> None:
    """An axis is 1 when all its rules hold and 0 when one breaks; an error leaves it ungraded."""
    held = RuleOutcome("a", True, "fine", axis="tone")
    broken = RuleOutcome("b", False, "not fine", axis="policy")
    error = RuleOutcome("c", False, "hangs", axis="style", error=True)
    of_policy = RuleOutcome("d", True, "fine", axis="policy")
    grades = settled_axes([held, broken, of_policy, error, RuleOutcome("e", False, "no axis")])
    assert grades["tone"] == Scored(1.0, "every rule of this axis holds")
    assert grades["policy"] == Scored(0.0, "rule `b`: not fine")
    assert isinstance(grades["style"], Ungraded)
    assert set(grades) == {"tone", "policy", "style"}


NEAR = Rule("near", SimilarTo("you may return it", 0.9))
VECTORS: Mapping[str, Vector | Ungraded] = {
    "you may return it": vector([1, 0]),
    "of course, send it back": vector([12, 5]),
    "no": vector([0, 1]),
    "Mars": vector([-1, 0]),
    "other space": vector([1, 0, 0]),
    "lost": Ungraded("transport", "HTTP 503; gave up after 600 s"),
}


def similarity(answer: str, least: float = 0.9) -> RuleOutcome:
    """What a comparison finds in one answer."""
    rule = replace(NEAR, check=SimilarTo("you may return it", least))
    [outcome] = run_rules([rule], a_case(), a_session(answer), VECTORS)
    return outcome


@pytest.mark.parametrize(
    ("answer", "least", "passed", "told"),
    [
        ("of course, send it back", 0.9, True, "0.92"),
        ("of course, send it back", 0.95, False, "0.92"),
        ("of course, send it back", 0.923077, True, "0.9231"),
        ("of course, send it back", 0.9231, False, "0.92"),
        ("you may return it", 1.0, True, "1.00"),
        ("no", 0.0, True, "0.00"),
        ("no", 0.5, False, "0.00"),
        ("Mars", 0.0, False, "-1.00"),
    ],
)
def test_similar_to(answer: str, least: float, passed: bool, told: str) -> None:
    """The cosine decides, and the sentence gives it with what is needed."""
    outcome = similarity(answer, least)
    assert (outcome.passed, outcome.error) == (passed, False)
    whole = f'the answer is {told} similar to "you may return it", at least {least:g} is needed'
    assert outcome.detail == whole


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("lost", 'there is no embedding of "lost": HTTP 503; gave up after 600 s'),
        ("never asked for", "nobody was asked for one"),
        ("other space", "the embedding of the answer has 3 numbers, and that of the text 2"),
    ],
)
def test_a_comparison_without_a_vector_is_no_verdict(answer: str, told: str) -> None:
    """It can not be run, whatever was the matter, and leaves its axis ungraded."""
    outcome = similarity(answer)
    assert (outcome.passed, outcome.error) == (False, True)
    assert told in outcome.detail
    grade = settled_axes([replace(outcome, axis="tone")])["tone"]
    assert isinstance(grade, Ungraded)
    assert grade.cause == "rule"


@pytest.mark.parametrize("answer", ["", " \n", "\u200b"])
def test_an_empty_answer_is_similar_to_nothing(answer: str) -> None:
    """That is a finding and takes no vector, however little is asked for."""
    outcome = similarity(answer, 0.0)
    assert (outcome.passed, outcome.error) == (False, False)
    assert outcome.detail == 'the answer is empty, and so not similar to "you may return it"'


@pytest.mark.parametrize(
    ("rules", "answers", "texts"),
    [
        ([], ["a"], ()),
        ([Rule("r", Contains("x"))], ["a"], ()),
        ([NEAR], ["a"], ("a", "you may return it")),
        ([NEAR], ["a", "b"], ("b", "you may return it")),
        ([replace(NEAR, turn=1)], ["a", "b"], ("a", "you may return it")),
        ([replace(NEAR, turn=3)], ["a", "b"], ()),
        ([NEAR], [" "], ()),
        ([NEAR, replace(NEAR, check=SimilarTo("z", 0.5))], ["a"], ("a", "you may return it", "z")),
        ([NEAR], ["you may return it"], ("you may return it",)),
    ],
)
def test_compared_texts(rules: list[Rule], answers: list[str], texts: tuple[str, ...]) -> None:
    """The answers that rules look at and what they hold against them, each once."""
    case = a_case(*("?" for _ in answers))
    assert compared_texts(rules, case, a_session(*answers)) == texts


def test_a_session_without_a_turn() -> None:
    """It has no answer to look at, whoever was to speak first."""
    case, session = Case("c", ()), Session("c", 1, ())
    assert compared_texts([NEAR], case, session) == ()
    [outcome] = run_rules([NEAR], case, session)
    assert (outcome.passed, outcome.detail) == (False, "turn 1 has no answer")


def test_every_check_is_run() -> None:
    """A kind of check that is added to the rubric has to be added here too."""
    assert set(Check.__args__) == set(CHECKS)
