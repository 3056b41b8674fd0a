"""Runs of one commit that overtake each other: nothing green rests on what is not the last word."""

import io
from pathlib import Path
from typing import cast

import pytest

from rubric_action.action import Action
from rubric_action.github.commands import Log
from rubric_action.github.context import read_context
from rubric_action.github.inputs import read_inputs
from rubric_action.hosted import Decided
from rubric_action.report.model import Report
from rubric_action.report.redact import redactor
from tests.action.other_events import judge_half, sessions_half
from tests.action.overriding import MEASURED, SIGNED, WEAK, Scene, Setting, opened, signable
from tests.action.stage import CONTEXT, GOOD, Job, Stage, Step, outputs
from tests.fakes.github import FOREVER, GithubServer, Pull, WorkflowRun

HARD = outputs(hours="No idea.", refund="No idea.")
"""What nobody may sign for: the case with high stakes fails as well."""
ALL_HARD = (
    signable(allow="[hard-gate]")
    .replace("{select: {stakes: high}, gate: hard}", "{select: all, gate: hard}")
    .replace("min_pass_rate: 0.9", "min_pass_rate: 0.1")
)


@pytest.fixture
def scene(github_server: GithubServer, tmp_path: Path) -> Scene:
    """A pull request that failed, and was signed for since."""
    made = opened(github_server, tmp_path)
    made.happen(*SIGNED)
    return made


def measurement(scene: Scene, sessions: str = HARD, action: str = "reopened") -> Job:
    """A run that is started, and will find something else than the first one."""
    job = scene.stage.pull_job(scene.pull, action=action)
    (job.folder / "workspace/eval/outputs.jsonl").write_text(sessions)
    return job


def page(run: WorkflowRun) -> str:
    """The page of a run's first attempt."""
    return f"https://github.com/acme/support/actions/runs/{run.id}/attempts/1"


def test_a_measurement_that_ends_after_a_signature_has_the_last_word(scene: Scene) -> None:
    """Its number is lower than that of the run that signed, which measured nothing."""
    slow = measurement(scene)
    assert scene.again("submitted").outputs["verdict"] == "overridden"
    assert scene.status[0] == "success"
    step = scene.stage.finish(slow)
    assert (step.exit_code, step.outputs["verdict"]) == (1, "fail"), step.log
    assert scene.status[0] == "failure"
    assert "Nobody may override `hard-gate`" in scene.comment


def test_a_measurement_under_way_is_waited_for(scene: Scene) -> None:
    """What was signed meanwhile is left to it: the status stays pending, and then is its own."""
    inner: list[tuple[Step, str]] = []

    def sign() -> None:
        inner.append((scene.again("submitted"), scene.status[0]))

    slow = measurement(scene)
    scene.stage.github.fault("GET", "/issues/1/events", before=sign)
    step = scene.stage.finish(slow)
    ((again, meanwhile),) = inner
    assert (again.exit_code, meanwhile) == (0, "pending")
    assert f"the run that measures this commit decides by itself, {page(slow.run)}" in again.log
    assert not again.results.exists()
    assert (step.exit_code, scene.status[0]) == (1, "failure"), step.log


def test_a_measurement_that_comes_in_between_is_not_overtaken(scene: Scene) -> None:
    """A decision on older results is published nowhere once there are newer ones."""
    slow = measurement(scene)
    scene.stage.github.fault("GET", "/pulls/1/reviews", before=lambda: scene.stage.finish(slow))
    step = scene.again("submitted", keep=False)
    assert "another run has measured this commit since, and found something else" in step.log
    assert scene.status[0] == "failure"
    assert "Nobody may override `hard-gate`" in scene.comment


def test_a_measurement_that_begins_in_between_is_not_overtaken(scene: Scene) -> None:
    """It was not there yet when the results were read, and has the word from then on."""
    pull, repo = scene.pull, scene.stage.repo
    run = repo.run(pull.head_sha, event="pull_request", status="in_progress")

    def begin() -> None:
        repo.status(pull.head_sha, CONTEXT, "pending", target_url=page(run))

    scene.stage.github.fault("GET", "/pulls/1/reviews", before=begin)
    comment = scene.comment
    step = scene.again("submitted")
    assert f"the verdict follows from the run that measures now, {page(run)}" in step.log
    assert (scene.status[0], scene.comment) == ("pending", comment)


def test_a_run_that_was_lost_is_not_waited_for(scene: Scene) -> None:
    """Its runner is gone, and GitHub says that the run is over."""
    pull, repo = scene.pull, scene.stage.repo
    run = repo.run(pull.head_sha, event="pull_request", status="completed")
    repo.status(pull.head_sha, CONTEXT, "pending", target_url=page(run))
    step = scene.again("submitted")
    assert (step.exit_code, scene.status[0]) == (0, "success"), step.log


def test_a_forks_measurement_under_way_is_waited_for(stage: Stage) -> None:
    """The trusted half decides nothing anew while another of its runs judges."""
    stage.push({**GOOD, "eval/rubric.yaml": signable()})
    pull = stage.fork_change(WEAK)
    run, _ = sessions_half(stage, pull)
    judge_half(stage, run)
    main = stage.repo.branches["main"]
    busy = stage.repo.run(main, event="workflow_run", status="in_progress")
    stage.repo.status(pull.head_sha, CONTEXT, "pending", target_url=page(busy))
    later, _ = sessions_half(stage, pull, leaves=False)
    step = judge_half(stage, later)
    assert step.exit_code == 0
    assert f"the run that measures this commit decides by itself, {page(busy)}" in step.log
    assert (stage.status(pull.head_sha) or ("",))[0] == "pending"


