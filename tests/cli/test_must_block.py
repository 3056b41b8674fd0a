"""Five changes that a gate on averages lets pass. None is green here."""

import json
from collections.abc import Callable

import pytest

from tests.cli.process import rubric_action
from tests.pipeline.workspace import RULED, Json, Workspace, case, session

MANY = 50
BAD = "api_key=1"
RUBRIC: Json = {
    **RULED,
    "judge": {"provider": "lexical"},
    "axes": {"tone": {"ask": "Is it polite?", "lexical": "courtesy"}},
    "slices": {"all": {"select": "all", "min": {"tone": 0.5}, "min_pass_rate": 0.8}},
}


def sessions(workspace: Workspace, *, failing: range = range(0)) -> None:
    """Good answers, but for those in the range."""
    workspace.sessions(*(session(n, BAD if n in failing else "") for n in range(MANY)))


def two_of_fifty(workspace: Workspace) -> None:
    """Two of fifty cases pass before and fail now; the average stays far above its bar."""
    sessions(workspace, failing=range(2))


def five_for_five(workspace: Workspace) -> None:
    """Five cases break while five others are fixed; the average doesn't move."""
    sessions(workspace, failing=range(5, 10))


def axis_removed(workspace: Workspace) -> None:
    """The rubric loses an axis, and the numbers get no worse."""
    workspace.rubric(RULED, slices={"all": {"select": "all", "min_pass_rate": 0.8}})


def cases_deleted(workspace: Workspace) -> None:
    """Ten cases are deleted with their sessions."""
    workspace.cases(*(case(n) for n in range(10, MANY)))
    workspace.sessions(*(session(n) for n in range(10, MANY)))


BLOCKED: dict[str, tuple[Callable[[Workspace], None], range, str, int]] = {
    "two of fifty break": (two_of_fifty, range(0), "regression", 2),
    "five break, five are fixed": (five_for_five, range(5), "regression", 5),
    "an axis is removed": (axis_removed, range(0), "bar-lowered", 1),
    "ten cases are deleted": (cases_deleted, range(0), "case-removed", 10),
}


@pytest.mark.parametrize(
    ("change", "failing_before", "kind", "count"), BLOCKED.values(), ids=BLOCKED.keys()
)
def test_change_is_blocked(
    ruled: Workspace,
    change: Callable[[Workspace], None],
    failing_before: range,
    kind: str,
    count: int,
) -> None:
    """The change fails for the reason that the average hides."""
    ruled.rubric(RUBRIC)
    ruled.rubric(RUBRIC, "base.yaml")
    ruled.cases(*(case(n) for n in range(MANY)))
    sessions(ruled, failing=failing_before)
    main = rubric_action("gate", "--mode", "baseline", "--results", "main", cwd=ruled.root)
    assert main.code == 0
    assert ruled.summary("main")["verdict"] == "pass"

    change(ruled)
    compared = ("--baseline", "main", "--base-rubric", "base.yaml")
    done = rubric_action("gate", *compared, "--json", cwd=ruled.root)
    assert done.code == 1
    summary = json.loads(done.out)
    assert summary["verdict"] == "fail"
    found = [finding for finding in summary["findings"] if finding["kind"] == kind]
    assert len(found) >= count
    assert {finding["severity"] for finding in found} == {"fail"}


def test_nothing_passes_without_a_baseline(ruled: Workspace) -> None:
    """A first run in which every case fails is no fresh start: it fails."""
    ruled.rubric(RUBRIC)
    ruled.cases(*(case(n) for n in range(MANY)))
    sessions(ruled, failing=range(MANY))
    done = rubric_action("gate", cwd=ruled.root)
    assert done.code == 1
    assert done.out.startswith("FAIL  Not ready to ship")
    assert "no baseline yet: the regression rule did not run" in done.out
