import asyncio
from collections.abc import Coroutine

from rubric_action.grading.slots import Slots


def run(work: Coroutine[None, None, None]) -> None:
    """Run it to its end, which it has to reach."""
    asyncio.run(asyncio.wait_for(work, 5))


def test_no_more_than_the_ceiling() -> None:
    """A third request waits until one of two is done, and they are served in order."""

    async def work() -> None:
        slots, order = Slots(2), list[int]()

        async def request(number: int) -> None:
            await slots.acquire()
            order.append(number)
            assert slots.busy <= 2
            await asyncio.sleep(0)
            slots.release()

        await asyncio.gather(*(request(number) for number in range(20)))
        assert order == list(range(20))
        assert slots.busy == 0

    run(work())


def test_one_cut_an_episode() -> None:
    """Ten throttled answers to requests of one episode halve the limit once, a later one again."""

    async def work() -> None:
        slots = Slots(32)
        episodes = [await slots.acquire() for _ in range(10)]
        for episode in episodes:
            slots.throttled(episode, 0)
        assert slots.limit == 16
        slots.throttled(await slots.acquire(), 0)
        assert slots.limit == 8

    run(work())


def test_the_limit_never_falls_below_one_and_grows_back() -> None:
    """After cuts the limit grows by one for each `limit` successes, up to the ceiling."""

    async def work() -> None:
        slots = Slots(3)
        for _ in range(5):
            slots.throttled(await slots.acquire(), 0)
            slots.release()
        assert slots.limit == 1
        slots.succeeded()
        assert slots.limit == 2
        for _ in range(20):
            slots.succeeded()
        assert slots.limit == 3

    run(work())


def test_a_pause_holds_new_requests() -> None:
    """While the judge asks for a pause nothing starts; the longest pause counts."""

    async def work() -> None:
        slots, loop = Slots(4), asyncio.get_running_loop()
        started = loop.time()
        slots.throttled(await slots.acquire(), 0.1)
        slots.throttled(0, 0.02)
        slots.release()
        await asyncio.gather(slots.acquire(), slots.acquire())
        assert loop.time() - started >= 0.09
        assert slots.busy == 2

    run(work())


def test_a_cancelled_wait_keeps_no_slot() -> None:
    """A waiter that is cancelled in its turn, or before, hands the slot on."""

    async def work() -> None:
        slots = Slots(1)
        await slots.acquire()
        early, late, last = (asyncio.create_task(slots.acquire()) for _ in range(3))
        await asyncio.sleep(0)
        early.cancel()
        await asyncio.sleep(0)
        slots.release()
        late.cancel()
        await asyncio.wait([late])
        assert await last == 0
        assert slots.busy == 1

    run(work())
