import socket
from typing import Any

import pytest

from rubric_action.errors import Interrupted
from rubric_action.github.results_service import BLOCK_BYTES
from rubric_action.github.results_wire import Limits
from rubric_action.github.upload import NotUploaded, Uploaded, upload_results
from tests.fakes.http_host import HttpHost
from tests.fakes.results_service import FOREVER
from tests.fakes.wire import Response
from tests.github.storing import CREATE, FINALIZE, LIST, NAME, Job, noise


def test_a_lost_block_is_sent_again_alone(job: Job) -> None:
    """What has arrived is not sent a second time."""
    (job.folder / "grades.jsonl").write_bytes(noise(BLOCK_BYTES + 1))
    job.results.storage.fault("PUT", "comp=block&", reset=True, skip=1)
    job.uploaded()
    asked = [request.query.get("blockid") for request in job.results.storage.requests]
    first, second, third, last = asked
    assert first != second == third
    assert last is None


STEPS = [
    ("service", CREATE),
    ("storage", "comp=block&"),
    ("storage", "comp=blocklist"),
    ("service", FINALIZE),
]


def host(job: Job, name: str) -> HttpHost:
    """One of the two hosts."""
    found: HttpHost = getattr(job.results, name)
    return found


@pytest.mark.parametrize(
    ("how", "waits"),
    [
        ({"status": 500}, [0.5, 1.0]),
        ({"status": 502, "body": "<html>Bad gateway</html>"}, [0.5, 1.0]),
        ({"status": 503, "headers": {"Retry-After": "soon"}}, [0.5, 1.0]),
        ({"status": 408}, [0.5, 1.0]),
        ({"status": 429}, [0.5, 1.0]),
        ({"status": 429, "headers": {"Retry-After": "7"}}, [7.0, 7.0]),
        ({"status": 403, "headers": {"Retry-After": "0"}}, [0.5, 1.0]),
        ({"reset": True}, [0.5, 1.0]),
    ],
    ids=str,
)
@pytest.mark.parametrize(("where", "what"), STEPS)
def test_a_hiccup_is_waited_out(
    job: Job, where: str, what: str, how: dict[str, Any], waits: list[float]
) -> None:
    """Server errors, limits and lost connections are tried again, at every step."""
    host(job, where).fault("*", what, times=2, **how)
    job.uploaded()
    assert len(job.results.artifacts) == 1
    assert job.clock.slept == waits


@pytest.mark.parametrize(("where", "what"), STEPS)
@pytest.mark.parametrize("how", [{"status": 503}, {"reset": True}], ids=str)
def test_trouble_that_stays_ends_in_a_line(
    job: Job, where: str, what: str, how: dict[str, Any]
) -> None:
    """After five waits the upload is given up, and nothing looks like a success."""
    host(job, where).fault("*", what, times=FOREVER, **how)
    reason = job.reason()
    assert "until tries or time were over" in reason
    assert job.clock.slept == [0.5, 1.0, 2.0, 4.0, 8.0]
    assert job.results.artifacts == []


@pytest.mark.parametrize(("where", "what"), STEPS)
@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refusal_is_not_asked_again(job: Job, where: str, what: str, status: int) -> None:
    """A request that is understood and refused is told with its status."""
    host(job, where).fault("*", what, status=status, body={"code": "no", "msg": "not\ntoday"})
    assert f"the answer was {status} (not today)" in job.reason()
    assert job.clock.slept == []
    assert job.results.artifacts == []


@pytest.mark.parametrize(
    "how",
    [
        {"status": 409, "body": "<html/>"},
        {"status": 400, "body": {"msg": "An artifact of that name Already Exists"}},
    ],
    ids=str,
)
def test_a_taken_name_is_known_by_status_or_word(job: Job, how: dict[str, Any]) -> None:
    """Nobody promised how the service would put it."""
    job.results.service.fault("POST", CREATE, **how)
    assert "is taken in this run" in job.reason()


def test_a_full_storage_is_told_in_the_services_words(job: Job) -> None:
    """The account's quota is no trouble of ours."""
    message = "Artifact storage quota has been hit. Unable to upload any new artifacts."
    body = {"code": "resource_exhausted", "msg": message}
    job.results.service.fault("POST", CREATE, status=403, body=body)
    assert message in job.reason()


def test_the_storage_refuses_with_a_code(job: Job) -> None:
    """Azure's code says more than its status."""
    headers = {"x-ms-error-code": "AuthenticationFailed"}
    job.results.storage.fault("PUT", "sig=", status=403, headers=headers, body="<Error/>")
    assert "403 (AuthenticationFailed)" in job.reason()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(("where", "what"), STEPS)
def test_no_redirect_is_followed(job: Job, where: str, what: str, status: int) -> None:
    """Neither the token nor the results go where an answer points."""
    with HttpHost(lambda _: Response(200)) as thief:
        headers = {"Location": f"{thief.url}/here"}
        host(job, where).fault("*", what, status=status, headers=headers)
        assert f"{status}, a redirect, which is not followed" in job.reason()
        assert thief.requests == []
    assert job.results.artifacts == []


