"""Trouble at the fake GitHub: scripted faults, bad credentials, standard headers."""

import time
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
import requests
from github import GithubException

from tests.fakes.github import FOREVER, GithubServer, Pull
from tests.fakes_selftest.clients import api_client, get


@pytest.fixture
def pull(github_server: GithubServer) -> Pull:
    """A pull request with three comments."""
    repo = github_server.world.repo("acme/support")
    repo.push("main", {"agent.py": "old"})
    repo.push("faster", {"agent.py": "new"})
    made = repo.pull("faster")
    for number in range(3):
        made.comment(f"comment {number}")
    return made


PATH = "/repos/acme/support"


def test_fault_happens_so_often(github_server: GithubServer, pull: Pull) -> None:
    """A fault meets its count of requests, and then the server is well again."""
    github_server.fault("GET", "/support$", times=2, status=500)
    assert [get(github_server, PATH).status_code for _ in range(3)] == [500, 500, 200]


def test_fault_forever(github_server: GithubServer, pull: Pull) -> None:
    """A fault may last."""
    github_server.fault("*", ".", times=FOREVER, status=503)
    assert {get(github_server, PATH).status_code for _ in range(5)} == {503}


def test_fault_aims_at_one_page(github_server: GithubServer, pull: Pull) -> None:
    """The pattern sees the query string, so that page two alone can fail."""
    github_server.fault("GET", r"comments\?.*page=2$", status=502)
    path = f"{PATH}/issues/{pull.number}/comments?per_page=2&page="
    assert [get(github_server, path + page).status_code for page in "12"] == [200, 502]


def test_fault_skips(github_server: GithubServer, pull: Pull) -> None:
    """A fault may let requests through first, to the faults behind it."""
    github_server.fault("GET", "/support$", skip=2, status=500)
    github_server.fault("GET", "/support$", status=502)
    assert [get(github_server, PATH).status_code for _ in range(4)] == [502, 200, 500, 200]


def test_fault_after_the_effect(github_server: GithubServer, pull: Pull) -> None:
    """A comment can be created and the answer be an error all the same."""
    github_server.fault("POST", "/comments$", status=502, body="<html>", after_effect=True)
    issue = api_client(github_server).get_repo("acme/support").get_issue(pull.number)
    with pytest.raises(GithubException, match="502"):
        issue.create_comment("hello")
    assert [comment.body for comment in pull.comments][3:] == ["hello"]


def test_fault_before_the_effect(github_server: GithubServer, pull: Pull) -> None:
    """An error usually means that nothing was done."""
    github_server.fault("POST", "/comments$", status=502)
    issue = api_client(github_server).get_repo("acme/support").get_issue(pull.number)
    with pytest.raises(GithubException, match="502"):
        issue.create_comment("hello")
    assert len(pull.comments) == 3


@pytest.mark.parametrize("after_effect", [False, True])
def test_reset(github_server: GithubServer, pull: Pull, *, after_effect: bool) -> None:
    """A connection can be reset, before or after the effect."""
    github_server.fault("POST", "/comments$", reset=True, after_effect=after_effect)
    issue = api_client(github_server).get_repo("acme/support").get_issue(pull.number)
    with pytest.raises(requests.ConnectionError):
        issue.create_comment("hello")
    assert len(pull.comments) == 3 + after_effect


def test_slow(github_server: GithubServer, pull: Pull) -> None:
    """An answer can take its time and still be right."""
    github_server.fault("GET", "/support$", delay=0.2)
    start = time.monotonic()
    assert get(github_server, PATH).status_code == 200
    assert time.monotonic() - start >= 0.2


def test_something_happens_before(github_server: GithubServer, pull: Pull) -> None:
    """The world can change just before a request is answered."""
    github_server.fault("GET", "/pulls/", before=lambda: pull.repo.push("faster", {"a": "b"}))
    shown = get(github_server, f"{PATH}/pulls/{pull.number}").json()
    assert (shown["head"]["sha"], shown["commits"]) == (pull.head_sha, 2)


def test_rate_limit_fault_carries_its_headers(github_server: GithubServer, pull: Pull) -> None:
    """A fault's headers reach the client."""
    message = {"message": "You have exceeded a secondary rate limit."}
    github_server.fault("GET", ".", status=403, headers={"Retry-After": "7"}, body=message)
    response = get(github_server, PATH)
    assert (response.headers["Retry-After"], response.json()) == ("7", message)


def test_standard_headers(github_server: GithubServer, pull: Pull) -> None:
    """Every answer says the rate limit's state and the request's id."""
    headers = get(github_server, PATH).headers
    assert int(headers["X-RateLimit-Remaining"]) < int(headers["X-RateLimit-Limit"])
    assert headers["X-GitHub-Request-Id"]


def test_server_clock_can_be_skewed(github_server: GithubServer, pull: Pull) -> None:
    """The server's date need not be the runner's."""
    github_server.api.clock_skew = timedelta(hours=-1)
    date = parsedate_to_datetime(get(github_server, PATH).headers["Date"])
    assert -3700 < date.timestamp() - time.time() < -3500


@pytest.mark.parametrize(
    ("authorization", "message"),
    [
        (None, "Requires authentication"),
        ("Bearer wrong", "Bad credentials"),
        ("Basic x", "Bad credentials"),
    ],
)
def test_credentials_are_needed(
    github_server: GithubServer, pull: Pull, authorization: str | None, message: str
) -> None:
    """No request is answered without a token that the server issued."""
    headers = {} if authorization is None else {"Authorization": authorization}
    response = requests.get(github_server.url + PATH, headers=headers, timeout=5)
    assert (response.status_code, response.json()["message"]) == (401, message)


def test_requests_are_recorded(github_server: GithubServer, pull: Pull) -> None:
    """A test can read what was asked: method, path, query, headers and body."""
    issue = api_client(github_server).get_repo("acme/support").get_issue(pull.number)
    issue.create_comment("hello")
    created = github_server.requests[-1]
    assert created.line == f"POST {PATH}/issues/{pull.number}/comments"
    assert (created.json, created.query) == ({"body": "hello"}, {})
    assert created.headers["authorization"].startswith("token ")


def test_malformed_bodies_are_refused(github_server: GithubServer, pull: Pull) -> None:
    """A body that is no JSON object, or lacks a field, is the client's mistake."""
    url = f"{github_server.url}{PATH}/issues/{pull.number}/comments"
    headers = {"Authorization": f"Bearer {github_server.world.token().value}"}
    bodies = (b"{", b"[]", b'{"body": 7}')
    answers = [requests.post(url, data=b, headers=headers, timeout=5).status_code for b in bodies]
    assert answers == [400, 422, 422]


def test_a_broken_fake_fails_its_test() -> None:
    """An exception inside the fake surfaces when the server is left."""
    with pytest.raises(ExceptionGroup, match="broke"), GithubServer() as server:  # noqa: PT012
        token = server.world.token()
        server.world.repo("acme/support").branches["main"] = []  # type: ignore[assignment]
        headers = {"Authorization": f"Bearer {token.value}"}
        with pytest.raises(requests.ConnectionError):
            requests.get(server.url + PATH + "/branches/main", headers=headers, timeout=5)
