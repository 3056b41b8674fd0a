import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rubric_action.grading.model import Scored
from rubric_action.grading.reply import MAX_REASON_CHARS, BadReply, parse_reply, reply_schema
from rubric_action.rubric.model import Axis
from tests.grading.samples import POLICY, TONE

STYLE = Axis("style", "Short?", per="turn")
GOOD: dict[str, Any] = {"tone": {"reason": "polite", "score": 0.5}}
TWO = {"reason": "r", "score": 0.5}


def test_the_schema_is_strict_and_puts_the_reason_first() -> None:
    """Every object lists all its keys and allows no other."""
    schema = reply_schema([TONE, STYLE], 2)
    Draft202012Validator.check_schema(schema)
    assert schema["required"] == ["tone", "style"]
    assert schema["additionalProperties"] is False
    tone = schema["properties"]["tone"]
    assert list(tone["properties"]) == tone["required"] == ["reason", "score"]
    assert tone["additionalProperties"] is False
    assert tone["properties"]["score"] == {"type": "number", "minimum": 0, "maximum": 1}
    assert schema["properties"]["style"]["required"] == ["turn_1", "turn_2"]


@pytest.mark.parametrize("score", [0, 1, 0.25, 1e-9])
def test_good_replies(score: float) -> None:
    """Whole and broken numbers from 0 to 1 are scores."""
    text = json.dumps({"tone": {"score": score, "reason": "r"}})
    assert parse_reply(text, [TONE], 1) == {"tone": Scored(float(score), "r")}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the reply is not one JSON object"),
        ("I would say 1.0", "the reply is not one JSON object"),
        ('```json\n{"tone": {"reason": "r", "score": 1}}\n```', "not one JSON object"),
        ('{"tone": {"reason": "r", "score": 1}} {}', "not one JSON object"),
        ('{"tone": {"reason": "r", "score"', "not one JSON object"),
        ('{"tone": {"reason": "r", "score": NaN}}', "not one JSON object"),
        ('{"tone": {"reason": "r", "score": Infinity}}', "not one JSON object"),
        ('{"tone": {"reason": "r", "score": 0, "score": 1}}', "not one JSON object"),
        ("[" * 100_000, "not one JSON object"),
        ('{"tone": {"reason": "r", "score": 1' + "0" * 5000 + "}}", "not one JSON object"),
        ("[]", "the reply is not an object"),
        ("1", "the reply is not an object"),
        ("{}", "`tone` is missing in the reply"),
        ('{"tone": 1}', "`tone` is not an object"),
        ('{"tone": {"score": 1}}', "`reason` is missing in `tone`"),
        ('{"tone": {"reason": "r"}}', "`score` is missing in `tone`"),
        ('{"tone": {"reason": "r", "score": "1"}}', "is not a number"),
        ('{"tone": {"reason": "r", "score": true}}', "is not a number"),
        ('{"tone": {"reason": "r", "score": null}}', "is not a number"),
        ('{"tone": {"reason": "r", "score": 1.01}}', "is not between 0 and 1"),
        ('{"tone": {"reason": "r", "score": -0.1}}', "is not between 0 and 1"),
        ('{"tone": {"reason": "r", "score": 1e400}}', "is not between 0 and 1"),
        ('{"tone": {"reason": 5, "score": 1}}', "the reason of `tone` is not a text"),
        ('{"tone": {"reason": "r", "score": 1, "x": 1}}', "`tone` has a key that was not asked"),
        (json.dumps(GOOD | {"<b>x</b>": TWO}), "the reply has a key that was not asked for"),
    ],
)
def test_bad_replies(text: str, problem: str) -> None:
    """Each way to be useless is told apart, in words that hold nothing of the reply."""
    found = parse_reply(text, [TONE], 1)
    assert isinstance(found, BadReply)
    assert problem in found.problem
    assert "<b>" not in found.problem


def test_every_axis_has_to_be_there() -> None:
    """A reply with one axis of two is no reply."""
    assert parse_reply(json.dumps(GOOD), [TONE, POLICY], 1) == BadReply(
        "`policy` is missing in the reply"
    )


def test_of_turns_the_lowest_counts() -> None:
    """The grade of an axis graded by turn is that of its worst turn, and says which it was."""
    turns = {
        f"turn_{n}": {"reason": f"r{n}", "score": s} for n, s in ((1, 0.9), (2, 0.3), (3, 0.4))
    }
    found = parse_reply(json.dumps({"style": turns}), [STYLE], 3)
    assert found == {"style": Scored(0.3, "turn 2: r2")}


@pytest.mark.parametrize("turns", [{"turn_1": TWO}, {"turn_1": TWO, "turn_2": TWO, "turn_3": TWO}])
def test_a_missing_or_extra_turn_is_bad(turns: dict[str, Any]) -> None:
    """There is one grade for each turn, no fewer and no more."""
    assert isinstance(parse_reply(json.dumps({"style": turns}), [STYLE], 2), BadReply)


def test_reasons_are_cleaned_and_cut() -> None:
    """Control characters and secrets leave the reason, and it has an end."""
    reason = "a\x1b[31m\nkey SECRET " + "x" * 5000
    text = json.dumps({"tone": {"reason": reason, "score": 1}})
    found = parse_reply(text, [TONE], 1, lambda reason: reason.replace("SECRET", "***"))
    assert not isinstance(found, BadReply)
    cleaned = found["tone"].reason
    assert cleaned.startswith("a[hidden characters: 1][31m key *** xx")
    assert len(cleaned) == MAX_REASON_CHARS
