"""Who graded, and how far people agree, as it is stored and told."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rubric_action.gate.reliability import Reliability
from rubric_action.gate.statistics.agreement import Table
from rubric_action.report.comment import render_comment
from rubric_action.report.judge_record import judge_from, judge_record
from rubric_action.report.model import JudgeInfo, Report
from tests.fakes.judge import JudgeServer
from tests.report.scenario import Scenario

WATCHED = Reliability(Table(9, 1, 2, 12), 12)
PLAIN: dict[str, Any] = {
    "provider": "openai",
    "model": "small",
    "agreement": 0.75,
    "canaries": {
        "answers": 12,
        "grades": 24,
        "interval": [pytest.approx(0.479, abs=0.001), 1.0],
        "counts": {"both": 9, "only_judge": 1, "only_person": 2, "neither": 12},
        "ungraded": 0,
        "cause": None,
    },
    "fingerprint": "f",
}


def test_what_agreement_was_measured_on_is_stored() -> None:
    """Counts, from which all else follows, and the interval for whoever reads the file."""
    judge = JudgeInfo("openai", "small", 0.75, "f", WATCHED)
    assert judge_record(judge) == PLAIN
    assert judge_from(judge_record(judge)) == judge


@pytest.mark.parametrize("reliability", [None, Reliability(cause="no key"), WATCHED])
def test_it_comes_back(reliability: Reliability | None) -> None:
    """Whether the judge was watched or not, and where its agreement is not known."""
    judge = JudgeInfo("openai", "small", None, "f", reliability)
    assert judge_from(judge_record(judge)) == judge


def test_older_records_know_no_canaries() -> None:
    """They are read as of a judge that was not watched."""
    older = {name: value for name, value in PLAIN.items() if name != "canaries"}
    assert judge_from(older) == JudgeInfo("openai", "small", 0.75, "f")


@pytest.mark.parametrize("counts", [None, [], {"both": 1}, {**PLAIN["canaries"], "both": -1}])
def test_what_is_no_record_is_refused(counts: object) -> None:
    """A value of another type came from no run."""
    canaries = {**PLAIN["canaries"], "counts": counts}
    with pytest.raises(ValueError, match="counts"):
        judge_from({**PLAIN, "canaries": canaries})


def told(reliability: Reliability | None, folder: Path, server: JudgeServer) -> str:
    """The comment on a run with a judge that was watched so."""
    report: Report = Scenario("thresholds-and-drops", folder, server).run()
    judge = replace(report.judge or JudgeInfo("openai", "small"), reliability=reliability)
    return render_comment(replace(report, judge=judge))


def test_the_comment_tells_it(tmp_path: Path, judge_server: JudgeServer) -> None:
    """One line at the end, among what else the verdict rests on."""
    comment = told(WATCHED, tmp_path, judge_server)
    told_ = "kappa 0.75 &#91;0.48, 1.00&#93; on 24 grades of 12 answers"
    assert f"**Judge** held against people: {told_}\\\n" in comment


def test_a_judge_that_was_not_watched_is_not_told(
    tmp_path: Path, judge_server: JudgeServer
) -> None:
    """There is nothing to tell."""
    assert "**Judge**" not in told(None, tmp_path, judge_server)
