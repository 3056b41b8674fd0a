"""The judge's server: an event loop in a thread, which counts and records what it is asked."""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.fakes.judge import replies
from tests.fakes.judge.asked import Asked
from tests.fakes.judge.faults import Exchange, Fault, unauthorized
from tests.fakes.judge.features import FEATURES
from tests.fakes.judge.manners import improper
from tests.fakes.judge.prompt_cache import PromptCache

FOREVER = -1
MAX_BODY = 64 * 1024 * 1024


@dataclass(slots=True)
class _Rule:
    """A fault that waits for requests whose prompt it is about."""

    fault: Fault
    about: Callable[[str], bool]
    times: int


class JudgeServer:
    """An OpenAI-compatible judge on a local port; use as a context manager.

    `score(prompt, axis)` gives the grade, alone or with a reason. `latency` is in seconds, spent
    on every request. With `key`, requests without that credential are refused. `requests` holds
    what was asked, in order; `max_in_flight` the most requests that were open at once. Requests for
    a feature in `lacks` (of `features.FEATURES`) meet the fault that stands there.

    It speaks to each vendor's clients under that vendor's paths.
    """

    def __init__(
        self,
        score: replies.Score = replies.perfect,
        *,
        latency: float = 0.0,
        key: str | None = None,
    ) -> None:
        self.score = score
        self.latency = latency
        self.key = key
        self.requests: list[Asked] = []
        self.in_flight = 0
        self.max_in_flight = 0
        self.lacks: dict[str, Fault] = {}
        self._rules: list[_Rule] = []
        self._cache = PromptCache()
        self._port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._runner: web.AppRunner | None = None

    @property
    def origin(self) -> str:
        """Scheme, address and port."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def base_url(self) -> str:
        """What a client appends `/chat/completions` to."""
        return f"{self.origin}/v1"

    def url_for(self, provider: str) -> str:
        """The base URL under which it speaks as this provider."""
        paths = {"anthropic": "", "azure": "/openai/v1", "github": "/inference"}
        return self.origin + paths.get(provider, "/v1")

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
        """Let each of these faults meet one request, in order, before the judge is well again."""
        for fault in faults:
            self.when(lambda _prompt: True, fault, times=1)

    def when(self, about: Callable[[str], bool], fault: Fault, *, times: int = FOREVER) -> None:
        """Let requests whose prompt is so meet the fault, for ever or so many times."""
        self._rules.append(_Rule(fault, about, times))

    def always(self, fault: Fault) -> None:
        """Let every request meet the fault from now on."""
        self.when(lambda _prompt: True, fault)

    async def _start(self) -> None:
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/{path:.*}", self._handle)
        # A client that is killed leaves its requests behind: nothing should wait for them.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, backlog=1024)
        await site.start()
        self._port = self._runner.addresses[0][1]

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
        well = self._well(request.path, asked)
        if well is None:
            return web.json_response({"error": {"message": "Not found"}}, status=404)
        fault = self._fault(asked)
        if fault is not None:
            return await fault(Exchange(request, asked, well))
        if "usage" in well and not request.path.endswith("/embeddings"):
            well["usage"] = self._cache.billed(asked, well["usage"])
        return web.json_response(well)

    def _well(self, path: str, asked: Asked) -> dict[str, Any] | None:
        if path.endswith(("/chat/completions", "/messages")):
            return replies.reply(asked, replies.grades(asked, self.score))
        if path.endswith("/embeddings"):
            return replies.embeddings(asked)
        return None

    def _fault(self, asked: Asked) -> Fault | None:
        if self.key is not None and asked.key != self.key:
            return unauthorized()
        wrong = improper(asked)
        if wrong is not None:
            return wrong
        for feature, fault in self.lacks.items():
            if FEATURES[feature](asked.body):
                return fault
        for rule in self._rules:
            if rule.times != 0 and rule.about(asked.prompt):
                rule.times -= rule.times > 0
                return rule.fault
        return None
