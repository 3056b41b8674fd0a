"""The agent's server: an event loop in a thread, which counts and records what it is asked."""

import asyncio
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.fakes.judge.asked import Asked
from tests.fakes.judge.faults import Exchange, Fault

MAX_BODY = 64 * 1024 * 1024
Answer = Callable[[Asked], Any]


class AgentServer:
    """A JSON API on a local port; use as a context manager.

    `answer(asked)` gives the reply's JSON. `latency` is in seconds, spent on every request. `host`
    and `port` are where it listens; port 0 takes any that is free. `requests` holds what was asked,
    in order; `max_in_flight` the most requests that were open at once.
    """

    def __init__(
        self,
        answer: Answer,
        *,
        latency: float = 0.0,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.answer = answer
        self.latency = latency
        self.requests: list[Asked] = []
        self.in_flight = 0
        self.max_in_flight = 0
        self.host = host
        self.port = port
        self._queue: list[Fault] = []
        self._always: Fault | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._runner: web.AppRunner | None = None

    @property
    def origin(self) -> str:
        """Scheme, address and port."""
        return f"http://{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """An address to ask at; every other path answers alike."""
        return f"{self.origin}/chat"

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def queue(self, *faults: Fault) -> None:
        """Let each of these faults meet one request, in order, before the agent is well again."""
        self._queue.extend(faults)

    def always(self, fault: Fault) -> None:
        """Let every request meet the fault from now on."""
        self._always = fault

    async def _start(self) -> None:
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/{path:.*}", self._handle)
        # A client that is killed leaves its requests behind: nothing should wait for them.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, self.host, self.port, backlog=1024).start()
        self.port = self._runner.addresses[0][1]

    async def _stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)
        try:
            return await self._respond(request, await self._record(request))
        finally:
            self.in_flight -= 1

    async def _record(self, request: web.Request) -> Asked:
        arrived = time.monotonic()
        headers = {name.lower(): value for name, value in request.headers.items()}
        raw = await request.read()
        asked = Asked(request.method, request.path_qs, headers, raw, arrived)
        self.requests.append(asked)
        return asked

    async def _respond(self, request: web.Request, asked: Asked) -> web.StreamResponse:
        await asyncio.sleep(self.latency)
        fault = self._queue.pop(0) if self._queue else self._always
        well = self.answer(asked)
        if fault is not None:
            return await fault(Exchange(request, asked, well))
        return web.json_response(well)
