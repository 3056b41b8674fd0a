import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from rubric_action.errors import GitHubFailed
from rubric_action.github.api import Api
from rubric_action.github.client import (
    LEAST_TIMEOUT_S,
    PER_PAGE,
    TIMEOUT_S,
    WAITING_BUDGET_S,
    Client,
    Patience,
)
from rubric_action.github.faults import BACK_OFF_S, NotFound, PermissionMissing
from rubric_action.github.records import Status
from tests.fakes.github import FOREVER, FORK_PERMISSIONS
from tests.fakes.github.bodies import actions as bodies
from tests.github.conftest import Scene

HOME = b'{"id": 7, "default_branch": "main"}'
WANTED = Status("rubric/gate", "success", "Ready to ship", "https://example.com/actions/runs/1")


def test_a_server_error_that_passes_is_waited_out(scene: Scene) -> None:
    """Two errors and a lost connection cost three waits, and the answer counts."""
    scene.github.fault("GET", "/repos/acme/support$", times=2, status=502, body="<html>")
    scene.github.fault("GET", "/repos/acme/support$", reset=True)
    assert scene.api.home().default_branch == "main"
    assert scene.slept == list(BACK_OFF_S[:3])


def test_a_server_error_that_stays_is_an_error(scene: Scene) -> None:
    """The back-off is bounded, and the error says what was being done."""
    scene.github.fault("GET", "/repos/acme/support$", times=FOREVER, status=500)
    with pytest.raises(GitHubFailed, match="Could not read the repository: GitHub answered 500"):
        scene.api.home()
    assert scene.slept == list(BACK_OFF_S)
    assert len(scene.github.requests) == len(BACK_OFF_S) + 1


@pytest.mark.parametrize("status", [403, 429])
def test_a_limit_is_waited_for_as_told(scene: Scene, status: int) -> None:
    """Retry-After is obeyed, once."""
    body = {"message": "You have exceeded a secondary rate limit."}
    headers = {"Retry-After": "9"}
    scene.github.fault("GET", "support$", status=status, headers=headers, body=body)
    scene.api.home()
    assert scene.slept == [9.0]


@pytest.mark.parametrize("seconds", ["121", "3600", "99999999999"])
def test_a_wait_beyond_the_budget_is_not_begun(scene: Scene, seconds: str) -> None:
    """A limit that outlasts our deadline is an error at once, without a second of sleep."""
    headers = {"Retry-After": seconds}
    scene.github.fault("GET", "support$", times=FOREVER, status=429, headers=headers)
    with pytest.raises(GitHubFailed, match="rate limit lasts longer"):
        scene.api.home()
    assert scene.slept == []


def test_all_requests_share_one_budget(scene: Scene) -> None:
    """What one request waited, the next one no longer has."""
    headers = {"Retry-After": "70"}
    scene.github.fault("GET", "support$", times=2, status=429, headers=headers)
    with pytest.raises(GitHubFailed):
        scene.api.home()
    assert scene.slept == [70.0]


def timed(scene: Scene, seconds: Callable[[Patience], float]) -> tuple[Api, list[float]]:
    """The API on a clock that every request moves on by so many seconds, and that clock."""
    now = [0.0]
    patience = Patience(sleep=lambda wait: now.append(now[-1] + wait), timer=lambda: now[-1])
    move = lambda: now.append(now[-1] + seconds(patience))  # noqa: E731 (the hook)
    scene.github.fault("GET", "support$", times=FOREVER, reset=True, before=move)
    client = Client(scene.api.client.token, scene.github.url, patience)
    return Api(client, scene.repo.full_name), now


def test_a_github_that_never_answers_ends_a_run_in_about_two_minutes(scene: Scene) -> None:
    """What requests took until they were given up is waiting as well; then each has one chance."""
    api, now = timed(scene, lambda patience: patience.timeout_s)
    for number in range(4):
        with pytest.raises(GitHubFailed, match="again and again"):
            api.home()
        assert now[-1] <= WAITING_BUDGET_S + (number + 1) * LEAST_TIMEOUT_S
    assert now[-1] > WAITING_BUDGET_S


def test_what_takes_long_and_works_is_no_waiting(scene: Scene) -> None:
    """A large answer on a slow line leaves the budget as it was."""
    now = [0.0]
    patience = Patience(sleep=scene.slept.append, timer=lambda: now[-1])
    api = Api(Client(scene.api.client.token, scene.github.url, patience), scene.repo.full_name)
    for _ in range(3):
        scene.github.fault("GET", "support$", status=200, body=HOME, before=lambda: now.append(90))
        api.home()
    assert patience.left_s == WAITING_BUDGET_S
    assert patience.timeout_s == TIMEOUT_S


