"""The fake GitHub, read through the real client."""

import pytest
from github import GithubException
from github.Repository import Repository

from tests.fakes.github import GithubServer, Pull, Repo
from tests.fakes_selftest.clients import api_client, get


@pytest.fixture
def repo(github_server: GithubServer) -> Repo:
    """A repository with two commits on main and one on a branch that left after the first."""
    made = github_server.world.repo("acme/support")
    made.push("main", {"eval/rubric.yaml": "version: 1\n", "agent.py": "old"})
    made.push("faster", {"agent.py": "new"}, author="dana", message="Answer faster")
    made.push("main", {"README.md": "hello"})
    return made


@pytest.fixture
def pull(repo: Repo) -> Pull:
    """A pull request of that branch."""
    return repo.pull("faster", author="dana")


@pytest.fixture
def client(github_server: GithubServer, pull: Pull) -> Repository:
    """The real client's view of the repository."""
    return api_client(github_server).get_repo(pull.repo.full_name)


def test_repository(client: Repository, repo: Repo) -> None:
    """A repository is found in any case and says its default branch."""
    assert (client.id, client.default_branch, client.fork) == (repo.id, "main", False)


def test_fork_knows_its_parent(github_server: GithubServer, repo: Repo) -> None:
    """A fork has its own id and names the repository that it was forked from."""
    repo.fork("mallory")
    fork = api_client(github_server).get_repo("mallory/support")
    assert (fork.fork, fork.parent.full_name) == (True, "acme/support")


def test_pull_request(client: Repository, pull: Pull) -> None:
    """A pull request says both of its ends, its author and its labels."""
    pull.label("rubric-override", by="mona")
    shown = client.get_pull(pull.number)
    assert (shown.head.sha, shown.head.ref) == (pull.head_sha, "faster")
    assert (shown.base.sha, shown.base.ref) == (pull.base_sha, "main")
    assert (shown.user.login, [label.name for label in shown.labels]) == (
        "dana",
        ["rubric-override"],
    )


def test_pull_request_follows_its_branch(client: Repository, pull: Pull) -> None:
    """A push to the head branch moves the pull request's head."""
    sha = pull.repo.push("faster", {"agent.py": "newer"})
    assert client.get_pull(pull.number).head.sha == sha


def test_pull_request_lists(client: Repository, pull: Pull) -> None:
    """A pull request lists the commits it adds and the files it changes."""
    shown = client.get_pull(pull.number)
    assert [(c.sha, c.author.login) for c in shown.get_commits()] == [(pull.head_sha, "dana")]
    assert [(f.filename, f.status) for f in shown.get_files()] == [("agent.py", "modified")]


def test_merge_base(client: Repository, pull: Pull) -> None:
    """A comparison tells the commit at which base and head parted."""
    compared = client.compare(pull.base_sha, pull.head_sha)
    first = pull.repo.network.commits[pull.head_sha].parents[0]
    assert compared.merge_base_commit.sha == first
    assert (compared.status, compared.ahead_by, compared.behind_by) == ("diverged", 1, 1)


def test_comparison_reaches_into_a_fork(client: Repository, repo: Repo) -> None:
    """`owner:branch` names a fork's branch."""
    sha = repo.fork("mallory").push("evil", {"agent.py": "evil"})
    assert [c.sha for c in client.compare("main", "mallory:evil").commits] == [sha]


@pytest.mark.parametrize(("ref", "content"), [("main", "old"), ("faster", "new")])
def test_contents_at_a_ref(client: Repository, ref: str, content: str) -> None:
    """A file is read as it stands at a ref."""
    file = client.get_contents("agent.py", ref=ref)
    assert not isinstance(file, list)
    assert file.decoded_content == content.encode()


def test_contents_of_a_directory(client: Repository) -> None:
    """A directory lists its entries."""
    listed = client.get_contents("", ref="main")
    assert isinstance(listed, list)
    assert [(e.path, e.type) for e in listed] == [
        ("README.md", "file"),
        ("agent.py", "file"),
        ("eval", "dir"),
    ]


