"""The fake GitHub and the real client, both held against GitHub's own description."""

import pytest

from tests.fakes.github import GithubServer, Pull
from tests.fakes.openapi import DOCUMENT, NOT_DESCRIBED, check_exchanges, check_requests
from tests.fakes.wire import Exchange, Request, Response
from tests.fakes_selftest.clients import api_client, get

pytestmark = pytest.mark.skipif(not DOCUMENT.exists(), reason="GitHub's description is absent")


@pytest.fixture
def pull(github_server: GithubServer) -> Pull:
    """A pull request with one of everything that can be attached to it."""
    repo = github_server.world.repo("acme/support")
    base = repo.push("main", {"agent.py": "old", "docs/a.md": "a"})
    head = repo.push("faster", {"agent.py": "new"}, author=None)
    pull = repo.pull("faster")
    repo.status(head, "rubric/gate", "success", "fine")
    repo.run(base).artifact("rubric-baseline", b"zip")
    pull.comment("hello")
    pull.comment("boo", by=None)
    pull.review("APPROVED", by="mona", body="override: known")
    pull.review("COMMENTED", by=None)
    pull.label("rubric-override", by="mona")
    pull.unlabel("rubric-override", by="mona")
    return pull


READS = [
    "",
    "/pulls",
    "/pulls/1",
    "/pulls/1/files",
    "/pulls/1/reviews",
    "/issues/1",
    "/issues/1/comments",
    "/issues/1/labels",
    "/issues/1/events",
    "/issues/1/timeline",
    "/actions/artifacts",
    "/actions/runs",
    "/actions/workflows/rubric.yml/runs",
    "/commits/faster/status",
    "/commits/faster/check-runs",
    "/contents/agent.py",
    "/contents/docs",
    "/collaborators/mona/permission",
    "/pulls/99",
]


@pytest.mark.parametrize("path", READS)
def test_answers_have_the_promised_shape(
    github_server: GithubServer, pull: Pull, path: str
) -> None:
    """Every kind of answer is valid under the description's response schema."""
    get(github_server, f"/repos/acme/support{path}")
    assert check_exchanges(github_server.exchanges) == []
    assert check_requests(github_server.requests) == []


def test_singles_and_writes_have_the_promised_shape(
    github_server: GithubServer, pull: Pull
) -> None:
    """So are the answers to writes, and what the real client sends."""
    client = api_client(github_server).get_repo("acme/support")
    run = client.create_check_run("rubric", pull.head_sha, output={"title": "t", "summary": "s"})
    run.edit(conclusion="success")
    client.get_commit("faster").create_status("success", description="ok", context="rubric/gate")
    comment = client.get_issue(1).create_comment("hello")
    comment.edit("again")
    client.get_issue(1).get_comment(comment.id).delete()
    labels = "/repos/acme/support/issues/1/labels"
    client.requester.requestJsonAndCheck("POST", labels, input={"labels": ["late"]})
    client.get_issue(1).remove_from_labels("late")
    review = client.get_pull(1).create_review(body="hm", event="COMMENT")
    review.dismiss("no")
    artifact = client.get_artifacts()[0]
    client.get_artifact(artifact.id)
    get(github_server, f"/repos/acme/support/actions/artifacts/{artifact.id}/zip")
    list(client.get_workflow_run(client.get_workflow_runs()[0].id).get_artifacts())
    api_client(github_server).get_rate_limit()
    _ = api_client(github_server, github_server.world.token(login="mona")).get_user().name
    assert check_exchanges(github_server.exchanges) == []
    assert check_requests(github_server.requests) == []


@pytest.mark.parametrize(
    ("request_", "complaint"),
    [
        (Request("GET", "/zen"), "no such operation"),
        (Request("DELETE", "/repos/a/b/pulls/1"), "no such operation"),
        (Request("GET", "/repos/a/b/pulls", {"sort": "sideways"}), "sideways"),
        (Request("GET", "/repos/a/b/actions/artifacts", {"nmae": "x"}), "parameter 'nmae'"),
        (Request("POST", "/repos/a/b/issues/1/comments", body=b"{}"), "'body' is a required"),
        (Request("POST", "/repos/a/b/issues/1/comments", body=b'{"body": 7}'), "body: 7 is not"),
        (Request("POST", "/repos/a/b/statuses/1", body=b'{"state": "green"}'), "'green' is not"),
        (
            Request("POST", "/repos/a/b/statuses/1", body=b'{"state": "error", "desc": "x"}'),
            "field 'desc'",
        ),
        (Request("GET", "/repos/a/b/issues/one"), "issue_number"),
    ],
)
def test_requests_that_github_would_not_understand(request_: Request, complaint: str) -> None:
    """Wrong operations, parameters, bodies and misspelt names are found."""
    (problem,) = check_requests([request_])
    assert problem.startswith(request_.line)
    assert complaint in problem


def test_answers_of_the_wrong_shape() -> None:
    """An answer that lacks what the description promises is found."""
    request = Request("GET", "/repos/a/b/issues/comments/1")
    (problem,) = check_exchanges([Exchange(request, Response.of_json({"id": "one"}))])
    assert "id" in problem


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/repos/a/b/compare/main...x:y/z"),
        ("GET", "/repos/a/b/pulls/1/commits"),
        ("GET", "/repos/a/b/commits"),
        ("GET", "/orgs/a/teams/b/memberships/c"),
        ("PUT", "/repos/a/b/contents/audit/log.jsonl"),
    ],
)
def test_endpoints_outside_the_excerpt_are_let_through(method: str, path: str) -> None:
    """What the excerpt leaves out is allowed by a list that says why."""
    assert check_requests([Request(method, path)]) == []
    assert all(NOT_DESCRIBED.values())
