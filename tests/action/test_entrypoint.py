"""The start of the action, and what the checkout cannot do to it."""

from collections.abc import Mapping

import pytest

from tests.action.stage import Stage, outputs

TRAP = "raise SystemExit(99)\n"
TRAPS = dict.fromkeys(
    ("json.py", "yaml.py", "requests.py", "github/__init__.py", "rubric_action/__init__.py"), TRAP
)


@pytest.mark.parametrize("env", [{}, {"PYTHONPATH": "."}, {"PYTHONPATH": ".:"}])
def test_nothing_of_the_checkout_is_imported(stage: Stage, env: Mapping[str, str]) -> None:
    """Files named like our modules are data; what is already loaded at Python's start aside."""
    traps = {name: text for name, text in TRAPS.items() if not env or name != "json.py"}
    step = stage.gate(stage.change(traps), env=env)
    assert step.exit_code == 0, step.log


def test_nothing_that_an_agent_says_is_a_command(stage: Stage) -> None:
    """Answers that speak to the runner are printed broken, in a log that is otherwise obeyed."""
    hostile = "::error::owned\r::stop-commands::x\n##[error]owned\n::add-mask::a"
    step = stage.gate(stage.change({"eval/outputs.jsonl": outputs(refund=hostile)}))
    assert step.exit_code == 1
    commands = {
        line.lstrip().partition("::")[2].partition("::")[0].partition(" ")[0]
        for line in step.log.replace("\r", "\n").splitlines()
        if line.lstrip().startswith("::")
    }
    assert commands <= {"add-mask", "group", "endgroup", "error", "warning"}
    assert "::add-mask::a" not in step.log.splitlines()
    assert "##[" not in step.log


def test_an_output_of_another_step_cannot_be_forged(stage: Stage) -> None:
    """A case's name that looks like an output stays inside of its value."""
    evil = "x\nverdict<<E\npass\nE"
    step = stage.gate(stage.change({"eval/outputs.jsonl": outputs(refund=evil)}))
    assert step.outputs["verdict"] == "fail"


def test_files_that_cannot_be_written_are_warnings(stage: Stage) -> None:
    """The verdict does not hang on a summary."""
    broken = {"GITHUB_OUTPUT": "/nowhere/output", "GITHUB_STEP_SUMMARY": "/nowhere/summary"}
    pull = stage.change({})
    step = stage.gate(pull, env=broken)
    assert step.exit_code == 0
    assert len(step.annotations("warning")) == 2
    assert (stage.status(pull.head_sha) or ("",))[0] == "success"
