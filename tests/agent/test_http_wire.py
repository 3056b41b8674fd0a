import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from errno import ECONNREFUSED
from types import SimpleNamespace
from typing import Any, NoReturn

import aiohttp
import pytest

from rubric_action.agent.addresses import literal_address
from rubric_action.agent.http_model import Fault, Outgoing, Reply, Target, Unanswered
from rubric_action.agent.wire import AddressRefused, GuardedResolver, Wire, open_wire
from rubric_action.errors import AgentUnavailable
from tests.agent.asking import behind, case, run
from tests.fakes.agent import AgentServer, faults

ASKED = Outgoing("POST", {}, b"{}")


def sent(url: str) -> Reply | Fault:
    """What comes of one request."""

    async def send() -> Reply | Fault:
        async with open_wire(2) as wire:
            return await wire.send(Target(url), ASKED)

    return asyncio.run(send())


@contextmanager
def saying(payload: bytes) -> Iterator[str]:
    """Answers the first connection with these bytes, whatever is asked."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(payload)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join(5)


def test_a_whole_exchange() -> None:
    """Status, headers in lower case, and the body."""
    with AgentServer(lambda _asked: {"a": 1}) as agent:
        reply = sent(agent.url)
        [asked] = agent.requests
    assert isinstance(reply, Reply)
    assert (reply.status, reply.body) == (200, b'{"a": 1}')
    assert reply.headers["content-type"].startswith("application/json")
    assert asked.headers["accept-encoding"] == "gzip, deflate"


def test_nothing_of_a_reply_is_in_its_repr() -> None:
    """A log that shows one shows its status only."""
    assert repr(Reply(200, {"set-cookie": "x"}, b"words")) == "Reply(status=200, received_at=0.0)"


def test_a_redirect_is_not_followed() -> None:
    """The second server is never asked, and so never sees a header."""
    with AgentServer(lambda _asked: {}) as elsewhere, AgentServer(lambda _asked: {}) as agent:
        agent.always(faults.redirect(elsewhere.url, 307))
        reply = sent(agent.url)
        assert isinstance(reply, Reply)
        assert (reply.status, elsewhere.requests) == (307, [])


@pytest.mark.parametrize(
    "payload",
    [
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 99_999 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"",
    ],
)
def test_nonsense_on_the_wire_is_a_fault(payload: bytes) -> None:
    """Nothing that a server sends raises."""
    with saying(payload) as url:
        fault = sent(url)
    assert isinstance(fault, Fault)
    assert not fault.unreached


def test_half_a_reply_is_a_fault() -> None:
    """A body that ends before its length may be whole the next time."""
    with saying(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"answer"') as url:
        assert sent(url) == Fault("the reply was cut short")


def test_a_reply_without_a_length_ends_with_the_connection() -> None:
    """As old servers do it."""
    with saying(b'HTTP/1.0 200 OK\r\n\r\n{"answer": 1}') as url:
        reply = sent(url)
    assert isinstance(reply, Reply)
    assert reply.body == b'{"answer": 1}'


KEY: Any = SimpleNamespace(host="h", port=1, ssl=True, is_ssl=True)


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (aiohttp.ConnectionTimeoutError(), Fault("no connection within 5 s", unreached=True)),
        (
            aiohttp.ClientConnectorError(KEY, OSError(f"Many: [Errno {ECONNREFUSED}] a, b")),
            Fault("connection refused", unreached=True),
        ),
        (
            aiohttp.ClientConnectorError(KEY, OSError(113, "No route to host")),
            Fault("no connection", unreached=True),
        ),
        (
            aiohttp.ClientConnectorDNSError(KEY, OSError(-2, "unknown")),
            Fault("its name is not known", unreached=True),
        ),
        (
            aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError(1, "wrong version")),
            Fault("no connection over TLS", unreached=True),
        ),
        (
            ConnectionResetError(104, "reset"),
            Fault("the connection was closed without a reply"),
        ),
        (
            aiohttp.ClientOSError(104, "reset"),
            Fault("the connection was closed without a reply"),
        ),
        (aiohttp.ClientError("words"), Fault("no reply that is HTTP (ClientError)")),
    ],
)
def test_what_goes_wrong_is_told_in_our_own_words(error: Exception, fault: Fault) -> None:
    """The library's own may quote the request."""
    assert asyncio.run(failing(error).send(Target("http://x"), ASKED)) == fault


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (
            aiohttp.ClientConnectorCertificateError(KEY, ssl.SSLCertVerificationError("self-made")),
            "The certificate of the agent's host is not trusted.",
        ),
        (
            aiohttp.ClientConnectorError(KEY, AddressRefused("169.254.169.254")),
            "The agent's host has the address 169.254.169.254, where no agent may be.",
        ),
        (
            aiohttp.InvalidURL("http://x"),
            "The agent's address is none that can be asked.",
        ),
    ],
)
def test_what_no_time_mends_stops_the_run(error: Exception, cause: str) -> None:
    """No further request is worth it, and the rubric's key is named."""
    with pytest.raises(AgentUnavailable) as caught:
        asyncio.run(failing(error).send(Target("http://x"), ASKED))
    assert (caught.value.cause, caught.value.mend) == (cause, "Mend `agent.http.url`.")


def test_an_unknown_compression_is_an_answer() -> None:
    """It is told as one that cannot be read."""
    payload = b"HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\nContent-Length: 1\r\n\r\nx"
    with saying(payload) as url, pytest.raises(Unanswered, match="compression cannot be undone"):
        sent(url)


def failing(error: Exception) -> Wire:
    """A wire whose library fails in this way."""

    def request(*_: object, **__: object) -> NoReturn:
        raise error

    session: Any = SimpleNamespace(request=request)
    return Wire(session)


def resolving_to(address: str) -> Callable[..., list[object]]:
    """The system's resolver, with one answer to everything."""

    def resolve(*_: object, **__: object) -> list[object]:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        place = (address, 80, 0, 0) if ":" in address else (address, 80)
        return [(family, socket.SOCK_STREAM, 6, "", place)]

    return resolve


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "fe80::1", "fd00:ec2::254", "0.0.0.0", "224.0.0.1", "::ffff:a9fe:a9fe"],  # noqa: S104
)
def test_a_name_that_leads_to_metadata_stops_the_run(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a name resolves to is looked at when it is connected to."""
    monkeypatch.setattr(socket, "getaddrinfo", resolving_to(address))
    with pytest.raises(AgentUnavailable, match="where no agent may be"):
        run(behind("http://agent.example/", output="a"), case())


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_name_may_lead_to_this_machine(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent may stand anywhere else."""
    monkeypatch.setattr(socket, "getaddrinfo", resolving_to(address))
    fault = sent("http://agent.example:1/")
    assert isinstance(fault, Fault)
    assert fault.unreached


def test_the_resolver_asks_for_each_address() -> None:
    """One that is refused is enough."""
    seen = []

    async def resolve() -> None:
        resolver = GuardedResolver(lambda address: bool(seen.append(address)))  # type: ignore[func-returns-value]
        await resolver.resolve("127.0.0.1", 80)
        await resolver.close()

    asyncio.run(resolve())
    assert seen == [literal_address("127.0.0.1")]
