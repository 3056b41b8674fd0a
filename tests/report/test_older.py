"""Folders that released versions of this schema wrote, kept as they came out."""

import shutil
from pathlib import Path

import pytest

from rubric_action.errors import BaselineUnreadable
from rubric_action.gate.evidence import Policy
from rubric_action.gate.model import Baseline
from rubric_action.report.baseline import baseline_of
from rubric_action.report.recall import findings_of, report_of_stored
from rubric_action.report.stored import open_path
from tests.pipeline.workspace import RULED, Workspace, case, session

FIXTURES = Path(__file__).parents[1] / "fixtures"
OLDER = sorted(FIXTURES.glob("results-*"))
NOW = "2026-11-23T10:00:00Z"


@pytest.fixture(params=OLDER, ids=[path.name for path in OLDER])
def older(request: pytest.FixtureRequest) -> Path:
    """The results of a run on the default branch: three cases, one of which fails."""
    assert isinstance(request.param, Path)
    return request.param


def test_there_is_one() -> None:
    """The version before overrides is among them."""
    assert FIXTURES / "results-0.1.0" in OLDER


def test_it_is_read_as_a_baseline(older: Path) -> None:
    """Its cases, its commit, its age and its history are all there; what it lacks is unknown."""
    found = baseline_of(open_path(older), NOW)
    assert isinstance(found, Baseline)
    passed = {name: one.passed for name, one in found.cases.items()}
    assert passed == {"refund": True, "hours": True, "address": False}
    assert found.sha == "0123456789abcdef0123456789abcdef01234567"
    assert (found.run_id, found.age_days, found.distance) == (5_000_000_051, 3.0, None)
    assert found.cases["refund"].history.trials == 1
    assert found.cases["refund"].slices == ("head", "high-stakes")
    assert found.cases["hours"].axes["completeness"].score == 1.0


def test_all_of_it_can_be_read(older: Path) -> None:
    """Sessions, replies, findings, the whole report; it kept no audit."""
    stored = open_path(older)
    assert [one.case for one in stored.sessions()] == ["refund", "hours", "address"]
    assert stored.replies() == older / "grades.jsonl"
    assert list(stored.audit()) == []
    assert [one.identity for one in findings_of(stored)] == [("threshold", "head", None, None)]
    assert report_of_stored(stored, Policy()).decision.verdict == "fail"


def test_a_run_of_today_is_compared_with_it(older: Path, tmp_path: Path) -> None:
    """The whole way: a case that passed then and fails now is a regression."""
    workspace = Workspace(tmp_path)
    workspace.rubric(RULED)
    names = ("refund", "hours", "address")
    workspace.cases(*(case(0, id=name) for name in names))
    workspace.sessions(
        session(0, case="refund", output="api_key=1"),
        *(session(0, case=name) for name in names[1:]),
    )
    shutil.copytree(older, tmp_path / "baseline")
    report = workspace.gate(baseline="baseline")
    kinds = [(one.kind, one.case) for one in report.decision.findings]
    assert ("regression", "refund") in kinds


@pytest.mark.parametrize(
    ("file", "schema"),
    [("summary.json", "rubric-results"), ("cases.jsonl", "rubric-cases")],
)
def test_a_newer_one_is_refused(older: Path, tmp_path: Path, file: str, schema: str) -> None:
    """What a later version means cannot be known; the error says what is read."""
    folder = shutil.copytree(older, tmp_path / "newer")
    text = (folder / file).read_text()
    (folder / file).write_text(text.replace(f"{schema}/1", f"{schema}/2", 1))
    with pytest.raises(BaselineUnreadable, match=f"{schema}/2.*this version reads {schema}/1"):
        baseline_of(open_path(folder), NOW)
