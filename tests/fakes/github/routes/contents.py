"""Files at a ref, read and written."""

import base64
import binascii

from tests.fakes.github.bodies import repos as bodies
from tests.fakes.github.call import ApiError, Call, not_found, ok
from tests.fakes.github.records import Commit, blob_sha
from tests.fakes.github.router import router
from tests.fakes.wire import Response

CONTENTS = "/repos/{owner}/{repo}/contents/{path*}"
# Past this size the JSON form says `encoding: none` and only the raw form carries the bytes.
MAX_ENCODED = 1024 * 1024


@router.route("GET", CONTENTS, "contents:read")
def get_contents(call: Call) -> Response:
    """A file, raw or as JSON by the `Accept` header, or a directory's entries."""
    path = call.params["path"].strip("/")
    ref = call.request.query.get("ref", call.repo.default_branch)
    commit = call.repo.resolve(ref)
    if commit is None:
        raise ApiError(404, f"No commit found for the ref {ref}")
    if path in commit.files:
        return _file(call, ref, path, commit.files[path])
    return _directory(call, ref, path, commit)


@router.route("PUT", CONTENTS, "contents:write")
def put_contents(call: Call) -> Response:
    """Write one file in a commit of its own, if it is still the version that `sha` names."""
    repo, path = call.repo, call.params["path"]
    branch, message = call.json.get("branch", repo.default_branch), call.text("message")
    tip = repo.resolve(f"heads/{branch}")
    if tip is None:
        raise ApiError(404, f"Branch {branch} not found")
    data, current = _decoded(call), tip.files.get(path)
    _check_version(call, path, current)
    sha = repo.push(branch, {path: data}, message=message, author=call.token.account.login)
    file = bodies.content(call.api, repo, branch, path, data)
    commit = bodies.git_commit(call.api, repo, repo.network.commits[sha]) | {"sha": sha}
    return Response.of_json({"content": file, "commit": commit}, 201 if current is None else 200)


def _file(call: Call, ref: str, path: str, data: bytes) -> Response:
    if ".raw" in call.request.headers.get("accept", ""):
        return Response(200, data, "application/vnd.github.raw+json; charset=utf-8")
    large = len(data) > MAX_ENCODED
    payload = {"encoding": "none", "content": ""} if large else bodies.encoded(data)
    return ok(bodies.content(call.api, call.repo, ref, path, data) | payload)


def _directory(call: Call, ref: str, path: str, commit: Commit) -> Response:
    prefix = f"{path}/" if path else ""
    below = [name.removeprefix(prefix) for name in commit.files if name.startswith(prefix)]
    if not below:
        raise not_found()
    names = sorted({name.partition("/")[0] for name in below})
    paths = [prefix + name for name in names]
    entries = [bodies.content(call.api, call.repo, ref, p, commit.files.get(p)) for p in paths]
    return ok(entries)


def _decoded(call: Call) -> bytes:
    try:
        return base64.b64decode(call.text("content"), validate=False)
    except binascii.Error as error:
        raise ApiError(422, "content is not valid Base64") from error


def _check_version(call: Call, path: str, current: bytes | None) -> None:
    known = call.json.get("sha")
    if current is not None and known is None:
        raise ApiError(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    if current is not None and blob_sha(current) != known:
        raise ApiError(409, f"{path} does not match {known}")