def test_contents_raw(github_server: GithubServer, pull: Pull) -> None:
    """The raw media type answers the bytes themselves."""
    path = f"/repos/acme/support/contents/eval/rubric.yaml?ref={pull.base_sha}"
    assert get(github_server, path, accept="application/vnd.github.raw").content == b"version: 1\n"


def test_large_contents_come_only_raw(github_server: GithubServer, repo: Repo) -> None:
    """Past one mebibyte the JSON form leaves the content out."""
    repo.push("main", {"big": "x" * (1024 * 1024 + 1)})
    body = get(github_server, "/repos/acme/support/contents/big").json()
    assert (body["encoding"], body["content"]) == ("none", "")


@pytest.mark.parametrize(
    "path",
    [
        "/repos/acme/nothing",
        "/repos/acme/support/pulls/99",
        "/repos/acme/support/pulls/many",
        "/repos/acme/support/contents/missing.txt",
        "/repos/acme/support/contents/agent.py?ref=no-such-branch",
        "/repos/acme/support/actions/artifacts/1",
        "/repos/acme/support/actions/runs/1",
        "/repos/acme/support/actions/workflows/none.yml/runs",
        "/repos/acme/support/compare/main...no-such-branch",
        "/repos/acme/support/git/ref/heads/none",
        "/repos/acme/support/collaborators/nobody/permission",
    ],
)
def test_absent(github_server: GithubServer, pull: Pull, path: str) -> None:
    """What is not there answers 404 with a message."""
    response = get(github_server, path)
    assert (response.status_code, "message" in response.json()) == (404, True)


def test_unknown_endpoint_is_told_apart(github_server: GithubServer) -> None:
    """An endpoint that the fake lacks is listed, so that a test does not take it for an absence."""
    assert get(github_server, "/zen").status_code == 404
    assert [request.line for request in github_server.unrouted] == ["GET /zen"]


def test_comments_over_three_pages(client: Repository, pull: Pull) -> None:
    """Lists are cut into pages and linked, and the client reads them all in order."""
    for number in range(65):
        pull.comment(f"comment {number}", by="dana")
    bodies = [comment.body for comment in client.get_issue(pull.number).get_comments()]
    assert bodies == [f"comment {number}" for number in range(65)]


@pytest.mark.parametrize(
    ("query", "size", "rels"),
    [
        ("", 30, {"next", "last"}),
        ("?per_page=100&page=2", 20, {"prev", "first"}),
        ("?per_page=500", 100, {"next", "last"}),
        ("?per_page=50&page=2", 50, {"prev", "first", "next", "last"}),
        ("?page=9", 0, {"prev", "first"}),
        ("?per_page=0&page=x", 30, {"next", "last"}),
    ],
)
def test_pages(
    github_server: GithubServer, pull: Pull, query: str, size: int, rels: set[str]
) -> None:
    """A page holds at most a hundred, thirty by default, and links to its neighbours."""
    for number in range(120):
        pull.comment(f"comment {number}")
    response = get(github_server, f"/repos/acme/support/issues/{pull.number}/comments{query}")
    assert (len(response.json()), set(response.links)) == (size, rels)


def test_deleted_accounts_are_null(client: Repository, pull: Pull) -> None:
    """Comments and reviews outlive their authors."""
    pull.comment("boo", by=None)
    pull.review("APPROVED", by=None)
    assert [comment.user for comment in client.get_issue(pull.number).get_comments()] == [None]
    assert [review.user for review in client.get_pull(pull.number).get_reviews()] == [None]


def test_history(client: Repository, pull: Pull) -> None:
    """The history records who labelled, force-pushed and retargeted, in order."""
    pull.label("rubric-override", by="mona")
    pull.unlabel("rubric-override", by="dana")
    pull.repo.force_push("faster", pull.base_sha, by="dana")
    pull.repo.push("next", {"a": "b"})
    pull.retarget("next", by="mona")
    events = [(e.event, e.actor.login) for e in client.get_issue(pull.number).get_events()]
    assert events == [
        ("labeled", "mona"),
        ("unlabeled", "dana"),
        ("head_ref_force_pushed", "dana"),
        ("base_ref_changed", "mona"),
    ]
    assert client.get_pull(pull.number).base.ref == "next"


