"""Grade one session: rules first, then the axes that they leave open, by the judge."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from rubric_action.agent.model import Session
from rubric_action.cases.model import Case
from rubric_action.cases.select import axes_of
from rubric_action.errors import CannotDecide
from rubric_action.grading.client import Effects, JudgeClient, Limits
from rubric_action.grading.endpoint import Endpoint
from rubric_action.grading.fence import is_blank
from rubric_action.grading.judge import AxisJudge, Memory, ModelJudge, NoJudge
from rubric_action.grading.model import Grade, Graded, Scored, Spend
from rubric_action.grading.preflight import judge_endpoint
from rubric_action.grading.prices import Account, PriceList
from rubric_action.grading.prompt import turn_count
from rubric_action.grading.providers import Provider, provider_for
from rubric_action.grading.rules import rules_for, run_rules, settled_axes
from rubric_action.grading.transport import LateTransport, Transport
from rubric_action.rubric.model import Axis, Judge, Rubric

_EMPTY = "the answer is empty"


class Grader:
    """Grades sessions under one rubric. Safe to call from many tasks at once."""

    def __init__(self, rubric: Rubric, judge: AxisJudge, client: JudgeClient | None = None) -> None:
        self._rubric = rubric
        self._judge = judge
        self._client = client

    @property
    def stopped(self) -> CannotDecide | None:
        """Why the judge makes no further call (budget, key, outage); such a run is an error."""
        return self._client.stopped if self._client else None

    def stop(self, error: CannotDecide) -> None:
        """Let the judge make no further call; those in flight go on, and are kept."""
        if self._client:
            self._client.stop(error)

    async def grade(self, case: Case, session: Session) -> Graded:
        """Grade one trial of one case.

        1. All rules run. 2. Axes that rules settle are done. 3. An axis with an empty answer scores
        0, at no cost. 4. The judge grades the rest: one call, and one for each isolated axis.

        Raises `JudgeRefused` when the judge will not work at all, `ResultsUnwritable` when its
        replies cannot be kept.
        """
        outcomes = run_rules(rules_for(self._rubric.rules, case), case, session)
        grades = settled_axes(outcomes)
        axes = [self._rubric.axes[name] for name in axes_of(self._rubric, case)]
        grades |= _grades_of_silence([a for a in axes if a.name not in grades], case, session)
        rest = [axis for axis in axes if axis.name not in grades]
        if rest:
            grades |= await self._judge.grade(rest, case, session)
        return Graded(session, outcomes, {axis.name: grades[axis.name] for axis in axes})


@asynccontextmanager
async def open_grader(
    rubric: Rubric,
    *,
    spend: Spend,
    key: str | None = None,
    private: bool = False,
    memory: Memory | None = None,
    max_cost_usd: float | None = None,
    effects: Effects | None = None,
) -> AsyncIterator[Grader]:
    """Open a grader; connections are made when the first call is due, and closed at the end.

    `private` allows a judge at a private address. Without a `memory` no reply is kept.
    `max_cost_usd` stops further calls once it is spent; calls under way are still paid.
    Call `check_judge` and `check_cases` before.
    """
    judge = rubric.judge
    if judge is None:
        yield Grader(rubric, NoJudge())
        return
    if judge.models[0].provider == "lexical":
        from rubric_action.grading.offline import OfflineJudge

        yield Grader(rubric, OfflineJudge())
        return
    endpoint = judge_endpoint(rubric, judge, key, private=private)
    provider = provider_for(judge.models[0].provider)
    prices = PriceList(judge.models[0], limited=max_cost_usd is not None)
    async with AsyncExitStack() as stack:
        client = JudgeClient(
            LateTransport(lambda: _connect(endpoint, provider, judge, prices, private), stack),
            provider.read,
            Limits(judge.timeout_s, judge.deadline_s, judge.concurrency),
            Account(spend, prices, max_cost_usd),
            effects or Effects(time.monotonic, asyncio.sleep, random.random),
        )
        model = ModelJudge(judge, endpoint.base_url, client, memory or Memory(), spend)
        yield Grader(rubric, model, client)


@asynccontextmanager
async def _connect(
    endpoint: Endpoint, provider: Provider, judge: Judge, prices: PriceList, private: bool
) -> AsyncIterator[Transport]:
    """Connect to the judge, and load the price library while the first replies are awaited."""
    from rubric_action.grading.http import open_transport

    headers = provider.headers(endpoint.key)
    async with open_transport(
        endpoint, provider.path, headers, judge.concurrency, private=private
    ) as transport:
        loading = asyncio.create_task(prices.warm_up())
        try:
            yield transport
        finally:
            await loading


def _grades_of_silence(axes: Sequence[Axis], case: Case, session: Session) -> dict[str, Grade]:
    """Score 0 where nothing was answered: everywhere, or in one turn of an axis graded by turn."""
    count = turn_count(case, session)
    silent = [
        number
        for number in range(1, count + 1)
        if number > len(session.turns) or is_blank(session.turns[number - 1].output)
    ]
    if len(silent) == count:
        return {axis.name: Scored(0.0, _EMPTY) for axis in axes}
    by_turn = [axis for axis in axes if axis.per == "turn" and silent]
    return {axis.name: Scored(0.0, f"turn {silent[0]}: {_EMPTY}") for axis in by_turn}
