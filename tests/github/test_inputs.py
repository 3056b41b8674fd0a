from typing import Any

import pytest

from rubric_action.cases.shard import Shard
from rubric_action.errors import InputError
from rubric_action.github.inputs import read_inputs

TOKEN = {"INPUT_GITHUB-TOKEN": "ghs_secret"}


def test_without_inputs_the_defaults_hold() -> None:
    """A step that gives nothing but the token gets the documented defaults."""
    inputs = read_inputs(TOKEN)
    assert (inputs.rubric, inputs.mode, inputs.results) == (
        "eval/rubric.yaml",
        "auto",
        "rubric-results",
    )
    assert (inputs.comment, inputs.status, inputs.status_context) == (
        "always",
        "required",
        "rubric/gate",
    )
    assert (inputs.fail, inputs.require_baseline) == (True, False)
    assert (inputs.baseline, inputs.concurrency, inputs.max_judge_cost) == (None, None, None)


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("FAIL", "false", "fail", False),
        ("FAIL", "FALSE", "fail", False),
        ("FAIL", "False", "fail", False),
        ("REQUIRE-BASELINE", "True", "require_baseline", True),
        ("REQUIRE-BASELINE", " true ", "require_baseline", True),
        ("CONCURRENCY", "16", "concurrency", 16),
        ("SHARD", "3/8", "shard", Shard(3, 8)),
        ("SHARD", "", "shard", None),
        ("MAX-JUDGE-COST", "2.50", "max_judge_cost", 2.5),
        ("STATUS-CONTEXT", "rubric/support", "status_context", "rubric/support"),
        ("OUTPUTS", "", "outputs", None),
        ("RUBRIC", "  ", "rubric", "eval/rubric.yaml"),
        ("BASELINE", "old results", "baseline", "old results"),
    ],
)
def test_values_are_read_as_github_writes_them(
    name: str, text: str, field: str, value: Any
) -> None:
    """Names keep their dashes, and an empty value was not given."""
    assert getattr(read_inputs(TOKEN | {f"INPUT_{name}": text}), field) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("fail", "yes"),
        ("fail", "1"),
        ("fail", "tRuE"),
        ("require-baseline", "on"),
        ("mode", "Gate"),
        ("comment", "sometimes"),
        ("status", "true"),
        ("concurrency", "0"),
        ("concurrency", "1001"),
        ("concurrency", "eight"),
        ("concurrency", "8.5"),
        ("shard", "9/8"),
        ("shard", "3 of 8"),
        ("max-judge-cost", "0"),
        ("max-judge-cost", "-1"),
        ("max-judge-cost", "nan"),
        ("max-judge-cost", "inf"),
        ("max-judge-cost", "$2"),
        ("rubric", "eval/\x1brubric.yaml"),
        ("status-context", "x" * 101),
    ],
)
def test_a_wrong_value_is_refused_by_name(name: str, text: str) -> None:
    """The error names the input, what was given, and what to write instead."""
    with pytest.raises(InputError) as caught:
        read_inputs(TOKEN | {f"INPUT_{name.upper()}": text})
    (problem,) = caught.value.problems
    assert problem.key == name
    assert problem.mend.startswith("Write ")


def test_everything_wrong_is_named_at_once() -> None:
    """Two wrong inputs and a missing token are three problems of one error."""
    with pytest.raises(InputError) as caught:
        read_inputs({"INPUT_FAIL": "no", "INPUT_CONCURRENCY": "-3", "INPUT_GITHUB-TOKEN": ""})
    keys = {problem.key for problem in caught.value.problems}
    assert keys == {"github-token", "fail", "concurrency"}


def test_inputs_that_the_action_does_not_have_are_left_to_github() -> None:
    """GitHub warns of them already."""
    assert read_inputs(TOKEN | {"INPUT_FLAVOUR": "sweet", "INPUT_": "?"}).mode == "auto"


def test_secrets_are_in_no_repr() -> None:
    """Token and key stay out of what a traceback or a log would show."""
    inputs = read_inputs(TOKEN | {"INPUT_JUDGE-API-KEY": "sk-judge"})
    assert [one.get_secret_value() for one in inputs.secrets] == ["ghs_secret", "sk-judge"]
    assert "ghs_secret" not in repr(inputs)
    assert "sk-judge" not in repr(inputs)


@pytest.mark.parametrize("secret", ["ghs_secret\nX-Evil: 1", "ghs_secret other", "ghs_\x00secret"])
@pytest.mark.parametrize("name", ["INPUT_GITHUB-TOKEN", "INPUT_JUDGE-API-KEY"])
def test_a_secret_that_is_no_word_is_refused_and_not_shown(name: str, secret: str) -> None:
    """It would not fit into a header, and its value stays out of the message."""
    with pytest.raises(InputError) as caught:
        read_inputs(TOKEN | {name: secret})
    assert "ghs_" not in str(caught.value)


def test_no_other_variable_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not handed in does not count, not even the process's own environment."""
    monkeypatch.setenv("INPUT_MODE", "baseline")
    monkeypatch.setenv("MODE", "baseline")
    assert read_inputs(TOKEN).mode == "auto"
