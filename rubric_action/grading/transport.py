"""How a request body gets to the judge, as the rest of the room sees it."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Protocol

from rubric_action.grading.answers import Fault, Response, Stop


class Transport(Protocol):
    """Sends one request body and brings back the response, or why there is none."""

    async def post(self, body: bytes, timeout_s: float) -> Response | Fault | Stop:
        """Post to the judge; never raises for what the network or the server does."""
        ...


class LateTransport:
    """Opens a transport for the first request; the stack closes it."""

    def __init__(
        self,
        opener: Callable[[], AbstractAsyncContextManager[Transport]],
        stack: AsyncExitStack,
    ) -> None:
        self._opener = opener
        self._stack = stack
        self._lock = asyncio.Lock()
        self._open: Transport | None = None

    async def post(self, body: bytes, timeout_s: float) -> Response | Fault | Stop:
        """Post to the judge, connecting first where that is still to be done."""
        transport = self._open or await self._connect()
        return await transport.post(body, timeout_s)

    async def _connect(self) -> Transport:
        async with self._lock:
            if self._open is None:
                self._open = await self._stack.enter_async_context(self._opener())
            return self._open
