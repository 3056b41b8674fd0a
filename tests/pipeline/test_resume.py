"""A run that was killed goes on from the replies it paid for."""

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rubric_action.running import LAST_REPLIES_S
from tests.cli.process import Done, command, environment, rubric_action
from tests.fakes.judge import JudgeServer, faults
from tests.pipeline.workspace import JUDGED, Quiet, Workspace, case, session

MANY = 24
AT_ONCE = 4
PATIENCE_S = 20.0


def many(judged: Workspace) -> tuple[str | Path, ...]:
    """A suite that takes a while; gives the arguments of its run."""
    judged.rubric(JUDGED, judge={**JUDGED["judge"], "concurrency": AT_ONCE})
    judged.cases(*(case(n) for n in range(MANY)))
    judged.sessions(*(session(n) for n in range(MANY)))
    url = str(judged.base_url)
    return ("gate", "--root", judged.root, "--results", results(judged), "--judge-base-url", url)


def results(judged: Workspace) -> Path:
    """The results folder."""
    return judged.root / "rubric-results"


def end(judged: Workspace, judge_server: JudgeServer, number: signal.Signals) -> Done:
    """Start a run, and send it a signal once a third of its requests have come in."""
    judge_server.latency = 0.1
    process = subprocess.Popen(
        command(*many(judged)),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: len(judge_server.requests) >= MANY // 3)
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE_S)
    judge_server.latency = 0.0
    return Done(process.returncode, out, err)


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for something that another process does."""
    ends = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.005)


def test_killed_run_goes_on(judged: Workspace, judge_server: JudgeServer) -> None:
    """After SIGKILL the next run asks only for what was never answered, and decides."""
    killed = end(judged, judge_server, signal.SIGKILL)
    assert killed.code == -signal.SIGKILL
    assert not (results(judged) / "summary.json").exists()
    first = len(judge_server.requests)
    kept = len(judged.records("grades.jsonl"))
    assert first - AT_ONCE <= kept <= first

    done = rubric_action(*many(judged))
    assert done.code == 0, done.err
    assert len(judge_server.requests) - first == MANY - kept
    spend = judged.summary()["spend"]
    assert (spend["judge_calls"], spend["judge_cached"]) == (MANY - kept, kept)


def test_torn_line(judged: Workspace, judge_server: JudgeServer) -> None:
    """A reply torn by the kill is asked for again; every whole one is read."""
    judged.gate()
    grades = judged.root / "rubric-results/grades.jsonl"
    grades.write_bytes(grades.read_bytes()[:-20])
    report = judged.gate()
    assert report.decision.verdict == "pass"
    assert (report.spend.judge_calls, report.spend.judge_cached) == (1, 4)
    assert len(judge_server.requests) == 6


def test_interrupted_run(judged: Workspace, judge_server: JudgeServer) -> None:
    """SIGTERM ends with 130, without a verdict, and keeps what was paid for."""
    done = end(judged, judge_server, signal.SIGTERM)
    assert done.code == 130
    assert "Interrupted" in done.err
    assert not (results(judged) / "summary.json").exists()
    assert not (results(judged) / "comment.md").exists()
    assert len(judged.records("grades.jsonl")) == len(judge_server.requests)


class Breaking(Quiet):
    """A progress that breaks when the first case is done."""

    def step(self, done: int) -> None:
        """Break."""
        raise ZeroDivisionError


def test_unforeseen_error_loses_no_reply(judged: Workspace, judge_server: JudgeServer) -> None:
    """An unforeseen error is raised once the calls in flight are kept, and no other is made."""
    many(judged)
    judge_server.when(lambda prompt: "answer 0." not in prompt, faults.delay(0.3))
    with pytest.raises(ZeroDivisionError):
        judged.gate(progress=Breaking())
    assert 2 <= len(judge_server.requests) <= AT_ONCE + 1
    assert len(judged.records("grades.jsonl")) == len(judge_server.requests)


def test_interrupted_run_does_not_wait_for_ever(
    judged: Workspace, judge_server: JudgeServer
) -> None:
    """A judge that does not answer is not waited for beyond the seconds for last replies."""
    arguments = many(judged)
    judged.rubric(JUDGED, judge={**JUDGED["judge"], "timeout": "60s", "deadline": "60s"})
    judge_server.when(lambda _prompt: True, faults.delay(60))
    process = subprocess.Popen(command(*arguments), env=environment(), stderr=subprocess.DEVNULL)
    wait_until(lambda: len(judge_server.requests) >= AT_ONCE)
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_S) == 130
    assert time.monotonic() - started < LAST_REPLIES_S + 3


def test_fresh_run(judged: Workspace, judge_server: JudgeServer) -> None:
    """With `--fresh` a run trusts no reply that lies in its results folder."""
    arguments = many(judged)
    assert rubric_action(*arguments).code == 0
    judge_server.score = lambda _prompt, _axis: 0.0
    assert rubric_action(*arguments).code == 0
    assert len(judge_server.requests) == MANY
    assert rubric_action(*arguments, "--fresh").code == 1
    assert len(judge_server.requests) == 2 * MANY


def test_unchanged_run_asks_nothing(judged: Workspace, judge_server: JudgeServer) -> None:
    """With the baseline's replies an unchanged agent costs no call, and its grades are the same."""
    judged.gate(results="baseline")
    assert len(judge_server.requests) == 5
    report = judged.gate(baseline="baseline")
    assert len(judge_server.requests) == 5
    assert report.decision.verdict == "pass"
    assert (report.spend.judge_calls, report.spend.judge_cached) == (0, 5)
    assert len(judged.records("grades.jsonl")) == 5


def test_changed_answer_is_asked_about(judged: Workspace, judge_server: JudgeServer) -> None:
    """Only the answers that changed are graded again."""
    judged.gate(results="baseline")
    judged.sessions(*(session(n) for n in range(4)), session(4, "Something else."))
    judged.gate(baseline="baseline")
    assert len(judge_server.requests) == 6
    assert "Something else." in judge_server.requests[-1].prompt


def test_changed_question_is_asked_again(judged: Workspace, judge_server: JudgeServer) -> None:
    """Another wording of an axis asks everything anew, of the baseline's answers as well."""
    judged.gate(results="baseline")
    axes = {**JUDGED["axes"], "tone": {"ask": "Is it warm?"}}
    judged.rubric(JUDGED, axes=axes)
    report = judged.gate(baseline="baseline")
    assert len(judge_server.requests) == 10
    assert judged.summary()["baseline"]["regraded"]
    assert not report.warnings


def test_replies_of_strangers(judged: Workspace, judge_server: JudgeServer) -> None:
    """Without `resume`, replies that lie in the results folder decide nothing."""
    judged.gate()
    judge_server.score = lambda _prompt, _axis: 0.0
    report = judged.gate(resume=False)
    assert len(judge_server.requests) == 10
    assert report.decision.verdict == "fail"