def test_timeline_mixes_everything(client: Repository, pull: Pull) -> None:
    """The timeline puts commits, labels, comments and reviews in one row."""
    pull.label("x", by="mona")
    pull.comment("hello")
    pull.review("APPROVED", by="mona")
    timeline = client.get_issue(pull.number).get_timeline()
    assert [e.event for e in timeline] == ["committed", "labeled", "commented", "reviewed"]


@pytest.mark.parametrize(
    ("role", "permission"),
    [
        (None, "none"),
        ("read", "read"),
        ("triage", "read"),
        ("write", "write"),
        ("maintain", "write"),
        ("admin", "admin"),
    ],
)
def test_permission(github_server: GithubServer, role: str | None, permission: str) -> None:
    """The permission tells maintain and triage only by their role's name."""
    repo = github_server.world.repo("acme/secret", private=True)
    github_server.world.account("mona")
    if role is not None:
        repo.permit("mona", role)
    body = get(github_server, "/repos/acme/secret/collaborators/Mona/permission").json()
    assert (body["permission"], body["role_name"]) == (permission, role or "none")
    client = api_client(github_server).get_repo("acme/secret")
    assert client.get_collaborator_permission("MONA") == permission


def test_strangers_read_what_is_public(client: Repository, github_server: GithubServer) -> None:
    """In a public repository everybody may read."""
    github_server.world.account("passer-by")
    assert client.get_collaborator_permission("passer-by") == "read"


@pytest.mark.parametrize(("login", "state"), [("Mona", "active"), ("lisa", "pending")])
def test_team_membership(github_server: GithubServer, login: str, state: str) -> None:
    """A membership is active or pending, and found in any case."""
    world = github_server.world
    world.team("acme/ai-leads", {"mona": "active", "lisa": "pending"})
    token = world.token({"members": "read"}, login="checker[bot]")
    answer = get(github_server, f"/orgs/acme/teams/ai-leads/memberships/{login}", token=token)
    assert answer.json()["state"] == state


def test_no_team_membership(github_server: GithubServer) -> None:
    """People outside of a team, and teams that are not there, answer 404."""
    world = github_server.world
    world.team("acme/ai-leads", {"mona": "active"})
    token = world.token({"members": "read"}, login="checker[bot]")
    paths = ("ai-leads/memberships/lisa", "none/memberships/mona")
    answers = [get(github_server, f"/orgs/acme/teams/{path}", token=token) for path in paths]
    assert [answer.status_code for answer in answers] == [404, 404]


def test_job_token_cannot_read_teams(github_server: GithubServer) -> None:
    """The job's own token may not read an organisation's members."""
    github_server.world.team("acme/ai-leads", {"mona": "active"})
    answer = get(github_server, "/orgs/acme/teams/ai-leads/memberships/mona")
    assert answer.status_code == 403


def test_user_of_a_token(github_server: GithubServer) -> None:
    """A person's token tells its owner; a job's token speaks for no user."""
    person = github_server.world.token(login="mona")
    assert api_client(github_server, person).get_user().login == "mona"
    with pytest.raises(GithubException, match="not accessible by integration"):
        _ = api_client(github_server).get_user().login


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [3, 2, 1]),
        ("&direction=asc", [1, 2, 3]),
        ("&sort=updated", [2, 3, 1]),
        ("&sort=updated&direction=desc", [1, 3, 2]),
    ],
)
def test_closed_pull_requests_in_order(
    github_server: GithubServer, query: str, numbers: list[int]
) -> None:
    """By creation, newest first; by the last change the other way round, unless it is told."""
    repo = github_server.world.repo("acme/support")
    repo.push("main")
    pulls = [repo.pull("main") for _ in range(3)]
    for pull in (pulls[1], pulls[2], pulls[0]):
        pull.close(merged=True)
    pulls[0].comment("Thank you")
    shown = get(github_server, f"/repos/acme/support/pulls?state=closed{query}").json()
    assert [one["number"] for one in shown] == numbers
    by_number = {one["number"]: one for one in shown}
    assert by_number[1]["merged_at"] == by_number[1]["closed_at"] < by_number[1]["updated_at"]
    assert by_number[2]["merged_at"] < by_number[3]["merged_at"]
