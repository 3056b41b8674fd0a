"""The service itself, Twirp with JSON, and the storage host beside it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from tests.fakes.http_host import HttpHost
from tests.fakes.results_service.blobs import BlobStorage
from tests.fakes.results_service.tokens import runtime_token
from tests.fakes.wire import Request, Response

PATH = "/twirp/github.actions.results.api.v1.ArtifactService/"
VERSIONS = (4, 5, 6, 7)
TAKEN = "an artifact with this name already exists on the workflow run"
_BAD_NAME = re.compile(r'[":<>|*?\r\n\\/]')
_HASH = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Artifact:
    """A finished artifact, as it can be downloaded."""

    id: int
    name: str
    run: str
    job: str
    data: bytes
    digest: str


class Twirp(Exception):
    """An answer other than success."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.response = Response.of_json({"code": code, "msg": message}, status)


class ResultsServer:
    """Service and storage on two local ports; use as a context manager.

    A name stays reserved from the moment it is announced, finished or not. One that is finished
    twice makes two artifacts, as GitHub's service does after an answer that was lost. `headers` go
    with every answer of the service.
    """

    def __init__(self) -> None:
        self.service = HttpHost(self._answer)
        self.blobs = BlobStorage()
        self.storage = HttpHost(self.blobs.answer)
        self.reserved: dict[tuple[str, str], str] = {}
        self.artifacts: list[Artifact] = []
        self.headers: dict[str, str] = {}
        self._jobs: dict[str, tuple[str, str]] = {}

    def __enter__(self) -> Self:
        self.service.__enter__()
        self.storage.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.storage.__exit__(kind, error, trace)
        self.service.__exit__(kind, error, trace)

    def environ(self, run: str = "run-1", job: str = "job-1") -> dict[str, str]:
        """What the runner sets for a job of a run."""
        token = runtime_token(run, job)
        self._jobs[token] = (run, job)
        return {"ACTIONS_RESULTS_URL": f"{self.service.url}/", "ACTIONS_RUNTIME_TOKEN": token}

    @property
    def calls(self) -> list[str]:
        """The methods that the service was asked for, in order."""
        return [request.path.removeprefix(PATH) for request in self.service.requests]

    def _answer(self, request: Request) -> Response:
        try:
            return Response.of_json(self._dispatch(request), headers=self.headers)
        except Twirp as error:
            return error.response

    def _dispatch(self, request: Request) -> dict[str, Any]:
        methods: Mapping[str, Callable[[str, str, dict[str, Any]], dict[str, Any]]] = {
            "CreateArtifact": self._create,
            "FinalizeArtifact": self._finalize,
            "ListArtifacts": self._list,
        }
        method = methods.get(request.path.removeprefix(PATH))
        if method is None or request.method != "POST":
            raise Twirp(404, "bad_route", f"no handler for path {request.path}")
        if not request.headers.get("content-type", "").startswith("application/json"):
            raise Twirp(404, "bad_route", "unexpected Content-Type")
        run, job = self._job(request)
        body = request.json
        if (body["workflow_run_backend_id"], body["workflow_job_run_backend_id"]) != (run, job):
            raise Twirp(403, "permission_denied", "the token is for another job")
        return method(run, job, body)

    def _job(self, request: Request) -> tuple[str, str]:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self._jobs:
            raise Twirp(401, "unauthenticated", "invalid token")
        return self._jobs[token]

    def _create(self, run: str, job: str, body: dict[str, Any]) -> dict[str, Any]:
        name = body.get("name", "")
        if not name or _BAD_NAME.search(name):
            raise Twirp(400, "invalid_argument", "the artifact name is not valid")
        if body.get("version") not in VERSIONS:
            raise Twirp(400, "invalid_argument", "unsupported version")
        if (run, name) in self.reserved:
            raise Twirp(409, "already_exists", TAKEN)
        path, signed = self.blobs.sign()
        self.reserved[run, name] = path
        return {"ok": True, "signed_upload_url": f"{self.storage.url}{signed}"}

    def _finalize(self, run: str, job: str, body: dict[str, Any]) -> dict[str, Any]:
        path = self.reserved.get((run, body.get("name", "")))
        if path is None:
            raise Twirp(404, "not_found", "there is no such artifact")
        data = self.blobs.blobs[path].data
        if data is None or body.get("size") != str(len(data)):
            raise Twirp(400, "invalid_argument", "the size is not the blob's")
        digest = body.get("hash", "")
        if not _HASH.fullmatch(digest):
            raise Twirp(400, "invalid_argument", "the hash is not valid")
        made = Artifact(7_000_000 + len(self.artifacts), body["name"], run, job, data, digest)
        self.artifacts.append(made)
        return {"ok": True, "artifact_id": str(made.id)}

    def _list(self, run: str, job: str, body: dict[str, Any]) -> dict[str, Any]:
        wanted = body.get("name_filter")
        found = [one for one in self.artifacts if one.run == run and wanted in (None, one.name)]
        return {"artifacts": [_listed(one) for one in found]}


def _listed(one: Artifact) -> dict[str, Any]:
    return {
        "workflow_run_backend_id": one.run,
        "workflow_job_run_backend_id": one.job,
        "database_id": str(one.id),
        "name": one.name,
        "size": str(len(one.data)),
        "created_at": "2026-03-01T12:00:00Z",
        "digest": one.digest,
    }
