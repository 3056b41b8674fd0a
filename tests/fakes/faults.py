"""Scripted trouble: which request goes wrong, how, and how often."""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.fakes.wire import Request, Response

FOREVER = -1


@dataclass(slots=True)
class Fault:
    """What happens to the next `times` requests whose method and target match."""

    method: str
    pattern: re.Pattern[str]
    times: int
    response: Response | None = None
    after_effect: bool = False
    delay: float = 0.0
    reset: bool = False
    before: Callable[[], object] | None = None
    skip: int = 0

    def matches(self, request: Request) -> bool:
        """Whether the request is one that this fault is about."""
        same_method = self.method in ("*", request.method)
        return same_method and self.pattern.search(request.target) is not None


def make_fault(
    method: str,
    path_regex: str,
    *,
    times: int = 1,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    body: object = None,
    after_effect: bool = False,
    delay: float = 0.0,
    reset: bool = False,
    before: Callable[[], object] | None = None,
    skip: int = 0,
) -> Fault:
    """Build a fault; `path_regex` is searched in the path with its query string.

    `times` is FOREVER or a count, after `skip` matching requests went through untouched. A `body`
    that is text answers as HTML. With `after_effect` the request takes effect before the error is
    answered (or the connection reset). `delay` is in seconds. `before` runs first, outside of the
    server's lock, so that it may change the server's state.
    """
    response = None if status is None else _response(status, headers or {}, body)
    pattern = re.compile(path_regex)
    return Fault(method, pattern, times, response, after_effect, delay, reset, before, skip)


def _response(status: int, headers: Mapping[str, str], body: object) -> Response:
    if isinstance(body, bytes):
        return Response(status, body, "application/octet-stream", headers)
    if isinstance(body, str):
        return Response(status, body.encode(), "text/html; charset=utf-8", headers)
    return Response.of_json({"message": "Server Error"} if body is None else body, status, headers)


@dataclass(slots=True)
class FaultQueue:
    """The faults that still wait for their request, oldest first."""

    waiting: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> None:
        """Queue one fault."""
        with self._lock:
            self.waiting.append(fault)

    def take(self, request: Request) -> Fault | None:
        """Return the first fault that this request meets, and count it as met."""
        with self._lock:
            for fault in [fault for fault in self.waiting if fault.matches(request)]:
                if fault.skip == 0:
                    return self._meet(fault)
                fault.skip -= 1
        return None

    def _meet(self, fault: Fault) -> Fault:
        if fault.times != FOREVER:
            fault.times -= 1
        if fault.times == 0:
            self.waiting.remove(fault)
        return fault
