"""The fake results service and its blob storage, as a plain client sees them."""

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.fakes.results_service import ResultsServer
from tests.fakes.results_service.server import PATH

IDS = {"workflow_run_backend_id": "run-1", "workflow_job_run_backend_id": "job-1"}
DATA = b"PK"
HASH = f"sha256:{hashlib.sha256(DATA).hexdigest()}"
ANNOUNCED: dict[str, Any] = {"name": "x", "version": 4}
FINISHED: dict[str, Any] = {"name": "x", "size": "2", "hash": HASH}


@pytest.fixture
def server() -> Iterator[ResultsServer]:
    """A service that has nothing yet."""
    with ResultsServer() as made:
        yield made


def call(server: ResultsServer, method: str, *, token: str = "", **body: Any) -> requests.Response:
    """One call, by default with the job's own token and ids."""
    value = token or server.environ()["ACTIONS_RUNTIME_TOKEN"]
    url, headers = f"{server.service.url}{PATH}{method}", {"Authorization": f"Bearer {value}"}
    return requests.post(url, json=IDS | body, headers=headers, timeout=5)


def announce(server: ResultsServer) -> str:
    """The address that an artifact `x` is to be put to."""
    address: str = call(server, "CreateArtifact", **ANNOUNCED).json()["signed_upload_url"]
    return address


def put(
    address: str, query: str = "", data: bytes = DATA, **headers: str
) -> tuple[int, str | None]:
    """The status and the code of one write to the storage."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    reply = requests.put(f"{address}{query}", data=data, headers=named, timeout=5)
    return reply.status_code, reply.headers.get("x-ms-error-code")


def test_announced_sent_and_finished_is_an_artifact(server: ResultsServer) -> None:
    """The three steps make one artifact, which the listing shows by its name."""
    address = announce(server)
    assert put(address, x_ms_blob_type="BlockBlob") == (201, None)
    made = call(server, "FinalizeArtifact", **FINISHED).json()
    (artifact,) = server.artifacts
    assert (artifact.data, made) == (DATA, {"ok": True, "artifact_id": str(artifact.id)})
    (listed,) = call(server, "ListArtifacts", name_filter="x").json()["artifacts"]
    assert (listed["database_id"], listed["size"]) == (str(artifact.id), "2")
    assert call(server, "ListArtifacts", name_filter="y").json() == {"artifacts": []}


def test_blocks_are_joined_in_the_lists_order(server: ResultsServer) -> None:
    """A blob is what its list of blocks says, whenever they came."""
    address = announce(server)
    assert put(address, "&comp=block&blockid=Yg==", b"K") == (201, None)
    assert put(address, "&comp=block&blockid=YQ==", b"P") == (201, None)
    listed = b"<BlockList><Latest>YQ==</Latest><Latest>Yg==</Latest></BlockList>"
    assert put(address, "&comp=blocklist", listed) == (201, None)
    assert call(server, "FinalizeArtifact", **FINISHED).status_code == 200


@pytest.mark.parametrize(
    ("query", "data", "code"),
    [
        ("&comp=block&blockid=%21", DATA, "InvalidQueryParameterValue"),
        ("&comp=block", DATA, "InvalidQueryParameterValue"),
        (f"&comp=block&blockid={'YWFh' * 30}", DATA, "InvalidQueryParameterValue"),
        ("&comp=block&blockid=YWFhYQ==", DATA, "InvalidBlobOrBlock"),
        ("&comp=blocklist", b"<BlockList><Latest>Yg==</Latest></BlockList>", "InvalidBlockList"),
        ("&comp=blocklist", b"<BlockList>", "InvalidXmlDocument"),
        ("", DATA, "MissingRequiredHeader"),
    ],
)
def test_the_storage_is_strict(server: ResultsServer, query: str, data: bytes, code: str) -> None:
    """Block ids are Base64 of one length; only blocks that came are listed; a blob has a type."""
    address = announce(server)
    put(address, "&comp=block&blockid=YQ==")
    assert put(address, query, data) == (400, code)


def test_the_storage_knows_signatures_alone(server: ResultsServer) -> None:
    """A wrong signature is refused, and so is a token beside the right one, or a read."""
    address = announce(server)
    assert put(address.replace("sig=", "sig=A")) == (403, "AuthenticationFailed")
    refused = put(address, Authorization="Bearer x")
    assert refused == (400, "InvalidAuthenticationInfo")
    assert requests.get(address, timeout=5).status_code == 405


@pytest.mark.parametrize(
    ("method", "body", "status", "code"),
    [
        ("CreateArtifact", {"name": "a/b", "version": 4}, 400, "invalid_argument"),
        ("CreateArtifact", {"name": "", "version": 4}, 400, "invalid_argument"),
        ("CreateArtifact", {"name": "y", "version": 3}, 400, "invalid_argument"),
        ("CreateArtifact", ANNOUNCED, 409, "already_exists"),
        ("CreateArtifact", ANNOUNCED | {"workflow_run_backend_id": "r"}, 403, "permission_denied"),
        ("CreateArtifact", ANNOUNCED | {"token": "other"}, 401, "unauthenticated"),
        ("FinalizeArtifact", FINISHED | {"name": "y"}, 404, "not_found"),
        ("FinalizeArtifact", FINISHED | {"size": "3"}, 400, "invalid_argument"),
        ("FinalizeArtifact", FINISHED | {"size": 2}, 400, "invalid_argument"),
        ("FinalizeArtifact", FINISHED | {"hash": "md5:0"}, 400, "invalid_argument"),
        ("EatArtifact", {}, 404, "bad_route"),
    ],
)
def test_the_service_is_strict(
    server: ResultsServer, method: str, body: dict[str, Any], status: int, code: str
) -> None:
    """What it refuses, it refuses in Twirp's form."""
    put(announce(server), x_ms_blob_type="BlockBlob")
    reply = call(server, method, **body)
    assert (reply.status_code, reply.json()["code"]) == (status, code)


def test_a_body_that_is_not_said_to_be_json_is_refused(server: ResultsServer) -> None:
    """Twirp goes by the content's type."""
    reply = requests.post(f"{server.service.url}{PATH}CreateArtifact", data="{}", timeout=5)
    assert (reply.status_code, reply.json()["code"]) == (404, "bad_route")


def test_a_name_is_taken_for_its_run_alone(server: ResultsServer) -> None:
    """Another run announces the same name."""
    announce(server)
    token = server.environ("run-2")["ACTIONS_RUNTIME_TOKEN"]
    body = ANNOUNCED | {"workflow_run_backend_id": "run-2"}
    assert call(server, "CreateArtifact", token=token, **body).status_code == 200


def test_finished_twice_is_two_artifacts(server: ResultsServer) -> None:
    """As GitHub's service does when its first answer was lost."""
    put(announce(server), x_ms_blob_type="BlockBlob")
    for _ in range(2):
        assert call(server, "FinalizeArtifact", **FINISHED).status_code == 200
    assert [one.name for one in server.artifacts] == ["x", "x"]
