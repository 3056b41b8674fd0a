"""A job that is cancelled leaves no green status behind."""

import time

from tests.action.stage import JUDGED, Stage
from tests.fakes.judge import JudgeServer

KEY = {"judge-api-key": "sk-judge-0123456789"}


def test_a_job_cancelled_while_it_is_judged_is_red(stage: Stage, judge_server: JudgeServer) -> None:
    """A status that an earlier attempt left green is replaced, within the seconds that remain."""
    stage.push({"eval/rubric.yaml": JUDGED % judge_server.base_url})
    pull = stage.change({"agent.py": "2"})
    stage.gate(pull, inputs=KEY)
    assert (stage.status(pull.head_sha) or ("",))[0] == "success"
    asked = len(judge_server.requests)
    judge_server.latency = 120.0
    started = time.monotonic()
    step = stage.gate(pull, inputs=KEY, cancel_when=lambda: len(judge_server.requests) > asked)
    assert step.exit_code == 130, step.log
    assert time.monotonic() - started < 60
    assert (stage.status(pull.head_sha) or ("",))[0] == "error"
    assert "Traceback" not in step.log


def test_a_job_cancelled_before_it_is_judged_is_red(stage: Stage) -> None:
    """While GitHub is asked, a signal is heard as well."""
    pull = stage.change({})
    stage.github.fault("GET", "/contents/", delay=3)
    step = stage.gate(pull, cancel_when=lambda: stage.asked("GET"))
    assert step.exit_code == 130, step.log
    assert (stage.status(pull.head_sha) or ("",))[0] == "error"
