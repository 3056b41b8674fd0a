import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from rubric_action.grading.answers import Response
from rubric_action.grading.transport import LateTransport, Transport
from tests.grading.limited import AtOnce, LimitedJudge, steady
from tests.grading.virtual_time import run_virtually


def test_one_connection_for_the_first_requests() -> None:
    """Requests that leave together connect once, the first one at its start, and all are sent."""
    judge, events = LimitedJudge(AtOnce(9), steady(1)), list[str]()

    @asynccontextmanager
    async def connect() -> AsyncIterator[Transport]:
        events.append("open")
        await asyncio.sleep(1)
        yield judge
        events.append("closed")

    async def work() -> None:
        async with AsyncExitStack() as stack:
            transport = LateTransport(connect, stack)
            assert not events
            found = await asyncio.gather(*(transport.post(b"", 60.0) for _ in range(3)))
            assert [one.status for one in found if isinstance(one, Response)] == [200] * 3

    run_virtually(work())
    assert events == ["open", "closed"]
    assert judge.answered == 3
