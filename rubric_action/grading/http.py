"""The judge over HTTP: bounded in time and size, to allowed addresses only.

The only module of the room that knows aiohttp, which takes a third of a second to import: import
this module where the first request is about to leave, not before.
"""

import asyncio
import math
import socket
import time
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from rubric_action.errors import JudgeRefused
from rubric_action.grading.answers import Fault, Response, Stop
from rubric_action.grading.endpoint import Endpoint, literal_address, may_connect
from rubric_action.grading.transport import Transport

MAX_RESPONSE_BYTES = 4 * 1024 * 1024
"""The most that one response may hold, both on the wire and inflated."""

_LONG_KEY = 8  # shorter ones, as local endpoints take them, are words that a reply may hold
_CHUNK_BYTES = 64 * 1024
_WBITS: Mapping[str, int] = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_ELSEWHERE = "Set `judge.base_url` to an address that a judge may have."


class TooLarge(Exception):
    """A response is larger than `MAX_RESPONSE_BYTES`."""


@asynccontextmanager
async def open_transport(
    endpoint: Endpoint,
    path: str,
    headers: Mapping[str, str],
    connections: int,
    *,
    private: bool = False,
    wall_clock: Callable[[], float] = time.time,
) -> AsyncIterator[Transport]:
    """Open a pool of kept-alive connections to one endpoint; `private` allows private addresses."""
    import aiohttp

    own = {"Content-Type": "application/json", "Accept-Encoding": "gzip, deflate", **headers}
    connector = aiohttp.TCPConnector(
        limit=connections, resolver=_GuardedResolver(loopback=endpoint.loopback, private=private)
    )
    # Inflating is left to `_inflate`, which knows a limit; a cookie jar would carry state.
    async with aiohttp.ClientSession(
        connector=connector,
        headers=own,
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
    ) as session:
        yield _Http(session, endpoint.base_url + path, endpoint.key, wall_clock)


class _Http:
    """The transport over aiohttp."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        key: str | None,
        wall_clock: Callable[[], float],
    ) -> None:
        self._session = session
        self._url = url
        self._key = key.encode() if key else b""
        self._wall_clock = wall_clock

    async def post(self, body: bytes, timeout_s: float) -> Response | Fault | Stop:
        """Post and read within `timeout_s` seconds in all, so that a slow drip is cut too."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self._exchange(body)
        except TimeoutError:
            return Fault(f"no whole reply within {timeout_s:g} s")
        except TooLarge:
            return Fault(f"the reply is larger than {MAX_RESPONSE_BYTES} bytes")
        except zlib.error:
            return Fault("the reply's compression is broken")
        except aiohttp.ClientConnectorCertificateError:
            return Stop(JudgeRefused("The judge's certificate is not trusted.", _ELSEWHERE))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # The message may quote the request; its kind says enough.
            unreached = isinstance(error, aiohttp.ClientConnectorError)
            told = f"no reply ({type(error).__name__})"
            return _refused_address(error) or Fault(told, unreached=unreached)

    async def _exchange(self, body: bytes) -> Response:
        async with self._session.post(self._url, data=body, allow_redirects=False) as reply:
            raw = await _read(reply)
            encoding = reply.headers.get("content-encoding")
            whole = _inflate(raw, encoding.strip().lower()) if encoding else raw
            # Some endpoints quote the key that they refuse; nothing behind this line may see it.
            clean = whole.replace(self._key, b"***") if len(self._key) >= _LONG_KEY else whole
            return Response(reply.status, reply.headers, clean, self._wall_clock())


async def _read(reply: aiohttp.ClientResponse) -> bytes:
    """The body as it was sent. One whose length was told, and that is whole, is no longer."""
    chunked = "transfer-encoding" in reply.headers
    if not chunked and (reply.content_length or math.inf) <= MAX_RESPONSE_BYTES:
        return await reply.read()
    chunks: list[bytes] = []
    size = 0
    async for chunk in reply.content.iter_chunked(_CHUNK_BYTES):
        size += len(chunk)
        if size > MAX_RESPONSE_BYTES:
            raise TooLarge
        chunks.append(chunk)
    return b"".join(chunks)


def _inflate(raw: bytes, encoding: str) -> bytes:
    """Undo one layer of compression; ValueError for an encoding that was not asked for."""
    if encoding in ("", "identity"):
        return raw
    if encoding not in _WBITS:
        raise ValueError(encoding)
    inflater = zlib.decompressobj(_WBITS[encoding])
    whole = inflater.decompress(raw, MAX_RESPONSE_BYTES + 1)
    if len(whole) > MAX_RESPONSE_BYTES:
        raise TooLarge
    return whole


def _refused_address(error: BaseException) -> Stop | None:
    cause = getattr(error, "os_error", error)
    if not isinstance(cause, _AddressRefused):
        return None
    return Stop(JudgeRefused(f"The judge's host has the address {cause}.", _ELSEWHERE))


class _AddressRefused(OSError):
    """A name resolved to an address that a judge may not have."""


class _GuardedResolver(AbstractResolver):
    """Resolves names and refuses, at connect time, what a rebound name could lead to."""

    def __init__(self, *, loopback: bool, private: bool) -> None:
        self._loopback = loopback
        self._private = private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Resolve a name for aiohttp; `OSError` when it cannot be, or when it is refused."""
        found = await aiohttp.ThreadedResolver().resolve(host, port, family)
        for entry in found:
            address = literal_address(entry["host"].partition("%")[0])
            if address is None or not may_connect(
                address, loopback=self._loopback, private=self._private
            ):
                raise _AddressRefused(f"{entry['host']}, where a judge may not be")
        return found

    async def close(self) -> None:
        """Nothing is held open."""
