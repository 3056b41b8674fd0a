"""Repositories, commits, comparisons, files and refs."""

import base64

from tests.fakes.github.bodies.accounts import HTML, node_id, user, user_or_none
from tests.fakes.github.history import FileChange
from tests.fakes.github.records import Commit, blob_sha, timestamp
from tests.fakes.github.repo import Repo

_API_LINKS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
_COUNTS = (
    "forks_count",
    "stargazers_count",
    "watchers_count",
    "size",
    "open_issues_count",
    "subscribers_count",
    "network_count",
    "forks",
    "open_issues",
    "watchers",
)
_FEATURES = ("issues", "projects", "wiki", "pages", "downloads", "discussions")


def repo_url(api: str, repo: Repo) -> str:
    """Where the API serves a repository."""
    return f"{api}/repos/{repo.full_name}"


def minimal_repo(api: str, repo: Repo) -> dict[str, object]:
    """Schema `minimal-repository`."""
    url = repo_url(api, repo)
    return {
        "id": repo.id,
        "node_id": node_id("R", repo.id),
        "name": repo.name,
        "full_name": repo.full_name,
        "owner": user(api, repo.owner),
        "private": repo.private,
        "html_url": f"{HTML}/{repo.full_name}",
        "description": None,
        "fork": repo.parent is not None,
        "url": url,
        **{name: url + path for name, path in _API_LINKS.items()},
    }


def full_repo(api: str, repo: Repo) -> dict[str, object]:
    """Schemas `full-repository` and `repository`."""
    page = f"{HTML}/{repo.full_name}"
    moment = timestamp(repo.world.now)
    parent = {} if repo.parent is None else {"parent": full_repo(api, repo.parent)}
    return {
        **minimal_repo(api, repo),
        "git_url": f"git://github.com/{repo.full_name}.git",
        "ssh_url": f"git@github.com:{repo.full_name}.git",
        "clone_url": f"{page}.git",
        "svn_url": page,
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "license": None,
        "default_branch": repo.default_branch,
        "archived": False,
        "disabled": False,
        "pushed_at": moment,
        "created_at": moment,
        "updated_at": moment,
        **dict.fromkeys(_COUNTS, 0),
        **{f"has_{feature}": True for feature in _FEATURES},
        **parent,
    }


def commit(api: str, repo: Repo, record: Commit) -> dict[str, object]:
    """Schema `commit`; `author` is null when the email maps to no account."""
    url = repo_url(api, repo)
    parents = [{"sha": sha, "url": f"{url}/commits/{sha}"} for sha in record.parents]
    return {
        "sha": record.sha,
        "node_id": node_id("C", int(record.sha[:8], 16)),
        "url": f"{url}/commits/{record.sha}",
        "html_url": f"{HTML}/{repo.full_name}/commit/{record.sha}",
        "comments_url": f"{url}/commits/{record.sha}/comments",
        "commit": git_commit(api, repo, record),
        "author": user_or_none(api, record.author),
        "committer": user_or_none(api, record.committer),
        "parents": parents,
    }


def git_commit(api: str, repo: Repo, record: Commit) -> dict[str, object]:
    """The commit object itself: message, tree and the signatures that git keeps."""
    login = record.author.login if record.author else "stranger"
    date = timestamp(record.date)
    person = {"name": login, "email": f"{login}@users.example", "date": date}
    url = repo_url(api, repo)
    return {
        "url": f"{url}/git/commits/{record.sha}",
        "author": person,
        "committer": person,
        "message": record.message,
        "comment_count": 0,
        "tree": {"sha": record.tree_sha, "url": f"{url}/git/trees/{record.tree_sha}"},
        "verification": {
            "verified": False,
            "reason": "unsigned",
            "payload": None,
            "signature": None,
            "verified_at": None,
        },
    }


def diff_entry(api: str, repo: Repo, sha: str, change: FileChange) -> dict[str, object]:
    """Schema `diff-entry`."""
    content = change.after if change.after is not None else change.before or b""
    lines = len(content.splitlines())
    page = f"{HTML}/{repo.full_name}"
    return {
        "sha": blob_sha(content),
        "filename": change.path,
        "status": change.status,
        "additions": 0 if change.after is None else lines,
        "deletions": len((change.before or b"").splitlines()),
        "changes": lines,
        "blob_url": f"{page}/blob/{sha}/{change.path}",
        "raw_url": f"{page}/raw/{sha}/{change.path}",
        "contents_url": f"{repo_url(api, repo)}/contents/{change.path}?ref={sha}",
    }


def content(api: str, repo: Repo, ref: str, path: str, data: bytes | None) -> dict[str, object]:
    """Schema `content-file`, or an entry of `content-directory` when there is no data."""
    url = f"{repo_url(api, repo)}/contents/{path}?ref={ref}"
    kind, size, sha = ("dir", 0, blob_sha(path.encode())) if data is None else _file(data)
    git, page = f"{repo_url(api, repo)}/git/blobs/{sha}", f"{HTML}/{repo.full_name}/blob/{ref}"
    return {
        "type": kind,
        "size": size,
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": sha,
        "url": url,
        "git_url": git,
        "html_url": f"{page}/{path}",
        "download_url": None,
        "_links": {"git": git, "self": url, "html": f"{page}/{path}"},
    }


def encoded(data: bytes) -> dict[str, object]:
    """The part of `content-file` that carries the bytes, wrapped at 60 columns as GitHub does."""
    text = base64.b64encode(data).decode()
    lines = [text[start : start + 60] for start in range(0, len(text), 60)]
    return {"encoding": "base64", "content": "".join(f"{line}\n" for line in lines)}


def git_ref(api: str, repo: Repo, branch: str) -> dict[str, object]:
    """Schema `git-ref` of a branch."""
    url, sha = repo_url(api, repo), repo.branches[branch]
    return {
        "ref": f"refs/heads/{branch}",
        "node_id": node_id("REF", int(sha[:8], 16)),
        "url": f"{url}/git/refs/heads/{branch}",
        "object": {"type": "commit", "sha": sha, "url": f"{url}/git/commits/{sha}"},
    }


def _file(data: bytes) -> tuple[str, int, str]:
    return "file", len(data), blob_sha(data)
