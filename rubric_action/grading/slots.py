"""How many requests may be under way: a ceiling that gives way when the judge throttles."""

import asyncio
from collections import deque


class Slots:
    """First come, first served. A throttled answer halves the limit and pauses new starts.

    Answers to requests that started before a cut belong to the same episode and cut nothing more.
    After a cut the limit grows by one for every `limit` successes, up to the ceiling.
    """

    def __init__(self, ceiling: int) -> None:
        self.limit = ceiling
        self.busy = 0
        self._ceiling = ceiling
        self._episode = 0
        self._successes = 0
        self._paused_until = 0.0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def acquire(self) -> int:
        """Wait for a slot; returns the episode in which the request starts."""
        if self._waiting or not self._is_open():
            await self._queue()
        else:
            self.busy += 1
        return self._episode

    def release(self) -> None:
        """Give the slot back."""
        self.busy -= 1
        self._wake()

    def throttled(self, episode: int, pause_s: float) -> None:
        """The judge throttled a request of this episode and asks for a pause (0 is none)."""
        if episode == self._episode:
            self._episode += 1
            self._successes = 0
            self.limit = max(1, self.limit // 2)
        if pause_s > 0:
            loop = asyncio.get_running_loop()
            self._paused_until = max(self._paused_until, loop.time() + pause_s)
            loop.call_at(self._paused_until, self._resume, self._paused_until)

    def succeeded(self) -> None:
        """A request went through."""
        self._successes += 1
        if self.limit < self._ceiling and self._successes >= self.limit:
            self.limit += 1
            self._successes = 0
            self._wake()

    def _resume(self, until: float) -> None:
        # A timer may fire a clock tick early, so the pause is lifted rather than measured again.
        if until >= self._paused_until:
            self._paused_until = 0.0
            self._wake()

    def _is_open(self) -> bool:
        paused = self._paused_until > asyncio.get_running_loop().time()
        return self.busy < self.limit and not paused

    async def _queue(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._wake()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.release()  # the slot was handed over in the moment of the cancellation
            raise

    def _wake(self) -> None:
        while self._waiting and self._is_open():
            turn = self._waiting.popleft()
            if not turn.done():
                self.busy += 1
                turn.set_result(None)
