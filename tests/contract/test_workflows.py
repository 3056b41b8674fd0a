"""What every workflow that a user copies has to have."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from rubric_action.github.faults import Operation
from rubric_action.github.inputs import Inputs, input_name
from tests.contract.expressions import filled
from tests.contract.ready import (
    ACTION,
    ALL,
    FILES,
    PULLS,
    SHARDED,
    UNTRUSTED,
    Workflow,
    ready,
    shown,
    steps,
)
from tests.docs.pages import README

EACH = pytest.mark.parametrize("workflow", [one for _, one in ALL], ids=[name for name, _ in ALL])


USUAL: Final = PULLS | {"push": {"branches": ["main"]}, "merge_group": None}
EVENTS: Final = {
    "rubric.yml": USUAL,
    "rubric-upload.yml": USUAL,
    SHARDED: USUAL,
    UNTRUSTED: PULLS,
    "rubric-judge.yml": USUAL
    | {"workflow_run": {"workflows": ["Rubric sessions"], "types": ["completed"]}},
}
PARTIAL: Final = {"actions: read", "contents: read"}
"""What a shard needs, which decides and publishes nothing."""
SPECIAL: Final = {Operation.READ_TEAM, Operation.WRITE_LEDGER}
"""What no job's own token may do, and what only a rubric with a ledger asks for."""


def needed(job: Mapping[str, Any]) -> dict[str, str]:
    """The permissions that a job's steps need: the checkout's, and those of what is asked."""
    gates = [step for step in job["steps"] if step.get("uses", "").startswith(ACTION)]
    asks = [step.get("with", {}).get("mode") != "sessions" for step in gates]
    lines = {one.permission for one in Operation if one not in SPECIAL and any(asks)}
    if any("shard" in step.get("with", {}) for step in gates):
        lines = PARTIAL
    levels = dict(line.split(": ") for line in ["contents: read", *sorted(lines)])
    return {name: level for name, level in levels.items() if name != "metadata"}


def test_the_ready_files_are_these() -> None:
    """A new one has to be given its events here."""
    assert set(FILES) == set(EVENTS)


@pytest.mark.parametrize("name", FILES)
def test_the_events(name: str) -> None:
    """Labels and reviews are among them, so that an override is noticed."""
    assert ready(name)["on"] == EVENTS[name]


@EACH
def test_pull_request_target_is_nowhere(workflow: Workflow) -> None:
    """It would give a stranger's code the secrets."""
    assert "pull_request_target" not in str(workflow)


@EACH
def test_the_permissions_are_those_that_are_needed(workflow: Workflow) -> None:
    """Nothing at the top, and in each job what the action asks for and no more."""
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert job["permissions"] == needed(job)


@EACH
def test_no_checkout_keeps_the_token(workflow: Workflow) -> None:
    """The agent under test could read it from `.git/config`."""
    found = steps(workflow, "actions/checkout")
    assert found
    for step in found:
        assert step["with"]["persist-credentials"] is False


@EACH
def test_actions_are_pinned_as_the_readme_pins_them(workflow: Workflow) -> None:
    """One version of each, everywhere."""
    (first,) = shown(README)
    known = {
        step["uses"] for job in first["jobs"].values() for step in job["steps"] if "uses" in step
    }
    used = {
        step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step
    }
    assert used <= {*known, "actions/download-artifact@v4"}


@EACH
def test_only_inputs_that_exist_are_given(workflow: Workflow) -> None:
    """And with values that the action takes."""
    names = {input_name(name) for name in Inputs.model_fields}
    for step in steps(workflow, ACTION):
        assert set(step.get("with", {})) <= names


@EACH
def test_results_are_stored_however_the_run_ended(workflow: Workflow) -> None:
    """By a step that always runs, or by the action itself."""
    uploads = steps(workflow, "actions/upload-artifact")
    assert all(step["if"] == "always()" for step in uploads)
    gates = steps(workflow, ACTION)
    by_itself = [step for step in gates if step.get("with", {}).get("upload")]
    assert len(uploads) + len(by_itself) == len(gates) == len(workflow["jobs"])


@pytest.mark.parametrize("name", FILES)
def test_no_run_of_a_pull_request_is_cancelled(name: str) -> None:
    """Each has a group of its own in which runs wait, so that no head is left without a verdict."""
    workflow = ready(name)
    concurrency = workflow["concurrency"]
    assert (concurrency["cancel-in-progress"], concurrency["queue"]) == (False, "max")
    abouts = [
        {"event": {"pull_request": {"number": 5}}, "ref": "refs/pull/5/merge"},
        {"event": {"pull_request": {"number": 6}}, "ref": "refs/pull/6/merge"},
        {"event": {}, "ref": "refs/heads/main"},
        {"event": {"workflow_run": {"head_sha": "b" * 40}}, "ref": "refs/heads/main"},
    ]
    wanted = abouts if "workflow_run" in workflow["on"] else abouts[:3]
    groups = [filled(concurrency["group"], about) for about in wanted]
    assert len(set(groups)) == len(groups)


def test_the_groups_of_the_two_halves_differ() -> None:
    """A fork's run cannot hold up the run that judges it."""
    about = {"event": {"pull_request": {"number": 5}}}
    groups = {filled(ready(name)["concurrency"]["group"], about) for name in EVENTS}
    assert groups == {"rubric-5", "rubric-sessions-5"}
