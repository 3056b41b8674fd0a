"""The server itself: the API host, the storage host beside it, and the state behind both."""

import re
from types import TracebackType
from typing import Any, Self

from tests.fakes.github import routes
from tests.fakes.github.call import ApiError, Call, not_found
from tests.fakes.github.records import Token
from tests.fakes.github.router import check_permission, router
from tests.fakes.github.world import World
from tests.fakes.http_host import HttpHost
from tests.fakes.wire import Exchange, Request, Response

__all__ = ["GithubServer", "routes"]

RATE_LIMIT = 5_000
_ARTIFACT = re.compile(r"/artifacts/(\d+)\.zip")


class GithubServer:
    """GitHub's REST API on a local port, with its state in `world`; use as a context manager.

    Artifacts are served by a second host, another origin, as GitHub's are. `requests` holds what
    the API was asked, `storage.requests` what the storage host was; `unrouted` the requests for
    endpoints that this fake does not know, which a test expects to be empty.
    """

    def __init__(self) -> None:
        self.world = World()
        self.api = HttpHost(self._answer)
        self.storage = HttpHost(self._serve_artifact)
        self.unrouted: list[Request] = []

    def __enter__(self) -> Self:
        self.api.__enter__()
        self.storage.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.storage.__exit__(kind, error, trace)
        self.api.__exit__(kind, error, trace)

    @property
    def url(self) -> str:
        """What GITHUB_API_URL has to say."""
        return self.api.url

    @property
    def requests(self) -> list[Request]:
        """Every request that the API received, in order."""
        return self.api.requests

    @property
    def exchanges(self) -> list[Exchange]:
        """Every request that the API answered, with its answer."""
        return self.api.exchanges

    def fault(self, method: str, path_regex: str, **how: Any) -> None:
        """Make matching API requests fail; `make_fault` names every way in which they can."""
        self.api.fault(method, path_regex, **how)

    def _answer(self, request: Request) -> Response:
        try:
            response = self._dispatch(request)
        except ApiError as error:
            response = error.response
        headers = self._standard_headers() | dict(response.headers)
        return Response(response.status, response.body, response.content_type, headers)

    def _dispatch(self, request: Request) -> Response:
        token = self._token(request)
        found = router.find(request.method, request.path)
        if found is None:
            self.unrouted.append(request)
            raise not_found()
        route, params = found
        call = Call(self.world, request, token, params, self.api.url, self.storage.url)
        check_permission(route, call)
        return route.handler(call)

    def _token(self, request: Request) -> Token:
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if not scheme:
            raise ApiError(401, "Requires authentication")
        token = self.world.tokens.get(value)
        if token is None or scheme.lower() not in ("bearer", "token"):
            raise ApiError(401, "Bad credentials")
        return token

    def _standard_headers(self) -> dict[str, str]:
        used = len(self.requests)
        return {
            "Server": "github.com",
            "X-GitHub-Media-Type": "github.v3; format=json",
            "X-GitHub-Request-Id": f"FAKE:{used:06X}",
            "X-RateLimit-Limit": str(RATE_LIMIT),
            "X-RateLimit-Remaining": str(max(0, RATE_LIMIT - used)),
            "X-RateLimit-Used": str(used),
            "X-RateLimit-Reset": "1900000000",
            "X-RateLimit-Resource": "core",
        }

    def _serve_artifact(self, request: Request) -> Response:
        if "authorization" in request.headers:
            return _refusal(400, "InvalidAuthenticationInfo")
        match = _ARTIFACT.fullmatch(request.path)
        if match is None or "sig" not in request.query:
            return _refusal(403, "AuthenticationFailed")
        return self._zip(int(match.group(1)))

    def _zip(self, number: int) -> Response:
        for repo in self.world.repos.values():
            for artifact in repo.artifacts:
                if artifact.id == number:
                    return Response(200, artifact.data, "application/zip")
        return _refusal(404, "BlobNotFound")


def _refusal(status: int, code: str) -> Response:
    body = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code></Error>'
    return Response(status, body.encode(), "application/xml")
