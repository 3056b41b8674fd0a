"""One pull request from its first failure to its override and beyond, request by request."""

from collections.abc import Callable
from pathlib import Path

from tests.action.overriding import LABEL, WEAK, WHY, signable
from tests.action.stage import GOOD, JUDGED, Stage, Step
from tests.fakes.github import GithubServer, Pull
from tests.fakes.judge import JudgeServer

KEY = {"judge-api-key": "sk-judge-0123456789"}
BUDGET = {"opened": 11, "labelled": 12, "approved": 16, "pushed": 13}
"""Requests to GitHub's API that each step may take."""
SIGNED = "overridden by @mona: the parser is fixed in #12"


def opened(stage: Stage, rubric: str) -> Pull:
    """A pull request that fails what may be signed for; mona may write."""
    stage.push({**GOOD, "eval/rubric.yaml": rubric})
    stage.repo.permit("mona", "write")
    return stage.change(WEAK)


def counted(stage: Stage, play: Callable[[], Step]) -> tuple[Step, int]:
    """A step, and its requests to GitHub's API; downloads are the storage host's."""
    before = len(stage.github.requests)
    return play(), len(stage.github.requests) - before


def test_from_failure_to_override_and_back(stage: Stage) -> None:
    """Opened: red. Label: red, needs sign-off. Approval: overridden. Push: red again."""
    pull = opened(stage, signable())
    step, first = counted(stage, lambda: stage.gate(pull, action="opened"))
    assert (step.exit_code, step.outputs["verdict"]) == (1, "fail")

    pull.label(LABEL, by="dana")
    step, labelled = counted(stage, lambda: stage.again(pull))
    assert (step.exit_code, step.outputs["verdict"]) == (1, "fail"), step.log
    assert "needs sign-off" in pull.comments[0].body

    pull.review("APPROVED", by="mona", body=WHY)
    step, approved = counted(stage, lambda: stage.again(pull, "submitted"))
    assert (step.exit_code, step.outputs["verdict"]) == (0, "overridden"), step.log
    assert step.outputs["overridden-by"] == "mona"
    assert stage.status(pull.head_sha) == ("success", SIGNED)
    assert len(pull.comments) == 1

    stage.push({**WEAK, "note.txt": "x"}, "change")
    step, pushed = counted(stage, lambda: stage.gate(pull))
    assert (step.exit_code, step.outputs["verdict"]) == (1, "fail")
    counts = {"opened": first, "labelled": labelled, "approved": approved, "pushed": pushed}
    assert counts == {name: min(count, BUDGET[name]) for name, count in counts.items()}


def test_no_decision_about_a_signature_asks_the_judge(
    github_server: GithubServer, tmp_path: Path, judge_server: JudgeServer
) -> None:
    """What was judged once is judged: neither the label nor the approval costs a call."""
    stage = Stage(github_server, tmp_path)
    policy = signable().partition("override:")[2]
    rubric = JUDGED.replace("min: {tone: 0.5}", "min_pass_rate: 0.9, min: {tone: 0.5}")
    pull = opened(stage, f"{rubric % judge_server.base_url}override:{policy}")
    first = stage.gate(pull, action="opened", inputs=KEY)
    assert (first.exit_code, first.outputs["judge-calls"]) == (1, "5"), first.log
    assert len(judge_server.requests) == 5

    pull.label(LABEL, by="dana")
    asked = stage.again(pull, inputs=KEY)
    pull.review("APPROVED", by="mona", body=WHY)
    signed = stage.again(pull, "submitted", inputs=KEY)
    assert [step.exit_code for step in (asked, signed)] == [1, 0], signed.log
    assert [step.outputs["judge-calls"] for step in (asked, signed)] == ["0", "0"]
    assert len(judge_server.requests) == 5
