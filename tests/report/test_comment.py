"""The comment's size, order and safety, whatever the run was like."""

import re
from pathlib import Path
from typing import Any

import pytest

from rubric_action.gate.model import Baseline, SliceSummary
from rubric_action.report.comment import MOST_CHARS, SIZES, render_comment
from rubric_action.report.model import GradingRun, Report, RunInfo
from rubric_action.report.view_table import table
from tests.fakes.judge import JudgeServer
from tests.pipeline.workspace import RULED, Workspace, case, session
from tests.report.rendered import UNSEEN, readable, render
from tests.report.scenario import NAMES, Scenario
from tests.report.signing import PULL
from tests.report.states import granted, report_with

MANY = 10_000
RUN = "https://github.example/acme/support/actions/runs/7"
BAD = "api_key=1 " + "so much to say " * 200


@pytest.fixture(scope="module")
def huge(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Ten thousand cases of a hard slice, and none passes."""
    workspace = Workspace(tmp_path_factory.mktemp("huge"))
    slices: dict[str, Any] = {"high-stakes": {"select": "all", "gate": "hard"}}
    slices |= {f"part-{n}": {"select": {"tags": [f"t{n}"]}, "min_pass_rate": 1} for n in range(80)}
    workspace.rubric(RULED, slices=slices)
    workspace.cases(*(case(n, tags=[f"t{n % 80}"]) for n in range(MANY)))
    workspace.sessions(*(session(n, BAD) for n in range(MANY)))
    return workspace.gate()


def test_ten_thousand_failing_cases(huge: Report) -> None:
    """The comment stays within GitHub's limit, begins with the verdict, and says what it lacks."""
    text = render_comment(huge)
    assert len(text) < MOST_CHARS
    assert text.startswith("## 🔴 Not ready to ship: 10000 cases of a hard slice fail")
    assert text.splitlines()[2].startswith("**Do next:** Fix ")
    [left_out] = re.findall(r"No room here for (.*?):", text)
    assert re.search(r"\d slices, 9,9\d\d broken cases", left_out)
    assert render(text).found() == {}


@pytest.mark.parametrize("limit", [40_000, 4_000, 700])
def test_smaller_limits(huge: Report, limit: int) -> None:
    """However little room there is, verdict and next step are whole."""
    text = render_comment(huge, limit)
    assert len(text) <= limit
    verdict, _, next_step, *_ = text.splitlines()
    assert verdict == (
        "## 🔴 Not ready to ship: 10000 cases of a hard slice fail and 80 minimums are not met"
    )
    assert next_step.startswith("**Do next:** Fix <code>c0</code>")
    assert next_step.endswith(".")


def test_the_largest_size_that_fits(huge: Report) -> None:
    """More room shows more."""
    lengths = [len(render_comment(huge, limit)) for limit in (4_000, 12_000, 40_000, MOST_CHARS)]
    assert lengths == sorted(lengths)
    assert lengths[0] < lengths[-1]
    assert len(SIZES) > 2


def test_hostile_comment(tmp_path: Path, judge_server: JudgeServer) -> None:
    """A whole comment full of hostile texts has the shape of ours, and nothing in it is live."""
    scenario = Scenario("hostile", tmp_path, judge_server)
    scenario.run()
    text = scenario.comment()
    shown = render(text)
    ours = "h2 p strong ul li sub code table thead tbody tr th td br details summary b h4 pre span"
    assert shown.tags <= {*ours.split()}
    assert shown.shape.count(("h2", ())) == 1
    assert shown.shape.count(("details", ())) == shown.shape.count(("/details", ()))
    assert shown.found() == {}
    assert not UNSEEN.search(shown.text)
    assert text.startswith("## 🔴 Not ready to ship: 16 cases of a hard slice fail\n")


@pytest.mark.parametrize("name", NAMES)
def test_every_scenario(name: str, tmp_path: Path, judge_server: JudgeServer) -> None:
    """The verdict stands first, alone at its level; nothing is live but links to reviews."""
    scenario = Scenario(name, tmp_path, judge_server)
    scenario.run()
    text = scenario.comment()
    shown = render(text)
    assert text.startswith("## ")
    assert "\n**Do next:** " in text
    assert shown.shape.count(("h2", ())) == 1
    assert shown.found() == {}
    assert all(link.startswith(PULL) for link in shown.links)


def test_an_axis_that_no_case_of_a_slice_is_graded_on() -> None:
    """Its cell is empty: there is no number to show."""
    one = SliceSummary("head", 2, 2, 0, 1.0, None)
    [row] = table((one,), ("tone",), ())
    assert row.cells == ("",)


@pytest.mark.parametrize(
    ("distance", "told"),
    [
        (None, ", 2 days old · "),
        (0, ", 2 days old, the merge base itself · "),
        (1, ", 2 days old, 1 commit before the merge base · "),
        (3, ", 2 days old, 3 commits before the merge base · "),
    ],
)
def test_how_far_back_the_baseline_is(distance: int | None, told: str) -> None:
    """The reader sees whether the comparison is with the very commit that the branch left."""
    baseline = Baseline({}, sha="abc1234" * 5, age_days=2, distance=distance)
    text = render_comment(report_with(baseline=baseline))
    assert f"**Compared with** <code>main@\u200babc1234</code>{told}" in text


@pytest.mark.parametrize(
    ("graded", "told"),
    [
        (GradingRun("2026-11-23T09:00:00Z", 7, RUN), f"[run 7]({RUN}) (2026-11-23T09:00:00Z)"),
        (GradingRun("2026-11-23T09:00:00Z"), "an earlier run (2026-11-23T09:00:00Z)"),
    ],
)
def test_a_decision_on_old_results(graded: GradingRun, told: str) -> None:
    """Nothing was spent, and the run that graded is a click away."""
    report = report_with(granted(), run=RunInfo("2026-11-23T10:00:00Z", graded=graded))
    text = render_comment(report).replace("\u200b", "")
    assert f"**Spent** decided again from the results of {told}; nothing was asked again" in text
    assert "judge call" not in text


@pytest.mark.parametrize(
    ("url", "shown"), [(RUN, True), ("javascript:alert(1)", False), (None, False)]
)
def test_the_full_report(url: str | None, shown: bool) -> None:
    """The run's page is linked where there is one, and only where it is a web address."""
    text = render_comment(report_with(run=RunInfo("2026-11-23T10:00:00Z", url=url)))
    assert render(text).links == ([RUN] if shown else [])


@pytest.mark.parametrize(
    "name", ["GH-1", "deadbeef", "__bold__", "_a_", "snake_case", "1", "a" * 40]
)
def test_names_that_a_rubric_may_give(name: str, tmp_path: Path) -> None:
    """Slices and axes have plain names, of which none is live either."""
    workspace = Workspace(tmp_path)
    rule = {"id": "no-keys", "not_contains": "api_key", "axis": name}
    slices = {name: {"select": "all", "gate": "hard", "min": {name: 1}}}
    workspace.rubric(RULED, axes={name: {"ask": "Is it?"}}, rules=[rule], slices=slices)
    workspace.cases(case(0))
    workspace.sessions(session(0, BAD))
    shown = render(render_comment(workspace.gate()))
    assert shown.found() == {}
    assert not {"em", "a"} & shown.tags
    assert readable(shown.text).count(name) > 2
