"""Judges that take only so much, played in virtual time at the client's transport."""

import asyncio
import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from rubric_action.grading.answers import Answer, Content, Fault, Response, TokenUsage
from rubric_action.grading.backoff import retry_after_s

Latency = Callable[[], float]
USAGE = TokenUsage(900, 100)


def steady(seconds: float) -> Latency:
    """Every answer takes so long."""
    return lambda: seconds


def varying(seconds: float, seed: int = 3) -> Latency:
    """Answers take about so long: a tenth of them less than half, a tenth more than 1.7 times."""
    chance, spread = random.Random(seed), 0.5  # noqa: S311 (a made-up judge)
    return lambda: chance.lognormvariate(math.log(seconds) - spread * spread / 2, spread)


class Limit(Protocol):
    """What a judge counts."""

    def refused(self, now: float, under_way: int) -> float:
        """Take one request, or say in how many seconds it may come again (above 0)."""
        ...

    def headers(self, now: float) -> Mapping[str, str]:
        """What every response tells of it."""
        ...


@dataclass(slots=True)
class Rate:
    """A bucket of so many requests that is refilled at so many a second; `changes` at a time."""

    per_s: float
    burst: float
    told: bool = False
    changes: tuple[float, float] | None = None
    _left: float = field(init=False)
    _at: float = 0.0

    def __post_init__(self) -> None:
        self._left = self.burst

    def refused(self, now: float, under_way: int) -> float:
        """Take one out of the bucket."""
        self._fill(now)
        if self._left >= 1 - 1e-9:
            self._left -= 1
            return 0.0
        return (1 - self._left) / self.per_s

    def headers(self, now: float) -> Mapping[str, str]:
        """Limit, remaining and reset as OpenAI writes them, if they are told."""
        self._fill(now)
        full_ms = (self.burst - self._left) / self.per_s * 1000
        said = {
            "x-ratelimit-limit-requests": f"{self.burst:g}",
            "x-ratelimit-remaining-requests": str(int(self._left)),
            "x-ratelimit-reset-requests": f"{full_ms:.0f}ms",
        }
        return said if self.told else {}

    def _fill(self, now: float) -> None:
        self._left = min(self.burst, self._left + (now - self._at) * self.per_s)
        self._at = now
        if self.changes and now >= self.changes[0]:
            self.per_s, self.changes = self.changes[1], None


@dataclass(slots=True)
class AtOnce:
    """So many requests at once; one too many may come again after a second."""

    most: int

    def refused(self, now: float, under_way: int) -> float:
        """Count the requests under way."""
        return 1.0 if under_way >= self.most else 0.0

    def headers(self, now: float) -> Mapping[str, str]:
        """Nothing is told."""
        return {}


@dataclass(slots=True)
class Window:
    """So many requests in each window of so many seconds."""

    most: int
    seconds: float
    _window: int = -1
    _taken: int = 0

    def refused(self, now: float, under_way: int) -> float:
        """Count the requests of this window."""
        if self._window != now // self.seconds:
            self._window, self._taken = int(now // self.seconds), 0
        self._taken += 1
        return 0.0 if self._taken <= self.most else (self._window + 1) * self.seconds - now

    def headers(self, now: float) -> Mapping[str, str]:
        """Nothing is told."""
        return {}


class LimitedJudge:
    """A transport to a judge with a limit, and its counts.

    `asks` says how a wait is asked for: `exact` in milliseconds, `whole` seconds, or not at all.
    """

    def __init__(self, limit: Limit, latency: Latency, asks: str = "whole") -> None:
        self.answered = 0
        self.throttled = 0
        self.most_under_way = 0
        self._under_way = 0
        self._limit = limit
        self._latency = latency
        self._asks = asks

    async def post(self, body: bytes, timeout_s: float) -> Response | Fault:
        """Answer after the latency, or refuse at once."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(0.001)
        wait_s = self._limit.refused(loop.time(), self._under_way)
        if wait_s > 0:
            self.throttled += 1
            await asyncio.sleep(0.001)
            return Response(429, {**self._limit.headers(loop.time()), **self._wait(wait_s)}, b"")
        self._under_way += 1
        self.most_under_way = max(self.most_under_way, self._under_way)
        await asyncio.sleep(self._latency())
        self._under_way -= 1
        self.answered += 1
        return Response(200, self._limit.headers(loop.time()), body)

    def _wait(self, wait_s: float) -> dict[str, str]:
        if self._asks == "exact":
            return {"retry-after-ms": f"{wait_s * 1000:.3f}"}
        return {"retry-after": str(max(1, math.ceil(wait_s)))} if self._asks == "whole" else {}


def read(response: Response) -> Answer:
    """What these judges' responses come to."""
    if response.status == 200:
        return Content("{}", USAGE, "model")
    return Fault("HTTP 429", retry_after_s(response.headers, 0.0), throttled=True)
