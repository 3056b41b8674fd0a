"""The canaries of a run: graded afresh, few while all is well, more while it is in doubt."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rubric_action.errors import InputError
from rubric_action.gate.reliability import ROUNDS, Reliability
from rubric_action.gate.statistics.agreement import Table
from rubric_action.grading.cache import ReplyJournal
from rubric_action.grading.client import Effects
from rubric_action.grading.judge import Memory
from rubric_action.grading.model import Spend
from rubric_action.grading.opening import Terms, open_bench
from rubric_action.grading.preflight import with_judge
from rubric_action.rubric.model import Rubric
from rubric_action.watching import beside, canaries, watched_by
from tests.fakes.judge import JudgeServer, faults
from tests.pipeline.people import agreeing, graded, number_of, watch
from tests.pipeline.workspace import JUDGED, Workspace

SEED = "0123456789abcdef"
CANARIES = 12


def run(
    workspace: Workspace, seed: str = SEED, memory: Memory | None = None, **terms: Any
) -> Reliability | None:
    """Grade the canaries of a run."""
    rubric = settled(workspace)
    items = watched_by(rubric, workspace.root)

    async def work() -> Reliability | None:
        given: dict[str, Any] = {"spend": Spend(), "keys": ("key", "key"), **terms}
        opened = Terms(memory=memory or Memory(), **given)
        async with open_bench(rubric, opened) as bench:
            return await canaries(rubric, items, bench, seed)

    return asyncio.run(work())


def settled(workspace: Workspace) -> Rubric:
    """The rubric with the judge at its address."""
    return with_judge(workspace.loaded(), base_url=workspace.base_url)


def about(server: JudgeServer) -> Sequence[int | None]:
    """The answers that were asked about, in order."""
    return [number_of(asked.prompt) for asked in server.requests]


def test_a_sound_judge(judged: Workspace, judge_server: JudgeServer) -> None:
    """A dozen answers, both outcomes alike, all axes in one call: and that is that."""
    watch(judged, [graded(n) for n in range(90)])
    judge_server.score = agreeing()
    found = run(judged)
    assert found == Reliability(Table(both=12, neither=12), answers=CANARIES)
    assert len(judge_server.requests) == len(set(about(judge_server))) == CANARIES


def test_other_commits_have_other_canaries(judged: Workspace, judge_server: JudgeServer) -> None:
    """The seed picks them, the same one the same."""
    watch(judged, [graded(n) for n in range(90)])
    picked = []
    for seed in ("one", "one", "two"):
        run(judged, seed)
        picked.append(set(about(judge_server)))
        judge_server.requests.clear()
    assert picked[0] == picked[1] != picked[2]


def test_a_judge_that_passes_everything(judged: Workspace, judge_server: JudgeServer) -> None:
    """It is found out with the first answers."""
    watch(judged, [graded(n) for n in range(90)])
    found = run(judged)
    assert found == Reliability(Table(both=12, only_judge=12), answers=CANARIES)
    assert found.agreement is not None
    assert found.agreement.value == 0.0


def test_more_answers_where_it_is_in_doubt(judged: Workspace, judge_server: JudgeServer) -> None:
    """Four errors among twelve answers may be bad luck; no further ones, and it was."""
    watch(judged, [graded(n, tone=float(n % 2)) for n in range(90)])
    wrong: set[int | None] = set()

    def score(prompt: str, _axis: str) -> float:
        number = number_of(prompt) or 0
        if number in wrong or len(wrong) < 4:
            wrong.add(number)
        return float((number % 2 == 1) is not (number in wrong))

    judge_server.score = score
    found = run(judged)
    assert found is not None
    assert found.agreement is not None
    assert (found.answers, found.agreement.value >= 0.6) == (2 * CANARIES, True)


def test_it_does_not_go_on_for_ever(judged: Workspace, judge_server: JudgeServer) -> None:
    """After some rounds the agreement is what it is: here two errors in each dozen."""
    watch(judged, [graded(n, tone=float(n % 2)) for n in range(200)], min_agreement=0.7)
    order: list[int] = []

    def score(prompt: str, _axis: str) -> float:
        number = number_of(prompt) or 0
        order.append(number)
        return float((number % 2 == 1) is not (len(order) % CANARIES in (1, 2)))

    judge_server.score = score
    found = run(judged)
    assert found is not None
    assert found.agreement is not None
    assert (found.answers, found.table.only_judge + found.table.only_person) == (60, 10)
    assert found.answers == CANARIES * ROUNDS == len(set(order))
    assert found.agreement.value < 0.7


def test_a_small_file_is_graded_whole(judged: Workspace, judge_server: JudgeServer) -> None:
    """There are no more answers than there are."""
    watch(judged, [graded(n, tone=float(n % 2)) for n in range(5)])
    judge_server.score = lambda prompt, _axis: float(number_of(prompt) in (1, 2))
    found = run(judged)
    assert found == Reliability(Table(1, 1, 1, 2), answers=5)
    assert len(judge_server.requests) == 5


def test_canaries_are_graded_afresh(
    judged: Workspace, judge_server: JudgeServer, tmp_path: Path
) -> None:
    """No reply of an earlier run is taken for theirs, unless that run was killed."""
    watch(judged, [graded(n) for n in range(20)])
    judge_server.score = agreeing()
    asked = []
    for resumed in (False, False, True):
        with ReplyJournal(tmp_path / "grades.jsonl") as journal:
            run(judged, memory=Memory(journal, resumed=resumed))
        asked.append(len(judge_server.requests))
    assert asked == [CANARIES, 2 * CANARIES, 2 * CANARIES]


def test_a_score_near_its_mark_is_taken_as_it_is(
    judged: Workspace, judge_server: JudgeServer
) -> None:
    """The judge is watched grade by grade: nothing is sampled again."""
    watch(judged, [graded(n) for n in range(20)])
    judge_server.score = lambda _prompt, axis: {"tone": 0.51, "policy": 0.79}[axis]
    run(judged)
    assert len(judge_server.requests) <= CANARIES * ROUNDS
    assert len(set(about(judge_server))) == len(judge_server.requests)


@pytest.mark.parametrize(
    "judge",
    [
        {"provider": "lexical", "calibration": "nowhere.jsonl"},
        JUDGED["judge"],
        {**JUDGED["judge"], "calibration": "nowhere.jsonl", "canaries": 0},
    ],
    ids=["offline", "no file", "no canaries"],
)
def test_nobody_to_watch(judged: Workspace, judge_server: JudgeServer, judge: Any) -> None:
    """Without a model, a calibration file or canaries nothing is read and nothing asked."""
    judged.rubric(JUDGED, judge=judge)
    assert watched_by(judged.loaded(), judged.root) is None
    assert run(judged) is None
    assert judge_server.requests == []


def test_rules_need_no_watch(ruled: Workspace) -> None:
    """Where rules settle everything there is no judge."""
    assert watched_by(ruled.loaded(), ruled.root) is None
    assert run(ruled) is None


def test_a_panel_with_a_model_is_watched(judged: Workspace, judge_server: JudgeServer) -> None:
    """Its vote is what is held against people."""
    watch(judged, [graded(n) for n in range(20)])
    one = {"provider": "openai", "model": "small", "base_url": judged.base_url}
    judge = {"calibration": "eval/people.jsonl", "judges": [one, {**one, "model": "other"}]}
    judged.rubric(JUDGED, judge=judge)
    judge_server.score = agreeing()
    found = run(Workspace(judged.root))
    assert found == Reliability(Table(both=12, neither=12), answers=CANARIES)
    assert len(judge_server.requests) == 2 * CANARIES


def test_a_wrong_file_is_an_input_error(judged: Workspace) -> None:
    """It is told before anything is spent."""
    watch(judged, [{**graded(1), "grades": {"tnoe": 1}}])
    with pytest.raises(InputError, match="Did you mean `tone`"):
        watched_by(judged.loaded(), judged.root)
    (judged.root / "eval/people.jsonl").unlink()
    with pytest.raises(InputError, match=r"people\.jsonl"):
        watched_by(judged.loaded(), judged.root)


def test_an_empty_file_is_not_known(judged: Workspace, judge_server: JudgeServer) -> None:
    """No answer, no agreement, and no error of its own."""
    watch(judged, [])
    assert run(judged) == Reliability()
    assert judge_server.requests == []


def test_a_judge_that_will_not_work(judged: Workspace, judge_server: JudgeServer) -> None:
    """Its agreement is not known; that it does not work is for the run to tell."""
    watch(judged, [graded(n) for n in range(20)])
    judge_server.always(faults.unauthorized())
    found = run(judged)
    assert found is not None
    assert (found.table, found.answers, found.agreement) == (Table(), 0, None)
    assert found.cause is not None
    assert "key" in found.cause


def test_a_canary_that_is_refused(judged: Workspace, judge_server: JudgeServer) -> None:
    """It is missing in the counts, with its cause; the others are counted."""
    watch(judged, [graded(n) for n in range(CANARIES)])
    judge_server.score = agreeing()
    judge_server.when(lambda prompt: number_of(prompt) == 3, faults.refusal("not this one"))
    found = run(judged)
    assert found is not None
    assert (found.table, found.answers, found.ungraded) == (Table(both=12, neither=10), 11, 2)
    assert found.cause == "not this one"


class Unforeseen(Exception):
    """What nobody expects."""


def test_an_unforeseen_error_is_raised(judged: Workspace) -> None:
    """It is not taken for a judge that does not work."""
    watch(judged, [graded(n) for n in range(4)])

    def breaks() -> float:
        raise Unforeseen

    effects = Effects(breaks, asyncio.sleep, lambda: 0.5)
    with pytest.raises(Unforeseen):
        run(judged, effects=effects)


def until_asked(server: JudgeServer) -> None:
    """Wait for the first request."""
    ends = time.monotonic() + 10
    while not server.requests:
        assert time.monotonic() < ends, "nobody asks"
        time.sleep(0.005)


def test_a_run_that_is_ended_keeps_what_it_paid_for(
    judged: Workspace, judge_server: JudgeServer, tmp_path: Path
) -> None:
    """When cancelled, calls in flight are waited for and kept, and no other is made."""
    watch(judged, [graded(n) for n in range(20)], concurrency=3)
    rubric = settled(judged)
    items = watched_by(rubric, judged.root)
    judge_server.latency = 0.3

    async def work(journal: ReplyJournal) -> None:
        opened = Terms(spend=Spend(), keys=("key",), memory=Memory(journal))
        async with open_bench(rubric, opened) as bench:
            task = asyncio.create_task(canaries(rubric, items, bench, SEED))
            await asyncio.to_thread(until_asked, judge_server)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    started = time.monotonic()
    with ReplyJournal(tmp_path / "grades.jsonl") as journal:
        asyncio.run(work(journal))
        assert 1 <= len(journal) == len(judge_server.requests) <= 3
    assert time.monotonic() - started < 3


def test_the_mark_is_the_axis_own(judged: Workspace, judge_server: JudgeServer) -> None:
    """A person's grade and the judge's score pass where they reach the axis' own pass mark."""
    watch(judged, [graded(n, policy=0.8 if n % 2 else 0.79) for n in range(CANARIES)])
    judge_server.score = lambda prompt, _axis: 0.8 if (number_of(prompt) or 0) % 2 else 0.7
    found = run(judged)
    assert found == Reliability(Table(both=6, neither=6), answers=CANARIES)
    assert replace(found, cause="x") != found


def test_work_beside_ends_with_the_body() -> None:
    """It can be awaited in there; else it is cancelled, whatever the body ends with."""
    ended: list[str] = []

    async def last() -> str:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.append("in good order")
        return "never"

    async def quick() -> str:
        return "done"

    async def broken() -> None:
        async with beside(last()):
            await asyncio.sleep(0)
            raise Unforeseen

    async def work() -> None:
        async with beside(quick()) as task:
            assert await task == "done"
        with pytest.raises(Unforeseen):
            await broken()

    asyncio.run(work())
    assert ended == ["in good order"]
