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

from rubric_action.errors import BaselineUnreadable, GitHubFailed
from rubric_action.github.client import TIMEOUT_S, USER_AGENT, Client, FaultyReply
from rubric_action.github.faults import Fault, Operation
from rubric_action.github.records import Artifact

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session

MOST_BYTES: Final = 512 << 20
"""The largest zip that is downloaded."""
MOST_SECONDS: Final = 300.0
"""The longest that one download may take."""
GONE: Final = (400, 401, 403, 404, 410)
"""What a storage host says of a redirect that has expired."""
_CHUNK = 1 << 20
_MEND = "Run the gate on the default branch again, so that it leaves a new baseline."


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is downloaded, and for how long, however steadily it drips."""

    bytes: int = MOST_BYTES
    seconds: float = MOST_SECONDS
    clock: Callable[[], float] = time.monotonic


def download(
    client: Client, repository: str, artifact: Artifact, limits: Limits | None = None
) -> bytes:
    """The zip of an artifact, checked against the digest that the API announced.

    Raises GitHubFailed when it cannot be had, BaselineUnreadable when it is not what was announced.
    """
    within = limits or Limits()
    if artifact.size > within.bytes:
        raise _too_large(within)
    url = f"{client.api_url}/repos/{repository}/actions/artifacts/{artifact.id}/zip"
    with _session() as session:
        data = client.persist(
            Operation.DOWNLOAD_BASELINE, lambda: _fetch(session, client, url, within)
        )
    _check_digest(artifact, data)
    return data


def _fetch(session: "Session", client: Client, url: str, limits: Limits) -> bytes:
    """Ask where the zip is, and get it there; a redirect that expired meanwhile is asked again."""
    stale = None
    for _ in range(2):
        location = _location(session, client, url)
        with _reply(session, location) as response:
            if response.status_code == 200:
                return _body(response, limits)
            stale = _fault(response)
            if response.status_code not in GONE:
                break
    raise FaultyReply(stale or Fault(0, "no redirect", {}))


def _location(session: "Session", client: Client, url: str) -> str:
    headers = {
        "Authorization": f"Bearer {client.token}",
        "Accept": "application/vnd.github+json",
    }
    with _reply(session, url, headers) as response:
        if response.status_code != 302:
            raise FaultyReply(_fault(response))
        location = response.headers.get("Location", "")
    if urlsplit(location).scheme not in {"https", urlsplit(client.api_url).scheme}:
        raise GitHubFailed("Could not download the baseline artifact: the redirect is not https.")
    return location


def _body(response: "Response", limits: Limits) -> bytes:
    end = limits.clock() + limits.seconds
    data = bytearray()
    for chunk in response.iter_content(_CHUNK):
        data += chunk
        if len(data) > limits.bytes:
            raise _too_large(limits)
        if limits.clock() > end:
            raise FaultyReply(Fault(0, f"the download took over {limits.seconds:.0f} s", {}))
    return bytes(data)


def _check_digest(artifact: Artifact, data: bytes) -> None:
    """Compare with `sha256:...`; artifacts from before GitHub announced digests have none."""
    if artifact.digest is None:
        return
    kind, _, announced = artifact.digest.partition(":")
    if kind != "sha256" or hashlib.sha256(data).hexdigest() != announced.lower():
        raise BaselineUnreadable(
            f"The baseline artifact {artifact.id} is not what GitHub announced: "
            "its digest differs.",
            _MEND,
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
    session: "Session", url: str, headers: dict[str, str] | None = None
) -> Iterator["Response"]:
    """One GET, streamed, with no redirect followed; lost connections are faults."""
    import requests

    try:
        with session.get(
            url, headers=headers, allow_redirects=False, stream=True, timeout=TIMEOUT_S
        ) as response:
            yield response
    except requests.RequestException as error:
        raise FaultyReply(Fault(0, type(error).__name__, {})) from error


@contextmanager
def _session() -> Iterator["Session"]:
    import requests

    with requests.Session() as session:
        # An `auth` of our own keeps .netrc out, while proxies and CA bundles still count.
        session.auth = _no_auth
        session.headers["User-Agent"] = USER_AGENT
        yield session


def _no_auth(request: "PreparedRequest") -> "PreparedRequest":
    return request


def _too_large(limits: Limits) -> BaselineUnreadable:
    size = f"{limits.bytes:,} bytes"
    return BaselineUnreadable(f"The baseline artifact is larger than {size}.", _MEND)
