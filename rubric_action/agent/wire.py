"""HTTP that is bounded in size and goes to allowed addresses only.

The only module of the room that knows aiohttp, which takes a third of a second to import: import
this module where the first request is about to leave, not before.
"""

import socket
import time
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from errno import ECONNREFUSED
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from rubric_action.agent.addresses import Address, is_off_limits, literal_address
from rubric_action.agent.http_model import Fault, Outgoing, Reply, Target, Unanswered
from rubric_action.errors import AgentUnavailable

MAX_RESPONSE_BYTES: Final = 4 * 1024 * 1024
"""The most that one response may hold, both on the wire and inflated."""
CONNECT_S: Final = 5.0
"""So long a connection may take: a firewall may drop what nobody listens for."""

_CHUNK_BYTES: Final = 64 * 1024
_WBITS: Final[Mapping[str, int]] = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_URL: Final = "Mend `agent.http.url`."

_FAULTS: Final[tuple[tuple[type[BaseException], Fault], ...]] = (
    (aiohttp.ClientConnectorDNSError, Fault("its name is not known", unreached=True)),
    (
        aiohttp.ConnectionTimeoutError,
        Fault(f"no connection within {CONNECT_S:g} s", unreached=True),
    ),
    (aiohttp.ClientSSLError, Fault("no connection over TLS", unreached=True)),
    (aiohttp.ClientConnectorError, Fault("no connection", unreached=True)),
    (aiohttp.ClientPayloadError, Fault("the reply was cut short")),
    (aiohttp.ServerDisconnectedError, Fault("the connection was closed without a reply")),
    (aiohttp.ClientOSError, Fault("the connection was closed without a reply")),
    (ConnectionError, Fault("the connection was closed without a reply")),
)
"""The first that fits, the narrower ones first."""


class TooLarge(Exception):
    """A response is larger than `MAX_RESPONSE_BYTES`."""


class UnknownEncoding(Exception):
    """A response is compressed in a way that was not asked for."""


class AddressRefused(OSError):
    """A name resolved to an address where nobody is asked."""


class GuardedResolver(AbstractResolver):
    """Resolves names and refuses, at connect time, what a rebound name could lead to."""

    def __init__(self, refused: Callable[[Address], bool]) -> None:
        self._refused = refused

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Resolve a name for aiohttp; `OSError` when it cannot be, or when it is refused."""
        found = await aiohttp.ThreadedResolver().resolve(host, port, family)
        for entry in found:
            address = literal_address(entry["host"].partition("%")[0])
            if address is None or self._refused(address):
                raise AddressRefused(entry["host"])
        return found

    async def close(self) -> None:
        """Nothing is held open."""


@asynccontextmanager
async def open_wire(connections: int) -> AsyncIterator["Wire"]:
    """A pool of kept-alive connections, without cookies."""
    connector = aiohttp.TCPConnector(limit=connections, resolver=GuardedResolver(is_off_limits))
    # Inflating is left to `inflate`, which knows a limit; a cookie jar would carry state.
    async with aiohttp.ClientSession(
        connector=connector,
        headers={"Accept": "application/json", "Accept-Encoding": "gzip, deflate"},
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S),
    ) as session:
        yield Wire(session)


class Wire:
    """Sends requests; whoever sends bounds the time."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def send(self, target: Target, outgoing: Outgoing) -> Reply | Fault:
        """Send and read the whole response; a redirect is not followed.

        Raises Unanswered for a response that cannot be read, which is an answer all the same, and
        AgentUnavailable where no further request is worth it.
        """
        try:
            return await self._exchange(target, outgoing)
        except TooLarge:
            raise Unanswered(
                f"the reply is larger than {MAX_RESPONSE_BYTES // 2**20} MiB"
            ) from None
        except (zlib.error, UnknownEncoding):
            raise Unanswered("the reply's compression cannot be undone") from None
        except aiohttp.ClientConnectorCertificateError:
            cause = "The certificate of the agent's host is not trusted."
            raise AgentUnavailable(cause, _URL) from None
        except (aiohttp.ClientError, OSError) as error:
            return _fault(error)

    async def _exchange(self, target: Target, outgoing: Outgoing) -> Reply:
        url, headers = target.url, dict(outgoing.headers)
        if outgoing.query:
            url += ("&" if "?" in url else "?") + outgoing.query
        if target.host and not any(name.lower() == "host" for name in headers):
            headers["Host"] = target.host
        async with self._session.request(
            outgoing.method,
            url,
            data=outgoing.body,
            headers=headers,
            allow_redirects=False,
            server_hostname=target.server_name,
        ) as reply:
            raw = await read_whole(reply.content)
            told = {name.lower(): value for name, value in reply.headers.items()}
            body = inflate(raw, told.get("content-encoding", "").strip().lower())
            return Reply(reply.status, told, body, time.time())


async def read_whole(stream: aiohttp.StreamReader) -> bytes:
    """All bytes of a response; TooLarge for one past the limit."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in stream.iter_chunked(_CHUNK_BYTES):
        size += len(chunk)
        if size > MAX_RESPONSE_BYTES:
            raise TooLarge
        chunks.append(chunk)
    return b"".join(chunks)


def inflate(raw: bytes, encoding: str) -> bytes:
    """Undo one layer of compression, up to the limit; UnknownEncoding for another than asked."""
    if encoding in ("", "identity"):
        return raw
    if encoding not in _WBITS:
        raise UnknownEncoding(encoding)
    inflater = zlib.decompressobj(_WBITS[encoding])
    whole = inflater.decompress(raw, MAX_RESPONSE_BYTES + 1)
    if len(whole) > MAX_RESPONSE_BYTES:
        raise TooLarge
    return whole


def _fault(error: aiohttp.ClientError | OSError) -> Fault:
    """What went wrong, without the words of the error, which may quote the request."""
    cause = getattr(error, "os_error", error)
    if isinstance(cause, AddressRefused):
        told = f"The agent's host has the address {cause}, where no agent may be."
        raise AgentUnavailable(told, _URL) from None
    if isinstance(error, aiohttp.InvalidURL):
        raise AgentUnavailable("The agent's address is none that can be asked.", _URL) from None
    if isinstance(error, aiohttp.ClientConnectorError) and _is_refusal(cause):
        return Fault("connection refused", unreached=True)
    for kind, fault in _FAULTS:
        if isinstance(error, kind):
            return fault
    return Fault(f"no reply that is HTTP ({type(error).__name__})")


def _is_refusal(cause: BaseException) -> bool:
    """Several addresses that refuse are told in one error of no kind."""
    return isinstance(cause, ConnectionRefusedError) or f"Errno {ECONNREFUSED}]" in str(cause)
