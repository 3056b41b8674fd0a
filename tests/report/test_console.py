from pathlib import Path

import pytest

from rubric_action.report.console import lines
from tests.fakes.judge import JudgeServer
from tests.report.rendered import UNSEEN
from tests.report.scenario import NAMES, Scenario

LONGEST = 700


def told(name: str, tmp_path: Path, judge: JudgeServer) -> list[str]:
    """What the terminal shows of a scenario."""
    return list(lines(Scenario(name, tmp_path, judge).run()))


@pytest.mark.parametrize("name", NAMES)
def test_every_run(name: str, tmp_path: Path, judge_server: JudgeServer) -> None:
    """The verdict stands first, what was spent last; nothing foreign breaks a line."""
    shown = told(name, tmp_path, judge_server)
    assert shown[0].split()[0] in {"PASS", "FAIL", "ERROR"}
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
    ]


def test_broken_case(tmp_path: Path, judge_server: JudgeServer) -> None:
    """A broken case is told with what was asked, answered before and now, and why it fails."""
    text = "\n".join(told("broken-hard-case", tmp_path, judge_server))
    assert "refund-1 (hard-gate, regression, " in text
    assert "passed 1 of 1 trials before)" in text
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
    assert table[1].split() == ["head", "4", "2", "0.68", "▼.12", "1.00"]


def test_warnings(tmp_path: Path, judge_server: JudgeServer) -> None:
    """A ceiling that could not be weighed is told."""
    text = "\n".join(told("ceilings-unknown", tmp_path, judge_server))
    assert "warn ceilings" in text
    assert "its ceiling is not weighed" in text
