"""A change of the judge between baseline and head: a delta is the agent's, never the judge's."""

from pathlib import Path
from typing import Any

import pytest

from tests.fakes.judge import JudgeServer
from tests.pipeline.workspace import JUDGED, Workspace, case, session

CASES = 6


@pytest.fixture
def workspace(tmp_path: Path, judge_server: JudgeServer) -> Workspace:
    """Six cases with recorded answers, on two axes."""
    made = Workspace(tmp_path, judge_server.base_url)
    made.rubric(JUDGED)
    made.cases(*(case(n) for n in range(CASES)))
    made.sessions(*(session(n) for n in range(CASES)))
    return made


def stricter(workspace: Workspace, **changes: Any) -> None:
    """Another model as the judge."""
    workspace.rubric(JUDGED, judge={**JUDGED["judge"], "model": "large"}, **changes)


def axis(workspace: Workspace, name: str = "tone") -> Any:
    """The axis of the slice of all cases."""
    return workspace.summary()["slices"]["all"]["axes"][name]


def test_an_unchanged_agent_moves_by_nothing(
    workspace: Workspace, judge_server: JudgeServer
) -> None:
    """The stricter judge grades both runs, and the answers are the same: six calls, no delta."""
    judge_server.score = lambda *_: 0.9
    workspace.gate("base")
    judge_server.score = lambda *_: 0.6
    stricter(workspace, axes={**JUDGED["axes"], "policy": {"ask": "Does it obey?"}})
    asked = len(judge_server.requests)
    report = workspace.gate(baseline="base")
    assert (axis(workspace)["mean"], axis(workspace)["baseline"]) == (0.6, 0.6)
    assert axis(workspace)["delta"] == 0
    told = workspace.summary()["baseline"]
    assert (told["regraded"], told["regrade_calls"]) == (True, CASES)
    # The answers did not change, so that the head's grades are those of the baseline's.
    assert len(judge_server.requests) - asked == CASES
    assert not [one for one in report.warnings if "the judge's" in one]
    assert report.decision.verdict == "pass"


def test_what_the_agent_changed_is_still_seen(
    workspace: Workspace, judge_server: JudgeServer
) -> None:
    """Both judges agree on the one answer that got worse."""
    judge_server.score = lambda prompt, _: 0.1 if "Worse" in prompt else 0.9
    workspace.gate("base")
    stricter(workspace)
    workspace.sessions(*(session(n, "Worse." if n == 2 else "") for n in range(CASES)))
    report = workspace.gate(baseline="base")
    assert axis(workspace)["delta"] == pytest.approx(-0.8 / CASES)
    assert [(one.kind, one.case) for one in report.decision.findings] == [("regression", "c2")]


def test_counts_restart_and_the_commitment_stays(
    workspace: Workspace, judge_server: JudgeServer
) -> None:
    """What the other judge counted is gone; one run of today's judge is in its place."""
    judge_server.score = lambda *_: 0.9
    workspace.gate("base-0")
    workspace.gate("base-1", baseline="base-0")
    stricter(workspace)
    workspace.gate(baseline="base-1")
    told = workspace.records("cases.jsonl")[0]["history"]
    assert (told["runs"], told["committed"]) == ([[1, 1], [1, 1]], True)


def test_a_case_that_fails_under_the_new_judge_alone_is_no_regression(
    workspace: Workspace, judge_server: JudgeServer
) -> None:
    """The old answer fails today as well, so that nothing broke; the minimum speaks for itself."""
    judge_server.score = lambda *_: 0.9
    workspace.gate("base")
    judge_server.score = lambda prompt, _: 0.1 if "answer 3" in prompt else 0.9
    stricter(workspace)
    report = workspace.gate(baseline="base")
    assert axis(workspace)["delta"] == 0
    assert [one.kind for one in report.decision.findings] == ["regression"]


def test_a_case_that_asks_something_else_is_not_compared(
    workspace: Workspace, judge_server: JudgeServer
) -> None:
    """Its stored answer is to another question; all others are compared."""
    judge_server.score = lambda *_: 0.9
    workspace.gate("base")
    stricter(workspace)
    workspace.cases(case(0, input="Something else?"), *(case(n) for n in range(1, CASES)))
    workspace.gate(baseline="base")
    assert workspace.summary()["slices"]["all"]["paired_cases"] == CASES - 1


def test_a_new_question_of_an_axis_regrades_too(
    workspace: Workspace, judge_server: JudgeServer
) -> None:
    """And a pass mark that moved does not: stored scores are held against it."""
    judge_server.score = lambda *_: 0.9
    workspace.gate("base")
    workspace.rubric(JUDGED, axes={**JUDGED["axes"], "tone": {"ask": "Is it kind?"}})
    workspace.gate(baseline="base")
    assert workspace.summary()["baseline"]["regraded"]
    workspace.rubric(JUDGED, axes={**JUDGED["axes"], "tone": {"ask": "Is it polite?", "pass": 0.7}})
    workspace.gate(baseline="base")
    assert not workspace.summary()["baseline"]["regraded"]


def test_a_second_run_pays_nothing_again(workspace: Workspace, judge_server: JudgeServer) -> None:
    """The grades of the baseline's answers are kept like any others."""
    workspace.gate("base")
    stricter(workspace)
    workspace.gate(baseline="base")
    asked = len(judge_server.requests)
    workspace.gate(baseline="base")
    assert len(judge_server.requests) == asked
    assert workspace.summary()["baseline"]["regrade_calls"] == 0
