"""A suite split over a job matrix: shards, their merge, and what is decided on it later."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.action.matrix import SMALL, Matrix, for_main, for_pull
from tests.action.other_events import judging_job, sessions_half
from tests.action.overriding import LABEL, WEAK, WHY, signable
from tests.action.stage import CASES, CONTEXT, GOOD, JUDGED, Stage, Step, members, outputs
from tests.fakes.judge import JudgeServer, faults

BROKEN = {"eval/outputs.jsonl": outputs(refund="No idea.")}
KEY = {"judge-api-key": "sk-judge-0123456789"}


def writes(stage: Stage) -> list[str]:
    """What was changed at GitHub."""
    return [f"{one.method} {one.path}" for one in stage.github.requests if one.method != "GET"]


def told(step: Step) -> dict[str, Any]:
    """The results' summary, without what tells one run from another."""
    found = json.loads((step.results / "summary.json").read_text())
    assert isinstance(found, dict)
    baseline = {**found["baseline"], "age_days": 0} if found["baseline"] else None
    return found | {"run": None, "baseline": baseline}


def test_a_shard_grades_its_part_and_touches_nothing(stage: Stage) -> None:
    """Its token only reads; what it says is in its log, its summary and its outputs."""
    pull = stage.change(BROKEN)
    first, second = for_pull(stage, pull).shards()
    assert (first.exit_code, second.exit_code) == (0, 0), first.log
    assert "shard 1 of 2: 3 cases graded, 1 failed; merge decides" in first.log
    assert "shard 2 of 2: 2 cases graded, 0 failed; merge decides" in second.log
    assert writes(stage) == []
    assert stage.status(pull.head_sha) is None
    assert pull.comments == []
    assert (first.outputs["verdict"], first.outputs["passed"]) == ("", "false")
    assert first.outputs["results"] == "rubric-results"
    assert first.outputs["judge-calls"] == "0"
    assert "merge decides" in first.summary
    assert "eady to ship" not in first.summary + first.log
    assert first.annotations("error") == []


def test_a_pull_request_in_shards_from_failure_to_override(stage: Stage) -> None:
    """The merge comments, sets the status and exits as one run does; a signature counts as ever."""
    stage.push({**GOOD, "eval/rubric.yaml": signable()})
    stage.repo.permit("mona", "write")
    main = for_main(stage)
    main.shards()
    made = main.merge(artifact="rubric-baseline")
    assert made.exit_code == 0, made.log

    pull = stage.change(WEAK)
    run = for_pull(stage, pull, "opened")
    run.shards()
    step = run.merge()
    assert (step.exit_code, step.outputs["verdict"]) == (1, "fail"), step.log
    assert "baseline: the baseline artifact of run" in step.log
    assert step.outputs["regressions"] == "1"
    assert (stage.status(pull.head_sha) or ("",))[0] == "failure"
    assert len(pull.comments) == 1
    assert "used to pass and fails now" in pull.comments[0].body

    pull.label(LABEL, by="dana")
    pull.review("APPROVED", by="mona", body=WHY)
    again = for_pull(stage, pull, "submitted")
    assert [one.exit_code for one in again.shards(keep=False)] == [0, 0]
    step = again.merge()
    assert (step.exit_code, step.outputs["verdict"]) == (0, "overridden"), step.log
    assert "mode: again" in step.log
    assert (stage.status(pull.head_sha) or ("",))[0] == "success"
    assert step.outputs["overridden-by"] == "mona"
    assert len(pull.comments) == 1


def test_the_merge_decides_as_one_run_does(stage: Stage) -> None:
    """With a baseline, a regression and a broken hard gate: the same findings, slices and cases."""
    stage.main_run()
    run = for_pull(stage, stage.change(BROKEN), of=3)
    run.shards()
    joined = run.merge()
    alone = stage.gate(stage.repo.pulls[run.payload["number"]])
    assert told(joined) == told(alone)
    for name in ("cases.jsonl", "sessions.jsonl"):
        ours, theirs = (step.results / name for step in (joined, alone))
        assert ours.read_bytes() == theirs.read_bytes()
    assert joined.outputs["findings"] == alone.outputs["findings"]
    assert joined.exit_code == alone.exit_code == 1


def test_a_shard_uses_the_baselines_replies(stage: Stage, judge_server: JudgeServer) -> None:
    """An unchanged answer costs nothing; the joined results hand all replies on."""
    stage.push({"eval/rubric.yaml": JUDGED % judge_server.base_url})
    main = for_main(stage, of=3)
    main.shards(inputs=KEY)
    main.merge(artifact="rubric-baseline", inputs=KEY)
    assert len(judge_server.requests) == len(CASES)
    run = for_pull(stage, stage.change({"eval/outputs.jsonl": outputs(hours="New hours.")}))
    run.shards(inputs=KEY)
    step = run.merge()
    assert step.exit_code == 0, step.log
    assert len(judge_server.requests) == len(CASES) + 1
    assert step.outputs["judge-calls"] == "1"


