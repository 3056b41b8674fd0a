from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rubric_action.cases.model import SimulatedUser, UserTurn
from rubric_action.cases.record import CASE, read_case
from rubric_action.errors import Place
from rubric_action.rubric.model import Agent, Command, Judge, JudgeModel
from rubric_action.rubric.problems import Found
from rubric_action.rubric.rules import Contains, Rule
from tests.cases.samples import load, refused

LEXICAL = Judge((JudgeModel("lexical"),))
USER = {"persona": "A hurried traveller.", "goal": "Move the flight."}
MODEL = Judge((JudgeModel("openai", "small"),))


def test_a_simulated_user_is_read(tmp_path: Path) -> None:
    """Its first words are the case's `input`; without them it begins by itself."""
    whole = {**USER, "stop": "It is moved.", "max_turns": 4, "seed": 7}
    cases = load(
        tmp_path,
        {"id": "a", "input": "Hello", "user": whole},
        {"id": "b", "user": USER},
        judge=MODEL,
    )
    a, b = cases.get("a"), cases.get("b")
    assert (a.turns, b.turns) == ((UserTurn("Hello"),), ())
    assert a.user == SimulatedUser("A hurried traveller.", "Move the flight.", "It is moved.", 4, 7)
    assert b.user == SimulatedUser("A hurried traveller.", "Move the flight.")
    assert (a.most_turns, b.most_turns) == (4, 6)


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"user": {"goal": "g"}}, "user: `persona` is missing"),
        ({"user": {"persona": "p"}}, "user: `goal` is missing"),
        ({"user": {**USER, "persona": " "}}, "user.persona: expected who the user is, found a"),
        ({"user": {**USER, "goal": 1}}, "user.goal: expected what the user wants, found the"),
        ({"user": {**USER, "stop": ""}}, "user.stop: expected when the user is done, found a"),
        ({"user": {**USER, "max_turns": 0}}, "user.max_turns: expected a whole number from 1 to"),
        ({"user": {**USER, "max_turns": 51}}, "user.max_turns: expected a whole number from 1 to"),
        ({"user": {**USER, "seed": -1}}, "user.seed: expected a whole number from 0"),
        ({"user": {**USER, "seed": 1.5}}, "user.seed: expected a whole number from 0"),
        ({"user": {**USER, "turns": 3}}, "user.turns: unknown key"),
        ({"user": "mona"}, "user: expected a simulated user (an object), found the text"),
        ({"user": None}, "user: expected a simulated user (an object), found nothing"),
        ({"user": USER, "turns": [{"user": "x"}]}, "turns: stands beside `user`"),
        (
            {"user": USER, "rules": [{"contains": "x", "turn": 7}]},
            "rules[0].turn: the rule looks at turn 7, but the case has 6",
        ),
    ],
)
def test_a_bad_simulated_user_is_refused(tmp_path: Path, fields: dict[str, Any], what: str) -> None:
    """Each mistake names file, line and key."""
    [problem] = refused(tmp_path, {"id": "a", **fields}, judge=MODEL)
    assert problem.startswith(f"cases.jsonl:1: {what}")


@pytest.mark.parametrize(
    ("judge", "nobody"),
    [(None, "there is no judge that could"), (LEXICAL, "the lexical judge cannot")],
)
def test_somebody_has_to_play_the_user(tmp_path: Path, judge: Judge | None, nobody: str) -> None:
    """Without a model as the judge nothing is run, unless the sessions are there already."""
    written = {"id": "a", "user": USER}
    command = Agent(Command("./agent"))
    told = f"cases.jsonl:1: user: {nobody} play the simulated user of case `a`"
    assert refused(tmp_path, written, judge=judge, agent=command) == [told]
    assert len(load(tmp_path, written, judge=judge)) == 1
    assert len(load(tmp_path, written, judge=MODEL, agent=command)) == 1


def test_rules_of_the_rubric_may_look_at_any_turn_of_a_simulated_user(tmp_path: Path) -> None:
    """How many turns there will be is not known yet, but no more than its most."""
    rules = (Rule("late", Contains("x"), turn=6),)
    assert len(load(tmp_path, {"id": "a", "user": USER}, judge=MODEL, rules=rules)) == 1
    rules = (Rule("late", Contains("x"), turn=7),)
    [problem] = refused(tmp_path, {"id": "a", "user": USER}, judge=MODEL, rules=rules)
    assert problem.endswith("the rule looks at turn 7 of every case, but case `a` has 6")


@pytest.mark.parametrize(
    ("fields", "valid"),
    [
        ({"input": "x"}, True),
        ({"turns": [{"user": "x"}]}, True),
        ({"user": USER}, True),
        ({"user": USER, "input": "x"}, True),
        ({}, False),
        ({"input": "x", "turns": [{"user": "x"}]}, False),
        ({"user": USER, "turns": [{"user": "x"}]}, False),
        ({"user": {"persona": "p"}}, False),
    ],
)
def test_the_schema_says_the_same(fields: dict[str, Any], valid: bool) -> None:
    """Words of the user stand in one place, for whoever checks cases by their JSON Schema."""
    definitions: dict[str, dict[str, Any]] = {}
    schema = {**CASE.schema(definitions), "$defs": definitions}
    written = {"id": "a", **fields}
    assert Draft202012Validator(schema).is_valid(written) is valid
    found = Found(lambda _: Place("cases.jsonl", 1))
    assert (read_case(written, found, Place("cases.jsonl", 1)) is not None) is valid
