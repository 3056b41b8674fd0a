"""The jobs that a merge queue and another workflow's end start."""

from typing import Any

from tests.action.stage import Job, Stage, Step, members
from tests.fakes.github import FORK_PERMISSIONS, Pull, WorkflowRun
from tests.fakes.github.bodies.actions import workflow_run
from tests.fakes.github.bodies.repos import full_repo

SESSIONS_WORKFLOW = (77, ".github/workflows/rubric-sessions.yml")


def merge_group(stage: Stage, pull: Pull, sha: str, **given: Any) -> Step:
    """Run the action as a merge queue asks for a group that ends with a pull request."""
    run = stage.repo.run(sha, event="merge_group", status="in_progress")
    ref = f"refs/heads/gh-readonly-queue/{pull.base_ref}/pr-{pull.number}-{pull.base_sha}"
    group = {
        "head_sha": sha,
        "head_ref": ref,
        "base_sha": pull.base_sha,
        "base_ref": f"refs/heads/{pull.base_ref}",
    }
    repository = full_repo(stage.github.url, stage.repo)
    payload = {"action": "checks_requested", "merge_group": group, "repository": repository}
    return stage.finish(stage.job("merge_group", run, payload, sha, ref=ref, **given))


def sessions_half(stage: Stage, pull: Pull, *, leaves: bool = True) -> tuple[WorkflowRun, Step]:
    """The fork's own run: a token that only reads, no secrets, and its sessions uploaded."""
    fork = pull.head_repo
    assert fork is not None
    run = stage.repo.run(
        pull.head_sha,
        event="pull_request",
        branch=pull.head_ref,
        workflow=SESSIONS_WORKFLOW,
        status="in_progress",
        head_repo=fork,
    )
    token = stage.github.world.token(FORK_PERMISSIONS)
    job = stage.pull_job(pull, action="opened", token=token, inputs={"mode": "sessions"})
    step = stage.finish(job)
    run.status = "completed"
    file = step.results / "sessions.jsonl"
    if leaves and file.exists():
        run.artifact("rubric-sessions", {"sessions.jsonl": file.read_bytes()})
    return run, step


def judging_job(
    stage: Stage, run: WorkflowRun, *, checkout: str | None = None, **given: Any
) -> Job:
    """The job that the end of the fork's run starts, on the default branch, with secrets."""
    main = stage.repo.branches["main"]
    own = stage.repo.run(main, event="workflow_run", branch="main", status="in_progress")
    payload = {
        "action": "completed",
        "workflow_run": workflow_run(stage.github.url, run),
        "repository": full_repo(stage.github.url, stage.repo),
    }
    head = checkout or run.head_sha
    job = stage.job("workflow_run", own, payload, head, ref="refs/heads/main", **given)
    git = job.folder / "workspace" / ".git"
    git.mkdir()
    (git / "HEAD").write_text(f"{head}\n")
    return Job(job.folder, {**job.environ, "GITHUB_SHA": main}, own)


def judge_half(stage: Stage, run: WorkflowRun, **given: Any) -> Step:
    """The trusted half, run to its end; its results are stored under the head's name."""
    job = judging_job(stage, run, **given)
    step = stage.finish(job)
    job.run.status = "completed"
    if step.results.exists():
        job.run.artifact(f"rubric-results-{run.head_sha}", members(step.results))
    return step
