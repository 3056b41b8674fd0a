"""The judge's key on its way from the workflow to the judge, and nowhere else."""

from tests.action.stage import JUDGED, RUBRIC, Stage, fork_token, outputs
from tests.fakes.judge import JudgeServer

KEY = {"judge-api-key": "sk-judge-0123456789"}


def judged(stage: Stage, judge: JudgeServer) -> None:
    """A default branch whose rubric names this judge."""
    stage.push({"eval/rubric.yaml": JUDGED % judge.base_url})


def test_the_judge_grades_with_the_input_key(stage: Stage, judge_server: JudgeServer) -> None:
    """The base rubric names the judge, so the key may go there."""
    judged(stage, judge_server)
    step = stage.gate(stage.change({"agent.py": "2"}), inputs=KEY)
    assert step.exit_code == 0, step.log
    assert {asked.key for asked in judge_server.requests} == {KEY["judge-api-key"]}
    assert step.outputs["judge-calls"] == str(len(judge_server.requests)) == "5"


def test_an_unchanged_answer_is_not_judged_again(stage: Stage, judge_server: JudgeServer) -> None:
    """The baseline brings the replies that were paid for."""
    judged(stage, judge_server)
    stage.main_run(inputs=KEY)
    before = len(judge_server.requests)
    step = stage.gate(stage.change({"eval/outputs.jsonl": outputs(hours="New hours.")}), inputs=KEY)
    assert step.exit_code == 0, step.log
    assert len(judge_server.requests) - before == 1


def test_a_pull_request_cannot_send_the_key_elsewhere(
    stage: Stage, judge_server: JudgeServer
) -> None:
    """A judge at another address is refused at the rubric's line, with no request to either."""
    judged(stage, judge_server)
    with JudgeServer() as evil:
        pull = stage.change({"eval/rubric.yaml": JUDGED % evil.base_url})
        step = stage.gate(pull, inputs=KEY)
        assert evil.requests == []
    assert judge_server.requests == []
    assert step.exit_code == 2
    assert "may not be sent to" in step.log
    assert (stage.status(pull.head_sha) or ("",))[0] == "error"


def test_nor_when_the_key_comes_from_the_environment(
    stage: Stage, judge_server: JudgeServer
) -> None:
    """The provider's usual variable is guarded alike."""
    judged(stage, judge_server)
    with JudgeServer() as evil:
        pull = stage.change({"eval/rubric.yaml": JUDGED % evil.base_url})
        step = stage.gate(pull, env={"OPENAI_API_KEY": "sk-env"})
        assert evil.requests == []
    assert step.exit_code == 2


def test_nor_by_a_first_rubric(stage: Stage, judge_server: JudgeServer) -> None:
    """Where the base names no judge, only the provider's own address will do."""
    pull = stage.change({"eval/rubric.yaml": JUDGED % judge_server.base_url})
    assert stage.gate(pull, inputs=KEY).exit_code == 2
    assert judge_server.requests == []


def test_the_workflow_may_name_any_judge(stage: Stage, judge_server: JudgeServer) -> None:
    """An input is the repository's own word, and comes before the rubric's."""
    stage.push({"eval/rubric.yaml": JUDGED % "https://elsewhere.example/v1"})
    pull = stage.change({"agent.py": "2"})
    inputs = {**KEY, "judge-base-url": judge_server.base_url, "judge-model": "other"}
    step = stage.gate(pull, inputs=inputs)
    assert step.exit_code == 0, step.log
    assert {asked.model for asked in judge_server.requests} == {"other"}


def test_a_fork_without_the_key_is_told_why(stage: Stage) -> None:
    """GitHub gives it none; it is not green, and the message says what can be done."""
    stage.push({"eval/rubric.yaml": JUDGED % "https://api.openai.com/v1"})
    pull = stage.fork_change({"agent.py": "2"})
    step = stage.gate(pull, token=fork_token(stage))
    assert step.exit_code == 3
    assert "GitHub gives no secrets to a run for a fork" in step.log


def test_a_rubric_without_a_judge_needs_no_key(stage: Stage) -> None:
    """Rules settle it, also for a fork."""
    pull = stage.fork_change({"eval/rubric.yaml": RUBRIC + "# a comment\n"})
    assert stage.gate(pull, token=fork_token(stage)).exit_code == 0
