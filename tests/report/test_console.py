from pathlib import Path

import pytest

from rubric_action.gate.override.model import Override
from rubric_action.report.console import lines
from rubric_action.report.model import GradingRun, RunInfo
from tests.fakes.judge import JudgeServer
from tests.report.rendered import UNSEEN
from tests.report.scenario import NAMES, Scenario
from tests.report.states import granted, refused, report_with

LONGEST = 700


def told(name: str, tmp_path: Path, judge: JudgeServer) -> list[str]:
    """What the terminal shows of a scenario."""
    return list(lines(Scenario(name, tmp_path, judge).run()))


@pytest.mark.parametrize("name", NAMES)
def test_every_run(name: str, tmp_path: Path, judge_server: JudgeServer) -> None:
    """The verdict stands first, what was spent last; nothing foreign breaks a line."""
    shown = told(name, tmp_path, judge_server)
    assert shown[0].split()[0] in {"PASS", "FAIL", "OVERRIDDEN", "ERROR"}
    assert "agent session" in shown[-1]
    for line in shown:
        assert not UNSEEN.search(line)
        assert len(line) < LONGEST
        assert "\n" not in line


def test_steps_in_their_order(tmp_path: Path, judge_server: JudgeServer) -> None:
    """Each question of the decision has its line, in the order in which it was asked."""
    shown = told("thresholds-and-drops", tmp_path, judge_server)
    names = [line[7:20].strip() for line in shown[3 : shown.index("", 3)]]
    assert [name for name in names if name] == [
        "graded",
        "hard-gate",
        "regression",
        "threshold",
        "drop",
        "freshness",
        "bar-lowered",
        "case-removed",
        "ceilings",
        "override",
    ]


def test_broken_case(tmp_path: Path, judge_server: JudgeServer) -> None:
    """A broken case is told with what was asked, answered before and now, and why it fails."""
    text = "\n".join(told("broken-hard-case", tmp_path, judge_server))
    assert "refund-1 (hard-gate, regression, " in text
    assert "passed 1 of 1 trial before)" in text
    assert "asked         I bought this 31 days ago." in text
    assert "before        No, the refund window is 30 days." in text
    assert "now           Good news: you are only just past the window" in text
    assert "policy        1.00 -> 0.00: It promises a refund that the policy denies." in text


def test_table(tmp_path: Path, judge_server: JudgeServer) -> None:
    """Slices are a table with a column an axis, aligned."""
    shown = told("thresholds-and-drops", tmp_path, judge_server)
    header = next(number for number, line in enumerate(shown) if line.startswith("  slice"))
    table = shown[header : shown.index("", header)]
    assert len({len(line) for line in table}) == 1
    assert table[0].split() == ["slice", "cases", "passing", "faithfulness", "policy"]
    assert table[1].split() == ["head", "4", "2", "0.68", "▼.12", "±.24", "1.00"]


def test_warnings(tmp_path: Path, judge_server: JudgeServer) -> None:
    """A ceiling that could not be weighed is told."""
    text = "\n".join(told("ceilings-unknown", tmp_path, judge_server))
    assert "warn ceilings" in text
    assert "its ceiling is not weighed" in text


def test_a_signature() -> None:
    """What was measured stays, the findings are marked, and the override is one line."""
    shown = list(lines(report_with(granted(warnings=("It is the 5th.",)))))
    assert shown[0] == "OVERRIDDEN  Shipping by override: `mona` signed for 2 findings: known"
    assert shown[1] == "      measured: Measured as fail"
    assert [line for line in shown if line.startswith("  sign ")] == [
        "  sign threshold    `tone` of slice `head` is 0.60",
        "  sign              `policy` of slice `head` is 0.70",
        "  sign override     signed by `mona`",
    ]
    assert "warning: It is the 5th." in shown


@pytest.mark.parametrize(
    ("override", "line"),
    [
        (refused(), "  warn override     asked for by `dana`, not signed: needs sign-off"),
        (Override("unknown", "not read"), "  ERR  override     not read"),
        (Override("unneeded", "nothing fails"), "  -    override     nothing fails"),
        (None, "  -    override     the rubric allows it for `threshold`, `drop` with the label"),
    ],
)
def test_one_line_of_the_override(override: Override | None, line: str) -> None:
    """Whatever became of it stands below the steps."""
    shown = list(lines(report_with(override)))
    assert [told for told in shown if told[7:].startswith("override ")] == [
        told for told in shown if told.startswith(line)
    ]
    assert shown[1] == f"      {report_with(override).decision.next_step}"


@pytest.mark.parametrize(
    ("graded", "name"),
    [(GradingRun("2026-11-23T09:00:00Z", 7), "run 7"), (GradingRun("x"), "an earlier run")],
)
def test_decided_again(graded: GradingRun, name: str) -> None:
    """No calls are counted that this run didn't make."""
    *_, last = lines(report_with(run=RunInfo("2026-11-23T10:00:00Z", graded=graded)))
    assert last == f"decided again from the results of {name}; nothing was asked again"
