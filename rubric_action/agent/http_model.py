"""What goes over the wire to an agent behind an address, and what can come back."""

from collections.abc import Mapping
from dataclasses import dataclass, field


class Unanswered(Exception):
    """The agent gave no usable answer; `str()` says why, in one line."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address to send to. `host` and `server_name` are told where they are not the URL's own."""

    url: str
    host: str | None = None
    server_name: str | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request. GET has a query in place of a body; no `repr` shows the headers."""

    method: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = None
    query: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole response; header names are in lower case, the body is inflated.

    `received_at` is in seconds since the epoch, by our own clock.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    received_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Fault:
    """The exchange failed in a way that may pass; `retry_after_s` is what the server asks for.

    `throttled` says that the agent has too much to do, `unreached` that nobody answers there.
    """

    detail: str
    retry_after_s: float | None = None
    throttled: bool = False
    unreached: bool = False
