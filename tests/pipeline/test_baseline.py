"""A run held against an earlier one, and a rubric held against its base."""

import json
import shutil
from dataclasses import replace
from typing import Any

import pytest

from rubric_action.errors import BaselineUnreadable, InputError
from rubric_action.report.console import lines
from rubric_action.report.model import Report
from tests.fakes.judge import JudgeServer, faults
from tests.pipeline.workspace import JUDGED, RULED, Workspace, case, session

BAD = "api_key=1"


def found(report: Report) -> list[tuple[str, str | None, str | None, str | None]]:
    """Severity, slice, axis and case of the findings, behind their kinds."""
    return [(f.kind, f.slice, f.axis, f.case) for f in report.decision.findings]


def test_no_baseline_is_said(ruled: Workspace) -> None:
    """Without a baseline the report says that nothing was compared, and no delta is made up."""
    report = ruled.gate()
    summary = ruled.summary()
    assert summary["baseline"] is None
    assert summary["slices"]["all"]["delta"] is None
    told = {step["name"]: step["sentence"] for step in summary["steps"]}
    assert "no baseline yet" in told["regression"]
    assert report.decision.verdict == "pass"


def test_regression(ruled: Workspace) -> None:
    """A case that passed on the baseline and fails now blocks, whatever the pass rate."""
    ruled.gate(results="baseline", created_at="2026-11-20T10:00:00Z")
    ruled.sessions(*(session(n) for n in range(4)), session(4, BAD))
    report = ruled.gate(baseline="baseline")
    assert found(report) == [("regression", None, None, "c4")]
    assert report.decision.verdict == "fail"
    summary = ruled.summary()
    assert summary["baseline"]["age_days"] == 3
    assert summary["slices"]["all"]["delta"] == pytest.approx(-0.2)
    [broken] = report.broken
    assert (broken.answered_before, broken.answered_now) == ("This is answer 4.", BAD)


def test_history_grows(ruled: Workspace) -> None:
    """Each run adds to what the next one knows of a case."""
    ruled.gate(results="r1")
    ruled.gate(results="r2", baseline="r1")
    ruled.sessions(*(session(n) for n in range(4)), session(4, BAD))
    ruled.gate(results="r3", baseline="r2")
    record = ruled.records("cases.jsonl", results="r3")[4]
    assert record["history"] == {
        "passes": 2,
        "trials": 3,
        "runs": [[1, 1], [1, 1], [0, 1]],
        "committed": False,
    }


def test_broken_and_fixed_do_not_cancel(ruled: Workspace) -> None:
    """Two cases that break are two findings, even when two others are fixed."""
    ruled.sessions(*(session(n, BAD if n < 2 else "") for n in range(5)))
    ruled.gate(results="baseline")
    ruled.sessions(*(session(n, BAD if n > 2 else "") for n in range(5)))
    report = ruled.gate(baseline="baseline")
    assert [f.case for f in report.decision.findings if f.kind == "regression"] == ["c3", "c4"]
    assert report.decision.verdict == "fail"


def test_removed_cases(ruled: Workspace) -> None:
    """A case that the team counts on may not go without a word."""
    ruled.gate(results="baseline")
    ruled.cases(*(case(n) for n in range(4)))
    ruled.sessions(*(session(n) for n in range(4)))
    report = ruled.gate(baseline="baseline")
    assert found(report) == [("case-removed", None, None, "c4")]
    assert ruled.summary()["cases"]["removed"] == ["c4"]


def test_case_made_easier(ruled: Workspace) -> None:
    """A committed case that loses its rule lowers the bar."""
    rule = {"contains": "answer"}
    ruled.cases(*(case(n, rules=[rule]) for n in range(5)))
    ruled.gate(results="baseline")
    ruled.cases(*(case(n, rules=[rule] if n else []) for n in range(5)))
    report = ruled.gate(baseline="baseline")
    assert found(report) == [("bar-lowered", None, None, "c0")]


def test_base_rubric(ruled: Workspace) -> None:
    """Every key that the change loosens is a finding, at its own line of the rubric."""
    ruled.rubric(RULED, "base.yaml", slices={"all": {"select": "all", "min_pass_rate": 0.9}})
    report = ruled.gate(base="base.yaml")
    [finding] = report.decision.findings
    assert (finding.kind, finding.key) == ("bar-lowered", "slices.all.min_pass_rate")
    [record] = ruled.summary()["findings"]
    assert record["rubric_place"].startswith("eval/rubric.yaml:")
    assert ruled.summary()["bar"]["compared"] is True