@pytest.mark.parametrize(
    "how", [{"status": 502, "after_effect": True}, {"reset": True, "after_effect": True}], ids=str
)
def test_a_lost_answer_makes_no_second_artifact(job: Job, how: dict[str, Any]) -> None:
    """An artifact that was finished although its answer was lost is found and not made again."""
    job.results.service.fault("POST", FINALIZE, **how)
    outcome = job.uploaded()
    assert [one.id for one in job.results.artifacts] == [outcome.id]
    assert job.results.calls == [CREATE, FINALIZE, LIST]


@pytest.mark.parametrize(
    "listed",
    [
        {"status": 503},
        {"status": 403},
        {"status": 200, "body": {}},
        {"status": 200, "body": {"artifacts": "none"}},
        {"status": 200, "body": {"artifacts": ["x", {"name": NAME}]}},
        {"status": 200, "body": "<html/>"},
    ],
    ids=str,
)
def test_what_cannot_be_looked_for_is_finished_again(job: Job, listed: dict[str, Any]) -> None:
    """A listing that fails, or shows nothing of ours, does not end the upload."""
    job.results.service.fault("POST", FINALIZE, status=502)
    job.results.service.fault("POST", LIST, **listed)
    job.uploaded()
    assert job.results.calls == [CREATE, FINALIZE, LIST, FINALIZE]


@pytest.mark.parametrize(
    "other",
    [{"size": "1"}, {"workflow_run_backend_id": "run-9"}, {"digest": "sha256:0"}, {"digest": []}],
)
def test_another_artifact_is_not_taken_for_ours(job: Job, other: dict[str, object]) -> None:
    """An artifact of the name with another size, run or digest is somebody else's."""
    ours = job.uploaded()
    one = {
        "name": NAME,
        "size": str(ours.size),
        "workflow_run_backend_id": "run-1",
        "database_id": "99",
        "digest": ours.digest,
    }
    job.results.reserved.clear()
    job.results.service.fault("POST", FINALIZE, status=502)
    job.results.service.fault("POST", LIST, status=200, body={"artifacts": [one | other]})
    assert job.uploaded().id != 99
    job.results.reserved.clear()
    job.results.service.fault("POST", FINALIZE, status=502)
    job.results.service.fault("POST", LIST, status=200, body={"artifacts": [one]})
    assert job.uploaded().id == 99


def test_an_announcement_whose_answer_was_lost_is_told(job: Job) -> None:
    """Its address is lost with it, and the name stays taken: there is nothing left to try."""
    job.results.service.fault("POST", CREATE, reset=True, after_effect=True)
    assert "by a try whose answer was lost" in job.reason()
    assert job.results.calls == [CREATE, CREATE]


def test_a_wait_past_the_deadline_is_not_begun(job: Job) -> None:
    """One deadline holds for all requests and waits together."""
    headers = {"Retry-After": "3600"}
    job.results.service.fault("POST", CREATE, status=429, headers=headers, times=FOREVER)
    assert "429" in job.reason()
    assert job.clock.slept == []


def test_waits_add_up_to_the_deadline(job: Job) -> None:
    """A service that always asks for a little more is left when the time is over."""
    headers = {"Retry-After": "90"}
    job.results.service.fault("POST", CREATE, status=503, headers=headers, times=FOREVER)
    job.reason(seconds=200.0)
    assert job.clock.slept == [90.0, 90.0]


def test_nothing_is_sent_after_the_deadline(job: Job) -> None:
    """Time that a request took is gone for the next one."""

    def late() -> None:
        job.clock.now += 301

    job.results.storage.fault("PUT", "comp=blocklist", before=late)
    assert "The 300 s for it were over" in job.reason()
    assert job.results.calls == [CREATE]


def test_silence_is_a_lost_connection(job: Job) -> None:
    """A host that says nothing is left after the timeout, and asked again."""
    job.results.service.fault("POST", FINALIZE, delay=3.0)
    outcome = job.upload(timeout_s=1.5)
    assert isinstance(outcome, Uploaded)
    assert len(job.clock.slept) == 1


def test_a_service_that_is_not_there_ends_in_a_line(job: Job) -> None:
    """A refused connection is a lost one."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        job.environ["ACTIONS_RESULTS_URL"] = f"http://127.0.0.1:{unused.getsockname()[1]}"
        assert "no answer to use" in job.reason()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ArithmeticError("sig=x"), "ArithmeticError"),
        (OSError(28, "No space left"), "No space left"),
    ],
)
def test_whatever_happens_is_told_and_not_raised(job: Job, error: Exception, told: str) -> None:
    """The verdict is made; nothing that goes wrong from here on may change it."""

    def broken() -> float:
        raise error

    outcome = upload_results(job.environ, job.folder, NAME, Limits(clock=broken))
    assert isinstance(outcome, NotUploaded)
    assert told in outcome.reason
    assert "sig=" not in outcome.reason


def test_a_cancelled_job_is_not_held_up(job: Job) -> None:
    """An interrupt ends the waiting, and the upload with it."""

    def interrupted(_: float) -> None:
        raise Interrupted("cancelled")

    job.results.service.fault("POST", CREATE, status=503)
    with pytest.raises(Interrupted):
        upload_results(job.environ, job.folder, NAME, Limits(sleep=interrupted))
