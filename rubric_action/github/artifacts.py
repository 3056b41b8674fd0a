"""The bytes of an artifact: the token goes to GitHub's API and never to the storage host.

The API answers with a redirect to storage that is valid for about a minute. A client that followed
it by itself would have to be trusted to drop the token; here the second request is one of its own.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from rubric_action.errors import CannotDecide, GitHubFailed
from rubric_action.github.api import Api
from rubric_action.github.bare import bare_session
from rubric_action.github.client import Client, FaultyReply
from rubric_action.github.faults import Fault, Operation
from rubric_action.github.records import Artifact
from rubric_action.report import stored
from rubric_action.report.stored import Purpose

if TYPE_CHECKING:
    from requests import Response, Session

MOST_BYTES: Final = 512 << 20
"""The largest zip that is downloaded."""
MOST_SECONDS: Final = 300.0
"""The longest that one download may take."""
GONE: Final = (400, 401, 403, 404, 410)
"""What a storage host says of a redirect that has expired."""
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Kind:
    """What an artifact holds: how it is called, how it is fetched, and what it is for."""

    noun: str
    fetching: Operation
    purpose: Purpose

    def unreadable(self, cause: str) -> CannotDecide:
        """The error that the artifact is no use."""
        return self.purpose.error(cause, self.purpose.mend)


BASELINE: Final = Kind("baseline artifact", Operation.DOWNLOAD_BASELINE, stored.BASELINE)
RESULTS: Final = Kind("results artifact", Operation.DOWNLOAD_RESULTS, stored.RESULTS)
SESSIONS: Final = Kind(
    "sessions artifact",
    Operation.DOWNLOAD_SESSIONS,
    Purpose(CannotDecide, "Run the pull request's workflow again, so that it leaves new sessions."),
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is downloaded, and for how long, however steadily it drips."""

    bytes: int = MOST_BYTES
    seconds: float = MOST_SECONDS
    clock: Callable[[], float] = time.monotonic


def download(api: Api, artifact: Artifact, kind: Kind, limits: Limits | None = None) -> bytes:
    """The zip of an artifact, checked against the digest that the API announced.

    Raises GitHubFailed when it cannot be had, and the kind's own error when it is not what was
    announced.
    """
    client, within = api.client, limits or Limits()
    if artifact.size > within.bytes:
        raise _too_large(kind, within)
    url = f"{client.api_url}{api.path(f'/actions/artifacts/{artifact.id}/zip')}"
    with bare_session() as session:
        data = client.persist(kind.fetching, lambda: _fetch(session, client, url, kind, within))
    _check_digest(artifact, kind, data)
    return data


def _fetch(session: "Session", client: Client, url: str, kind: Kind, limits: Limits) -> bytes:
    """Ask where the zip is, and get it there; a redirect that expired meanwhile is asked again."""
    stale = None
    for _ in range(2):
        location = _location(session, client, url, kind)
        with _reply(session, client, location) as response:
            if response.status_code == 200:
                return _body(response, kind, limits)
            stale = _fault(response)
            if response.status_code not in GONE:
                break
    raise FaultyReply(stale or Fault(0, "no redirect", {}))


def _location(session: "Session", client: Client, url: str, kind: Kind) -> str:
    headers = {
        "Authorization": f"Bearer {client.token}",
        "Accept": "application/vnd.github+json",
    }
    with _reply(session, client, url, headers) as response:
        if response.status_code != 302:
            raise FaultyReply(_fault(response))
        location = response.headers.get("Location", "")
    if urlsplit(location).scheme not in {"https", urlsplit(client.api_url).scheme}:
        raise GitHubFailed(f"Could not {kind.fetching.doing}: the redirect is not https.")
    return location


def _body(response: "Response", kind: Kind, limits: Limits) -> bytes:
    end = limits.clock() + limits.seconds
    data = bytearray()
    for chunk in response.iter_content(_CHUNK):
        data += chunk
        if len(data) > limits.bytes:
            raise _too_large(kind, limits)
        if limits.clock() > end:
            raise FaultyReply(Fault(0, f"the download took over {limits.seconds:.0f} s", {}))
    return bytes(data)


def _check_digest(artifact: Artifact, kind: Kind, data: bytes) -> None:
    """Compare with `sha256:...`; artifacts from before GitHub announced digests have none."""
    if artifact.digest is None:
        return
    method, _, announced = artifact.digest.partition(":")
    if method != "sha256" or hashlib.sha256(data).hexdigest() != announced.lower():
        raise kind.unreadable(
            f"The {kind.noun} {artifact.id} is not what GitHub announced: its digest differs."
        )


def _fault(response: "Response") -> Fault:
    headers = {name.lower(): value for name, value in response.headers.items()}
    message = response.reason or "no reason"
    try:
        told = response.json().get("message")
    except (ValueError, AttributeError):
        told = None
    return Fault(response.status_code, told if isinstance(told, str) else message, headers)


@contextmanager
def _reply(
    session: "Session", client: Client, url: str, headers: dict[str, str] | None = None
) -> Iterator["Response"]:
    """One GET, streamed, with no redirect followed; lost connections are faults."""
    import requests

    try:
        timeout_s = client.patience.timeout_s
        with session.get(
            url, headers=headers, allow_redirects=False, stream=True, timeout=timeout_s
        ) as response:
            yield response
    except requests.RequestException as error:
        raise FaultyReply(Fault(0, type(error).__name__, {})) from error


def _too_large(kind: Kind, limits: Limits) -> CannotDecide:
    return kind.unreadable(f"The {kind.noun} is larger than {limits.bytes:,} bytes.")
