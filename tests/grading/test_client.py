import asyncio
import socket
import time
from typing import Any

import pytest

from rubric_action.agent.model import Session
from rubric_action.cases.model import Case
from rubric_action.errors import BudgetSpent, JudgeRefused
from rubric_action.grading.client import FIRST_CONTACT_S, OUTAGE_CASES, Effects
from rubric_action.grading.model import Graded, Scored, Spend, Ungraded
from rubric_action.grading.opening import open_grader
from rubric_action.rubric.model import Judge, JudgeModel, Prices, Rubric
from tests.fakes.judge import JudgeServer, faults
from tests.grading.samples import (
    KEY,
    POLICY,
    TONE,
    FakeTime,
    Outcome,
    a_case,
    a_judge,
    a_rubric,
    a_session,
    grade,
)

RETRIED = {
    "429": faults.status(429),
    "408": faults.status(408),
    "409": faults.status(409),
    "500": faults.status(500),
    "502": faults.status(502),
    "503": faults.status(503),
    "529": faults.status(529),
    "reset": faults.reset(),
    "truncated": faults.truncated(),
    "html": faults.html(),
    "error object": faults.error_object(),
    "bomb": faults.gzip_bomb(),
}
BAD_CONTENT = {
    "no JSON": faults.content("I would say 1.0"),
    "empty": faults.content(""),
    "missing axis": faults.missing_axis("tone"),
    "too high": faults.wrong_score("tone", 1.5),
    "a string": faults.wrong_score("tone", "1"),
    "nothing": faults.wrong_score("tone", None),
    "not a number": faults.content('{"tone": {"reason": "r", "score": NaN}}'),
    "extra axis": faults.rewritten(lambda found: found | {"other": 1}),
}
FINAL = {
    "key": faults.unauthorized(),
    "quota": faults.insufficient_quota(),
    "model": faults.unknown_model(),
    "redirect": faults.redirect("https://elsewhere.example/"),
}


def rubric_for(judge: JudgeServer, **fields: Any) -> Rubric:
    """A rubric whose judge is this server."""
    return a_rubric(judge=a_judge(judge.base_url, **fields))


def tone(outcome: Outcome) -> Scored | Ungraded:
    """The last case's grade of the tone."""
    return outcome.graded[-1].grades["tone"]


def each(table: dict[str, faults.Fault]) -> pytest.MarkDecorator:
    """One test for each fault of a table."""
    return pytest.mark.parametrize("fault", table.values(), ids=table.keys())


@each(RETRIED)
def test_passing_faults_are_retried(fault: faults.Fault) -> None:
    """Two faults of any kind cost two waits and no grade."""
    at = FakeTime()
    with JudgeServer() as judge:
        judge.queue(fault, fault)
        outcome = grade(rubric_for(judge), effects=at.effects)
        assert len(judge.requests) == 3
    assert isinstance(tone(outcome), Scored)
    assert at.waits == [0.25, 0.5]
    assert outcome.spend.judge_calls == 3


@each(RETRIED)
def test_a_fault_for_ever_ends_at_the_deadline(fault: faults.Fault) -> None:
    """The case is ungraded with its cause, no wait goes past the deadline."""
    at = FakeTime()
    with JudgeServer() as judge:
        judge.always(fault)
        outcome = grade(rubric_for(judge, deadline_s=20.0), effects=at.effects)
    found = tone(outcome)
    assert isinstance(found, Ungraded)
    assert found.cause == "transport"
    assert sum(at.waits) < 20
    assert outcome.spend.judge_cost_usd == 0


@each(BAD_CONTENT)
def test_bad_content_is_repaired_twice(fault: faults.Fault) -> None:
    """The judge is told what was wrong, without a word of its reply, and each try is paid."""
    with JudgeServer() as judge:
        judge.queue(fault, fault)
        outcome = grade(rubric_for(judge), effects=FakeTime().effects)
        first, second, third = (asked.body["messages"] for asked in judge.requests)
    assert isinstance(tone(outcome), Scored)
    assert len(first) == 2
    assert second[:2] == first
    assert "could not be used" in second[2]["content"]
    assert len(third) == 3
    assert outcome.spend.output_tokens >= 3


