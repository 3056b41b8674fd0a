"""The fake GitHub, in what an override asks of it."""

import base64
from typing import Any

import pytest
from github import GithubException
from github.Repository import Repository

from tests.fakes.github import GithubServer, Pull, Repo
from tests.fakes.openapi import check_exchanges
from tests.fakes_selftest.clients import api_client, get

ROOT = "/repos/acme/support"


@pytest.fixture
def writer(github_server: GithubServer, repo: Repo) -> Repository:
    """The repository for a token that may write contents."""
    token = github_server.world.token({"contents": "write"})
    return api_client(github_server, token).get_repo(repo.full_name)


def events(server: GithubServer, pull: Pull) -> list[dict[str, Any]]:
    """The history as the API tells it, in the shape that is promised."""
    answer = get(server, f"{ROOT}/issues/{pull.number}/events")
    assert check_exchanges(server.exchanges) == []
    found: list[dict[str, Any]] = answer.json()
    return found


def test_an_app_may_act_for_a_person(github_server: GithubServer, pull: Pull) -> None:
    """The actor is the person, and the app stands beside."""
    pull.label("ship-it", by="mona")
    pull.label("ship-it", by="mona", app="helper")
    pull.label("ship-it", by="robot[bot]")
    told = [one["performed_via_github_app"] for one in events(github_server, pull)]
    assert [one and one["slug"] for one in told] == [None, "helper", "robot"]


def test_github_changes_a_base_that_is_gone(github_server: GithubServer, pull: Pull) -> None:
    """When the base branch was merged and deleted GitHub moves the pull request, and says so."""
    pull.repo.push("next", {"a": "b"})
    pull.retarget("next", by="mona", automatic=True)
    assert [one["event"] for one in events(github_server, pull)] == [
        "automatic_base_change_succeeded"
    ]


def test_a_dismissal_is_an_event(github_server: GithubServer, pull: Pull) -> None:
    """The review changes its state where it stands, and who did that is on record."""
    review = pull.review("APPROVED", by="mona")
    before = review.submitted_at
    client = api_client(github_server).get_repo("acme/support")
    client.get_pull(pull.number).get_reviews()[0].dismiss("no")
    (event,) = events(github_server, pull)
    assert (event["event"], event["dismissed_review"]["review_id"]) == (
        "review_dismissed",
        review.id,
    )
    assert (review.state, review.submitted_at) == ("DISMISSED", before)


@pytest.mark.parametrize(
    ("team", "permissions", "membership", "itself"),
    [
        ("leads", {"members": "read"}, 200, 200),
        ("others", {"members": "read"}, 404, 200),
        ("hidden", {"members": "read"}, 404, 404),
        ("nowhere", {"members": "read"}, 404, 404),
        ("leads", {}, 403, 403),
    ],
)
def test_teams_may_be_hidden(
    github_server: GithubServer,
    team: str,
    permissions: dict[str, str],
    membership: int,
    itself: int,
) -> None:
    """Only the team itself tells an absent person from a team that one may not know of."""
    world = github_server.world
    world.team("acme/leads", {"mona": "active"})
    world.team("acme/others", {"lisa": "active"})
    world.team("acme/hidden", {"mona": "active"}, secret=True)
    token = world.token(permissions, login="checker[bot]")
    path = f"/orgs/acme/teams/{team}"
    answers = [get(github_server, path + rest, token=token) for rest in ("/memberships/mona", "")]
    assert [answer.status_code for answer in answers] == [membership, itself]


def test_a_role_may_be_made_up(github_server: GithubServer, repo: Repo) -> None:
    """A role of the organization's own has its name, and the rights of what it is based on."""
    repo.permit("mona", "release-lead", basis="maintain")
    told = get(github_server, f"{ROOT}/collaborators/mona/permission").json()
    grants = told["user"]["permissions"]
    assert (told["permission"], told["role_name"]) == ("write", "release-lead")
    assert [name for name in grants if grants[name]] == ["pull", "triage", "push", "maintain"]
    assert check_exchanges(github_server.exchanges) == []


@pytest.mark.parametrize(
    ("query", "commits", "files", "more"),
    [
        ("", 250, 1, False),
        ("?per_page=100", 100, 1, True),
        ("?per_page=100&page=2", 100, 0, True),
        ("?per_page=100&page=3", 60, 0, False),
    ],
)
def test_comparisons_have_pages(
    github_server: GithubServer, repo: Repo, query: str, commits: int, files: int, more: bool
) -> None:
    """All commits come page by page, and 250 in one go; the files are on the first page."""
    for number in range(259):
        repo.push("faster", {"agent.py": str(number)})
    answer = get(
        github_server, f"{ROOT}/compare/refs/heads/main...{repo.branches['faster']}{query}"
    )
    told = answer.json()
    assert (len(told["commits"]), told["total_commits"]) == (commits, 260)
    assert (len(told["files"]), "next" in answer.links) == (files, more)


def test_a_branch_with_a_history_of_its_own(writer: Repository, repo: Repo) -> None:
    """A tree, a commit without parents and a ref make a branch that shares nothing with main."""
    post = writer.requester.requestJsonAndCheck
    entry = {"path": "audit.jsonl", "mode": "100644", "type": "blob", "content": "é\n"}
    _, tree = post("POST", f"{ROOT}/git/trees", input={"tree": [entry]})
    body = {"message": "Begin", "tree": tree["sha"], "parents": []}
    _, commit = post("POST", f"{ROOT}/git/commits", input=body)
    writer.create_git_ref("refs/heads/ledger", commit["sha"])
    made = repo.resolve("ledger")
    assert made is not None
    assert (made.parents, made.files) == ((), {"audit.jsonl": "é\n".encode()})
    with pytest.raises(GithubException, match="already exists"):
        writer.create_git_ref("refs/heads/ledger", commit["sha"])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("trees", {"tree": []}),
        ("trees", {"tree": [{"path": "a", "mode": "1", "type": "blob", "content": ""}]}),
        ("commits", {"message": "m", "tree": "0" * 40}),
    ],
)
def test_objects_that_git_refuses(writer: Repository, path: str, body: dict[str, object]) -> None:
    """A tree has entries of known modes, a commit has a tree that exists."""
    with pytest.raises(GithubException) as refused:
        writer.requester.requestJsonAndCheck("POST", f"{ROOT}/git/{path}", input=body)
    assert refused.value.status == 422


def test_blobs_carry_what_contents_leave_out(github_server: GithubServer, repo: Repo) -> None:
    """A file past a mebibyte is had by its name in git."""
    data = b"x" * (1024 * 1024 + 1)
    repo.push("main", {"big": data.decode()})
    about = get(github_server, f"{ROOT}/contents/big").json()
    blob = get(github_server, f"{ROOT}/git/blobs/{about['sha']}").json()
    assert (about["encoding"], base64.b64decode(blob["content"])) == ("none", data)
    assert get(github_server, f"{ROOT}/git/blobs/{'0' * 40}").status_code == 404


def test_a_version_of_what_is_not_there_is_ignored(writer: Repository, repo: Repo) -> None:
    """Only a file that exists can be another version than the one that was named."""
    body = {"message": "m", "content": "", "branch": "main", "sha": "0" * 40}
    writer.requester.requestJsonAndCheck("PUT", f"{ROOT}/contents/new", input=body)
    assert repo.network.commits[repo.branches["main"]].files["new"] == b""