def test_base_decides_severities(ruled: Workspace) -> None:
    """The change can't turn its own finding into a warning: the base's severities count."""
    ruled.rubric(RULED, "base.yaml", slices={"all": {"select": "all", "min_pass_rate": 0.9}})
    ruled.rubric(RULED, findings={"bar-lowered": "off", "threshold": "off"})
    report = ruled.gate(base="base.yaml")
    assert report.decision.verdict == "fail"
    assert {f.severity for f in report.decision.findings} == {"fail"}


def test_baseline_in_error_is_refused(judged: Workspace, judge_server: JudgeServer) -> None:
    """A run that decided nothing is nobody's baseline."""
    judge_server.always(faults.unauthorized())
    assert judged.gate(results="baseline").decision.verdict == "error"
    with pytest.raises(BaselineUnreadable, match="ended in `error`"):
        judged.gate(baseline="baseline")
    assert not (judged.root / "rubric-results").exists()


def test_baseline_that_fails_is_used(ruled: Workspace) -> None:
    """A red main is still what the change is compared with."""
    ruled.sessions(*(session(n, BAD) for n in range(5)))
    assert ruled.gate(results="baseline").decision.verdict == "fail"
    ruled.sessions(*(session(n) for n in range(5)))
    report = ruled.gate(baseline="baseline")
    assert report.decision.verdict == "pass"
    assert ruled.summary()["slices"]["all"]["delta"] == pytest.approx(1.0)


def test_baseline_that_is_not_there(ruled: Workspace) -> None:
    """A named path that does not exist is a wrong input, not an absent baseline."""
    with pytest.raises(InputError, match="no such results folder or zip"):
        ruled.gate(baseline="nowhere")


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda line: line | {"passed": "yes"}, id="passed is a text"),
        pytest.param(lambda line: line | {"trials": []}, id="no trial"),
        pytest.param(lambda line: line | {"trials": [{"trial": 1}]}, id="half a trial"),
        pytest.param(lambda line: line | {"axes": {"tone": {"score": 2}}}, id="score over 1"),
        pytest.param(
            lambda line: line | {"history": {"runs": [[3, 1]], "committed": False}},
            id="more passes than trials",
        ),
        pytest.param(lambda line: {"id": line["id"]}, id="only an id"),
    ],
)
def test_corrupt_baseline(ruled: Workspace, damage: Any) -> None:
    """A baseline with a record that no gate wrote is an error, before anything is run."""
    ruled.gate(results="baseline")
    path = ruled.root / "baseline/cases.jsonl"
    header, first, *rest = path.read_text().splitlines()
    path.write_text("\n".join([header, json.dumps(damage(json.loads(first))), *rest, ""]))
    with pytest.raises(BaselineUnreadable, match=r"cases\.jsonl:2 is not a record"):
        ruled.gate(baseline="baseline")
    assert not (ruled.root / "rubric-results").exists()


def test_baseline_as_zip(judged: Workspace, judge_server: JudgeServer) -> None:
    """An artifact's zip compares, and lends its replies, as its folder does."""
    judged.gate(results="baseline")
    shutil.make_archive(str(judged.root / "artifact"), "zip", judged.root / "baseline")
    report = judged.gate(baseline="artifact.zip")
    assert len(judge_server.requests) == 5
    assert judged.summary()["slices"]["all"]["paired_cases"] == 5
    assert report.spend.judge_cached == 5


def test_pass_mark_is_raised(judged: Workspace, judge_server: JudgeServer) -> None:
    """A case that falls short only of a mark raised since is no regression."""
    judge_server.score = lambda _prompt, axis: 0.7 if axis == "tone" else 1.0
    judged.gate(results="baseline")
    judged.rubric(JUDGED, axes={**JUDGED["axes"], "tone": {"ask": "Is it polite?", "pass": 0.9}})
    report = judged.gate(baseline="baseline")
    assert [f for f in report.decision.findings if f.kind == "regression"] == []


def test_edited_cases_are_told(ruled: Workspace) -> None:
    """Cases that count and ask something else than before are named, and block nothing."""
    ruled.gate(results="r1")
    ruled.gate(results="r2", baseline="r1")
    ruled.cases(
        *(case(n, input="Something else?") for n in range(2)), *(case(n) for n in range(2, 5))
    )
    report = ruled.gate(baseline="r2")
    told = "2 cases that count were edited: `c0`, `c1`."
    assert report.decision.verdict == "pass"
    assert ruled.summary()["cases"]["edited"] == ["c0", "c1"]
    assert f"warning: {told}" in list(lines(report))
    assert (
        "2 cases that count were edited" in (ruled.root / "rubric-results/comment.md").read_text()
    )
    [one] = replace(report, decision=replace(report.decision, edited=("c0",))).notes
    assert one == "1 case that counts was edited: `c0`."
    many = tuple(f"c{n}" for n in range(9))
    [some] = replace(report, decision=replace(report.decision, edited=many)).notes
    assert some.endswith("`c4` and 4 more.")
