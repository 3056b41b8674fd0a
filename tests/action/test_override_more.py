"""What a table of happenings cannot tell: other commits, other results, pages, and races."""

from pathlib import Path

import pytest

from tests.action.overriding import (
    LABEL,
    SIGNED,
    WEAK,
    Row,
    Scene,
    Setting,
    approve,
    label,
    opened,
    retarget,
    review,
    signable,
    unlabel,
)
from tests.action.stage import Stage, outputs
from tests.fakes.github import GithubServer, Pull
from tests.fakes.github.bodies.pulls import pull_simple

MANY = 120
WRITES = ("POST", "PATCH", "PUT", "DELETE")
WORSE = {**WEAK, "eval/worse.jsonl": outputs(hours="No idea.", window="No idea.")}
AGAIN_WITH_WORSE = {"outputs": "eval/worse.jsonl"}


@pytest.fixture
def scene(github_server: GithubServer, tmp_path: Path) -> Scene:
    """A pull request that fails what may be signed for."""
    return opened(github_server, tmp_path)


def writes(scene: Scene) -> list[str]:
    """What GitHub was told to change."""
    return [one.line for one in scene.stage.github.requests if one.method in WRITES]


def chatter(scene: Scene) -> None:
    """More reviews than a page holds."""
    scene.happen(*[review("COMMENTED", "kim", body="Well.")] * MANY)