def lost(scene: Scene, sessions: str) -> Step:
    """A measurement whose results are stored nowhere."""
    return scene.stage.finish(measurement(scene, sessions))


def labelled_again(scene: Scene, sessions: str) -> Step:
    """Somebody sets another label; the checkout has what the lost run measured."""
    return scene.stage.finish(measurement(scene, sessions, action="labeled"))


def test_another_failure_in_the_same_words_is_not_taken_for_a_repetition(
    github_server: GithubServer, tmp_path: Path
) -> None:
    """Two cases of five fail in either run, and they are others than those that were signed for."""
    both = outputs(hours="No idea.", window="No idea.")
    others = outputs(refund="No idea.", address="No idea.")
    setting = Setting(ALL_HARD, lambda stage: stage.change({"eval/outputs.jsonl": both}))
    scene = opened(github_server, tmp_path, setting)
    first = scene.status
    scene.happen(*SIGNED)
    assert scene.again("submitted").outputs["verdict"] == "overridden"
    assert lost(scene, others).exit_code == 1
    assert scene.status[0] == "failure"
    step = labelled_again(scene, others)
    assert "a later run decided otherwise and left no results" in step.log
    assert (step.exit_code, step.outputs["verdict"]) == (1, "fail"), step.log
    assert scene.status == first, "the words are the same"


def test_an_error_that_is_a_verdict_is_not_forgotten(scene: Scene) -> None:
    """A case without an answer may hide what nobody signed for."""
    missing = "".join(outputs(hours="No idea.").splitlines(keepends=True)[:-1])
    assert scene.again("submitted").outputs["verdict"] == "overridden"
    assert lost(scene, missing).outputs["verdict"] == "error"
    step = labelled_again(scene, missing)
    assert "a later run decided otherwise and left no results" in step.log
    assert (step.exit_code, step.outputs["verdict"]) == (3, "error"), step.log
    assert scene.status[0] == "error"


def test_a_run_that_was_cancelled_takes_no_results_away(scene: Scene) -> None:
    """It has measured nothing: the results before it are still the commit's."""
    pull, repo = scene.pull, scene.stage.repo
    run = repo.run(pull.head_sha, event="pull_request")
    repo.status(pull.head_sha, CONTEXT, "error", "No verdict", target_url=page(run))
    step = scene.again("submitted")
    assert (step.exit_code, scene.status[0]) == (0, "success"), step.log


def test_a_decision_that_cannot_be_made_is_red(scene: Scene) -> None:
    """A signature may have been taken back: what was green by it is so no longer."""
    assert scene.again("submitted").outputs["verdict"] == "overridden"
    refusal = {"message": "Resource not accessible by integration"}
    scene.stage.github.fault("GET", "/pulls/1$", times=FOREVER, status=403, body=refusal)
    step = scene.again("dismissed")
    assert step.exit_code == 3, step.log
    assert scene.status[0] == "error"


def test_a_decision_about_a_head_that_nobody_can_see_is_not_published(scene: Scene) -> None:
    """The head may have moved on meanwhile; the job is red, and the status what it was."""
    refusal = {"message": "Resource not accessible by integration"}
    scene.stage.github.fault("GET", "/pulls/1$", times=FOREVER, skip=1, status=403, body=refusal)
    step = scene.again("submitted")
    assert (step.exit_code, step.outputs["verdict"]) == (3, "overridden"), step.log
    assert "Nothing was published" in step.log
    assert scene.status[0] == "failure"


def test_results_that_nobody_can_read_are_vouched_for_by_nobody(stage: Stage) -> None:
    """Such as a summary beyond what is read of one: the verdict stands, and the log says so."""
    job = stage.pull_job(stage.change({}))
    folder = job.folder / "workspace/rubric-results"
    folder.mkdir()
    (folder / "summary.json").write_text("{")
    out = io.StringIO()
    inputs, context = read_inputs(job.environ), read_context(job.environ)
    action = Action(job.environ, inputs, context, Log(out, redactor([])))
    assert action._seal() is None
    assert out.getvalue() == ""
    action.decided = Decided(cast("Report", None))
    assert action._seal() is None
    assert out.getvalue().startswith("the status vouches for no results: ")


def payload_of_old(stage: Stage) -> tuple[Pull, Job]:
    """A label event whose payload has a base that asks for less than that of today."""
    stage.push({"eval/rubric.yaml": f"{MEASURED}findings: {{threshold: warn}}\n"})
    pull = stage.change({**WEAK, "eval/rubric.yaml": MEASURED})
    job = stage.pull_job(pull, action="labeled")
    pull.base_sha = stage.push({"eval/rubric.yaml": MEASURED})
    return pull, job


def test_what_is_graded_after_all_is_held_against_the_live_base(stage: Stage) -> None:
    """Without results the commit is graded, and no payload says against which bar."""
    pull, job = payload_of_old(stage)
    step = stage.finish(job)
    assert "no results are published for commit" in step.log
    assert (step.exit_code, step.outputs["verdict"]) == (1, "fail"), step.log
    assert (stage.status(pull.head_sha) or ("",))[0] == "failure"
