"""Where stored results come from. Anybody can upload an artifact of the right name.

Whoever is turned down stays visible, with why.
"""

from dataclasses import dataclass

from rubric_action.github.api import Api
from rubric_action.github.records import Artifact, WorkflowRun


@dataclass(frozen=True, slots=True)
class Workflow:
    """The workflow that asks, by the path of its file; by its id only where no path is known."""

    path: str | None = None
    id: int | None = None

    def ran(self, run: WorkflowRun) -> bool:
        """Whether a run is one of this workflow's."""
        return run.path == self.path if self.path else run.workflow_id == self.id


@dataclass(frozen=True, slots=True)
class Origin:
    """Where this run belongs; `run_id` is its own."""

    repository_id: int
    default_branch: str
    run_id: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """Stored results that were turned down, and why."""

    artifact: Artifact
    reason: str


def own_workflow(api: Api, run_id: int, path: str | None) -> Workflow:
    """The workflow of this run; GitHub is asked only where the environment gives no path."""
    return Workflow(path) if path else Workflow(id=api.run(run_id).workflow_id)


def first_doubt(*doubts: tuple[bool, str]) -> str | None:
    """The reason of the first doubt that holds."""
    return next((reason for holds, reason in doubts if holds), None)
