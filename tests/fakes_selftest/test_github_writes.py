"""The fake GitHub, written to through the real client."""

import base64

import pytest
from github import GithubException
from github.Repository import Repository

from tests.fakes.github import FORK_PERMISSIONS, GithubServer, Pull, Repo
from tests.fakes_selftest.clients import api_client


@pytest.fixture
def client(github_server: GithubServer, repo: Repo) -> Repository:
    """The job's view of the repository."""
    return api_client(github_server).get_repo(repo.full_name)


def test_comment_is_created_and_edited(client: Repository, pull: Pull) -> None:
    """A comment is the token owner's, and an edit keeps its id and author."""
    issue = client.get_issue(pull.number)
    made = issue.create_comment("first")
    issue.get_comment(made.id).edit("second")
    (comment,) = pull.comments
    assert comment.user is not None
    assert (comment.id, comment.user.login, comment.body) == (
        made.id,
        "github-actions[bot]",
        "second",
    )
    assert comment.updated_at > comment.created_at


def test_comment_is_deleted(client: Repository, pull: Pull) -> None:
    """A deleted comment is gone."""
    client.get_issue(pull.number).create_comment("first").delete()
    assert pull.comments == []


@pytest.mark.parametrize(
    ("length", "accepted"), [(0, False), (1, True), (65_536, True), (65_537, False)]
)
def test_comment_length(client: Repository, pull: Pull, length: int, *, accepted: bool) -> None:
    """A comment holds between one and 65,536 characters."""
    issue = client.get_issue(pull.number)
    if accepted:
        issue.create_comment("é" * length)
    else:
        with pytest.raises(GithubException, match="422"):
            issue.create_comment("é" * length)
    assert len(pull.comments) == accepted


def test_newest_status_counts(client: Repository, pull: Pull) -> None:
    """A newer status of the same context replaces the older one in the combined view."""
    commit = client.get_commit(pull.head_sha)
    commit.create_status("failure", description="no", context="rubric/gate")
    commit.create_status("success", description="yes", context="rubric/gate")
    combined = commit.get_combined_status()
    assert (combined.state, combined.total_count) == ("success", 1)
    assert [status.description for status in commit.get_statuses()] == ["yes", "no"]
    current = pull.repo.current_status(pull.head_sha, "rubric/gate")
    assert current is not None
    assert current.state == "success"


@pytest.mark.parametrize(
    ("states", "combined"),
    [
        ([], "pending"),
        (["success", "pending"], "pending"),
        (["success", "error"], "failure"),
        (["success", "success"], "success"),
    ],
)
def test_combined_state(client: Repository, pull: Pull, states: list[str], combined: str) -> None:
    """The combined state is the worst over the contexts."""
    for number, state in enumerate(states):
        pull.repo.status(pull.head_sha, f"context {number}", state)
    assert client.get_commit(pull.head_sha).get_combined_status().state == combined


@pytest.mark.parametrize(
    ("state", "description", "sha"),
    [("success", "x" * 141, None), ("green", "fine", None), ("success", "fine", "0" * 40)],
)
def test_status_is_refused(
    client: Repository, pull: Pull, state: str, description: str, sha: str | None
) -> None:
    """A long description, an unknown state and an unknown commit answer 422."""
    requester = client.requester
    with pytest.raises(GithubException, match="422"):
        requester.requestJsonAndCheck(
            "POST",
            f"/repos/acme/support/statuses/{sha or pull.head_sha}",
            input={"state": state, "description": description},
        )
    assert pull.repo.statuses == []


def test_check_run(client: Repository, pull: Pull) -> None:
    """A check run is created, completed and listed."""
    run = client.create_check_run("rubric", pull.head_sha, output={"title": "t", "summary": "s"})
    run.edit(conclusion="failure")
    (listed,) = client.get_commit(pull.head_sha).get_check_runs(check_name="rubric")
    assert (listed.status, listed.conclusion, listed.output.title) == ("completed", "failure", "t")


