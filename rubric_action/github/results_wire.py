"""Requests to the runner's results service and to its storage: one session, one deadline.

The session itself holds no credential and keeps no cookie, so that nothing of the one host reaches
the other. No redirect is followed.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Final, Self, TypeVar

from rubric_action.errors import GitHubFailed
from rubric_action.github.bare import bare_session
from rubric_action.github.client import FaultyReply
from rubric_action.github.faults import BACK_OFF_S, Fault
from rubric_action.report.redact import Redact

if TYPE_CHECKING:
    from requests import Response, Session

MOST_SECONDS: Final = 300.0
"""The longest that storing the results may take, waits included."""
TIMEOUT_S: Final = 60.0
"""The longest that one block may take to send, and the longest silence before a reply."""
MOST_REPLY: Final = 1 << 16
_LONGEST_MESSAGE: Final = 200

T = TypeVar("T")


class NotStored(GitHubFailed):
    """The results service, or its storage, did not take the results."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long it may take, in seconds; clock and sleep are the effects it works with."""

    seconds: float = MOST_SECONDS
    timeout_s: float = TIMEOUT_S
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class Wire:
    """The way to both hosts, open to the end of a `with`. What they say of errors is redacted."""

    def __init__(self, limits: Limits, redact: Redact) -> None:
        self._limits = limits
        self._redact = redact
        self._end = limits.clock() + limits.seconds
        self._session = _session()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def persist(
        self, doing: str, act: Callable[[], T], landed: Callable[[], T | None] | None = None
    ) -> T:
        """Act until it works, as long as tries and time are left. Raises NotStored.

        After a failure that may have come too late, `landed` looks whether it worked all the same.
        """
        tries = 0
        while True:
            try:
                return act()
            except FaultyReply as reply:
                tries += 1
                fault = reply.fault
                if not self._wait(fault, tries):
                    raise NotStored(f"Could not {doing}: {_trouble(fault)}.") from reply
            found = landed() if landed is not None and fault.transient else None
            if found is not None:
                return found

    def send(self, verb: str, url: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """One request and its reply, cut at `MOST_REPLY`. Raises FaultyReply unless it is 2xx."""
        import requests

        timeout = min(self._limits.timeout_s, self._left())
        if timeout <= 0:
            raise NotStored(f"The {self._limits.seconds:.0f} s for it were over.")
        try:
            with self._session.request(
                verb,
                url,
                headers=dict(headers),
                data=body,
                allow_redirects=False,
                stream=True,
                timeout=timeout,
            ) as response:
                data = self._read(response)
        # The library's own text repeats the address, which is signed.
        except (requests.RequestException, ValueError) as error:
            raise FaultyReply(Fault(0, type(error).__name__, {})) from error
        if 200 <= response.status_code < 300:
            return data
        raise FaultyReply(self._fault(response, data))

    def _read(self, response: "Response") -> bytes:
        """Byte by byte, since a larger read would wait for all of a reply that drips."""
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise FaultyReply(Fault(0, "its reply is compressed, unasked", {}))
        data = bytearray()
        for byte in response.iter_content(1):
            data += byte
            if len(data) >= MOST_REPLY:
                break
            if self._left() <= 0:
                raise FaultyReply(Fault(0, "its reply took too long", {}))
        return bytes(data)

    def _fault(self, response: "Response", data: bytes) -> Fault:
        headers = {name.lower(): value for name, value in response.headers.items()}
        told = _message(data) or headers.get("x-ms-error-code") or response.reason or "no reason"
        # Redacted first: half of a token would not be found.
        message = " ".join(self._redact(told).split())[:_LONGEST_MESSAGE]
        return Fault(response.status_code, message, headers)

    def _left(self) -> float:
        return self._end - self._limits.clock()

    def _wait(self, fault: Fault, tries: int) -> bool:
        """Sleep before the next try; False where none would help or no time is left for it."""
        if not (fault.limited or fault.transient) or tries > len(BACK_OFF_S):
            return False
        asked = fault.headers.get("retry-after", "")
        seconds = max(BACK_OFF_S[tries - 1], float(asked) if asked.isdecimal() else 0.0)
        if seconds >= self._left():
            return False
        self._limits.sleep(seconds)
        return True


def _session() -> "Session":
    session = bare_session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["Accept-Encoding"] = "identity"
    return session


def _message(data: bytes) -> str | None:
    """What the service says of an error, in Twirp's form."""
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return None
    message = told.get("msg") if isinstance(told, dict) else None
    return message if isinstance(message, str) else None


def _trouble(fault: Fault) -> str:
    if fault.status == 0:
        return f"there was no answer to use, until tries or time were over ({fault.message})"
    if fault.limited or fault.transient:
        return f"the answer was {fault.status} ({fault.message}) until tries or time were over"
    if 300 <= fault.status < 400:
        return f"the answer was {fault.status}, a redirect, which is not followed"
    return f"the answer was {fault.status} ({fault.message})"