def test_a_shard_keeps_the_key_from_strangers(stage: Stage, judge_server: JudgeServer) -> None:
    """Where the key may go is the base's to say in a shard as well."""
    stage.push({"eval/rubric.yaml": JUDGED % judge_server.base_url})
    with JudgeServer() as evil:
        pull = stage.change({"eval/rubric.yaml": JUDGED % evil.base_url})
        step = for_pull(stage, pull).shard(1, inputs=KEY)
        assert evil.requests == []
    assert step.exit_code == 2
    assert "may not be sent to" in step.log
    assert writes(stage) == []
    assert not step.results.exists()


def test_a_shard_that_died_is_an_error(stage: Stage) -> None:
    """The merge names it, and neither status nor comment is green."""
    pull = stage.change({"note.txt": "x"})
    run = for_pull(stage, pull, of=3)
    for index in (1, 3):
        run.shard(index)
    step = run.merge()
    assert step.exit_code == 2
    assert "shard 2 of 3 left no results" in step.log
    assert step.outputs["verdict"] == "error"
    assert (stage.status(pull.head_sha) or ("",))[0] == "error"
    assert "shard 2 of 3 left no results" in pull.comments[0].body
    assert not step.results.exists()


def test_a_shard_that_was_cut_short_is_an_error(stage: Stage, judge_server: JudgeServer) -> None:
    """Its job is red, and so is the verdict on all of them, which says why."""
    stage.push({"eval/rubric.yaml": JUDGED % judge_server.base_url})
    judge_server.when(lambda prompt: "window" in prompt, faults.unauthorized())
    pull = stage.change({"note.txt": "x"})
    run = for_pull(stage, pull)
    first, second = run.shards(inputs=KEY)
    assert (first.exit_code, second.exit_code) == (0, 3)
    assert "shard 2 of 2 was cut short" in second.log
    assert "shard 2 of 2 was cut short" in second.annotations("error")[0]
    step = run.merge()
    assert (step.exit_code, step.outputs["verdict"]) == (3, "error")
    state, description = stage.status(pull.head_sha) or ("", "")
    assert state == "error"
    assert str(description).startswith("No verdict: Shard 2 of 2: ")


def test_a_merge_is_pending_until_it_decides(stage: Stage) -> None:
    """Once, by the job that decides."""
    pull = stage.change({"note.txt": "x"})
    run = for_pull(stage, pull)
    run.shards()
    run.merge()
    said = [one.state for one in stage.repo.statuses if one.context == CONTEXT]
    assert said == ["pending", "success"]


def test_a_label_before_any_results(stage: Stage) -> None:
    """The merge says what to do: no shard has run for this event."""
    pull = stage.change(WEAK)
    step = for_pull(stage, pull, "labeled").merge()
    assert step.exit_code == 3
    assert "has no results to decide on, and no `shards` to make them from" in step.log
    assert "re-run all jobs of the run that graded it" in step.log
    assert (stage.status(pull.head_sha) or ("",))[0] == "error"


def test_a_baseline_in_shards(stage: Stage) -> None:
    """A failure on the default branch is recorded, and the next change is compared with it."""
    stage.push(BROKEN)
    main = for_main(stage)
    assert [step.exit_code for step in main.shards()] == [0, 0]
    step = main.merge(artifact="rubric-baseline")
    assert (step.exit_code, step.outputs["verdict"]) == (0, "fail"), step.log
    assert "mode: baseline" in step.log
    gated = stage.gate(stage.change({"note.txt": "x"}))
    assert f"baseline: the baseline artifact of run {main.run.id}" in gated.log


NO_VERDICT = "holds the results of one shard, which decide nothing."


def test_a_shard_is_no_baseline(stage: Stage) -> None:
    """Stored under the baseline's name it stops whoever would be compared with it."""
    main = for_main(stage)
    main.run.artifact("rubric-baseline", members(main.shard(1).results))
    main.run.status = "completed"
    step = stage.gate(stage.change(WEAK))
    assert step.exit_code == 3
    assert NO_VERDICT in step.log
    assert "Give what `rubric-action merge` made of all shards" in step.log


def test_a_shard_is_no_verdict(stage: Stage) -> None:
    """Stored under the name of results it is turned down, even where a status speaks for it."""
    pull = stage.change(WEAK)
    graded = stage.gate(pull, keep=False)
    assert graded.exit_code == 0
    run = for_pull(stage, pull)
    run.run = next(one for one in stage.repo.runs.values() if one.head_sha == pull.head_sha)
    run.run.artifact("rubric-results", members(run.shard(1).results))
    step = stage.again(pull)
    assert NO_VERDICT in step.log
    assert "mode: again" not in step.log


