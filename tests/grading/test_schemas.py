import json
import time
from typing import Any

import pytest

from rubric_action.grading.patterns import MOST_TIMEOUTS, CannotRun
from rubric_action.grading.schemas import SCHEMA_TIMEOUT_S, schema_problem

LEVELS = 40


def doubling(keyword: str) -> dict[str, Any]:
    """A schema of few lines that is applied 2^40 times."""
    twice: dict[str, Any] = {
        f"a{n}": {keyword: [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(LEVELS)
    }
    last: dict[str, Any] = {} if keyword == "allOf" else {"not": {}}
    return {"$ref": "#/$defs/a0", "$defs": {**twice, f"a{LEVELS}": last}}


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf"])
def test_references_that_multiply_run_out_of_time(keyword: str) -> None:
    """Such a schema is an error of its rule within its time, and in the end is not tried again."""
    schema = doubling(keyword)
    for _ in range(MOST_TIMEOUTS):
        started = time.monotonic()
        with pytest.raises(CannotRun, match="took longer than"):
            schema_problem(schema, "{}")
        assert time.monotonic() - started < 4 * SCHEMA_TIMEOUT_S
    with pytest.raises(CannotRun, match="ran out of time on 3 answers"):
        schema_problem(schema, "{}")


def test_each_answer_has_the_whole_time() -> None:
    """The time of one answer is not taken from the next one's."""
    schema = {"type": "object", "title": "each answer has its time"}
    assert schema_problem(schema, "{}") is None
    time.sleep(SCHEMA_TIMEOUT_S + 0.05)
    assert schema_problem(schema, "{}") is None


@pytest.mark.parametrize("keyword", ["unevaluatedProperties", "unevaluatedItems"])
def test_keywords_without_a_limit_are_refused(keyword: str) -> None:
    """What the library does with no limit of time is not asked of it."""
    with pytest.raises(CannotRun, match=f"`{keyword}` is not supported; use"):
        schema_problem({"properties": {"a": {keyword: False}}}, "{}")


@pytest.mark.parametrize(
    ("items", "unique"),
    [
        ([], True),
        ([1, 2, "1", None, [1], {"a": 1}], True),
        ([1, True], True),
        ([0, False], True),
        ([[1], [True]], True),
        ([{"a": 1}, {"a": True}], True),
        ([1, 1.0], False),
        ([{"a": [1], "b": 2}, {"b": 2, "a": [1.0]}], False),
        ([None, None], False),
        (["a", "b", "a"], False),
    ],
)
def test_unique_items(items: list[object], unique: bool) -> None:
    """Items are the same as JSON Schema says: numbers by value, objects in any order."""
    problem = schema_problem({"uniqueItems": True}, json.dumps(items))
    assert (problem is None) is unique
    assert schema_problem({"uniqueItems": False}, json.dumps(items)) is None


def test_unique_items_of_a_long_list() -> None:
    """Items that cannot be sorted are not compared each with each."""
    items = json.dumps([{"n": n} for n in range(20_000)])
    started = time.monotonic()
    assert schema_problem({"uniqueItems": True}, items) is None
    assert time.monotonic() - started < 2
