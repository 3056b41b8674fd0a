"""Runs on the default branch, and which of them a pull request is compared with."""

import json

import pytest

from tests.action.stage import Stage, members, outputs

BROKEN = {"eval/outputs.jsonl": outputs(refund="No idea.")}


@pytest.mark.parametrize("event", ["push", "workflow_dispatch"])
def test_a_run_on_the_default_branch_makes_a_baseline(stage: Stage, event: str) -> None:
    """Whatever started it, it grades, sets the status and leaves its results."""
    step = stage.main_run(event)
    assert step.exit_code == 0, step.log
    assert stage.status(stage.repo.branches["main"]) is not None
    assert json.loads((step.results / "summary.json").read_text())["run"]["event"] == event


def test_a_red_main_is_recorded_and_exits_green(stage: Stage) -> None:
    """The failure stands in status, results and annotations; the gate keeps its baseline."""
    stage.push(BROKEN)
    step = stage.main_run()
    assert step.exit_code == 0
    assert step.outputs["verdict"] == "fail"
    assert (stage.status(stage.repo.branches["main"]) or ("",))[0] == "failure"


def test_a_baseline_run_that_reaches_no_verdict_exits_red(stage: Stage) -> None:
    """A case that was not run is an error on main as well."""
    stage.push({"eval/outputs.jsonl": outputs().partition("\n")[2]})
    step = stage.main_run()
    assert step.exit_code == 3
    assert (stage.status(stage.repo.branches["main"]) or ("",))[0] == "error"


def test_history_is_carried_from_baseline_to_baseline(stage: Stage) -> None:
    """The second run counts the first one's trials."""
    stage.main_run()
    stage.push({"agent.py": "2"})
    step = stage.main_run()
    lines = (step.results / "cases.jsonl").read_text().splitlines()[1:]
    assert {json.loads(line)["history"]["trials"] for line in lines} == {2}


def test_a_push_to_another_branch_is_gated(stage: Stage) -> None:
    """It exits by its verdict, is compared with the default branch, and makes no comment."""
    stage.main_run()
    sha = stage.push(BROKEN, "feature")
    run = stage.repo.run(sha, branch="feature", status="in_progress")
    payload = {"repository": {"id": stage.repo.id, "default_branch": "main"}}
    step = stage.run("push", run, payload, sha, ref="refs/heads/feature")
    assert step.exit_code == 1, step.log
    assert step.outputs["regressions"] == "1"
    assert (stage.status(sha) or ("",))[0] == "failure"


def test_a_payload_without_the_repository_is_asked_for(stage: Stage) -> None:
    """A schedule's payload may not name the default branch."""
    sha = stage.repo.branches["main"]
    run = stage.repo.run(sha, event="schedule", status="in_progress")
    step = stage.run("schedule", run, {"schedule": "0 5 * * *"}, sha, ref="refs/heads/main")
    assert step.exit_code == 0, step.log
    assert "GET /repos/acme/support" in [request.line for request in stage.github.requests]


def forged(stage: Stage) -> dict[str, bytes]:
    """The results of a run in which everything is broken, to be compared with in vain."""
    stage.push(BROKEN)
    step = stage.main_run(keep=False)
    stage.push({"eval/outputs.jsonl": outputs()})
    return members(step.results)


def test_a_forged_baseline_is_not_compared_with(stage: Stage) -> None:
    """A fork's branch `main`, another workflow and a pull request's run are all turned down."""
    stage.main_run()
    evil = forged(stage)
    fork = stage.repo.fork("stranger")
    sha = fork.push("main", {"x": "1"})
    run = stage.repo.run(sha, head_repo=fork, branch="main", event="pull_request")
    run.artifact("rubric-baseline", evil)
    other = (2, ".github/workflows/docs.yml")
    main = stage.repo.branches["main"]
    stage.repo.run(main, workflow=other).artifact("rubric-baseline", evil)
    stage.repo.run(main, event="pull_request").artifact("rubric-baseline", evil)
    step = stage.gate(stage.change(BROKEN))
    assert step.exit_code == 1
    assert step.outputs["regressions"] == "1", step.log
    assert "its run was started from a fork" in step.log
    assert "another workflow uploaded it" in step.log


def test_an_expired_baseline_gives_way_to_the_next_older(stage: Stage) -> None:
    """Only what can still be read counts."""
    stage.main_run()
    evil = forged(stage)
    run = stage.repo.run(stage.repo.branches["main"])
    run.artifact("rubric-baseline", evil, expired=True)
    assert stage.gate(stage.change(BROKEN)).outputs["regressions"] == "1"


def test_a_corrupt_baseline_is_an_error(stage: Stage) -> None:
    """It is not an absence: nothing is graded, and the status says error."""
    stage.repo.run(stage.repo.branches["main"]).artifact("rubric-baseline", b"no zip")
    pull = stage.change({})
    step = stage.gate(pull)
    assert step.exit_code == 3
    assert (stage.status(pull.head_sha) or ("",))[0] == "error"
    assert "cannot be read" in pull.comments[0].body


def test_a_required_baseline_that_is_missing_is_an_error(stage: Stage) -> None:
    """A team that has baselines can insist on them; making the first one is still possible."""
    required = {"require-baseline": "true"}
    assert stage.main_run(keep=False, inputs=required).exit_code == 0
    pull = stage.change({})
    assert stage.gate(pull, inputs=required).exit_code == 3
    assert (stage.status(pull.head_sha) or ("",))[0] == "error"


def test_a_baseline_may_be_a_folder_of_the_checkout(stage: Stage) -> None:
    """Then no artifact is asked for."""
    step = stage.main_run(keep=False)
    stored = {f"old/{name}": data.decode() for name, data in members(step.results).items()}
    pull = stage.change({**BROKEN, **stored})
    asked = len(stage.asked("GET"))
    step = stage.gate(pull, inputs={"baseline": "old"})
    assert step.outputs["regressions"] == "1", step.log
    assert not any("artifacts" in path for path in stage.asked("GET")[asked:])


def test_a_named_baseline_that_is_not_there_is_an_input_error(stage: Stage) -> None:
    """The workflow said it would be."""
    step = stage.gate(stage.change({}), inputs={"baseline": "nowhere"})
    assert step.exit_code == 2
    assert "there is no such results folder or zip" in step.log


def test_the_artifact_has_the_name_that_the_workflow_gives(stage: Stage) -> None:
    """Two gates keep two baselines."""
    step = stage.main_run(keep=False)
    run = stage.repo.run(stage.repo.branches["main"])
    run.artifact("support-baseline", members(step.results))
    pull = stage.change(BROKEN)
    assert stage.gate(pull).outputs["regressions"] == "0"
    given = {"baseline-artifact": "support-baseline"}
    assert stage.gate(pull, inputs=given).outputs["regressions"] == "1"