def test_reviews(client: Repository, github_server: GithubServer, pull: Pull) -> None:
    """A review is of the head it was given on; dismissing it changes its state in place."""
    mona = api_client(github_server, github_server.world.token(login="mona"))
    review = (
        mona.get_repo("acme/support")
        .get_pull(pull.number)
        .create_review(body="override: known", event="APPROVE")
    )
    review.dismiss("no longer")
    (listed,) = client.get_pull(pull.number).get_reviews()
    assert (listed.user.login, listed.state, listed.commit_id) == (
        "mona",
        "DISMISSED",
        pull.head_sha,
    )


def test_author_cannot_approve(github_server: GithubServer, pull: Pull) -> None:
    """Nobody approves a pull request of their own."""
    dana = api_client(github_server, github_server.world.token(login="dana"))
    with pytest.raises(GithubException, match="own pull request"):
        dana.get_repo("acme/support").get_pull(pull.number).create_review(event="APPROVE")


def test_labels(client: Repository, pull: Pull) -> None:
    """Labels go on and off, each with an event that names the actor."""
    issue = client.get_issue(pull.number)
    issue.add_to_labels("rubric-override")
    assert [label.name for label in issue.get_labels()] == ["rubric-override"]
    issue.remove_from_labels("rubric-override")
    assert [(e.event, e.label) for e in pull.events] == [
        ("labeled", "rubric-override"),
        ("unlabeled", "rubric-override"),
    ]


@pytest.fixture
def ledger(github_server: GithubServer, repo: Repo) -> Repository:
    """The repository for a token that may write contents."""
    token = github_server.world.token({"contents": "write"})
    return api_client(github_server, token).get_repo(repo.full_name)


def test_ledger_branch(ledger: Repository, repo: Repo) -> None:
    """A branch is made from a commit, and a file on it is created and updated."""
    ledger.create_git_ref("refs/heads/ledger", repo.branches["main"])
    made = ledger.create_file("audit.jsonl", "log", "one\n", branch="ledger")
    content = made["content"]
    ledger.update_file("audit.jsonl", "log", "one\ntwo\n", content.sha, branch="ledger")
    commit = repo.resolve("ledger")
    assert commit is not None
    assert commit.files["audit.jsonl"] == b"one\ntwo\n"
    assert ledger.get_git_ref("heads/ledger").object.sha == commit.sha


@pytest.mark.parametrize(
    ("sha", "branch", "status"),
    [("0" * 40, "main", 409), (None, "main", 422), (None, "no-such-branch", 404)],
)
def test_lost_races_are_refused(
    ledger: Repository, repo: Repo, sha: str | None, branch: str, status: int
) -> None:
    """A write names the version that it replaces, or is refused."""
    body = {"message": "m", "content": base64.b64encode(b"x").decode(), "branch": branch}
    with pytest.raises(GithubException) as refused:
        ledger.requester.requestJsonAndCheck(
            "PUT",
            "/repos/acme/support/contents/agent.py",
            input=body if sha is None else body | {"sha": sha},
        )
    assert refused.value.status == status
    assert repo.network.commits[repo.branches["main"]].files["agent.py"] == b"old"


def test_refs_move_forward_only(ledger: Repository, repo: Repo) -> None:
    """A ref is not rewound unless that is forced."""
    old, new = repo.branches["main"], repo.push("main", {"agent.py": "newer"})
    ref = ledger.get_git_ref("heads/main")
    with pytest.raises(GithubException, match="fast forward"):
        ref.edit(old)
    assert repo.branches["main"] == new
    ref.edit(old, force=True)
    assert repo.branches["main"] == old


def test_fork_token_only_reads(github_server: GithubServer, pull: Pull) -> None:
    """A token without the right permission is refused in GitHub's words, and nothing changes."""
    token = github_server.world.token(FORK_PERMISSIONS)
    client = api_client(github_server, token).get_repo("acme/support")
    commit, issue = client.get_commit(pull.head_sha), client.get_issue(pull.number)
    with pytest.raises(GithubException, match="Resource not accessible by integration"):
        commit.create_status("success")
    with pytest.raises(GithubException, match="Resource not accessible by integration"):
        issue.create_comment("hello")
    assert (pull.repo.statuses, pull.comments) == ([], [])
