import asyncio
import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from rubric_action.grading.answers import Fault, Response, Stop
from rubric_action.grading.endpoint import Endpoint
from rubric_action.grading.http import MAX_RESPONSE_BYTES, open_transport
from tests.fakes.judge import JudgeServer, faults
from tests.grading.samples import KEY


def post(
    endpoint: Endpoint, *, timeout_s: float = 5.0, headers: dict[str, str] | None = None
) -> Response | Fault | Stop:
    """Send one small request."""

    async def run() -> Response | Fault | Stop:
        path = "/chat/completions"
        async with open_transport(endpoint, path, headers or {}, 4) as transport:
            return await transport.post(b'{"messages": []}', timeout_s)

    return asyncio.run(run())


def met(fault: faults.Fault, timeout_s: float = 5.0) -> Response | Fault | Stop:
    """What comes of a request that meets this fault."""
    with JudgeServer() as judge:
        judge.always(fault)
        return post(Endpoint(judge.base_url), timeout_s=timeout_s)


@contextmanager
def raw_server(payload: bytes) -> Iterator[str]:
    """Answers the first connection with these bytes, whatever is asked."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):  # the other side may hang up
                connection.recv(65536)
                connection.sendall(payload)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join(5)


def test_a_whole_exchange() -> None:
    """Status, lower-case headers, body and the time of arrival come back."""
    before = time.time()
    with JudgeServer() as judge:
        response = post(Endpoint(judge.base_url), headers={"Authorization": f"Bearer {KEY}"})
        (asked,) = judge.requests
    assert isinstance(response, Response)
    assert response.status == 200
    assert response.headers["content-type"].startswith("application/json")
    assert before <= response.received_at <= time.time()
    assert (asked.method, asked.path, asked.key) == ("POST", "/v1/chat/completions", KEY)


@pytest.mark.parametrize(
    "sent",
    [
        b"Content-Length: 5\r\n\r\nhello",
        b"Content-Length: 5\r\nContent-Encoding: Identity\r\n\r\nhello",
        b"Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
        b"Connection: close\r\n\r\nhello",
        b"Content-Encoding: deflate\r\nConnection: close\r\n\r\n" + zlib.compress(b"hello"),
        b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n" + gzip.compress(b"hello"),
    ],
)
def test_bodies_in_every_dress(sent: bytes) -> None:
    """With a length, in chunks, up to the end, packed or not: the same body arrives."""
    with raw_server(b"HTTP/1.1 200 OK\r\n" + sent) as url:
        answer = post(Endpoint(url))
    assert isinstance(answer, Response)
    assert answer.body == b"hello"


def test_a_small_bomb_is_capped() -> None:
    """A reply that inflates a thousandfold is given up at the cap, not in memory."""
    answer = met(faults.gzip_bomb())
    assert answer == Fault(f"the reply is larger than {MAX_RESPONSE_BYTES} bytes")


def test_a_large_reply_is_capped() -> None:
    """The cap holds for a reply that is large by itself too."""
    assert isinstance(met(faults.content("x" * MAX_RESPONSE_BYTES)), Fault)


def test_a_length_that_lies_is_no_way_around_the_cap() -> None:
    """A body in chunks is counted as it comes, whatever length was told with it."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
    size = MAX_RESPONSE_BYTES + 1
    with raw_server(head + b"%x\r\n" % size + b"x" * size + b"\r\n0\r\n\r\n") as url:
        answer = post(Endpoint(url))
    assert isinstance(answer, Fault)


def test_a_drip_ends_at_the_timeout() -> None:
    """The timeout is for the whole reply, however often a byte arrives."""
    started = time.monotonic()
    assert met(faults.drip(0.05), timeout_s=0.3) == Fault("no whole reply within 0.3 s")
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("fault", [faults.reset(), faults.truncated()])
def test_a_broken_connection_is_a_fault(fault: faults.Fault) -> None:
    """A reset and half a body are told by their kind, without words of the request."""
    answer = met(fault)
    assert isinstance(answer, Fault)
    assert answer.detail.startswith("no reply (")


@pytest.mark.parametrize(
    "payload",
    [
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 4\r\n\r\nnope",
        b"HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n",
        b"",
    ],
)
def test_nonsense_on_the_wire_is_a_fault(payload: bytes) -> None:
    """Nothing that a server sends raises."""
    with raw_server(payload) as url:
        assert isinstance(post(Endpoint(url), timeout_s=2), Fault)


def test_nobody_there_is_a_fault() -> None:
    """A refused connection and a name without an address may pass."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]
    assert isinstance(post(Endpoint(f"http://127.0.0.1:{free}")), Fault)
    assert isinstance(post(Endpoint("https://no-such-host.invalid")), Fault)


def test_redirects_are_not_followed() -> None:
    """The second server is never asked, and so never sees the key."""
    with JudgeServer() as elsewhere, JudgeServer() as judge:
        judge.always(faults.redirect(f"{elsewhere.base_url}/chat/completions", 307))
        response = post(Endpoint(judge.base_url), headers={"Authorization": KEY})
        assert isinstance(response, Response)
        assert response.status == 307
        assert elsewhere.requests == []


def test_a_key_in_a_reply_is_taken_out() -> None:
    """An endpoint that quotes the key does not get it into our messages."""
    with JudgeServer() as judge:
        judge.always(faults.status(401, message=f"bad key {KEY}"))
        response = post(Endpoint(judge.base_url, KEY))
    assert isinstance(response, Response)
    assert KEY.encode() not in response.body
    assert b"bad key ***" in response.body


def resolving_to(address: str) -> Callable[..., list[object]]:
    """The system's resolver, with one answer to everything."""

    def resolve(*_: object, **__: object) -> list[object]:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        place = (address, 443, 0, 0) if ":" in address else (address, 443)
        return [(family, socket.SOCK_STREAM, 6, "", place)]

    return resolve


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "fe80::1"])
def test_a_rebound_name_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A public name that resolves to an inner address is refused when it is connected to."""
    monkeypatch.setattr(socket, "getaddrinfo", resolving_to(address))
    answer = post(Endpoint("https://judge.example"))
    assert isinstance(answer, Stop)
    assert address in answer.error.cause


def test_plain_bytes_in_place_of_tls_are_a_fault() -> None:
    """A server that does not speak TLS on an https URL gets no request at all."""
    with raw_server(b"HTTP/1.1 200 OK\r\n\r\n") as url:
        answer = post(Endpoint(url.replace("http:", "https:")), timeout_s=2)
    assert isinstance(answer, Fault)


def test_a_short_key_is_not_cut_out_of_replies() -> None:
    """What local endpoints take for a key may be a word, or a digit, of every reply."""
    with JudgeServer() as judge:
        response = post(Endpoint(judge.base_url, "o"), headers={"Authorization": "Bearer o"})
        assert isinstance(response, Response)
        assert b"***" not in response.body
