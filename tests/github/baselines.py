"""Baselines as runs on the default branch leave them, and the choice among them."""

import json
from collections.abc import Mapping
from typing import Any

from rubric_action.github.baseline import Choice, find_baseline
from rubric_action.github.provenance import Origin, Workflow
from rubric_action.report.stored import Stored
from tests.fakes.github import WorkflowRun
from tests.github.conftest import Scene

NAME = "rubric-baseline"
OURS = Workflow(".github/workflows/rubric.yml")


def summary(about: object, verdict: str, mark: str) -> Mapping[str, str]:
    """The members of a results folder, as far as the choice looks at them."""
    record = {"schema": "rubric-results/1", "verdict": verdict, "headline": mark, "run": about}
    return {"summary.json": json.dumps(record)}


def leave(run: WorkflowRun, mark: str = "", verdict: str = "pass", **more: Any) -> None:
    """Upload what a run decided, as the last step of its workflow does."""
    about = {"run_id": run.id, "sha": run.head_sha}
    run.artifact(NAME, summary(about, verdict, mark), **more)


def choose(
    scene: Scene, sha: str | None = None, *, run_id: int = 1, makes_baseline: bool = False
) -> Choice:
    """What a run about a commit would be compared with; the tip of main unless it is given."""
    origin = Origin(scene.repo.id, "main", run_id)
    return find_baseline(
        scene.api,
        NAME,
        origin,
        lambda: OURS,
        sha or scene.repo.branches["main"],
        makes_baseline=makes_baseline,
    )


def distance(choice: Choice) -> int | None:
    """How many commits back the chosen baseline lies."""
    assert isinstance(choice.baseline, Stored), choice
    return choice.baseline.distance


def asked(scene: Scene, part: str) -> list[str]:
    """The paths of GitHub's API that hold this part, in the order of asking."""
    return [one.path for one in scene.github.requests if part in one.path]


def chosen(choice: Choice) -> str:
    """The mark of the baseline that was chosen."""
    assert isinstance(choice.baseline, Stored), choice
    return str(choice.baseline.summary["headline"])


def why(choice: Choice) -> list[str]:
    """The reasons for which candidates were turned down, newest first."""
    return [one.reason for one in choice.rejected]
