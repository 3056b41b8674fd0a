"""The issue half of a pull request: comments, labels and events."""

from collections.abc import Iterable

from tests.fakes.github.bodies.accounts import HTML, app, app_of, node_id, user, user_or_none
from tests.fakes.github.bodies.repos import repo_url
from tests.fakes.github.pull import Pull
from tests.fakes.github.records import Comment, IssueEvent, Review, timestamp
from tests.fakes.github.repo import Repo


def labels(api: str, repo: Repo, names: Iterable[str]) -> list[dict[str, object]]:
    """Schema `label`, once a name."""
    return [
        {
            "id": number,
            "node_id": node_id("LA", number),
            "url": f"{repo_url(api, repo)}/labels/{name}",
            "name": name,
            "description": None,
            "color": "ededed",
            "default": False,
        }
        for number, name in enumerate(names, start=1)
    ]


def issue(api: str, pull: Pull) -> dict[str, object]:
    """Schema `issue`: a pull request as the issues API shows it."""
    root, page = repo_url(api, pull.repo), f"{HTML}/{pull.repo.full_name}/pull/{pull.number}"
    url, moment = f"{root}/issues/{pull.number}", timestamp(pull.created_at)
    return {
        "id": pull.id,
        "node_id": node_id("PR", pull.id),
        "number": pull.number,
        "url": url,
        "repository_url": root,
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": page,
        "state": pull.state,
        "title": pull.title,
        "body": pull.body,
        "user": user(api, pull.author),
        "labels": labels(api, pull.repo, pull.labels),
        "assignee": None,
        "milestone": None,
        "locked": False,
        "comments": len(pull.comments),
        "created_at": moment,
        "updated_at": moment,
        "closed_at": None if pull.state == "open" else timestamp(pull.repo.world.now),
        "author_association": "CONTRIBUTOR",
        "pull_request": {
            "url": f"{root}/pulls/{pull.number}",
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
        },
    }


def comment(api: str, pull: Pull, record: Comment) -> dict[str, object]:
    """Schema `issue-comment`."""
    root = repo_url(api, pull.repo)
    page = f"{HTML}/{pull.repo.full_name}/pull/{pull.number}"
    return {
        "id": record.id,
        "node_id": node_id("IC", record.id),
        "url": f"{root}/issues/comments/{record.id}",
        "html_url": f"{page}#issuecomment-{record.id}",
        "issue_url": f"{root}/issues/{pull.number}",
        "user": user_or_none(api, record.user),
        "created_at": timestamp(record.created_at),
        "updated_at": timestamp(record.updated_at),
        "author_association": "NONE",
        "body": record.body,
        "performed_via_github_app": app(api, record.user),
    }


def event(api: str, repo: Repo, record: IssueEvent) -> dict[str, object]:
    """Schema `issue-event-for-issue`; `actor` is null once the account is deleted."""
    labelled = {} if record.label is None else {"label": {"name": record.label, "color": "ededed"}}
    root, review = repo_url(api, repo), record.review
    dismissed = {} if review is None else {"dismissed_review": _dismissed(review)}
    return {
        "id": record.id,
        "node_id": node_id("E", record.id),
        "url": f"{root}/issues/events/{record.id}",
        "actor": user_or_none(api, record.actor),
        "event": record.event,
        "commit_id": record.commit_id,
        "commit_url": record.commit_id and f"{root}/commits/{record.commit_id}",
        "created_at": timestamp(record.created_at),
        "performed_via_github_app": app_of(api, record.app)
        if record.app
        else app(api, record.actor),
        **labelled,
        **dismissed,
    }


def _dismissed(review: Review) -> dict[str, object]:
    return {"state": "dismissed", "review_id": review.id, "dismissal_message": "no"}