def events(scene: Scene) -> None:
    """More events than a page holds."""
    scene.happen(*[label(name="other"), unlabel(name="other")] * (MANY // 2))


def many_commits(stage: Stage) -> Pull:
    """More commits than GitHub lists, of which mona wrote the last but a few."""
    for number in range(260):
        stage.repo.push("change", {"n.txt": f"{number}"}, author="mona" if number > 253 else "dana")
    return stage.change(WEAK)


@pytest.mark.parametrize(
    ("what", "page", "crowd"),
    [
        ("reviews", "/pulls/1/reviews", None),
        ("reviews", "/pulls/1/reviews.*page=2", chatter),
        ("label events", "/issues/1/events", None),
        ("label events", "/issues/1/events.*page=2", events),
        ("commits", "/pulls/1/commits", None),
    ],
    ids=["reviews", "reviews, page 2", "events", "events, page 2", "commits"],
)
def test_any_page_of_reviews_events_or_commits_unreadable(
    scene: Scene, what: str, page: str, crowd: object
) -> None:
    """The verdict is an error and not a guess, although a good signature is there."""
    scene.happen(*SIGNED, *([crowd] if callable(crowd) else []))
    refusal = {"message": "Resource not accessible by integration"}
    scene.stage.github.fault("GET", page, status=403, body=refusal)
    step = scene.again("submitted")
    assert (step.exit_code, step.outputs["verdict"]) == (3, "error"), step.log
    assert step.outputs["overridden-by"] == ""
    assert scene.status[0] == "error"
    assert f"Could not read the pull request's {what}" in scene.comment
    assert "Add `pull-requests: read` under the job's `permissions:`." in scene.comment


@pytest.mark.parametrize(
    "row",
    [
        Row(42, "an approval on the second page", (chatter, *SIGNED), True, "Signed by `mona`"),
        Row(
            42,
            "an objection on the second page",
            (*SIGNED, chatter, review("CHANGES_REQUESTED")),
            False,
            "they asked for changes afterwards",
        ),
        Row(42, "a label on the second page", (events, *SIGNED), True, "Signed by `mona`"),
        Row(
            42,
            "a label set once more on the second page",
            (*SIGNED, events, unlabel(), label()),
            False,
            "the approval did not come after the request",
        ),
        Row(
            42,
            "a contributor beyond the commits that GitHub lists",
            SIGNED,
            False,
            "they contributed to the pull request: authored",
            Setting(opens=many_commits),
        ),
    ],
    ids=lambda row: row.case,
)
def test_more_than_100_reviews_100_events_250_commits(
    github_server: GithubServer, tmp_path: Path, row: Row
) -> None:
    """All pages count."""
    row.check(opened(github_server, tmp_path, row.setting))


def test_new_push_after_label_and_approval(scene: Scene) -> None:
    """Both are needed again, for the new head."""
    scene.happen(*SIGNED)
    assert scene.again("submitted").exit_code == 0
    scene.stage.push({"note.txt": "x"}, "change")
    pushed = scene.stage.gate(scene.pull)
    assert (pushed.exit_code, pushed.outputs["verdict"]) == (1, "fail"), pushed.log
    assert scene.status[0] == "failure"
    assert "stale, since the review is of" in scene.comment
    assert "first set the label again if this commit came after it" in scene.comment
    scene.happen(approve())
    assert scene.again("submitted").exit_code == 1
    assert "the request does not count: stale, since it did not come after" in scene.comment
    scene.happen(unlabel(), label(), approve())
    assert scene.again("submitted").outputs["verdict"] == "overridden"


def test_pr_retargeted_after_approval_is_graded_anew(scene: Scene) -> None:
    """The run that the change of the base branch starts does not heed what came before."""
    scene.happen(*SIGNED, retarget)
    changes = {"base": {"ref": {"from": "main"}, "sha": {"from": scene.pull.base_sha}}}
    step = scene.again("edited", payload={"changes": changes})
    assert "mode: gate" in step.log
    assert (step.exit_code, step.outputs["verdict"]) == (1, "fail"), step.log
    assert "stale, since it did not come after the last change of the base branch" in scene.comment


def no_answer(stage: Stage) -> Pull:
    """A case without an answer, which is no failure of the agent but no verdict either."""
    lines = outputs().splitlines(keepends=True)
    return stage.change({"eval/outputs.jsonl": "".join(lines[:-1])})


def wrong_rubric(stage: Stage) -> Pull:
    """A rubric that cannot be read."""
    return stage.change({**WEAK, "eval/rubric.yaml": signable() + "typo: 1\n"})


@pytest.mark.parametrize(
    ("opens", "exit_code", "tells"),
    [(no_answer, 3, "an error can't be overridden"), (wrong_rubric, 2, "typo")],
    ids=["verdict is `error` (exit 3)", "the rubric is invalid (exit 2)"],
)
def test_no_verdict_to_sign_for(
    github_server: GithubServer, tmp_path: Path, opens: object, exit_code: int, tells: str
) -> None:
    """An error is not signed away."""
    assert callable(opens)
    scene = opened(github_server, tmp_path, Setting(opens=opens, exit_code=exit_code))
    scene.happen(*SIGNED)
    step = scene.again("submitted")
    assert (step.exit_code, step.outputs["verdict"]) == (exit_code, "error"), step.log
    assert scene.status[0] == "error"
    assert tells in scene.comment


def regressing(stage: Stage) -> Pull:
    """A case that passes on the default branch fails; another one will."""
    assert stage.main_run().exit_code == 0
    return stage.change(WORSE)


def worsening(stage: Stage) -> Pull:
    """The same without a baseline, so that only a rate falls."""
    return stage.change(WORSE)


LENIENT = signable().replace("min_pass_rate: 0.9", "min_pass_rate: 0.5")


@pytest.mark.parametrize(
    ("setting", "tells"),
    [
        (Setting(LENIENT, regressing), "it does not cover `regression` (`window`)"),
        (Setting(opens=worsening), "it got worse since: 0.600, it was 0.800"),
    ],
    ids=["a new failing case", "a rate that fell further"],
)
def test_a_rerun_on_the_same_sha_finds_a_new_failing_case(
    github_server: GithubServer, tmp_path: Path, setting: Setting, tells: str
) -> None:
    """What was signed for stays signed for; what came to light later is not."""
    scene = opened(github_server, tmp_path, setting)
    scene.happen(*SIGNED)
    assert scene.again("submitted").outputs["verdict"] == "overridden"
    step = scene.stage.gate(scene.pull, inputs=AGAIN_WITH_WORSE)
    assert (step.exit_code, step.outputs["verdict"]) == (1, "fail"), step.log
    assert scene.status[0] == "failure"
    assert tells in scene.comment, scene.comment
    assert scene.again().exit_code == 1
    scene.happen(approve())
    assert scene.again("submitted").outputs["verdict"] == "overridden", scene.comment


def test_results_are_gone_and_nobody_ran_the_agent(scene: Scene) -> None:
    """The step that runs it is left out on a label: the comment says how to run it again."""
    scene.happen(*SIGNED)
    for artifact in scene.stage.repo.artifacts:
        artifact.expired = True
    job = scene.stage.pull_job(scene.pull, action="labeled")
    (job.folder / "workspace/eval/outputs.jsonl").unlink()
    step = scene.stage.finish(job)
    assert (step.exit_code, step.outputs["verdict"]) == (3, "error"), step.log
    assert scene.status[0] == "error"
    assert "has no results to decide on, and no `eval/outputs.jsonl` to make them" in scene.comment
    assert "Do next: Run the gate for it again with its agent: re-run all jobs" in scene.comment
    reopened = scene.stage.gate(scene.pull, action="reopened")
    assert reopened.outputs["verdict"] == "fail", reopened.log
    scene.happen(approve())
    assert scene.again("submitted").outputs["verdict"] == "overridden"


def test_event_replayed_with_an_old_payload(scene: Scene) -> None:
    """Labels of the payload do not bring back what was taken off since."""
    scene.happen(*SIGNED)
    old = {
        "pull_request": pull_simple(scene.stage.github.url, scene.pull),
        "label": {"name": LABEL},
    }
    assert scene.again("submitted").exit_code == 0
    scene.happen(unlabel())
    step = scene.again(payload=old)
    assert (step.exit_code, step.outputs["verdict"]) == (1, "fail"), step.log
    assert scene.status[0] == "failure"
    assert "nobody has asked for one" in scene.comment


def test_event_replayed_with_the_payload_of_an_old_head(scene: Scene) -> None:
    """The live head is decided on, for which nobody signed."""
    scene.happen(*SIGNED)
    old, before = pull_simple(scene.stage.github.url, scene.pull), scene.pull.head_sha
    scene.stage.push({"note.txt": "x"}, "change")
    assert scene.stage.gate(scene.pull).exit_code == 1
    step = scene.again(payload={"pull_request": old})
    assert (step.exit_code, step.outputs["verdict"]) == (1, "fail"), step.log
    assert f"mode: again, for commit {scene.pull.head_sha}" in step.log
    assert (scene.stage.status(before) or ("",))[0] == "failure"


def test_event_replayed_before_the_new_head_has_results(scene: Scene) -> None:
    """There is nothing to decide on, and the head's own run makes it."""
    scene.happen(*SIGNED)
    old = pull_simple(scene.stage.github.url, scene.pull)
    scene.stage.push({"note.txt": "x"}, "change")
    step = scene.again(payload={"pull_request": old})
    assert step.exit_code == 0
    assert "has no results, and its own run makes them" in step.log
    assert writes(scene) == []


def test_head_moved_while_deciding(scene: Scene) -> None:
    """Nothing is published for the old head, nor for the new one."""
    scene.happen(*SIGNED)
    before, comment = scene.pull.head_sha, scene.comment
    scene.stage.github.fault(
        "GET", "/pulls/1/reviews", before=lambda: scene.stage.push({"note.txt": "x"}, "change")
    )
    step = scene.again("submitted")
    assert scene.pull.head_sha != before
    assert f"The head of pull request #1 has moved to {scene.pull.head_sha}." in step.log
    assert "Nothing is published for the old head; the new one has its own run." in step.log
    assert (scene.stage.status(before) or ("",))[0] == "failure"
    assert scene.stage.status(scene.pull.head_sha) is None
    assert scene.comment == comment
    assert writes(scene) == []


@pytest.mark.parametrize("merged", [False, True], ids=["closed", "merged"])
@pytest.mark.parametrize("meanwhile", [False, True], ids=["before", "while deciding"])
def test_pr_closed_or_merged(scene: Scene, *, merged: bool, meanwhile: bool) -> None:
    """Nothing is changed, the exit code is 0, and the log says so."""
    scene.happen(*SIGNED)
    comment = scene.comment
    if meanwhile:
        close = lambda: scene.pull.close(merged=merged)  # noqa: E731 (the hook)
        scene.stage.github.fault("GET", "/pulls/1/reviews", before=close)
    else:
        scene.pull.close(merged=merged)
    step = scene.again("submitted")
    assert step.exit_code == 0, step.log
    assert f"pull request #1 is {'merged' if merged else 'closed'}" in step.log
    assert scene.status[0] == "failure"
    assert scene.comment == comment
    assert writes(scene) == []


PROMISES = {
    23: test_any_page_of_reviews_events_or_commits_unreadable,
    29: test_new_push_after_label_and_approval,
    36: test_no_verdict_to_sign_for,
    37: test_pr_retargeted_after_approval_is_graded_anew,
    38: test_a_rerun_on_the_same_sha_finds_a_new_failing_case,
    39: test_event_replayed_with_an_old_payload,
    40: test_head_moved_while_deciding,
    41: test_pr_closed_or_merged,
    42: test_more_than_100_reviews_100_events_250_commits,
}
"""What of the table of promises is kept here, by its numbers."""
