"""The client against judges with limits, in virtual time: what a judge can take is used."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from rubric_action.errors import JudgeRefused
from rubric_action.grading.answers import Response, Stop
from rubric_action.grading.client import Effects, JudgeClient, Limits, Request
from rubric_action.grading.model import Spend, Ungraded
from rubric_action.grading.prices import Account, PriceList
from rubric_action.grading.transport import Transport
from rubric_action.rubric.model import JudgeModel, Prices
from tests.grading.limited import AtOnce, LimitedJudge, Rate, Window, read, steady, varying
from tests.grading.virtual_time import run_virtually

CALLS = 800
CEILING = 32
A_REQUEST = Request(b"", repaired=lambda _: b"", accept=lambda _: {})


@dataclass(frozen=True, slots=True)
class Run:
    """How many calls found no answer, and the virtual seconds that all took."""

    lost: int
    seconds: float


def a_client(transport: Transport, ceiling: int = CEILING) -> JudgeClient:
    """A client in the virtual time of the loop that runs."""
    loop = asyncio.get_running_loop()
    return JudgeClient(
        transport,
        read,
        Limits(timeout_s=60.0, deadline_s=600.0, concurrency=ceiling),
        Account(Spend(), PriceList(JudgeModel("openai", "m", prices=Prices(1.0, 1.0))), None),
        Effects(loop.time, asyncio.sleep, random.Random(1).random),  # noqa: S311 (jitter)
    )


def ask_all(judge: LimitedJudge, ceiling: int = CEILING) -> Run:
    """Make all calls, with some more workers than may be under way, as a run has them."""

    async def work() -> Run:
        client = a_client(judge, ceiling)
        todo, lost = iter(range(CALLS)), 0

        async def worker() -> None:
            nonlocal lost
            for _ in todo:
                lost += isinstance(await client.ask(A_REQUEST, client.deadline()), Ungraded)

        await asyncio.gather(*(worker() for _ in range(ceiling + 8)))
        return Run(lost, asyncio.get_running_loop().time())

    return run_virtually(work())


def fifty(burst: float = 50, *, told: bool = False) -> Rate:
    """Fifty requests a second."""
    return Rate(50, burst, told)


Judges = Callable[[], LimitedJudge]


@pytest.mark.parametrize(
    ("judge", "ideal_s", "most"),
    [
        pytest.param(lambda: LimitedJudge(AtOnce(1000), steady(0.2)), 5.0, 1.01, id="no limit"),
        pytest.param(lambda: LimitedJudge(fifty(), steady(0.2)), 16.0, 1.03, id="a rate"),
        pytest.param(lambda: LimitedJudge(fifty(), varying(0.2)), 16.0, 1.03, id="varying"),
        pytest.param(lambda: LimitedJudge(fifty(), steady(0.05)), 16.0, 1.03, id="fast"),
        pytest.param(lambda: LimitedJudge(fifty(), steady(0.2), "exact"), 16.0, 1.0, id="ms"),
        pytest.param(lambda: LimitedJudge(fifty(), steady(0.2), "no"), 16.0, 1.0, id="no pause"),
        pytest.param(lambda: LimitedJudge(fifty(10), steady(0.2)), 16.0, 1.2, id="small burst"),
        pytest.param(lambda: LimitedJudge(fifty(2), steady(0.2)), 16.0, 1.8, id="no burst"),
        pytest.param(lambda: LimitedJudge(Rate(2, 10), steady(10)), 400.0, 1.05, id="slow"),
        pytest.param(lambda: LimitedJudge(AtOnce(8), steady(0.2)), 20.0, 1.2, id="at once"),
        pytest.param(lambda: LimitedJudge(AtOnce(8), varying(5)), 500.0, 1.1, id="slow at once"),
        pytest.param(
            lambda: LimitedJudge(Window(60, 60), steady(2), "exact"), 780.0, 1.02, id="a window"
        ),
        pytest.param(
            lambda: LimitedJudge(Window(60, 60), steady(2), "no"), 780.0, 1.05, id="silent window"
        ),
        pytest.param(
            lambda: LimitedJudge(Rate(20, 20, changes=(10, 50)), steady(0.2)), 21.6, 1.1, id="up"
        ),
        pytest.param(
            lambda: LimitedJudge(Rate(50, 10, changes=(8, 20)), steady(0.2)), 27.5, 1.35, id="down"
        ),
    ],
)
def test_a_limit_is_used_to_the_full(judge: Judges, ideal_s: float, most: float) -> None:
    """No call is lost, and all together take little more than the judge's limit allows."""
    limited = judge()
    run = ask_all(limited)
    assert run.lost == 0
    assert limited.answered == CALLS
    assert run.seconds <= most * ideal_s


@pytest.mark.parametrize("latency_s", [0.05, 0.2, 0.3])
def test_a_judge_that_tells_its_limit_has_to_refuse_nothing(latency_s: float) -> None:
    """With rate headers in every answer, no request comes too early and none much too late."""
    judge = LimitedJudge(fifty(told=True), steady(latency_s))
    run = ask_all(judge)
    assert judge.throttled == 0
    assert run.seconds <= 16.0


def test_few_requests_are_wasted() -> None:
    """What the judge refuses is a small share, after a start that cannot know better."""
    judge = LimitedJudge(AtOnce(8), steady(0.2))
    ask_all(judge)
    assert judge.throttled < CALLS / 20


@pytest.mark.parametrize("ceiling", [1, 3, 64])
def test_the_ceiling_is_kept(ceiling: int) -> None:
    """However much a judge can take, no more are under way than the user allows."""
    judge = LimitedJudge(AtOnce(1000), steady(0.2))
    run = ask_all(judge, ceiling)
    assert judge.most_under_way == ceiling
    assert run.seconds == pytest.approx(CALLS * 0.202 / ceiling, rel=0.05)


class Refusing:
    """Throttles the first request for minutes, and refuses the key with the second."""

    def __init__(self) -> None:
        self.asked = 0

    async def post(self, body: bytes, timeout_s: float) -> Response | Stop:
        """Answer after as many seconds as requests came before, and one."""
        self.asked += 1
        first = self.asked == 1
        await asyncio.sleep(self.asked)
        return Response(429, {"retry-after": "300"}, b"") if first else Stop(JudgeRefused("No."))


def test_the_end_is_not_waited_for() -> None:
    """When no request will work, nobody sits out a pause first: all end at that moment."""

    async def work() -> tuple[list[object], float]:
        client = a_client(judge, 2)
        asks = (client.ask(A_REQUEST, client.deadline()) for _ in range(9))
        ended: list[object] = await asyncio.gather(*asks, return_exceptions=True)
        return ended, asyncio.get_running_loop().time()

    judge = Refusing()
    ended, seconds = run_virtually(work())
    assert [type(one) for one in ended] == [JudgeRefused] * 9
    assert judge.asked == 2
    assert seconds == 2