@each(BAD_CONTENT)
def test_bad_content_three_times_is_ungraded(fault: faults.Fault) -> None:
    """Two repair tries and no more; no default score."""
    at = FakeTime()
    with JudgeServer() as judge:
        judge.always(fault)
        outcome = grade(rubric_for(judge), effects=at.effects)
        assert len(judge.requests) == 3
    found = tone(outcome)
    assert isinstance(found, Ungraded)
    assert found.cause == "reply"
    assert at.waits == []


@pytest.mark.parametrize(
    ("fault", "cause", "requests"),
    [
        (faults.cut_by_length(), "cut", 3),
        (faults.refusal(), "refusal", 2),
        (faults.content_filter(), "refusal", 2),
        (faults.status(400, kind="content_filter"), "refusal", 2),
        (faults.status(400, kind="context_length_exceeded", message="too long"), "reply", 1),
        (faults.status(413), "reply", 1),
    ],
)
def test_other_ways_to_end_ungraded(fault: faults.Fault, cause: str, requests: int) -> None:
    """A cut reply has two more tries, a refusal one, a request that is not taken none."""
    with JudgeServer() as judge:
        judge.always(fault)
        outcome = grade(rubric_for(judge), effects=FakeTime().effects)
        assert len(judge.requests) == requests
    found = tone(outcome)
    assert isinstance(found, Ungraded)
    assert found.cause == cause


@each(FINAL)
def test_what_ends_everything_ends_it_at_once(fault: faults.Fault) -> None:
    """One request, an error that says what to do, and no key in it."""
    with JudgeServer() as judge:
        judge.always(fault)
        with pytest.raises(JudgeRefused) as caught:
            grade(rubric_for(judge), *[(a_case(), a_session())] * 3)
        assert len(judge.requests) == 1
    assert caught.value.mend
    assert KEY not in repr(caught.value) + str(caught.value)


def test_cases_under_way_stop_too() -> None:
    """Of forty cases at once, those that wait for a slot are never sent."""
    with JudgeServer(latency=0.1) as judge:
        judge.always(faults.unauthorized())
        found = at_once(rubric_for(judge, concurrency=4), 40)
        assert len(judge.requests) <= 4
    assert all(isinstance(one, JudgeRefused) for one in found)


def at_once(rubric: Rubric, count: int) -> list[Graded | BaseException]:
    """Grade so many cases at the same time; the question is the case's number."""

    async def run() -> list[Graded | BaseException]:
        no_jitter = Effects(time.monotonic, asyncio.sleep, lambda: 0.0)
        opened = open_grader(rubric, spend=Spend(), key=KEY, effects=no_jitter)
        async with opened as grader:
            pairs = [(a_case(str(n)), a_session(str(n))) for n in range(count)]
            work = (grader.grade(case, session) for case, session in pairs)
            return await asyncio.gather(*work, return_exceptions=True)

    return asyncio.run(run())


def test_never_more_at_once_than_the_ceiling() -> None:
    """The judge sees no more requests at once than the rubric allows, and all of them."""
    with JudgeServer(latency=0.02) as judge:
        found = at_once(rubric_for(judge, concurrency=3), 20)
        assert judge.max_in_flight == 3
        assert len(judge.requests) == 20
    assert all(isinstance(one, Graded) for one in found)


def test_a_slot_is_free_while_its_case_waits() -> None:
    """One case in its back-off does not keep the only slot from the others."""
    slow = "question\n0\n"
    with JudgeServer() as judge:
        judge.when(lambda prompt: slow in prompt, faults.status(503, retry_after="0.6"))
        started = time.monotonic()
        found = at_once(rubric_for(judge, concurrency=1, deadline_s=1.0), 10)
        others = [asked.at for asked in judge.requests if slow not in asked.prompt]
    assert max(others) - started < 0.5
    scored = [isinstance(g.grades["tone"], Scored) for g in found if isinstance(g, Graded)]
    assert scored == [False] + [True] * 9


def test_waiting_for_a_slot_ends_at_the_deadline_too() -> None:
    """A case whose next try is held back by another's pause does not outlive its time."""
    with JudgeServer(latency=0.2) as judge:
        judge.when(lambda p: "question\n0\n" in p, faults.status(503, retry_after_ms="250"))
        judge.when(lambda p: "question\n1\n" in p, faults.status(429, retry_after_ms="550"))
        first, *_ = at_once(rubric_for(judge, concurrency=1, deadline_s=0.6), 2)
    assert isinstance(first, Graded)
    found = first.grades["tone"]
    assert isinstance(found, Ungraded)
    assert found.detail == "no slot was free; gave up after 0.6 s"


