import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from rubric_action.grading.allowance import Allowance
from rubric_action.grading.pacer import Start
from rubric_action.grading.slots import Slots
from tests.grading.virtual_time import run_virtually

Test = Callable[[], Coroutine[Any, Any, None]]


def virtually(test: Test) -> Callable[[], None]:
    """Let a test run in virtual time."""

    def run() -> None:
        run_virtually(test())

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


def now() -> float:
    """The virtual time."""
    return asyncio.get_running_loop().time()


async def a_slot(slots: Slots, *, again: bool = False) -> Start:
    """A slot, at once or as soon as it is there."""
    return slots.take() or await slots.wait(again=again)


@virtually
async def test_no_more_than_the_ceiling() -> None:
    """Twenty requests share two slots, in the order in which they came."""
    slots, order, under_way = Slots(2), list[int](), set[int]()

    async def request(number: int) -> None:
        start = await a_slot(slots)
        order.append(number)
        under_way.add(number)
        assert len(under_way) <= 2
        await asyncio.sleep(1)
        under_way.remove(number)
        slots.answered(start)

    await asyncio.gather(*(request(number) for number in range(20)))
    assert order == list(range(20))
    assert now() == pytest.approx(10)


@virtually
async def test_whoever_was_sent_before_goes_first() -> None:
    """A request that is tried again does not queue behind all that is new."""
    slots, order = Slots(1), list[str]()
    first = await a_slot(slots)

    async def request(name: str, *, again: bool) -> None:
        start = await slots.wait(again=again)
        order.append(name)
        slots.answered(start)

    names = [("new", False), ("newer", False), ("again", True), ("again too", True)]
    waiting = [asyncio.create_task(request(name, again=again)) for name, again in names]
    await asyncio.sleep(0)
    slots.answered(first)
    await asyncio.wait(waiting)
    assert order == ["again", "again too", "new", "newer"]


@virtually
async def test_nobody_overtakes_who_waits() -> None:
    """A free slot is not taken while others queue for it."""
    slots = Slots(1)
    first = await a_slot(slots)
    waiting = asyncio.create_task(slots.wait(again=False))
    await asyncio.sleep(0)
    slots.answered(first)
    assert slots.take() is None
    slots.answered(await waiting)
    assert slots.take() is not None


@virtually
async def test_a_pause_holds_all_who_wait() -> None:
    """While the judge asks for a pause nothing starts; then those who wait do, to the moment."""
    slots = Slots(4)
    slots.throttled(await a_slot(slots), 30.0)
    assert slots.take() is None
    await slots.wait(again=True)
    assert now() == pytest.approx(30)


@virtually
async def test_a_longer_pause_wakes_nobody_early() -> None:
    """Who waits for the end of a pause is not let go when it has become longer."""
    slots = Slots(2)
    first, second = await a_slot(slots), await a_slot(slots)
    slots.throttled(first, 10.0)
    waiting = asyncio.create_task(slots.wait(again=True))
    await asyncio.sleep(5)
    slots.throttled(second, 20.0)
    await waiting
    assert now() == pytest.approx(25)


@virtually
async def test_a_fault_gives_the_slot_back() -> None:
    """The next one starts at once."""
    slots = Slots(1)
    await a_slot(slots)
    waiting = asyncio.create_task(slots.wait(again=False))
    await asyncio.sleep(0)
    slots.failed()
    await waiting
    assert now() == 0


@virtually
async def test_a_cancelled_wait_keeps_no_slot() -> None:
    """A waiter that is cancelled in its turn, or before, hands the slot on."""
    slots = Slots(1)
    first = await a_slot(slots)
    early, late, last = (asyncio.create_task(slots.wait(again=False)) for _ in range(3))
    await asyncio.sleep(0)
    early.cancel()
    await asyncio.sleep(0)
    slots.answered(first)
    late.cancel()
    await asyncio.wait([late])
    slots.answered(await last)
    assert slots.take() is not None


@virtually
async def test_who_waits_is_let_go_at_the_end() -> None:
    """Once no request follows, nobody sits out a pause or waits for a slot."""
    slots = Slots(1)
    slots.throttled(await a_slot(slots), 600.0)
    waiting = [asyncio.create_task(slots.wait(again=again)) for again in (True, False)]
    await asyncio.sleep(1)
    slots.let_go()
    await asyncio.gather(*waiting)
    assert slots.take() is not None
    assert now() == 1


@virtually
async def test_headers_hold_the_next_request_back() -> None:
    """A request that takes 200 tokens waits until the 100 that lack have come back."""
    slots = Slots(4)
    start = await a_slot(slots)
    slots.told(start, [Allowance("tokens", 100, 1000, 5.4)])
    slots.used(150, 50)
    slots.answered(start)
    await a_slot(slots)
    assert now() == pytest.approx(0.6)
