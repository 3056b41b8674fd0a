"""A local HTTP/1.1 host in a thread, which records what it is asked and fails where it is told."""

import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.fakes.faults import Fault, FaultQueue, make_fault
from tests.fakes.wire import Exchange, Request, Response, last_of_each

Answer = Callable[[Request], Response]


class HttpHost:
    """Serves `answer` on a free port of the loopback; use as a context manager."""

    def __init__(self, answer: Answer) -> None:
        self.requests: list[Request] = []
        self.exchanges: list[Exchange] = []
        self.faults = FaultQueue()
        self.clock_skew = timedelta()
        self.crashes: list[Exception] = []
        self._answer = answer
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.host = self
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        """The origin: scheme, address and port, with no trailing slash."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        if error is None and self.crashes:
            raise ExceptionGroup("the fake server broke", self.crashes)

    def fault(self, method: str, path_regex: str, **how: Any) -> None:
        """Make matching requests fail; `make_fault` names every way in which they can."""
        self.faults.add(make_fault(method, path_regex, **how))

    def handle(self, request: Request) -> Response | None:
        """Answer one request; None stands for a connection that is reset."""
        self.requests.append(request)
        fault = self.faults.take(request)
        response = self._effect(request) if fault is None else self._suffer(request, fault)
        if response is not None:
            self.exchanges.append(Exchange(request, response))
        return response

    def date(self) -> str:
        """The `Date` header: the real time, moved by `clock_skew`."""
        return format_datetime(datetime.now(UTC) + self.clock_skew, usegmt=True)

    def _effect(self, request: Request) -> Response:
        with self._lock:
            return self._answer(request)

    def _suffer(self, request: Request, fault: Fault) -> Response | None:
        if fault.before is not None:
            fault.before()
        time.sleep(fault.delay)
        trouble = fault.reset or fault.response is not None
        normal = self._effect(request) if fault.after_effect or not trouble else None
        if fault.reset:
            return None
        return fault.response or normal

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=0.02)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    host: HttpHost

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep what broke, for the end of the test; a client that hung up broke nothing."""
        error = sys.exception()
        if isinstance(error, Exception) and not isinstance(error, ConnectionError):
            self.host.crashes.append(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def handle_one(self) -> None:
        """Read one request, have it answered, and write the answer."""
        response = self.server.host.handle(self._read())
        if response is None:
            self._reset()
        else:
            self._write(response)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one  # noqa: N815 (http.server's names)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (http.server's name)
        """Stay silent: tests read `requests` instead of a log."""

    def _read(self) -> Request:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        return Request(
            method=self.command,
            path=unquote(parts.path),
            query=last_of_each(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
            target=self.path,
        )

    def _write(self, response: Response) -> None:
        self.send_response_only(response.status)
        headers = {"Date": self.server.host.date(), "Content-Type": response.content_type}
        if response.status != HTTPStatus.NO_CONTENT:
            headers["Content-Length"] = str(len(response.body))
        for name, value in (headers | dict(response.headers)).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(response.body)

    def _reset(self) -> None:
        # Lingering for zero seconds makes the close a TCP reset instead of an orderly end.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True
