"""Workflows, their runs, and the artifacts of runs."""

from collections.abc import Iterable

from tests.fakes.github.bodies import actions as bodies
from tests.fakes.github.call import ApiError, Call, not_found, ok
from tests.fakes.github.records import timestamp
from tests.fakes.github.router import router
from tests.fakes.github.runs import Artifact, WorkflowRun
from tests.fakes.wire import Response

ACTIONS = "/repos/{owner}/{repo}/actions"
ARTIFACT = ACTIONS + "/artifacts/{artifact_id}"
RUN = ACTIONS + "/runs/{run_id}"
WORKFLOW = ACTIONS + "/workflows/{workflow_id}"
READ = "actions:read"


@router.route("GET", ACTIONS + "/artifacts", READ)
def list_artifacts(call: Call) -> Response:
    """A repository's artifacts, newest first, of one name where `name` gives it."""
    return _artifacts(call, call.repo.artifacts)


@router.route("GET", RUN + "/artifacts", READ)
def list_run_artifacts(call: Call) -> Response:
    """One run's artifacts."""
    return _artifacts(call, _run(call).artifacts)


@router.route("GET", ARTIFACT, READ)
def get_artifact(call: Call) -> Response:
    """One artifact's description."""
    return ok(bodies.artifact(call.api, _artifact(call)))


@router.route("GET", ARTIFACT + "/{archive_format}", READ)
def download_artifact(call: Call) -> Response:
    """Where the zip can be had for a minute: on the storage host, which takes no token."""
    artifact = _artifact(call)
    if call.params["archive_format"] != "zip":
        raise not_found()
    if artifact.expired:
        raise ApiError(410, "Artifact has expired")
    location = f"{call.storage}/artifacts/{artifact.id}.zip?sig={call.world.next_id():x}"
    return Response(302, b"", "text/html; charset=utf-8", {"Location": location})


@router.route("GET", ACTIONS + "/runs", READ)
def list_runs(call: Call) -> Response:
    """A repository's runs, newest first, by `branch`, `event`, `status` and `head_sha`."""
    return _runs(call, call.repo.runs.values())


@router.route("GET", RUN, READ)
def get_run(call: Call) -> Response:
    """One run."""
    return ok(bodies.workflow_run(call.api, _run(call)))


@router.route("GET", WORKFLOW, READ)
def get_workflow(call: Call) -> Response:
    """A workflow by its id or its file's name."""
    run = _runs_of_workflow(call)[0]
    moment = timestamp(run.created_at)
    return ok(bodies.workflow(call.api, call.repo, run.workflow_id, run.path, moment))


@router.route("GET", WORKFLOW + "/runs", READ)
def list_workflow_runs(call: Call) -> Response:
    """One workflow's runs, newest first."""
    return _runs(call, _runs_of_workflow(call))


def _runs_of_workflow(call: Call) -> list[WorkflowRun]:
    name = call.params["workflow_id"]
    runs = call.repo.runs.values()
    found = [r for r in runs if name in (str(r.workflow_id), r.path.rpartition("/")[2])]
    if not found:
        raise not_found()
    return found


def _artifacts(call: Call, artifacts: Iterable[Artifact]) -> Response:
    name = call.request.query.get("name")
    chosen = [artifact for artifact in artifacts if name in (None, artifact.name)]
    return call.page(chosen, lambda a: bodies.artifact(call.api, a), key="artifacts")


def _runs(call: Call, runs: Iterable[WorkflowRun]) -> Response:
    chosen = [run for run in runs if _wanted(call, run)]
    ordered = sorted(chosen, key=lambda run: run.created_at, reverse=True)
    return call.page(ordered, lambda r: bodies.workflow_run(call.api, r), key="workflow_runs")


def _wanted(call: Call, run: WorkflowRun) -> bool:
    query = call.request.query
    return (
        query.get("branch") in (None, run.head_branch)
        and query.get("event") in (None, run.event)
        and query.get("head_sha") in (None, run.head_sha)
        and query.get("status") in (None, run.status, run.conclusion)
    )


def _run(call: Call) -> WorkflowRun:
    run = call.repo.runs.get(call.number("run_id"))
    if run is None:
        raise not_found()
    return run


def _artifact(call: Call) -> Artifact:
    for artifact in call.repo.artifacts:
        if artifact.id == call.number("artifact_id"):
            return artifact
    raise not_found()
