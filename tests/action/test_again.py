"""Deciding again: what is found for the head is decided on, and what is not is graded."""

import hashlib
import json
from dataclasses import replace

import pytest

from rubric_action.github.words import Seal, address, mark_of
from tests.action.other_events import merge_group
from tests.action.overriding import WEAK, signable
from tests.action.stage import CONTEXT, GOOD, Stage, members, outputs
from tests.fakes.github import Pull

AGAIN = "mode: again"


@pytest.fixture
def pull(stage: Stage) -> Pull:
    """A pull request that fails what may be signed for."""
    stage.push({**GOOD, "eval/rubric.yaml": signable()})
    return stage.change(WEAK)


def test_what_is_published_is_decided_on(stage: Stage, pull: Pull) -> None:
    """Everything graded is carried over, and the run that graded it is named."""
    first = stage.gate(pull, action="opened")
    second = stage.again(pull)
    assert AGAIN in second.log
    assert second.exit_code == 1
    for name in ("cases.jsonl", "sessions.jsonl"):
        assert (second.results / name).read_bytes() == (first.results / name).read_bytes()
    summary = json.loads((second.results / "summary.json").read_text())
    graded = json.loads((first.results / "summary.json").read_text())
    assert summary["findings"] == graded["findings"]
    assert summary["run"]["graded"]["run_id"] == graded["run"]["run_id"]
    assert summary["spend"]["agent_sessions"] == 0


def test_deciding_again_on_what_was_decided_again(stage: Stage, pull: Pull) -> None:
    """The run that graded stays named, however often it is decided."""
    first = stage.gate(pull, action="opened")
    graded = json.loads((first.results / "summary.json").read_text())["run"]["run_id"]
    for _ in range(2):
        step = stage.again(pull)
        assert AGAIN in step.log
        assert json.loads((step.results / "summary.json").read_text())["run"]["graded"][
            "run_id"
        ] == (graded)


@pytest.mark.parametrize("trouble", ["missing", "expired", "gone", "broken"])
def test_without_results_it_is_graded(stage: Stage, pull: Pull, trouble: str) -> None:
    """The log says so, and the verdict is a fresh one."""
    stage.gate(pull, action="opened", keep=trouble != "missing")
    for artifact in stage.repo.artifacts:
        artifact.expired = trouble == "expired"
        if trouble == "broken":
            artifact.data = b"PK no zip"
            artifact.digest = f"sha256:{hashlib.sha256(artifact.data).hexdigest()}"
    if trouble == "gone":
        stage.github.fault("GET", "/zip", status=410, body={"message": "Gone"})
    step = stage.again(pull)
    assert "no results are published for commit" in step.log
    assert AGAIN not in step.log
    assert (step.exit_code, step.outputs["verdict"]) == (1, "fail")


def test_forged_results_turn_nothing_green(stage: Stage, pull: Pull) -> None:
    """A job that may store artifacts and not set statuses is not believed."""
    first = stage.gate(pull, action="opened")
    forged = members(first.results)
    record = json.loads(forged["summary.json"])
    record |= {"verdict": "pass", "findings": []}
    record["measured"] |= {"verdict": "pass"}
    run = stage.repo.run(pull.head_sha, event="pull_request", branch="change")
    record["run"] |= {"run_id": run.id, "url": f"https://github.com/x/actions/runs/{run.id}"}
    run.artifact("rubric-results", forged | {"summary.json": json.dumps(record).encode()})
    step = stage.again(pull)
    assert step.outputs["verdict"] == "fail", step.log
    assert "has set no status" in step.log
    assert (stage.status(pull.head_sha) or ("",))[0] == "failure"


@pytest.mark.parametrize("merged", [True, False])
def test_a_pull_request_that_is_over_is_left_alone(
    stage: Stage, pull: Pull, *, merged: bool
) -> None:
    """Nothing is changed, the job is green, and the log says why."""
    stage.gate(pull, action="opened")
    pull.close(merged=merged)
    written = [one for one in stage.github.requests if one.method != "GET"]
    step = stage.again(pull)
    assert step.exit_code == 0
    assert f"is {'merged' if merged else 'closed'}: nothing is changed" in step.log
    assert [one for one in stage.github.requests if one.method != "GET"] == written


