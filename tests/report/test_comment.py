"""The comment's size, order and safety, whatever the run was like."""

import re
from pathlib import Path
from typing import Any

import pytest

from rubric_action.report.comment import MOST_CHARS, SIZES, render_comment
from rubric_action.report.model import Report
from tests.fakes.judge import JudgeServer
from tests.pipeline.workspace import RULED, Workspace, case, session
from tests.report.rendered import UNSEEN, render
from tests.report.scenario import Scenario

MANY = 10_000
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
    tags = {tag for tag, _ in shown.shape}
    plain = "h2 p strong ul li sub code table thead tbody tr th td br details summary b h4 pre"
    assert {tag.removeprefix("/") for tag in tags} <= {*plain.split()}
    assert shown.shape.count(("h2", ())) == 1
    assert shown.shape.count(("details", ())) == shown.shape.count(("/details", ()))
    assert shown.found() == {}
    assert not UNSEEN.search(shown.text)
    assert text.startswith("## 🔴 Not ready to ship: 16 cases of a hard slice fail\n")


def test_one_verdict_in_every_scenario(tmp_path: Path, judge_server: JudgeServer) -> None:
    """An answer that prints a verdict of its own doesn't come before ours."""
    scenario = Scenario("hostile", tmp_path, judge_server)
    scenario.run()
    first = scenario.comment().splitlines()[0]
    assert "Not ready to ship" in first
    assert first.startswith("## 🔴")
