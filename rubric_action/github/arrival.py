"""When a commit came to GitHub: by GitHub's own clock, since its author can forge its dates."""

from collections.abc import Iterable
from typing import Final

from rubric_action.gate.override.facts import Moment
from rubric_action.github.api import Api
from rubric_action.github.faults import Operation
from rubric_action.github.records import Status, WorkflowRun

FIRST_RUN: Final = "the first workflow run of the head commit"
FIRST_STATUS: Final = "the first status of the head commit"


def read_runs(api: Api, sha: str) -> tuple[WorkflowRun, ...]:
    """Every workflow run of a commit. Raises GitHubFailed."""
    path = api.path("/actions/runs")
    found = api.client.pages(Operation.READ_RUNS, path, "workflow_runs", head_sha=sha)
    return tuple(map(WorkflowRun.of, found))


def arrived(runs: Iterable[WorkflowRun], statuses: Iterable[Status]) -> Moment | None:
    """The earliest workflow run or status of a commit; None where GitHub has neither.

    Both are all of the commit's. Check suites would be a sign as well, but need a permission of
    their own. Without them the floor can only be later, which is stricter, and a signature is worth
    something only after results of a run on this very commit were published.
    """
    signs = [Moment(one.created_at, FIRST_RUN) for one in runs if one.created_at]
    signs += [Moment(one.created_at, FIRST_STATUS) for one in statuses if one.created_at]
    return min(signs, key=lambda one: one.at, default=None)
