"""One run of a workflow whose cases are split over a matrix, as the runner starts its jobs."""

import json
from dataclasses import dataclass, field
from typing import Any, Final

from tests.action.stage import Job, Stage, Step, members
from tests.fakes.github import Pull, WorkflowRun
from tests.fakes.github.bodies.repos import full_repo

SMALL: Final = {"actions": "read", "contents": "read"}
"""What a shard's token may do."""


@dataclass(slots=True)
class Matrix:
    """The jobs of one run; `of` is the number of shards, `artifacts` what they have stored."""

    stage: Stage
    event: str
    run: WorkflowRun
    payload: dict[str, Any]
    sha: str
    ref: str
    of: int = 2
    artifacts: dict[str, dict[str, bytes]] = field(default_factory=dict)

    def shard(self, index: int, *, keep: bool = True, **given: Any) -> Step:
        """Run one shard, and store what it leaves under its name, for the run's other jobs."""
        step = self.stage.finish(self.shard_job(index, **given))
        if keep and step.results.exists():
            name = f"rubric-shard-{index}"
            self.artifacts[name] = members(step.results)
            self.run.artifact(name, self.artifacts[name])
        return step

    def shard_job(self, index: int, **given: Any) -> Job:
        """The job of one shard."""
        inputs = {"shard": f"{index}/{self.of}", **given.pop("inputs", {})}
        return self._job(token=self.stage.github.world.token(SMALL), inputs=inputs, **given)

    def shards(self, **given: Any) -> list[Step]:
        """Run all of them."""
        return [self.shard(index, **given) for index in range(1, self.of + 1)]

    def merge(self, *, artifact: str = "rubric-results", **given: Any) -> Step:
        """Run the job that joins them, with what they stored in the folder `shards`."""
        inputs = {"mode": "merge", "outputs": "shards", **given.pop("inputs", {})}
        job = self._job(inputs=inputs, **given)
        for name, files in self.artifacts.items():
            folder = job.folder / "workspace" / "shards" / name
            folder.mkdir(parents=True)
            for member, data in files.items():
                (folder / member).write_bytes(data)
        step = self.stage.finish(job)
        self.run.status = "completed"
        if step.results.exists():
            self.run.artifact(artifact, members(step.results))
        return step

    def _job(self, **given: Any) -> Job:
        return self.stage.job(self.event, self.run, self.payload, self.sha, ref=self.ref, **given)


def for_pull(stage: Stage, pull: Pull, action: str = "synchronize", of: int = 2) -> Matrix:
    """The run that an activity on a pull request starts."""
    event = "pull_request_review" if action == "submitted" else "pull_request"
    job = stage.pull_job(pull, event=event, action=action)
    payload = json.loads((job.folder / "event.json").read_text())
    ref = job.environ["GITHUB_REF"]
    return Matrix(stage, event, job.run, payload, pull.head_sha, ref, of)


def for_main(stage: Stage, of: int = 2) -> Matrix:
    """The run that a push to the default branch starts."""
    sha = stage.repo.branches["main"]
    run = stage.repo.run(sha, event="push", status="in_progress")
    payload = {"repository": full_repo(stage.github.url, stage.repo)}
    return Matrix(stage, "push", run, payload, sha, "refs/heads/main", of)
