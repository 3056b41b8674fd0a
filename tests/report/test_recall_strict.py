"""What a summary may not say: each bad value makes its folder unreadable."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rubric_action.errors import ResultsUnreadable
from rubric_action.report.model import Report
from rubric_action.report.summary import summary
from tests.fakes.judge import JudgeServer
from tests.report.scenario import Scenario
from tests.report.test_recall import Json, as_before, recalled

Change = Callable[[Json], object]


@pytest.fixture
def failed(tmp_path: Path, judge_server: JudgeServer) -> Report:
    """A run with three failing findings."""
    return Scenario("thresholds-and-drops", tmp_path, judge_server).run()


def put(*path: str | int, value: object) -> Change:
    """Put a value in the place of another one."""

    def change(told: Json) -> None:
        inner: Any = told
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value

    return change


def left_out(*path: str | int) -> Change:
    """Leave a field out."""

    def change(told: Json) -> None:
        inner: Any = told
        for key in path[:-1]:
            inner = inner[key]
        del inner[path[-1]]

    return change


BAD: list[tuple[Change, str]] = [
    (left_out("verdict"), "there is no `verdict`"),
    (put("verdict", value="green"), "`verdict`: 'green' is not one of pass, fail"),
    (put("verdict", value="pass"), "its verdict is pass, and that of its findings fail"),
    (put("measured", "verdict", value="pass"), "its verdict is pass, and that of its findings"),
    (put("measured", value=[]), "`measured`: [] is not an object"),
    (put("headline", value=None), "`headline`: None is not a text"),
    (put("findings", value={}), "`findings`: {} is not a list"),
    (put("findings", 0, value="threshold"), "'threshold' is not an object"),
    (put("findings", 0, "kind", value="opinion"), "`kind`: 'opinion' is not one of"),
    (put("findings", 0, "kind", value=["threshold"]), "is not one of"),
    (put("findings", 0, "severity", value="off"), "`severity`: 'off' is not one of"),
    (put("findings", 0, "observed", value=True), "`observed`: True is not a number"),
    (put("findings", 0, "observed", value=10**400), "is not a number"),
    (put("findings", 0, "interval", value=[0.5]), "`interval`: [0.5] is not a pair"),
    (put("findings", 0, "interval", value=[0, 2]), "2 is not between 0 and 1"),
    (put("findings", 0, "worst", value="hours-1"), "`worst`: 'hours-1' is not a list"),
    (left_out("findings", 0, "sentence"), "there is no `sentence`"),
    (put("steps", 3, "findings", value=[0, 1, 9]), "holds a finding that is not there"),
    (put("steps", 3, "findings", value=[1, 0]), "each one once and in their order"),
    (put("steps", 3, "findings", value=[0]), "each one once and in their order"),
    (put("steps", 3, "findings", value=[-1]), "-1 is not a whole number"),
    (put("steps", 3, "status", value="green"), "`status`: 'green' is not one of"),
    (put("steps", value=[]), "each one once and in their order"),
    (put("slices", "head", "gate", value="soft"), "`gate`: 'soft' is not one of hard"),
    (put("slices", "head", "passed", value=1.5), "`passed`: 1.5 is not a whole number"),
    (put("slices", "head", "axes", "faithfulness", "mean", value=1.5), "is not between 0 and 1"),
    (put("ceilings", "slices", value=None), "`slices`: None is not an object"),
    (put("ceilings", "latency_p95_s", "observed", value=-1), "`observed`: -1 is not a number"),
    (put("ceilings", "latency_p95_s", "observed", value=10**400), "is not a number from 0"),
    (put("spend", "judge_calls", value="many"), "`judge_calls`: 'many' is not a whole"),
    (put("judge", "provider", value=5), "`judge`: `provider`: 5 is not a text"),
    (left_out("baseline"), "there is no `baseline`"),
    (put("baseline", "cases", value=None), "`cases`: None is not a whole number"),
    (put("bar", "compared", value=1), "`bar`: `compared`: 1 is not true or false"),
    (put("bar", "changes", value=[{}]), "there is no `key`"),
    (put("broken", 0, "place", "line", value="7"), "`line`: '7' is not a whole number"),
    (put("broken", 0, "scores", 0, "now", value=7), "`now`: 7 is not between 0 and 1"),
    (put("cases", "added", value=[1]), "`added`: 1 is not a text"),
    (put("warnings", value="none"), "`warnings`: 'none' is not a list"),
    (put("lexical", value="no"), "`lexical`: 'no' is not true or false"),
    (put("override_decision", value="granted"), "'granted' is not an object"),
    (put("overrides_before", value=[{"pull": 7, "at": "2026-11-23"}]), "says no time zone"),
    (put("overrides_before", value=[{"pull": 7, "at": "soon"}]), "Invalid isoformat"),
    (put("overrides_before", value=[{"pull": 7, "at": "0001-01-01T00:00+09:00"}]), "end of time"),
    (put("run", value=None), "`run`: None is not an object"),
    (put("run", "mode", value="merge"), "`mode`: 'merge' is not one of gate, baseline"),
    (put("run", "graded", value={"created_at": "x"}), "there is no `run_id`"),
]


@pytest.mark.parametrize(("change", "why"), BAD, ids=[why for _, why in BAD])
def test_what_a_summary_may_not_say(failed: Report, change: Change, why: str) -> None:
    """A value of another type or against another one makes the folder unreadable, by its name."""
    told = copy.deepcopy(summary(failed))
    recalled(told)
    change(told)
    with pytest.raises(ResultsUnreadable) as caught:
        recalled(told)
    assert why in caught.value.cause
    assert caught.value.cause.startswith("the results cannot be read: summary.json is not a")


def test_an_older_finding_without_a_step_is_refused(failed: Report) -> None:
    """No finding is lost for want of a place in the tree."""
    told = as_before(summary(failed))
    told["steps"] = [step for step in told["steps"] if step["name"] != "drop"]
    with pytest.raises(ResultsUnreadable, match="each one once"):
        recalled(told)
