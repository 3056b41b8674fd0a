"""A fork's pull request in two halves: one without secrets that runs, one with them that judges."""

import json

import pytest

from tests.action.other_events import judge_half, sessions_half
from tests.action.overriding import WEAK, signable
from tests.action.stage import GOOD, JUDGED, Stage, outputs
from tests.fakes.github import FORK_PERMISSIONS, Pull
from tests.fakes.judge import JudgeServer

MARK = "mark.txt"
AGENT = f"""\
import json, pathlib, sys
pathlib.Path({MARK!r}).write_text("run")
for line in sys.stdin:
    case = json.loads(line)
    print(json.dumps({{"case": case["case"], "output": "About " + case["case"]}}), flush=True)
"""


@pytest.fixture
def pull(stage: Stage) -> Pull:
    """A stranger's pull request that fails what may be signed for."""
    stage.push({**GOOD, "eval/rubric.yaml": signable()})
    return stage.fork_change(WEAK)


def test_the_fork_leaves_sessions_and_the_other_half_judges_them(stage: Stage, pull: Pull) -> None:
    """The first half writes nothing to GitHub, the second one comment and status."""
    written = [one for one in stage.github.requests if one.method != "GET"]
    run, step = sessions_half(stage, pull)
    assert step.exit_code == 0, step.log
    assert "5 sessions are kept" in step.log
    assert [one for one in stage.github.requests if one.method != "GET"] == written
    assert stage.status(pull.head_sha) is None
    judged = judge_half(stage, run)
    assert (judged.exit_code, judged.outputs["verdict"]) == (1, "fail"), judged.log
    assert (stage.status(pull.head_sha) or ("",))[0] == "failure"
    assert len(pull.comments) == 1


@pytest.mark.parametrize("fork", [True, False])
def test_the_first_half_writes_nothing_however_it_ends(stage: Stage, *, fork: bool) -> None:
    """Wrong input is told in log, summary and outputs; status and comment are the other half's."""
    broken = {"eval/rubric.yaml": "version: 1\nnope: 3\n"}
    pull = stage.fork_change(broken) if fork else stage.change(broken)
    step = stage.gate(pull, action="opened", inputs={"mode": "sessions"}, keep=False)
    assert (step.exit_code, step.outputs["verdict"]) == (2, "error"), step.log
    assert step.summary.startswith("## ⚠️ No verdict")
    assert step.annotations("error")
    assert step.annotations("warning") == []
    assert [one.line for one in stage.github.requests if one.method != "GET"] == []


def test_a_label_and_a_review_of_a_forks_pull_request_count(stage: Stage, pull: Pull) -> None:
    """The trusted half decides again from its own results; nothing is judged twice."""
    stage.repo.permit("mona", "write")
    run, _ = sessions_half(stage, pull)
    judge_half(stage, run)
    pull.label("rubric-override", by="mona")
    pull.review("APPROVED", by="mona", body="override: known")
    later, _ = sessions_half(stage, pull, leaves=False)
    step = judge_half(stage, later)
    assert "nothing new was run since" in step.log
    assert (step.exit_code, step.outputs["verdict"]) == (0, "overridden"), step.log
    assert (stage.status(pull.head_sha) or ("",))[0] == "success"


def test_a_forks_agent_is_run_by_the_first_half_alone(stage: Stage) -> None:
    """Under secrets nothing of the fork is run: its sessions are graded."""
    rubric = signable().replace("outputs: eval/outputs.jsonl", 'command: "python agent.py"')
    stage.push({**GOOD, "eval/rubric.yaml": rubric, "agent.py": AGENT})
    pull = stage.fork_change({"note.txt": "x"})
    run, first = sessions_half(stage, pull)
    assert first.exit_code == 0, first.log
    assert (first.results.parent / MARK).exists()
    second = judge_half(stage, run)
    assert second.exit_code == 0, second.log
    assert not (second.results.parent / MARK).exists()
    assert json.loads((second.results / "summary.json").read_text())["run"]["sha"] == pull.head_sha


def test_the_key_is_used_for_a_fork_where_the_base_says(
    stage: Stage, judge_server: JudgeServer
) -> None:
    """The fork's rubric may not send it elsewhere."""
    stage.push({**GOOD, "eval/rubric.yaml": JUDGED % judge_server.base_url})
    key = {"judge-api-key": "sk-secret"}
    honest = stage.fork_change(WEAK)
    run, _ = sessions_half(stage, honest)
    assert judge_half(stage, run, inputs=key).exit_code == 0
    asked = len(judge_server.requests)
    assert asked > 0
    thief = stage.fork_change({"eval/rubric.yaml": JUDGED % "https://evil.example/v1"}, "thief")
    run, _ = sessions_half(stage, thief)
    step = judge_half(stage, run, inputs=key)
    assert step.exit_code == 2, step.log
    assert len(judge_server.requests) == asked


def test_without_the_first_half_it_is_an_error(stage: Stage, pull: Pull) -> None:
    """The status says so, and the log names the half that is missing."""
    run, _ = sessions_half(stage, pull, leaves=False)
    step = judge_half(stage, run)
    assert step.exit_code == 3
    assert "half that runs the agent is missing" in step.log
    assert (stage.status(pull.head_sha) or ("",))[0] == "error"


def test_without_the_second_half_it_is_never_green(stage: Stage) -> None:
    """A fork's own run has no key; the log says which half is missing."""
    stage.push({**GOOD, "eval/rubric.yaml": JUDGED.replace(', base_url: "%s"', "")})
    pull = stage.fork_change(WEAK)
    step = stage.gate(pull, token=stage.github.world.token(FORK_PERMISSIONS))
    assert step.exit_code == 3, step.log
    assert "docs/forks.md" in step.log
    assert stage.status(pull.head_sha) is None


def test_another_checkout_is_refused(stage: Stage, pull: Pull) -> None:
    """The default branch's own files would be judged in the fork's name."""
    run, _ = sessions_half(stage, pull)
    step = judge_half(stage, run, checkout=stage.repo.branches["main"])
    assert step.exit_code == 2
    assert "is checked out" in step.log


def test_a_head_that_has_moved_on_is_left(stage: Stage, pull: Pull) -> None:
    """No open pull request is at that commit any more: nothing is judged, nothing is written."""
    run, _ = sessions_half(stage, pull)
    assert pull.head_repo is not None
    pull.head_repo.push(pull.head_ref, {"eval/outputs.jsonl": outputs()})
    step = judge_half(stage, run)
    assert step.exit_code == 0
    assert "no open pull request" in step.log
    assert stage.status(run.head_sha) is None


def test_a_baseline_of_the_forks_own_is_refused(stage: Stage, pull: Pull) -> None:
    """The checkout is the fork's, so no path in it says what to compare with."""
    run, _ = sessions_half(stage, pull)
    step = judge_half(stage, run, inputs={"baseline": "old-results"})
    assert step.exit_code == 2
    assert "the fork's own files" in step.log
