"""What a listing and a run give away of results that are not to be trusted."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from rubric_action.github.provenance import Origin, Workflow
from rubric_action.github.records import Artifact, WorkflowRun
from rubric_action.github.results_doubts import distrust_artifact, distrust_run

ORIGIN = Origin(repository_id=7, default_branch="main", run_id=99)
OURS = Workflow(".github/workflows/rubric.yml")
ARTIFACT = Artifact(
    1, "rubric-results", 10, False, None, "2026-11-20T10:00:00Z", 50, 7, 7, "change", "a" * 40
)
RUN = WorkflowRun(
    50, 161_335, ".github/workflows/rubric.yml", "pull_request", "in_progress", "change", 7, 7
)
FORK_ARTIFACT = replace(ARTIFACT, head_branch="main")
FORK_RUN = replace(RUN, event="workflow_run", head_branch="main")


@pytest.mark.parametrize("for_fork", [False, True])
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"run_id": 99}, None),
        ({"expired": True}, "it has expired"),
        ({"run_id": None}, "its run is unknown"),
        ({"repository_id": 8}, "it belongs to another repository"),
        ({"repository_id": None}, "it belongs to another repository"),
        ({"head_repository_id": 8}, "its run was started from a fork"),
        ({"head_repository_id": None}, "its run was started from a fork"),
    ],
)
def test_what_a_listing_gives_away(
    changes: Mapping[str, object], reason: str | None, for_fork: bool
) -> None:
    """Most of the untrusted are turned down without a further request, each by its reason."""
    artifact = replace(FORK_ARTIFACT if for_fork else ARTIFACT, **changes)  # type: ignore[arg-type]
    assert distrust_artifact(artifact, ORIGIN, for_fork=for_fork) == reason


@pytest.mark.parametrize("for_fork", [False, True])
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"status": "completed"}, None),
        ({"repository_id": 8}, "its run belongs to another repository"),
        ({"repository_id": None}, "its run belongs to another repository"),
        ({"head_repository_id": 8}, "its run was started from a fork"),
        ({"head_repository_id": None}, "its run was started from a fork"),
        ({"event": "schedule"}, "its run was started by schedule"),
        ({"event": "pull_request_target"}, "its run was started by pull_request_target"),
        ({"path": ".github/workflows/docs.yml"}, "another workflow uploaded it"),
        ({"path": None}, "another workflow uploaded it"),
    ],
)
def test_what_a_run_gives_away(
    changes: Mapping[str, object], reason: str | None, for_fork: bool
) -> None:
    """A run is trusted only when everything about it is as a gate's own would be."""
    run = replace(FORK_RUN if for_fork else RUN, **changes)  # type: ignore[arg-type]
    assert distrust_run(run, ORIGIN, OURS, for_fork=for_fork) == reason


@pytest.mark.parametrize("branch", ["change", "Main", None])
def test_a_forks_results_are_the_default_branchs(branch: str | None) -> None:
    """For any other head the branch is nothing to go by."""
    artifact, run = replace(ARTIFACT, head_branch=branch), replace(FORK_RUN, head_branch=branch)
    assert distrust_artifact(artifact, ORIGIN, for_fork=True) == "its run was not on main"
    assert distrust_artifact(artifact, ORIGIN, for_fork=False) is None
    assert distrust_run(run, ORIGIN, OURS, for_fork=True) == "its run was not on main"
    assert distrust_run(replace(RUN, head_branch=branch), ORIGIN, OURS, for_fork=False) is None


def test_each_half_has_its_own_events() -> None:
    """What judges a fork does not gate a branch of ours, and the other way round."""
    told = distrust_run(replace(FORK_RUN, event="push"), ORIGIN, OURS, for_fork=True)
    assert told == "its run was started by push"
    told = distrust_run(replace(RUN, event="workflow_run"), ORIGIN, OURS, for_fork=False)
    assert told == "its run was started by workflow_run"
