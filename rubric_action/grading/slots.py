"""Requests wait here until the pacer lets them start."""

import asyncio
import math
from collections import deque
from collections.abc import Sequence

from rubric_action.grading.allowance import Allowance
from rubric_action.grading.pacer import Pacer, Start

Turn = asyncio.Future[Start]


class Slots:
    """First come, first served; but a request that is tried again goes before all new ones.

    Whoever gets a slot gives it back by one of `answered`, `failed` and `throttled`.
    """

    def __init__(self, ceiling: int) -> None:
        self._pacer = Pacer(ceiling)
        self._again: deque[Turn] = deque()
        self._new: deque[Turn] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._let_go = False

    def take(self) -> Start | None:
        """A slot, where one is free and nobody waits."""
        if self._again or self._new:
            return None
        now = asyncio.get_running_loop().time()
        return None if self._wait_s(now) else self._pacer.start(now)

    async def wait(self, *, again: bool) -> Start:
        """A slot, as soon as it is this request's turn; `again` says that it was tried before."""
        turn: Turn = asyncio.get_running_loop().create_future()
        (self._again if again else self._new).append(turn)
        self._open()
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.failed()  # the slot was handed over in the moment of the cancellation
            raise

    def answered(self, start: Start) -> None:
        """Give the slot back: the judge took the request."""
        self._pacer.answered(start, asyncio.get_running_loop().time())
        self._open()

    def failed(self) -> None:
        """Give the slot back: the request came to nothing, and not for being one too many."""
        self._pacer.failed()
        self._open()

    def throttled(self, start: Start, pause_s: float) -> None:
        """Give the slot back: it was one too many, and the judge asks for a pause (0 is none)."""
        self._pacer.throttled(start, asyncio.get_running_loop().time(), pause_s)
        self._open()

    def told(self, start: Start, allowances: Sequence[Allowance]) -> None:
        """The judge told with an answer what it still allows."""
        if allowances:
            self._pacer.told(start, asyncio.get_running_loop().time(), allowances)

    def used(self, sent: int, received: int) -> None:
        """So many tokens a request took."""
        self._pacer.used(sent, received)

    def let_go(self) -> None:
        """Hold nobody back any more: no request follows, and who waits is to learn of it."""
        self._let_go = True
        self._open()

    def _wait_s(self, now: float) -> float:
        return 0.0 if self._let_go else self._pacer.wait_s(now)

    def _open(self) -> None:
        """Let those start whose turn it is, and come back when the next one's will be."""
        if not self._again and not self._new:
            return
        loop = asyncio.get_running_loop()
        while turn := self._next():
            now = loop.time()
            wait_s = self._wait_s(now)
            if wait_s:
                self._come_back(now + wait_s)
                return
            (self._again or self._new).popleft()
            turn.set_result(self._pacer.start(now))

    def _next(self) -> Turn | None:
        """The first turn that is still waited for."""
        for queue in (self._again, self._new):
            while queue and queue[0].done():
                queue.popleft()
            if queue:
                return queue[0]
        return None

    def _come_back(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if at < math.inf:
            self._timer = asyncio.get_running_loop().call_at(at, self._open)
