"""What was paid for in one run and is found in another, by way of a folder that lives on."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.judge import JudgeServer
from tests.pipeline.workspace import JUDGED, Workspace, case, session

KEYS = ("sk-judge-0123456789",)


@pytest.fixture
def workspace(tmp_path: Path, judge_server: JudgeServer) -> Workspace:
    """Three cases with recorded answers, and the variable that names the folder."""
    made = Workspace(tmp_path, judge_server.base_url, {"RUBRIC_CACHE": "kept"})
    made.rubric(JUDGED)
    made.cases(*(case(n) for n in range(3)))
    made.sessions(*(session(n) for n in range(3)))
    return made


def calls(workspace: Workspace, **given: Any) -> int:
    """The judge calls of a run that finds nothing in its results folder."""
    shutil.rmtree(workspace.root / "rubric-results", ignore_errors=True)
    return workspace.gate(judge_keys=KEYS, **given).spend.judge_calls


@pytest.mark.parametrize("hosted", [False, True])
def test_another_run_finds_what_was_paid_for(workspace: Workspace, hosted: bool) -> None:
    """Without a baseline and with an empty results folder."""
    assert (calls(workspace, hosted=hosted), calls(workspace, hosted=hosted)) == (3, 0)
    assert len(workspace.records("grades.jsonl")) == 3


def test_what_another_key_signed_is_not_believed(workspace: Workspace) -> None:
    """Whoever wrote the folder without the judge's key decides no grade, and it is told."""
    assert calls(workspace) == 3
    shutil.rmtree(workspace.root / "rubric-results")
    report = workspace.gate(judge_keys=("sk-of-somebody-else",))
    assert report.spend.judge_calls == 3
    assert any("kept" in warning for warning in report.warnings)


def test_in_a_job_without_a_key_the_folder_is_left_alone(workspace: Workspace) -> None:
    """The graded change could have written it; the report says why it is not used."""
    report = workspace.gate(hosted=True)
    assert not (workspace.root / "kept").exists()
    assert any("`RUBRIC_CACHE` is not used" in warning for warning in report.warnings)


def test_a_folder_that_cannot_be_written_breaks_nothing(workspace: Workspace) -> None:
    """The verdict is the same, and a warning says what is not kept."""
    workspace.write("kept", "a file in its place")
    report = workspace.gate(judge_keys=KEYS)
    assert report.decision.verdict == "pass"
    assert any("kept" in warning for warning in report.warnings)
