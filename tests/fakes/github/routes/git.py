"""Git's own objects: blobs read, trees and commits made."""

from tests.fakes.github.bodies import repos as bodies
from tests.fakes.github.call import ApiError, Call, created, invalid, not_found, ok
from tests.fakes.github.records import blob_sha, tree_sha
from tests.fakes.github.router import router
from tests.fakes.wire import Response

GIT = "/repos/{owner}/{repo}/git"


@router.route("GET", GIT + "/blobs/{sha}", "contents:read")
def get_blob(call: Call) -> Response:
    """A file's content, also one that is too large for the contents API."""
    data = call.repo.network.blob(call.params["sha"])
    if data is None:
        raise not_found()
    url = f"{bodies.repo_url(call.api, call.repo)}/git/blobs/{call.params['sha']}"
    about = {"sha": call.params["sha"], "node_id": "B_1", "size": len(data), "url": url}
    return ok(about | bodies.encoded(data))


@router.route("POST", GIT + "/trees", "contents:write")
def create_tree(call: Call) -> Response:
    """A tree of files that are given in full."""
    entries = call.json.get("tree")
    if not isinstance(entries, list) or not entries:
        raise ApiError(422, "Invalid tree info")
    if any((one.get("mode"), one.get("type")) != ("100644", "blob") for one in entries):
        raise ApiError(422, "tree.mode must be one of 100644, 100755, 040000, 160000 or 120000")
    files = {one["path"]: one["content"].encode() for one in entries}
    sha = tree_sha(files)
    call.repo.network.trees[sha] = files
    shown = [
        {"path": path, "mode": "100644", "type": "blob", "sha": blob_sha(data), "size": len(data)}
        for path, data in files.items()
    ]
    url = f"{bodies.repo_url(call.api, call.repo)}/git/trees/{sha}"
    return created({"sha": sha, "url": url, "tree": shown, "truncated": False})


@router.route("POST", GIT + "/commits", "contents:write")
def create_commit(call: Call) -> Response:
    """A commit of a tree; without parents it begins a history of its own."""
    network, login = call.repo.network, call.token.account.login
    files = network.trees.get(call.text("tree"))
    parents = call.json.get("parents", [])
    if files is None or not isinstance(parents, list) or set(parents) - network.commits.keys():
        raise invalid("Commit", "tree", "Tree SHA does not exist")
    sha = call.repo.commit(call.text("message"), tuple(parents), files, login, None)
    commit = network.commits[sha]
    shown = [{"sha": one} for one in parents]
    return created(bodies.git_commit(call.api, call.repo, commit) | {"sha": sha, "parents": shown})
