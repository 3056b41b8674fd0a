"""Repositories, commits, comparisons and refs."""

from tests.fakes.github.bodies import repos as bodies
from tests.fakes.github.call import ApiError, Call, created, invalid, not_found, ok
from tests.fakes.github.records import Commit
from tests.fakes.github.router import router
from tests.fakes.wire import Response

REPO = "/repos/{owner}/{repo}"
# A comparison that is not asked for page by page shows no more commits than this.
MAX_COMPARED = 250


@router.route("GET", REPO, "metadata:read")
def get_repo(call: Call) -> Response:
    """A repository."""
    return ok(bodies.full_repo(call.api, call.repo))


@router.route("GET", REPO + "/branches/{branch*}", "contents:read")
def get_branch(call: Call) -> Response:
    """A branch with its tip."""
    tip = call.repo.resolve(f"heads/{call.params['branch']}")
    if tip is None:
        raise ApiError(404, "Branch not found")
    commit = bodies.commit(call.api, call.repo, tip)
    return ok({"name": call.params["branch"], "commit": commit, "protected": False})


@router.route("GET", REPO + "/commits", "contents:read")
def list_commits(call: Call) -> Response:
    """The history of `sha` (the default branch), newest first."""
    start = call.repo.resolve(call.request.query.get("sha", call.repo.default_branch))
    if start is None:
        raise not_found()
    history = call.repo.network.log(start.sha)
    return call.page(history, lambda commit: bodies.commit(call.api, call.repo, commit))


@router.route("GET", REPO + "/commits/{ref*}", "contents:read")
def get_commit(call: Call) -> Response:
    """One commit with the files that it changed."""
    commit, repo = call.commit("ref"), call.repo
    changes = repo.network.changes(next(iter(commit.parents), None), commit.sha)
    files = [bodies.diff_entry(call.api, repo, commit.sha, change) for change in changes]
    stats = {"additions": len(files), "deletions": 0, "total": len(files)}
    return ok(bodies.commit(call.api, repo, commit) | {"files": files, "stats": stats})


@router.route("GET", REPO + "/compare/{basehead*}", "contents:read")
def compare(call: Call) -> Response:
    """What `head` has beyond `base`, and where they parted; files on the first page only."""
    base_name, dots, head_name = call.params["basehead"].partition("...")
    if not dots:
        raise not_found()
    base, head = _end(call, base_name), _end(call, head_name)
    network = call.repo.network
    parted = network.merge_base(base.sha, head.sha)
    if parted is None:
        raise ApiError(404, f"No common ancestor between {base_name} and {head_name}.")
    ahead, behind = network.between(base.sha, head.sha), network.between(head.sha, base.sha)
    first = call.request.query.get("page", "1") == "1"
    changes = network.changes(parted, head.sha) if first else []
    page = _compared(call, ahead)
    url = f"{bodies.repo_url(call.api, call.repo)}/compare/{call.params['basehead']}"
    return Response.of_json(
        {
            **dict.fromkeys(("url", "html_url", "permalink_url", "diff_url", "patch_url"), url),
            "base_commit": bodies.commit(call.api, call.repo, base),
            "merge_base_commit": bodies.commit(call.api, call.repo, network.commits[parted]),
            "status": _relation(len(ahead), len(behind)),
            "ahead_by": len(ahead),
            "behind_by": len(behind),
            "total_commits": len(ahead),
            "commits": page.json,
            "files": [bodies.diff_entry(call.api, call.repo, head.sha, c) for c in changes],
        },
        headers=page.headers,
    )


@router.route("GET", REPO + "/git/ref/{ref*}", "contents:read")
@router.route("GET", REPO + "/git/refs/{ref*}", "contents:read")
def get_ref(call: Call) -> Response:
    """A branch's ref, `heads/<branch>`."""
    return ok(bodies.git_ref(call.api, call.repo, _branch(call)))


@router.route("POST", REPO + "/git/refs", "contents:write")
def create_ref(call: Call) -> Response:
    """Create a branch at a commit that exists."""
    branch = call.text("ref").removeprefix("refs/heads/")
    if branch in call.repo.branches:
        raise ApiError(422, "Reference already exists")
    call.repo.move(branch, _object(call).sha)
    return created(bodies.git_ref(call.api, call.repo, branch))


@router.route("PATCH", REPO + "/git/refs/{ref*}", "contents:write")
def update_ref(call: Call) -> Response:
    """Move a branch; only forward, unless forced."""
    branch, target = _branch(call), _object(call)
    forward = call.repo.branches[branch] in call.repo.network.ancestors(target.sha)
    if not forward and not call.json.get("force"):
        raise ApiError(422, "Update is not a fast forward")
    call.repo.move(branch, target.sha)
    return ok(bodies.git_ref(call.api, call.repo, branch))


def _compared(call: Call, commits: list[Commit]) -> Response:
    """The commits of a comparison, page by page where that is asked for."""
    if call.request.query.keys() & {"page", "per_page"}:
        return call.page(commits, lambda commit: bodies.commit(call.api, call.repo, commit))
    shown = commits[:MAX_COMPARED]
    return ok([bodies.commit(call.api, call.repo, commit) for commit in shown])


def _branch(call: Call) -> str:
    branch = call.params["ref"].removeprefix("heads/")
    if branch not in call.repo.branches:
        raise not_found()
    return branch


def _object(call: Call) -> Commit:
    commit = call.repo.network.commits.get(call.text("sha"))
    if commit is None:
        raise invalid("Reference", "sha", "Object does not exist")
    return commit


def _end(call: Call, name: str) -> Commit:
    owner, colon, branch = name.rpartition(":")
    fork = call.world.find_repo(f"{owner}/{call.repo.name}") if colon else call.repo
    commit = fork.resolve(branch) if fork is not None else None
    if commit is None:
        raise not_found()
    return commit


def _relation(ahead: int, behind: int) -> str:
    if ahead and behind:
        return "diverged"
    if ahead or behind:
        return "ahead" if ahead else "behind"
    return "identical"
