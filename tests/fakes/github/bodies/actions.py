"""Workflow runs, artifacts, commit statuses and check runs."""

from collections.abc import Sequence
from datetime import timedelta

from tests.fakes.github.bodies.accounts import HTML, app, node_id, user
from tests.fakes.github.bodies.repos import minimal_repo, repo_url
from tests.fakes.github.records import GITHUB_ACTIONS_BOT, CheckRun, Status, timestamp
from tests.fakes.github.repo import Repo
from tests.fakes.github.runs import Artifact, WorkflowRun

_RETENTION = timedelta(days=90)
_RUN_LINKS = ("jobs", "logs", "artifacts", "cancel", "rerun")


def workflow(
    api: str, repo: Repo, number: int, path: str, created: str | None
) -> dict[str, object]:
    """Schema `workflow`."""
    return {
        "id": number,
        "node_id": node_id("W", number),
        "name": "Rubric",
        "path": path,
        "state": "active",
        "created_at": created,
        "updated_at": created,
        "url": f"{repo_url(api, repo)}/actions/workflows/{number}",
        "html_url": f"{HTML}/{repo.full_name}/blob/main/{path}",
        "badge_url": f"{HTML}/{repo.full_name}/workflows/Rubric/badge.svg",
    }


def workflow_run(api: str, run: WorkflowRun) -> dict[str, object]:
    """Schema `workflow-run`."""
    root = repo_url(api, run.repo)
    url, moment = f"{root}/actions/runs/{run.id}", timestamp(run.created_at)
    return {
        "id": run.id,
        "node_id": node_id("WFR", run.id),
        "name": "Rubric",
        "head_branch": run.head_branch,
        "head_sha": run.head_sha,
        "path": run.path,
        "display_title": "Rubric",
        "run_number": 1,
        "run_attempt": run.run_attempt,
        "event": run.event,
        "status": run.status,
        "conclusion": run.conclusion,
        "workflow_id": run.workflow_id,
        "url": url,
        "html_url": f"{HTML}/{run.repo.full_name}/actions/runs/{run.id}",
        "pull_requests": [],
        "created_at": moment,
        "updated_at": moment,
        "run_started_at": timestamp(run.started_at) if run.started_at else moment,
        **{f"{name}_url": f"{url}/{name}" for name in _RUN_LINKS},
        "check_suite_id": run.id + 1,
        "check_suite_url": f"{root}/check-suites/{run.id + 1}",
        "workflow_url": f"{root}/actions/workflows/{run.workflow_id}",
        "head_commit": _head_commit(run),
        "repository": minimal_repo(api, run.repo),
        "head_repository": minimal_repo(api, run.head_repo),
    }


def artifact(api: str, record: Artifact) -> dict[str, object]:
    """Schema `artifact`."""
    run = record.run
    url, moment = f"{repo_url(api, run.repo)}/actions/artifacts/{record.id}", record.created_at
    return {
        "id": record.id,
        "node_id": node_id("AR", record.id),
        "name": record.name,
        "size_in_bytes": len(record.data),
        "url": url,
        "archive_download_url": f"{url}/zip",
        "expired": record.expired,
        "digest": record.digest,
        "created_at": timestamp(moment),
        "updated_at": timestamp(moment),
        "expires_at": timestamp(moment + _RETENTION),
        "workflow_run": {
            "id": run.id,
            "repository_id": run.repo.id,
            "head_repository_id": run.head_repo.id,
            "head_branch": run.head_branch,
            "head_sha": run.head_sha,
        },
    }


def status(api: str, repo: Repo, record: Status) -> dict[str, object]:
    """Schema `status`."""
    moment = timestamp(record.created_at)
    return {
        "id": record.id,
        "node_id": node_id("SC", record.id),
        "url": f"{repo_url(api, repo)}/statuses/{record.sha}",
        "avatar_url": None,
        "state": record.state,
        "description": record.description,
        "target_url": record.target_url,
        "context": record.context,
        "created_at": moment,
        "updated_at": moment,
        "creator": user(api, record.creator),
    }


def combined_status(
    api: str, repo: Repo, sha: str, current: Sequence[Status], shown: Sequence[object]
) -> dict[str, object]:
    """Schema `combined-commit-status`: the worst of the contexts' current states."""
    url = f"{repo_url(api, repo)}/commits/{sha}"
    return {
        "state": _worst({record.state for record in current}),
        "statuses": list(shown),
        "sha": sha,
        "total_count": len(current),
        "repository": minimal_repo(api, repo),
        "commit_url": url,
        "url": f"{url}/status",
    }


def check_run(api: str, repo: Repo, record: CheckRun) -> dict[str, object]:
    """Schema `check-run`."""
    url = f"{repo_url(api, repo)}/check-runs/{record.id}"
    summary = {name: record.output.get(name) for name in ("title", "summary", "text")}
    annotations = {"annotations_count": 0, "annotations_url": f"{url}/annotations"}
    return {
        "id": record.id,
        "node_id": node_id("CR", record.id),
        "name": record.name,
        "head_sha": record.head_sha,
        "external_id": record.external_id or "",
        "url": url,
        "html_url": f"{HTML}/{repo.full_name}/runs/{record.id}",
        "details_url": record.details_url,
        "status": record.status,
        "conclusion": record.conclusion,
        "started_at": timestamp(record.started_at),
        "completed_at": timestamp(record.completed_at),
        "output": summary | annotations,
        "check_suite": {"id": record.id + 1},
        "app": app(api, repo.world.account(GITHUB_ACTIONS_BOT)),
        "pull_requests": [],
    }


def _worst(states: set[str]) -> str:
    if states & {"error", "failure"}:
        return "failure"
    return "success" if states == {"success"} else "pending"


def _head_commit(run: WorkflowRun) -> dict[str, object] | None:
    record = run.repo.network.commits.get(run.head_sha)
    if record is None:
        return None
    login = record.author.login if record.author else "stranger"
    person = {"name": login, "email": f"{login}@users.example"}
    return {
        "id": record.sha,
        "tree_id": record.tree_sha,
        "message": record.message,
        "timestamp": timestamp(record.date),
        "author": person,
        "committer": person,
    }
