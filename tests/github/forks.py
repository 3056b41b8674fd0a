"""A pull request from a fork, and the runs of its untrusted half."""

from dataclasses import dataclass

import pytest

from rubric_action.github.event import Home, WorkflowRunEvent
from rubric_action.github.fork import fetch_sessions, find_sessions
from rubric_action.github.mode import Nothing
from rubric_action.github.records import Artifact
from tests.fakes.github import Pull, Repo, WorkflowRun
from tests.github.conftest import Scene

NAME = "rubric-sessions"
SESSIONS_WORKFLOW = (3, ".github/workflows/rubric-sessions.yml")


@dataclass(slots=True)
class Fork:
    """A stranger's fork with a branch `change` that is a pull request."""

    scene: Scene
    repo: Repo
    pull: Pull

    def run(
        self,
        *,
        leaves: str | None = None,
        event: str = "pull_request",
        status: str = "completed",
        workflow: tuple[int, str] = SESSIONS_WORKFLOW,
        repo: Repo | None = None,
        sha: str | None = None,
    ) -> WorkflowRun:
        """A run of the untrusted half for the fork's head; `leaves` is the text of its session."""
        run = self.scene.repo.run(
            sha or self.pull.head_sha,
            event=event,
            branch="change",
            workflow=workflow,
            status=status,
            head_repo=repo or self.repo,
        )
        if leaves is not None:
            run.artifact(NAME, {"sessions.jsonl": leaves})
        return run

    def event(self, run: WorkflowRun) -> WorkflowRunEvent:
        """What the end of this run starts."""
        return WorkflowRunEvent(
            "completed",
            run.id,
            run.workflow_id,
            run.path,
            run.event,
            "success",
            run.head_sha,
            run.head_branch,
            run.head_repo.id,
            run.head_repo.owner.login,
            Home(self.scene.repo.id, "main"),
        )

    def found(self, run: WorkflowRun) -> str:
        """The text of the sessions that are found at the end of this run."""
        artifact = find_sessions(self.scene.api, self.event(run))
        assert isinstance(artifact, Artifact), artifact
        return fetch_sessions(self.scene.api, artifact).decode()


@pytest.fixture
def fork(scene: Scene) -> Fork:
    """A pull request from a fork."""
    repo = scene.repo.fork("stranger")
    repo.push("change", {"agent.py": "2"})
    return Fork(scene, repo, scene.repo.pull("change", head_repo=repo, author="stranger"))


def nothing(found: object) -> str:
    """Why there is nothing to do."""
    assert isinstance(found, Nothing), found
    return found.reason