def test_results_of_another_commit_are_not_joined(stage: Stage) -> None:
    """Shards are of the commit that the verdict is about."""
    pull = stage.change(WEAK)
    old = for_pull(stage, pull)
    old.shards()
    stage.push({**WEAK, "note": "x"}, "change")
    run = for_pull(stage, pull)
    run.artifacts = old.artifacts
    step = run.merge()
    assert step.exit_code == 2
    assert f"shard 1 of 2 is of commit {old.sha}. Run all shards again" in step.log


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"mode": "merge"}, "`outputs`: `mode: merge` has nothing to join"),
        ({"mode": "merge", "outputs": "../shards"}, "`../shards` leads out of the repository"),
        ({"shard": "3/2"}, "`shard`: `3/2` is not one part of n as `i/n`"),
        ({"shard": "1/2", "mode": "merge"}, "`shard`: `mode: merge` is not done in parts"),
        ({"shard": "1/2", "mode": "sessions"}, "`shard`: `mode: sessions` is not done in parts"),
        ({"mode": "merge", "outputs": "rubric-results/x"}, "is emptied before the run"),
    ],
)
def test_inputs_that_do_not_fit(stage: Stage, inputs: dict[str, str], words: str) -> None:
    """Each is one error that says what to write, before anything is run."""
    step = stage.gate(stage.change(WEAK), inputs=inputs)
    assert step.exit_code == 2
    assert words in step.log


def test_a_shard_stores_its_results_if_asked_to(stage: Stage) -> None:
    """Under its own name, which no later run takes for results; here the service is not there."""
    step = for_pull(stage, stage.change(WEAK)).shard(2, inputs={"upload": "true"})
    assert step.exit_code == 0
    assert "are not stored as the artifact `rubric-shard-2`" in step.annotations("warning")[0]


def test_a_forks_sessions_are_judged_in_one_job(stage: Stage) -> None:
    """Both inputs are refused where another workflow's end starts the run."""
    pull = stage.fork_change({**GOOD, **WEAK})
    run, _ = sessions_half(stage, pull)
    for inputs in ({"shard": "1/2"}, {"mode": "merge", "outputs": "shards"}):
        step = stage.finish(judging_job(stage, run, inputs=inputs))
        assert step.exit_code == 2
        assert "a fork's sessions are judged in one job" in step.log


def test_a_merge_group_in_shards(stage: Stage) -> None:
    """A shard asks nothing about pull requests; the merge gates the group."""
    pull = stage.change({"note.txt": "x"})
    sha = stage.push({"note.txt": "x"}, "queue")
    run = stage.repo.run(sha, event="merge_group", status="in_progress")
    ref = f"refs/heads/gh-readonly-queue/main/pr-{pull.number}-{pull.base_sha}"
    group = {
        "head_sha": sha,
        "head_ref": ref,
        "base_sha": pull.base_sha,
        "base_ref": "refs/heads/main",
    }
    payload = {**for_main(stage).payload, "action": "checks_requested", "merge_group": group}
    matrix = Matrix(stage, "merge_group", run, payload, sha, ref)
    assert [step.exit_code for step in matrix.shards()] == [0, 0]
    assert not any("/pulls" in one.path for one in stage.github.requests)
    step = matrix.merge()
    assert (step.exit_code, step.outputs["verdict"]) == (0, "pass"), step.log
    assert (stage.status(sha) or ("",))[0] == "success"


def test_a_shards_token_is_as_small_as_told(stage: Stage) -> None:
    """Without the two permissions it ends, and says which one is missing."""
    pull = stage.change(WEAK)
    run = for_pull(stage, pull)
    for name in SMALL:
        less = {other: level for other, level in SMALL.items() if other != name}
        job = run.shard_job(1)
        token = stage.github.world.token(less)
        step = stage.finish(
            type(job)(job.folder, {**job.environ, "INPUT_GITHUB-TOKEN": token.value}, job.run)
        )
        assert step.exit_code == 3
        assert f"{name}: read" in step.log


def test_a_flat_download(stage: Stage, tmp_path: Path) -> None:
    """A lone shard lies in the folder itself."""
    run = for_pull(stage, stage.change({"note.txt": "x"}), of=1)
    run.shards()
    job = stage.pull_job(
        stage.repo.pulls[run.payload["number"]], inputs={"mode": "merge", "outputs": "shards"}
    )
    (files,) = run.artifacts.values()
    for member, data in files.items():
        (tmp_path / "flat").mkdir(exist_ok=True)
        (tmp_path / "flat" / member).write_bytes(data)
    shutil.copytree(tmp_path / "flat", job.folder / "workspace" / "shards")
    assert stage.finish(job).outputs["verdict"] == "pass"
