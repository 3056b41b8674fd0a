"""Pull requests and their reviews."""

from tests.fakes.github.bodies.accounts import HTML, node_id, user, user_or_none
from tests.fakes.github.bodies.issues import labels
from tests.fakes.github.bodies.repos import full_repo, repo_url
from tests.fakes.github.pull import Pull
from tests.fakes.github.records import Review, timestamp
from tests.fakes.github.repo import Repo


def pull_simple(api: str, pull: Pull) -> dict[str, object]:
    """Schema `pull-request-simple`."""
    moment = timestamp(pull.created_at)
    closed = timestamp(pull.closed_at)
    return {
        **_addresses(api, pull),
        "id": pull.id,
        "node_id": node_id("PR", pull.id),
        "number": pull.number,
        "state": pull.state,
        "locked": False,
        "draft": pull.draft,
        "title": pull.title,
        "body": pull.body,
        "user": user(api, pull.author),
        "labels": labels(api, pull.repo, pull.labels),
        "milestone": None,
        "assignee": None,
        "created_at": moment,
        "updated_at": timestamp(pull.updated_at),
        "closed_at": closed,
        "merged_at": closed if pull.merged else None,
        "merge_commit_sha": None,
        "head": _end(api, pull, pull.head_repo, pull.head_ref, pull.head_sha),
        "base": _end(api, pull, pull.repo, pull.base_ref, pull.base_sha),
        # Not to be trusted: GitHub says CONTRIBUTOR of owners whose membership is hidden.
        "author_association": "CONTRIBUTOR",
        "auto_merge": None,
    }


def pull_full(api: str, pull: Pull) -> dict[str, object]:
    """Schema `pull-request`."""
    changes = pull.changes
    return {
        **pull_simple(api, pull),
        "merged": pull.merged,
        "mergeable": True,
        "rebaseable": True,
        "mergeable_state": "clean",
        "merged_by": None,
        "comments": len(pull.comments),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": len(pull.commits),
        "additions": len(changes),
        "deletions": 0,
        "changed_files": len(changes),
    }


def review(api: str, pull: Pull, record: Review) -> dict[str, object]:
    """Schema `pull-request-review`; `user` is null once the account is deleted."""
    page = f"{HTML}/{pull.repo.full_name}/pull/{pull.number}#pullrequestreview-{record.id}"
    url = f"{repo_url(api, pull.repo)}/pulls/{pull.number}"
    return {
        "id": record.id,
        "node_id": node_id("PRR", record.id),
        "user": user_or_none(api, record.user),
        "body": record.body,
        "state": record.state,
        "html_url": page,
        "pull_request_url": url,
        "_links": {"html": {"href": page}, "pull_request": {"href": url}},
        "submitted_at": timestamp(record.submitted_at),
        "commit_id": record.commit_id,
        "author_association": record.author_association,
    }


def _end(api: str, pull: Pull, repo: Repo | None, ref: str, sha: str) -> dict[str, object]:
    owner = repo.owner if repo else pull.author
    return {
        "label": f"{owner.login}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": user(api, owner),
        "repo": None if repo is None else full_repo(api, repo),
    }


def _addresses(api: str, pull: Pull) -> dict[str, object]:
    root, page = repo_url(api, pull.repo), f"{HTML}/{pull.repo.full_name}/pull/{pull.number}"
    url, issue = f"{root}/pulls/{pull.number}", f"{root}/issues/{pull.number}"
    named = {
        "comments": f"{issue}/comments",
        "commits": f"{url}/commits",
        "statuses": f"{root}/statuses/{pull.head_sha}",
        "review_comments": f"{url}/comments",
        "review_comment": f"{root}/pulls/comments{{/number}}",
        "issue": issue,
    }
    links = named | {"self": url, "html": page}
    return {
        "url": url,
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        **{f"{name}_url": target for name, target in named.items()},
        "_links": {name: {"href": target} for name, target in links.items()},
    }
