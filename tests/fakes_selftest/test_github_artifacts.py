"""Workflow runs and artifacts of the fake GitHub, and the storage host behind them."""

import hashlib
import io
import zipfile
from urllib.parse import urlencode

import pytest
import requests

from tests.fakes.github import Artifact, GithubServer, Repo, zip_of
from tests.fakes_selftest.clients import api_client, get


@pytest.fixture
def repo(github_server: GithubServer) -> Repo:
    """A repository with one commit."""
    made = github_server.world.repo("acme/support")
    made.push("main", {"agent.py": "old"})
    return made


@pytest.fixture
def baseline(repo: Repo) -> Artifact:
    """A baseline that the default branch's run uploaded."""
    run = repo.run(repo.branches["main"])
    return run.artifact("rubric-baseline", {"summary.json": "{}"})


def location(server: GithubServer, artifact: Artifact) -> str:
    """Where the API sends a client for the artifact's bytes."""
    response = get(server, f"/repos/acme/support/actions/artifacts/{artifact.id}/zip")
    assert response.status_code == 302
    return response.headers["Location"]


def test_artifact_says_where_it_is_from(
    github_server: GithubServer, repo: Repo, baseline: Artifact
) -> None:
    """An artifact names its run, repository, branch, commit and digest."""
    client = api_client(github_server).get_repo("acme/support")
    (shown,) = client.get_artifacts(name="rubric-baseline")
    run = shown.workflow_run
    assert (run.id, run.head_branch, run.head_sha) == (
        baseline.run.id,
        "main",
        repo.branches["main"],
    )
    body = get(github_server, f"/repos/acme/support/actions/artifacts/{baseline.id}").json()
    assert body["workflow_run"]["repository_id"] == repo.id
    assert body["workflow_run"]["head_repository_id"] == repo.id
    assert body["digest"] == f"sha256:{hashlib.sha256(baseline.data).hexdigest()}"


def test_forks_run_is_told_apart(github_server: GithubServer, repo: Repo) -> None:
    """A run from a fork's branch called main carries the fork's repository id."""
    fork = repo.fork("mallory")
    run = repo.run(fork.branches["main"], event="pull_request", branch="main", head_repo=fork)
    run.artifact("rubric-baseline", b"poison")
    body = get(github_server, "/repos/acme/support/actions/artifacts").json()
    assert [a["workflow_run"]["head_repository_id"] for a in body["artifacts"]] == [fork.id]


def test_artifacts_are_newest_first_over_pages(github_server: GithubServer, repo: Repo) -> None:
    """The list is cut into pages, newest first, and filtered by name."""
    run = repo.run(repo.branches["main"])
    made = [run.artifact("rubric-baseline", b"zip") for _ in range(35)]
    run.artifact("other", b"zip")
    client = api_client(github_server).get_repo("acme/support")
    listed = [artifact.id for artifact in client.get_artifacts(name="rubric-baseline")]
    assert listed == [artifact.id for artifact in reversed(made)]


def test_download_is_another_origin(github_server: GithubServer, baseline: Artifact) -> None:
    """The zip is served, without a token, by a host that is not the API's."""
    target = location(github_server, baseline)
    assert target.startswith(github_server.storage.url)
    data = requests.get(target, timeout=5).content
    assert zipfile.ZipFile(io.BytesIO(data)).read("summary.json") == b"{}"


def test_storage_refuses_a_token(github_server: GithubServer, baseline: Artifact) -> None:
    """A token sent to the storage host is refused, and seen."""
    headers = {"Authorization": "Bearer ghs_leak"}
    response = requests.get(location(github_server, baseline), headers=headers, timeout=5)
    assert (response.status_code, "InvalidAuthenticationInfo" in response.text) == (400, True)
    (request,) = github_server.storage.requests
    assert request.headers["authorization"] == "Bearer ghs_leak"


@pytest.mark.parametrize(
    ("path", "status"),
    [("/artifacts/1.zip?sig=a", 404), ("/artifacts/1.zip", 403), ("/elsewhere?sig=a", 403)],
)
def test_storage_serves_signed_artifacts_only(
    github_server: GithubServer, path: str, status: int
) -> None:
    """The storage host knows its artifacts, under a signature."""
    assert requests.get(github_server.storage.url + path, timeout=5).status_code == status


def test_expired_artifact_is_gone(github_server: GithubServer, repo: Repo) -> None:
    """An expired artifact is still listed and answers 410."""
    expired = repo.run(repo.branches["main"]).artifact("old", b"zip", expired=True)
    path = f"/repos/acme/support/actions/artifacts/{expired.id}"
    assert get(github_server, path).json()["expired"] is True
    assert get(github_server, f"{path}/zip").status_code == 410
    assert get(github_server, f"{path}/tar").status_code == 404


def test_storage_fails_on_demand(github_server: GithubServer, baseline: Artifact) -> None:
    """An expired redirect is one fault on the storage host; the next address works."""
    github_server.storage.fault("GET", "/artifacts/", status=403, body="<Error/>")
    statuses = [
        requests.get(location(github_server, baseline), timeout=5).status_code for _ in "12"
    ]
    assert statuses == [403, 200]


@pytest.mark.parametrize(
    ("filters", "events"),
    [
        ({}, ["push", "pull_request", "schedule"]),
        ({"event": "push"}, ["push"]),
        ({"branch": "main"}, ["push", "schedule"]),
        ({"status": "completed"}, ["push", "pull_request"]),
        ({"status": "failure"}, ["pull_request"]),
        ({"branch": "main", "event": "pull_request"}, []),
    ],
)
def test_runs_are_filtered(
    github_server: GithubServer, repo: Repo, filters: dict[str, str], events: list[str]
) -> None:
    """Runs are chosen by event, branch and status, which also means the conclusion."""
    sha = repo.branches["main"]
    repo.run(sha, event="schedule", status="in_progress", conclusion=None)
    repo.run(sha, event="pull_request", branch="faster", conclusion="failure")
    repo.run(sha, event="push")
    body = get(github_server, f"/repos/acme/support/actions/runs?{urlencode(filters)}").json()
    assert [run["event"] for run in body["workflow_runs"]] == events


def test_runs_of_one_workflow(github_server: GithubServer, repo: Repo) -> None:
    """A workflow is found by its file's name or its id, and lists its own runs only."""
    sha = repo.branches["main"]
    repo.run(sha, workflow=(7, ".github/workflows/other.yml"))
    mine = repo.run(sha, head_repo=repo, attempt=2)
    client = api_client(github_server).get_repo("acme/support")
    for name in ("rubric.yml", str(mine.workflow_id)):
        runs = list(client.get_workflow(name).get_runs())
        assert [(run.id, run.run_attempt) for run in runs] == [(mine.id, 2)]


def test_artifacts_of_one_run(github_server: GithubServer, repo: Repo) -> None:
    """A run lists its own artifacts."""
    sha = repo.branches["main"]
    repo.run(sha).artifact("one", b"zip")
    mine = repo.run(sha)
    mine.artifact("two", zip_of({"a": b"b"}))
    run = api_client(github_server).get_repo("acme/support").get_workflow_run(mine.id)
    assert [artifact.name for artifact in run.get_artifacts()] == ["two"]