def test_an_old_event_decides_on_the_live_head(stage: Stage, pull: Pull) -> None:
    """A label event of the former head, run again, is about the head of today."""
    job = stage.pull_job(pull, action="labeled")
    stage.push(WEAK | {"note": "x"}, "change")
    stage.gate(pull)
    step = stage.finish(job)
    assert f"mode: again, for commit {pull.head_sha}" in step.log


def test_an_old_event_grades_nothing(stage: Stage, pull: Pull) -> None:
    """Its checkout is the former head's; the new head has a run of its own."""
    job = stage.pull_job(pull, action="labeled")
    stage.push(WEAK | {"note": "x"}, "change")
    step = stage.finish(job)
    assert step.exit_code == 0
    assert "its own run makes them" in step.log
    assert stage.status(pull.head_sha) is None


def test_a_status_is_pending_until_there_is_a_verdict(stage: Stage, pull: Pull) -> None:
    """Red or green replaces it; in between the head is never green by an older word."""
    stage.gate(pull, action="opened")
    told = [one.state for one in stage.repo.statuses if one.context == CONTEXT]
    assert told == ["pending", "failure"]


def test_a_killed_runs_pending_status_is_repaired(stage: Stage, pull: Pull) -> None:
    """The next run of this head replaces it."""
    stage.repo.status(
        pull.head_sha, CONTEXT, "pending", target_url="https://github.com/x/actions/runs/1"
    )
    assert stage.again(pull).exit_code == 1
    assert (stage.status(pull.head_sha) or ("",))[0] == "failure"


def test_a_merge_group_is_gated_on_its_own_commit(stage: Stage, pull: Pull) -> None:
    """What was signed for on the pull request counts for its group."""
    stage.repo.permit("mona", "write")
    stage.gate(pull, action="opened")
    pull.label("rubric-override", by="dana")
    pull.review("APPROVED", by="mona", body="override: known")
    stage.again(pull, "submitted")
    sha = stage.push(
        {"eval/outputs.jsonl": outputs(hours="No idea.")}, "gh-readonly-queue/main/pr-1"
    )
    step = merge_group(stage, pull, sha)
    assert (step.exit_code, step.outputs["verdict"]) == (0, "overridden"), step.log
    assert (stage.status(sha) or ("",))[0] == "success"
    worse = stage.push(
        {"eval/outputs.jsonl": outputs(hours="?", window="?")}, "gh-readonly-queue/main/pr-1"
    )
    step = merge_group(stage, pull, worse)
    assert (step.exit_code, step.outputs["verdict"]) == (1, "fail"), step.log


def test_an_apps_token_is_known_by_what_it_wrote(stage: Stage, pull: Pull) -> None:
    """An app may not ask for its name: nobody vouches until it has written, so it grades anew."""
    token = stage.github.world.token(login="gatekeeper[bot]", value="ghs_app")
    stage.repo.permit("mona", "write")
    stage.gate(pull, action="opened", token=token)
    pull.label("rubric-override", by="dana")
    labelled = stage.again(pull, token=token)
    assert "no results are published for commit" in labelled.log
    assert AGAIN not in labelled.log
    pull.review("APPROVED", by="mona", body="override: known")
    step = stage.again(pull, "submitted", token=token)
    assert (step.exit_code, step.outputs["verdict"]) == (0, "overridden"), step.log
    assert len(pull.comments) == 1


