import base64

import pytest

from rubric_action.github.results_wire import MOST_REPLY
from rubric_action.github.upload import NotUploaded
from tests.fakes.http_host import HttpHost
from tests.fakes.results_service import FOREVER
from tests.fakes.wire import Response
from tests.github.storing import CREATE, FINALIZE, Job

UNREADABLE = [
    b"",
    b"<html>Sign in</html>",
    b'{"ok": true, "signed_upl',
    b"[]",
    b'"ok"',
    b"\xff\xfe",
    b"[" * 50_000,
    b"{" + b" " * MOST_REPLY + b"}",
]


@pytest.mark.parametrize("body", UNREADABLE, ids=range(len(UNREADABLE)))
@pytest.mark.parametrize("method", [CREATE, FINALIZE])
def test_a_reply_that_cannot_be_read_is_no_success(job: Job, method: str, body: bytes) -> None:
    """It is taken for a lost answer: tried again, and given up where it stays so."""
    job.results.service.fault("POST", method, status=200, body=body, times=FOREVER)
    assert "its reply cannot be read" in job.reason()
    assert job.results.artifacts == []


def test_one_unreadable_reply_costs_one_more_request(job: Job) -> None:
    """A proxy's own page does not end the upload."""
    job.results.service.fault("POST", CREATE, status=200, body="<html>Please wait</html>")
    job.uploaded()


@pytest.mark.parametrize("ok", [False, "true", 1, None])
@pytest.mark.parametrize("method", [CREATE, FINALIZE])
def test_a_reply_that_is_not_ok_is_a_refusal(job: Job, method: str, ok: object) -> None:
    """Only `true` is true."""
    body = {"ok": ok, "signed_upload_url": "https://x.example/?sig=1", "artifact_id": "1"}
    job.results.service.fault("POST", method, status=200, body=body)
    assert "the results service said no" in job.reason()
    assert job.results.artifacts == []


@pytest.mark.parametrize(
    "address",
    [None, 7, "", "http://storage.example/?sig=1", "//x/?sig=1", "file:///etc", "https://a@b/?s"],
)
def test_an_address_that_is_not_https_gets_nothing(job: Job, address: object) -> None:
    """The results do not travel in the open."""
    body = {"ok": True, "signed_upload_url": address}
    job.results.service.fault("POST", CREATE, status=200, body=body)
    assert "no https address to send the zip to" in job.reason()
    assert job.results.storage.requests == []


@pytest.mark.parametrize("value", [None, "", "0", "-1", "x", "1" * 20, 1.5, True, ["1"]])
def test_an_artifact_without_an_id_is_not_believed(job: Job, value: object) -> None:
    """An id is a whole number from 1."""
    body = {"ok": True, "artifact_id": value}
    job.results.service.fault("POST", FINALIZE, status=200, body=body, times=FOREVER)
    assert "its reply cannot be read" in job.reason()


def test_both_spellings_of_protobuf_are_read(job: Job) -> None:
    """JSON of protobuf may write names with capitals, and short numbers as numbers."""
    path, signed = job.results.blobs.sign()
    created = {"ok": True, "signedUploadUrl": f"{job.results.storage.url}{signed}"}
    job.results.service.fault("POST", CREATE, status=200, body=created)
    finished = {"ok": True, "artifactId": 12345}
    job.results.service.fault("POST", FINALIZE, status=200, body=finished)
    assert job.uploaded().id == 12345
    assert job.results.blobs.blobs[path].data


def test_an_address_without_a_query_is_used_as_it_is(job: Job) -> None:
    """What names the block comes first where nothing else is asked."""
    with HttpHost(lambda _: Response(201)) as storage:
        body = {"ok": True, "signed_upload_url": f"{storage.url}/blob"}
        job.results.service.fault("POST", CREATE, status=200, body=body)
        job.results.service.fault(
            "POST", FINALIZE, status=200, body={"ok": True, "artifact_id": "5"}
        )
        job.uploaded()
        assert [one.target[:16] for one in storage.requests] == [
            "/blob?comp=block",
            "/blob?comp=block",
        ]


def test_a_compressed_reply_is_not_inflated(job: Job) -> None:
    """We ask for none, so one that comes is a bomb or a mistake."""
    headers = {"Content-Encoding": "gzip"}
    body = b"\x1f\x8b" + bytes(100)
    job.results.service.fault("POST", CREATE, status=200, body=body, headers=headers, times=FOREVER)
    assert "its reply is compressed, unasked" in job.reason()


def test_a_server_that_repeats_the_token_does_not_print_it(job: Job) -> None:
    """What an answer says is shown without the token, plain or in disguise, however it is cut."""
    token = job.environ["ACTIONS_RUNTIME_TOKEN"]
    assert token.startswith("ey")
    encoded = base64.b64encode(token.encode()).decode()
    for shown in (token, encoded):
        body = {"code": "x", "msg": f"bad token {shown}"}
        job.results.service.fault("POST", CREATE, status=401, body=body)
        outcome = job.upload()
        assert isinstance(outcome, NotUploaded)
        assert "bad token" in outcome.reason
        assert "[redacted]" in outcome.reason
        assert shown[:20] not in outcome.reason


def test_a_reply_that_drips_ends_with_the_deadline(job: Job) -> None:
    """Bytes that keep coming do not hold the job."""
    job.clock.step = 1.0
    job.results.service.fault("POST", CREATE, status=200, body=b"x" * 1000)
    assert "its reply took too long" in job.reason()
