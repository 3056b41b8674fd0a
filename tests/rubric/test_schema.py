import json
from typing import Any

import jsonschema
import pytest

from rubric_action.rubric.schema import SCHEMA_FILE, print_schema, rubric_schema
from rubric_action.rubric.source import read_yaml
from tests.rubric.mistakes import ONE_MISTAKE
from tests.rubric.samples import FILE, FULL, SMALL, load_plain, plain, problems_of

BEYOND_SCHEMA = (
    "unknown axis",
    "is not a variable that",
    "so that nothing is picked",
    "two anchors",
    "not a regular expression",
    "`judge` is missing",
    "`off`, found the boolean `no`",
)
"""What only the loader sees: references between keys, texts that compile, words as written."""

GOOD: list[dict[str, Any]] = [
    {},
    {"cases": ["a.jsonl", "b/**/*.yaml"]},
    {"agent": {"command": "python agent.py", "timeout": "1.5m", "env": ["MY_KEY"]}},
    {"agent": {"python": "a.b:c", "trials": 5}},
    {"agent": {"http": {"url": "http://10.0.0.1/x", "openai": True}}},
    {"judge": {"provider": "azure", "model": "m", "base_url": "https://x.example.org"}},
    {"judge": {"provider": "github", "model": "m", "base_url": "http://[::1]:1"}},
    {"judge": {"judges": [{"provider": "lexical"}, {"provider": "openai", "model": "m"}]}},
    {"axes": {"tone": {"ask": "Kind?", "anchors": {"1.0": "yes", "0": "no", ".5": "so"}}}},
    {"findings": {"latency": "warn", "drop": "off"}},
    {"rules": [{"numbers_from_context": True}, {"tool_called": {"name": "t"}}]},
    {"slices": {"a": {"select": {"not": {"not": {"ids": ["x"]}}}, "gate": "hard"}}},
    {"slices": {"a": {"select": "all", "min_pass_rate": 1}, "b": {"select": {}, "gate": "hard"}}},
    {"override": {"label": "x", "approvers": {"permission": "admin"}}},
]

BAD: list[dict[str, Any]] = [
    {"cases": []},
    {"cases": "a/../../b"},
    {"agent": {}},
    {"agent": {"outputs": "o", "command": "c"}},
    {"agent": {"python": "module"}},
    {"agent": {"command": "c", "env": ["INPUT_X"]}},
    {"agent": {"command": "c", "env": ["A B"]}},
    {"agent": {"outputs": "o", "timeout": "0s"}},
    {"judge": {"provider": "openai"}},
    {"judge": {"provider": "openai", "model": "m", "judges": []}},
    {"judge": {"judges": [{"provider": "lexical"}]}},
    {"judge": {"provider": "lexical", "vote": "mean"}},
    {"judge": {"provider": "openai", "model": "m", "base_url": "http://x.example.org"}},
    {"judge": {"provider": "openai", "model": "m", "prices": {"input": 1}}},
    {"judge": {"provider": "openai", "model": "m", "temperature": 3}},
    {"axes": {}},
    {"axes": {"tone": {}}},
    {"axes": {"a b": {"ask": "x"}}},
    {"findings": {"ungraded": "off"}},
    {"findings": {"drop": True}},
    {"rules": [{}]},
    {"rules": [{"id": "x", "contains": "a", "cites": "b"}]},
    {"slices": {}},
    {"slices": {"a": {"select": "all"}}},
    {"slices": {"a": {"select": "all", "informational": False}}},
    {"slices": {"a": {"select": "all", "min": {}}}},
    {"slices": {"a": {"select": {"tags": []}, "gate": "hard"}}},
    {"override": {"label": "x", "approvers": {}}},
    {"override": {"label": "x", "approvers": {"users": []}}},
    {"override": {"label": "x", "approvers": {"users": [{"id": 3}]}}},
    {"override": {"label": "x", "approvers": {"permission": "admin"}, "max_per_quarter": 0}},
    {"override": {"label": "x", "approvers": {"permission": "admin"}, "ledger": "a..b"}},
]


def agrees(value: object) -> bool:
    """Whether the schema takes a value."""
    return jsonschema.Draft202012Validator(rubric_schema()).is_valid(value)


def test_the_shipped_schema_is_the_declaration_s() -> None:
    """`python -m rubric_action.rubric.schema` was run after the last change."""
    assert SCHEMA_FILE.read_text(encoding="utf-8") == print_schema()


def test_the_schema_is_a_schema() -> None:
    """It is valid under its own dialect."""
    jsonschema.Draft202012Validator.check_schema(rubric_schema())


def test_every_key_is_described() -> None:
    """An editor shows what a key means."""
    text = json.dumps(rubric_schema())
    assert '"description": ""' not in text
    assert text.count('"description"') > 80


@pytest.mark.parametrize("text", [SMALL, FULL])
def test_samples(text: str) -> None:
    """The schema takes what the loader takes."""
    value = read_yaml(text, FILE, numeric_keys=lambda path: path[-1:] == ("anchors",)).value
    assert problems_of(text) == ()
    assert agrees(value)


@pytest.mark.parametrize("change", GOOD, ids=json.dumps)
def test_good(change: dict[str, Any]) -> None:
    """The loader and the schema both take it."""
    value = {**plain(), **change}
    if "slices" in change or "axes" in change:
        value["axes"] = change.get("axes", {"tone": {"ask": "Kind?"}})
    load_plain(value)
    assert agrees(value)


@pytest.mark.parametrize("change", BAD, ids=json.dumps)
def test_bad(change: dict[str, Any]) -> None:
    """Neither the loader nor the schema takes it."""
    value = {**plain(), **change}
    assert problems_of(json.dumps(value))
    assert not agrees(value)


@pytest.mark.parametrize("row", ONE_MISTAKE, ids=lambda row: row[3])
def test_malformed(row: tuple[str, str, str | None, str]) -> None:
    """What the loader refuses, the schema refuses too, but for what is beyond it."""
    text, _, _, words = row
    [problem] = problems_of(text)
    try:
        value = read_yaml(text, FILE, numeric_keys=lambda path: path[-1:] == ("anchors",)).value
    except Exception:  # noqa: BLE001 - not YAML of ours, so that there is nothing to compare
        return
    beyond = any(told in problem.what for told in BEYOND_SCHEMA)
    assert agrees(value) is beyond, words