@pytest.mark.parametrize(
    ("vouching", "login", "told"),
    [
        ("evil-app[bot]", "github-actions[bot]", "its run has set no status `rubric/gate`"),
        ("github-actions[bot]", "gatekeeper[bot]", "another workflow uploaded it"),
    ],
)
def test_anothers_status_vouches_for_nothing(
    stage: Stage, pull: Pull, vouching: str, login: str, told: str
) -> None:
    """Good results of another change, stored and vouched for by a workflow of somebody else's."""
    nice = stage.change({"note.txt": "x"}, "nice")
    good = members(stage.gate(nice, action="opened", keep=False).results)
    run = stage.repo.run(
        pull.head_sha,
        event="pull_request",
        branch="change",
        workflow=(9, ".github/workflows/x.yml"),
    )
    url = f"https://github.com/acme/support/actions/runs/{run.id}/attempts/1"
    record = json.loads(good["summary.json"])
    record["run"] |= {"run_id": run.id, "url": url, "sha": pull.head_sha}
    data = json.dumps(record).encode()
    run.artifact("rubric-results", good | {"summary.json": data})
    seal = Seal(hashlib.sha256(data).hexdigest(), mark_of([]))
    leads_to = address(url, seal)
    stage.repo.status(pull.head_sha, CONTEXT, "success", target_url=leads_to, by=vouching)
    step = stage.again(pull, token=stage.github.world.token(login=login))
    assert told in step.log
    assert (step.exit_code, step.outputs["verdict"]) == (1, "fail"), step.log
    assert (stage.status(pull.head_sha) or ("",))[0] == "failure"


def test_a_first_run_that_is_run_again_has_the_last_word(stage: Stage, pull: Pull) -> None:
    """Its number is lower than that of the run that signed, and its findings are newer."""
    stage.repo.permit("mona", "write")
    first = stage.pull_job(pull, action="opened")
    step = stage.finish(first)
    first.run.artifact("rubric-results", members(step.results))
    pull.label("rubric-override", by="dana")
    pull.review("APPROVED", by="mona", body="override: known")
    assert stage.again(pull, "submitted").exit_code == 0
    first.run.run_attempt = 2
    first.run.started_at = stage.github.world.tick()
    (first.folder / "workspace/eval/outputs.jsonl").write_text(outputs(refund="No idea."))
    environ = {**first.environ, "GITHUB_RUN_ATTEMPT": "2"}
    step = stage.finish(replace(first, environ=environ))
    assert step.exit_code == 1, step.log
    assert (stage.status(pull.head_sha) or ("",))[0] == "failure"
    first.run.artifact("rubric-results", members(step.results))
    assert stage.again(pull).exit_code == 1


def test_results_that_a_neighbour_stored_are_not_decided_on(stage: Stage, pull: Pull) -> None:
    """Another job of the same run may store artifacts; the status names the ones it is about."""
    stage.repo.permit("mona", "write")
    job = stage.pull_job(pull, action="opened")
    step = stage.finish(job)
    forged = members(step.results)
    record = json.loads(forged["summary.json"])
    record["findings"] = record["findings"][:0]
    job.run.artifact("rubric-results", forged | {"summary.json": json.dumps(record).encode()})
    step = stage.again(pull)
    assert "not what its run's status vouches for" in step.log
    assert AGAIN not in step.log


def test_an_old_event_is_weighed_by_todays_base(stage: Stage, pull: Pull) -> None:
    """The base has no override any more, whatever the payload says of it."""
    stage.repo.permit("mona", "write")
    job = stage.pull_job(pull, action="opened")
    stage.gate(pull, action="opened")
    pull.label("rubric-override", by="dana")
    pull.review("APPROVED", by="mona", body="override: known")
    policy = signable()
    pull.base_sha = stage.push({"eval/rubric.yaml": policy[: policy.index("override:")]})
    step = stage.finish(job)
    assert (step.exit_code, step.outputs["verdict"]) == (1, "fail"), step.log


def test_a_change_of_the_policy_reaches_a_pull_request_with_its_base(
    stage: Stage, pull: Pull
) -> None:
    """It counts from the day on which GitHub shows another base commit, and no earlier."""
    stage.repo.permit("mona", "write")
    stage.gate(pull, action="opened")
    pull.label("rubric-override", by="dana")
    pull.review("APPROVED", by="mona", body="override: known")
    tip = stage.push({"eval/rubric.yaml": signable(approvers="{users: [kim]}")})
    assert stage.again(pull, "submitted").outputs["verdict"] == "overridden"
    pull.base_sha = tip
    step = stage.again(pull)
    assert (step.exit_code, step.outputs["verdict"]) == (1, "fail"), step.log
    assert (stage.status(pull.head_sha) or ("",))[0] == "failure"
