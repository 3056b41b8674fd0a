"""Runs on the default branch, and which of them a pull request is compared with."""

import json
from collections.abc import Mapping

import pytest

from tests.action.stage import RUBRIC, Stage, members, outputs
from tests.fakes.github import FOREVER

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
    stage.main_run(artifact="support-baseline")
    pull = stage.change(BROKEN)
    assert stage.gate(pull).outputs["regressions"] == "0"
    given = {"baseline-artifact": "support-baseline"}
    assert stage.gate(pull, inputs=given).outputs["regressions"] == "1"


def limited(stage: Stage) -> Mapping[str, str]:
    """GitHub does not say which baselines there are."""
    headers = {"Retry-After": "3600"}
    stage.github.fault("GET", "/actions/artifacts", times=FOREVER, status=429, headers=headers)
    return {}


def without_a_rubric(stage: Stage) -> Mapping[str, str]:
    """The rubric is not valid."""
    stage.push({"eval/rubric.yaml": "version: 9\n"})
    return {}


def without_a_key(stage: Stage) -> Mapping[str, str]:
    """The judge has no key."""
    judge = "judge: {provider: openai, model: small}\naxes:\n  tone: {ask: Polite?, pass: 0.5}\n"
    stage.push({"eval/rubric.yaml": RUBRIC + judge})
    return {}


def by_a_link(stage: Stage) -> Mapping[str, str]:
    """A link stands in the folder's place."""
    stage.push({"eval/rubric.yaml": "version: 9\n"})
    return {"rubric-results": "kept"}


@pytest.mark.parametrize("fail", [limited, without_a_rubric, without_a_key, by_a_link])
def test_results_in_the_checkout_never_become_a_baseline(stage: Stage, fail: object) -> None:
    """A run that ends before it writes its own leaves nothing for the upload."""
    evil = {name: data.decode() for name, data in forged(stage).items()}
    folder = "kept" if fail is by_a_link else "rubric-results"
    stage.push({f"{folder}/{name}": text for name, text in evil.items()})
    assert callable(fail)
    step = stage.main_run(committed=fail(stage))
    assert step.exit_code >= 2, step.log
    assert not step.results.exists()
    assert stage.repo.artifacts == []


def test_a_forged_file_does_not_survive_a_green_run(stage: Stage) -> None:
    """What is uploaded is this run's alone."""
    evil = ("audit.jsonl", "report.html", "summary.json/x", "grades.jsonl/x", ".unfinished-a/x")
    stage.push({f"rubric-results/{name}": "forged" for name in evil})
    step = stage.main_run()
    assert step.exit_code == 0, step.log
    names = {path.name for path in step.results.iterdir()}
    lines = {"cases.jsonl", "sessions.jsonl", "grades.jsonl", "audit.jsonl"}
    assert names <= {"summary.json", "comment.md", *lines}
    audit = (step.results / "audit.jsonl").read_text()
    assert audit == '{"schema": "rubric-audit/1"}\n'


@pytest.mark.parametrize("results", ["eval", ".", "..", "../elsewhere", "/"])
def test_a_results_folder_with_more_in_it_is_refused(stage: Stage, results: str) -> None:
    """It would be emptied, and the rubric, the checkout or the runner's files with it."""
    step = stage.gate(stage.change({}), inputs={"results": results})
    assert step.exit_code == 2
    assert "`results`" in step.log
    assert (step.results.parent / "eval/rubric.yaml").exists()


def test_results_of_another_run_are_not_compared_with(stage: Stage) -> None:
    """A forgery that was uploaded by a run on main does not name that run."""
    stage.main_run()
    stage.repo.run(stage.repo.branches["main"]).artifact("rubric-baseline", forged(stage))
    step = stage.gate(stage.change(BROKEN))
    assert step.outputs["regressions"] == "1", step.log
    assert "its results are of another run" in step.log


def test_a_tag_that_is_called_like_the_branch_makes_no_baseline(stage: Stage) -> None:
    """GitHub names tag and branch alike in `head_branch`; the commit tells them apart."""
    stage.main_run()
    sha = stage.push(BROKEN, "evil")
    run = stage.repo.run(sha, branch="main", status="in_progress")
    payload = {"repository": {"id": stage.repo.id, "default_branch": "main"}}
    step = stage.run("push", run, payload, sha, ref="refs/heads/main")
    run.status = "completed"
    run.artifact("rubric-baseline", members(step.results))
    step = stage.gate(stage.change(BROKEN))
    assert step.outputs["regressions"] == "1", step.log


def test_a_long_row_of_errors_does_not_hide_the_baseline(stage: Stage) -> None:
    """A pull request ends in an error that says so; the next run on main gets past the row."""
    stage.main_run()
    broken = stage.push({"eval/outputs.jsonl": outputs().partition("\n")[2]})
    step = stage.main_run()
    assert step.outputs["verdict"] == "error"
    for _ in range(10):
        run = stage.repo.run(broken)
        record = json.loads((step.results / "summary.json").read_text())
        record["run"] |= {"run_id": run.id}
        run.artifact("rubric-baseline", {"summary.json": json.dumps(record)})
    stage.push({"eval/outputs.jsonl": outputs()})
    pull = stage.change(BROKEN)
    assert stage.gate(pull).exit_code == 3
    assert "older ones are left" in pull.comments[0].body
    assert stage.main_run().exit_code == 0
    assert stage.gate(pull).outputs["regressions"] == "1"