@pytest.mark.parametrize(
    ("left_s", "timeout_s"), [(120.0, 20), (20.0, 20), (7.2, 8), (4.0, 5), (0.0, 5)]
)
def test_no_request_is_given_more_time_than_is_left(left_s: float, timeout_s: int) -> None:
    """Within what a reply takes, so that the last word still has a chance."""
    assert Patience(left_s).timeout_s == timeout_s


def test_a_request_is_given_up_after_its_time(scene: Scene) -> None:
    """The connection that was made with more time is not used on."""
    scene.api.home()
    scene.api.client.patience.left_s = 0.0
    scene.api.client.patience.least_timeout_s = 1
    scene.github.fault("GET", "support$", delay=4)
    began = time.monotonic()
    with pytest.raises(GitHubFailed, match="ReadTimeout"):
        scene.api.home()
    assert time.monotonic() - began < 3
    assert scene.slept == []


def test_a_missing_permission_is_not_asked_for_twice(scene: Scene) -> None:
    """The refusal names the permission, after one request."""
    token = scene.github.world.token({"contents": "read"})
    api = scene.api_for(token.value)
    with pytest.raises(PermissionMissing, match="`actions: read`"):
        api.artifacts("rubric-baseline")
    assert len(scene.github.requests) == 1
    assert scene.slept == []


def test_a_wrong_token_is_told(scene: Scene) -> None:
    """Bad credentials point at the input."""
    with pytest.raises(GitHubFailed, match="github-token"):
        scene.api_for("ghs_expired").home()


def test_lists_are_read_to_their_end(scene: Scene) -> None:
    """All pages count, a hundred items each."""
    pull = scene.repo.pull("main")
    for number in range(2 * PER_PAGE + 1):
        pull.comment(f"Comment {number}", by="mona")
    comments = scene.api.comments(pull.number)
    assert [one.body for one in comments] == [f"Comment {n}" for n in range(2 * PER_PAGE + 1)]
    assert len(scene.github.requests) == 3


def test_a_page_that_fails_fails_the_whole_read(scene: Scene) -> None:
    """Half a list is no list."""
    pull = scene.repo.pull("main")
    for number in range(PER_PAGE + 1):
        pull.comment(f"Comment {number}", by="mona")
    scene.github.fault("GET", "page=2", times=FOREVER, status=500)
    with pytest.raises(GitHubFailed, match="read the pull request's comments"):
        scene.api.comments(pull.number)


def test_only_the_page_that_failed_is_asked_for_again(scene: Scene) -> None:
    """A hiccup on page two does not start the list over."""
    pull = scene.repo.pull("main")
    for number in range(PER_PAGE + 1):
        pull.comment(f"Comment {number}", by="mona")
    scene.github.fault("GET", "page=2", status=502)
    assert len(scene.api.comments(pull.number)) == PER_PAGE + 1
    assert [request.query["page"] for request in scene.github.requests] == ["1", "2", "2"]


@pytest.mark.parametrize("reset", [True, False])
def test_a_write_that_took_effect_is_not_repeated(scene: Scene, reset: bool) -> None:
    """After an error that came too late the effect is looked for, and found."""
    sha = scene.repo.branches["main"]
    status = None if reset else 502
    scene.github.fault("POST", "/statuses/", status=status, reset=reset, after_effect=True)
    assert scene.api.set_status(sha, WANTED) == WANTED
    assert len(scene.repo.statuses) == 1


def test_a_write_that_took_no_effect_is_repeated(scene: Scene) -> None:
    """After an error that came in time the write is made again."""
    sha = scene.repo.branches["main"]
    scene.github.fault("POST", "/statuses/", times=2, status=502)
    assert scene.api.set_status(sha, WANTED) == WANTED
    assert len(scene.repo.statuses) == 1


def test_a_write_refused_for_a_limit_is_repeated_without_a_look(scene: Scene) -> None:
    """A limited request did nothing, so there is nothing to look for."""
    sha = scene.repo.branches["main"]
    scene.github.fault("POST", "/statuses/", status=429, headers={"Retry-After": "1"})
    scene.api.set_status(sha, WANTED)
    assert [request.method for request in scene.github.requests] == ["POST", "POST"]


