"""SIGINT and SIGTERM while the event loop runs: in good order if it can be, and surely."""

import asyncio
import signal
from collections.abc import Coroutine
from types import FrameType, TracebackType
from typing import Any, Final, NoReturn, Self, TypeVar

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
UNHEARD_S: Final = 5.0
"""A loop that has not heard of a signal after so long is busy, and is ended where it is."""
IN_GOOD_ORDER_S: Final = 15.0
"""So long a loop that has heard of it may take to keep replies and to end the agent."""

Result = TypeVar("Result")


class Signals:
    """Handlers that run between any two steps of Python, also where the loop is kept waiting.

    They cancel the work that hears them, or end it by a KeyboardInterrupt where it does not.
    Whoever handled the signals before does so again afterwards. For the main thread only.
    """

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None

    def __enter__(self) -> Self:
        handlers = dict.fromkeys(SIGNALS, self._hear) | {signal.SIGALRM: _end_here}
        self._before = {number: signal.signal(number, handlers[number]) for number in handlers}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._before.items():
            signal.signal(number, handler)

    async def heard_by(self, work: Coroutine[Any, Any, Result]) -> Result:
        """The work as the task that a signal cancels."""
        self._loop = asyncio.get_running_loop()
        task = asyncio.ensure_future(work)
        self._task = task
        return await task

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        if self._loop is None or self._loop.is_closed():
            raise KeyboardInterrupt
        _end_after(UNHEARD_S)
        self._loop.call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        _end_after(IN_GOOD_ORDER_S)
        if self._task is not None:
            self._task.cancel()


def _end_after(seconds: float) -> None:
    """Again and again, since what is ended may have something to tidy up that does not end."""
    signal.setitimer(signal.ITIMER_REAL, seconds, UNHEARD_S)


def _end_here(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