def test_an_outage_stops_the_run() -> None:
    """When case after case gets no answer, the judge is down, and the rest is not tried."""
    with JudgeServer() as judge:
        judge.always(faults.status(500))
        pairs = [(a_case(str(n)), a_session()) for n in range(OUTAGE_CASES + 2)]
        with pytest.raises(JudgeRefused, match="cases in a row"):
            grade(rubric_for(judge, deadline_s=2.0), *pairs, effects=FakeTime().effects)


def test_poisonous_cases_are_no_outage() -> None:
    """Cases that fail between others that succeed are ungraded, and the run goes on."""
    with JudgeServer() as judge:
        judge.when(lambda prompt: "poison" in prompt, faults.status(500))
        pairs = [(a_case(q), a_session()) for q in ("poison", "fine") * (OUTAGE_CASES + 1)]
        outcome = grade(rubric_for(judge, deadline_s=2.0), *pairs, effects=FakeTime().effects)
    kinds = [isinstance(one.grades["tone"], Scored) for one in outcome.graded]
    assert kinds == [False, True] * (OUTAGE_CASES + 1)
    assert outcome.stopped is None


def priced(judge: JudgeServer, prices: Prices | None) -> Rubric:
    """A rubric whose judge is this server, with a model that no library knows."""
    model = JudgeModel("openai", "a-model-of-our-own", judge.base_url, prices)
    return a_rubric(TONE, POLICY, judge=Judge((model,)))


def test_the_budget_stops_further_calls() -> None:
    """Once the limit is reached no call is made, and the rest is ungraded with that cause."""
    pairs: list[tuple[Case, Session]] = [(a_case(str(n)), a_session()) for n in range(4)]
    with JudgeServer() as judge:
        rubric = priced(judge, Prices(10_000.0, 0.0))
        outcome = grade(rubric, *pairs, max_cost_usd=0.01)
        assert len(judge.requests) == 1
    assert isinstance(outcome.graded[0].grades["tone"], Scored)
    later = [one.grades["policy"] for one in outcome.graded[1:]]
    assert [one.cause for one in later if isinstance(one, Ungraded)] == ["budget"] * 3
    assert isinstance(outcome.stopped, BudgetSpent)
    assert outcome.spend.judge_cost_usd is not None
    assert outcome.spend.judge_cost_usd >= 0.01


def test_an_unknown_cost_cannot_keep_a_budget() -> None:
    """A model without a price leaves the cost unknown, never 0, and a limit then stops the run."""
    with JudgeServer() as judge:
        free = grade(priced(judge, None), (a_case(), a_session()))
        limited = grade(priced(judge, None), *[(a_case(), a_session())] * 2, max_cost_usd=5.0)
    assert free.spend.judge_cost_usd is None
    assert free.spend.input_tokens > 0
    assert isinstance(limited.stopped, BudgetSpent)
    assert isinstance(limited.graded[0].grades["tone"], Scored)
    assert isinstance(limited.graded[1].grades["tone"], Ungraded)


def test_a_slow_case_ends_at_its_own_deadline() -> None:
    """A judge that hangs is cut at the case's deadline when that comes before the timeout."""
    with JudgeServer() as judge:
        judge.always(faults.delay(5))
        started = time.monotonic()
        outcome = grade(rubric_for(judge, deadline_s=0.4))
    assert time.monotonic() - started < 3
    found = tone(outcome)
    assert isinstance(found, Ungraded)
    assert found.cause == "transport"


def test_a_judge_that_nobody_ever_reached_is_given_up_early() -> None:
    """A mistyped address ends after `FIRST_CONTACT_S`, not after the whole deadline."""
    at = FakeTime()
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]
    found = tone(grade(a_rubric(judge=a_judge(f"http://127.0.0.1:{free}/v1")), effects=at.effects))
    assert isinstance(found, Ungraded)
    assert found.detail.endswith(f"gave up after {FIRST_CONTACT_S:g} s")
    assert sum(at.waits) < FIRST_CONTACT_S
