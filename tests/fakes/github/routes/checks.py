"""Commit statuses and check runs."""

from collections.abc import Mapping

from tests.fakes.github.bodies import actions as bodies
from tests.fakes.github.call import ApiError, Call, created, invalid, not_found, ok
from tests.fakes.github.records import CheckRun, Status
from tests.fakes.github.router import router
from tests.fakes.wire import Response

REPO = "/repos/{owner}/{repo}"
MAX_DESCRIPTION = 140
_STATES = ("error", "failure", "pending", "success")


@router.route("POST", REPO + "/statuses/{sha}", "statuses:write")
def create_status(call: Call) -> Response:
    """Set a commit's status in one context; the newest counts."""
    commit, description = call.commit("sha"), call.json.get("description")
    if call.text("state") not in _STATES:
        raise invalid("Status", "state", "state is not included in the list")
    if description is not None and len(description) > MAX_DESCRIPTION:
        message = f"description is too long (maximum is {MAX_DESCRIPTION} characters)"
        raise invalid("Status", "description", message)
    made = call.repo.status(
        commit.sha,
        call.json.get("context", "default"),
        call.text("state"),
        description,
        target_url=call.json.get("target_url"),
        by=call.token.account.login,
    )
    return created(bodies.status(call.api, call.repo, made))


@router.route("GET", REPO + "/statuses/{ref*}", "statuses:read")
@router.route("GET", REPO + "/commits/{ref*}/statuses", "statuses:read")
def list_statuses(call: Call) -> Response:
    """Every status ever set on a commit, newest first."""
    return call.page(_statuses(call), lambda status: bodies.status(call.api, call.repo, status))


@router.route("GET", REPO + "/commits/{ref*}/status", "statuses:read")
def get_combined_status(call: Call) -> Response:
    """The current status of each context, and the worst of them."""
    newest: dict[str, Status] = {}
    for status in _statuses(call):
        newest.setdefault(status.context, status)
    current = list(newest.values())
    page = call.page(current, lambda status: bodies.status(call.api, call.repo, status))
    sha = call.commit("ref").sha
    body = bodies.combined_status(call.api, call.repo, sha, current, page.json)
    return Response.of_json(body, headers=page.headers)


@router.route("POST", REPO + "/check-runs", "checks:write")
def create_check_run(call: Call) -> Response:
    """Start, or at once complete, a check run."""
    sha = call.text("head_sha")
    if sha not in call.repo.network.commits:
        raise ApiError(422, f"No commit found for SHA: {sha}")
    run = CheckRun(call.world.next_id(), call.text("name"), sha, "queued", None)
    run.started_at = call.world.tick()
    call.repo.check_runs.append(run)
    _apply(call, run)
    return created(bodies.check_run(call.api, call.repo, run))


@router.route("PATCH", REPO + "/check-runs/{check_run_id}", "checks:write")
def update_check_run(call: Call) -> Response:
    """Change a check run."""
    for run in call.repo.check_runs:
        if run.id == call.number("check_run_id"):
            _apply(call, run)
            return ok(bodies.check_run(call.api, call.repo, run))
    raise not_found()


@router.route("GET", REPO + "/commits/{ref*}/check-runs", "checks:read")
def list_check_runs(call: Call) -> Response:
    """A commit's check runs, of one name where `check_name` gives it."""
    sha, name = call.commit("ref").sha, call.request.query.get("check_name")
    runs = [r for r in call.repo.check_runs if r.head_sha == sha and name in (None, r.name)]
    return call.page(runs, lambda r: bodies.check_run(call.api, call.repo, r), key="check_runs")


def _statuses(call: Call) -> list[Status]:
    sha = call.commit("ref" if "ref" in call.params else "sha").sha
    return [status for status in reversed(call.repo.statuses) if status.sha == sha]


def _apply(call: Call, run: CheckRun) -> None:
    changes: Mapping[str, object] = call.json
    for name in ("name", "status", "conclusion", "output", "details_url", "external_id"):
        if name in changes:
            setattr(run, name, changes[name])
    if run.conclusion is not None:
        run.status, run.completed_at = "completed", call.world.tick()