def test_a_read_only_token_cannot_write(scene: Scene) -> None:
    """A fork's token is refused by the permission's name."""
    api = scene.api_for(scene.github.world.token(FORK_PERMISSIONS).value)
    with pytest.raises(PermissionMissing, match="`statuses: write`"):
        api.set_status(scene.repo.branches["main"], WANTED)


@pytest.mark.parametrize("body", [b"<html>Hello</html>", b"{}", b"[]", b'{"id": "7"}'])
def test_a_reply_of_another_shape_is_an_error(scene: Scene, body: bytes) -> None:
    """A success that does not hold what was asked for is never read as an empty answer."""
    scene.github.fault("GET", "support$", status=200, body=body)
    with pytest.raises(GitHubFailed):
        scene.api.home()


def test_a_reply_that_was_cut_is_asked_for_again(scene: Scene) -> None:
    """JSON that ends too early is a lost connection and no answer."""
    scene.github.fault("GET", "support$", status=200, body=b'{"id": 7, "default')
    assert scene.api.home().default_branch == "main"
    assert scene.slept == [BACK_OFF_S[0]]


@pytest.mark.parametrize("body", [b"{}", b'{"artifacts": null}', b"<html>"])
def test_a_list_of_another_shape_is_an_error(scene: Scene, body: bytes) -> None:
    """No list is not the same as an empty list."""
    scene.github.fault("GET", "/artifacts", status=200, body=body)
    with pytest.raises(GitHubFailed):
        scene.api.artifacts("rubric-baseline")


def test_artifacts_have_the_very_name(scene: Scene) -> None:
    """A server that does not know the filter answers with all of them."""
    run = scene.repo.run(scene.repo.branches["main"])
    for name in ("rubric-baseline", "rubric-baseline-2"):
        run.artifact(name, b"PK")
    listing = bodies.artifact(scene.github.url, run.artifacts[1])
    other = {"total_count": 1, "artifacts": [listing]}
    assert [one.name for one in scene.api.artifacts("rubric-baseline")] == ["rubric-baseline"]
    scene.github.fault("GET", "/artifacts", status=200, body=other)
    assert scene.api.artifacts("rubric-baseline") == []


def test_nothing_is_found_by_its_own_class(scene: Scene) -> None:
    """A 404 can be told from other refusals."""
    with pytest.raises(NotFound):
        scene.api.run(1)


def test_the_token_is_in_no_repr(scene: Scene) -> None:
    """A traceback that shows the client does not show the token."""
    assert scene.api.client.token not in repr(scene.api)


def moved(scene: Scene, hours: float) -> Client:
    """A client on a runner whose clock is off."""
    patience = Patience(clock=lambda: time.time() + hours * 3600)
    return Client(scene.api.client.token, scene.github.url, patience)


@pytest.mark.parametrize("hours", [-1, 1, 24 * 365])
def test_a_clock_that_is_off_is_put_right(scene: Scene, hours: float) -> None:
    """From the first reply on the time is GitHub's, whatever the runner believes."""
    client = moved(scene, hours)
    assert abs(client.now() - datetime.now(UTC) - timedelta(hours=hours)) < timedelta(seconds=5)
    Api(client, scene.repo.full_name).home()
    assert abs(client.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_the_clock_goes_on_between_replies(scene: Scene) -> None:
    """Between two replies the runner's own clock counts the seconds."""
    local = [1_000.0]
    client = Client(scene.api.client.token, scene.github.url, Patience(clock=lambda: local[0]))
    Api(client, scene.repo.full_name).home()
    before = client.now()
    local[0] += 90
    assert client.now() - before == timedelta(seconds=90)


def test_a_refusal_tells_the_time_as_well(scene: Scene) -> None:
    """Every reply of GitHub's carries it."""
    client = moved(scene, 1)
    with pytest.raises(NotFound):
        Api(client, scene.repo.full_name).run(1)
    assert abs(client.now() - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize("date", ["yesterday", "", "Mon, 99 Nov 2026 10:00:00 GMT"])
def test_a_reply_that_tells_no_time_changes_nothing(scene: Scene, date: str) -> None:
    """Nonsense in the header is no time."""
    client = moved(scene, 1)
    body = b'{"id": 7, "default_branch": "main"}'
    scene.github.fault("GET", "support$", status=200, headers={"Date": date}, body=body)
    Api(client, scene.repo.full_name).home()
    assert client.now() - datetime.now(UTC) > timedelta(minutes=59)
