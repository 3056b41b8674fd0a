"""The judge watched: answers that people graded, graded by the judge, few of them in every run."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from rubric_action.errors import CannotDecide
from rubric_action.gate.reliability import ROUNDS, Reliability, in_doubt
from rubric_action.gate.statistics.agreement import Table
from rubric_action.grading.calibration import Item, load_calibration
from rubric_action.grading.canaries import SAMPLE, in_turn
from rubric_action.grading.model import Scored, Ungraded
from rubric_action.grading.opening import Bench
from rubric_action.grading.opinions import Opinion, judged_axes, opinions
from rubric_action.report.model import RunInfo
from rubric_action.rubric.model import Axis, Judge, Rubric
from rubric_action.running import LAST_REPLIES_S

Result = TypeVar("Result")


def watched_by(rubric: Rubric, root: Path) -> tuple[Item, ...] | None:
    """The answers that a run takes its canaries from; None where no model's grades are watched.

    Raises InputError for a calibration file that is not there or not right.
    """
    judge = rubric.judge
    if judge is None or judge.calibration is None or not (judge.canaries and has_model(judge)):
        return None
    return load_calibration(root, judge.calibration, rubric.axes)


def has_model(judge: Judge) -> bool:
    """Whether a model is among its judges: what compares words always says the same."""
    return any(model.provider != "lexical" for model in judge.models)


def seed_of(run: RunInfo) -> str:
    """What picks the canaries of a run: its commit, or else its day.

    So a run that goes on where a killed one ended asks for none that is paid for.
    """
    return run.sha or run.created_at[:10]


def first_canaries(rubric: Rubric, root: Path, seed: str) -> list[Item]:
    """The answers that a run grades afresh, if all is well with its judge; raises as above."""
    items = watched_by(rubric, root)
    if items is None or rubric.judge is None:
        return []
    return list(islice(in_turn(items, judged_axes(rubric), seed), rubric.judge.canaries))


async def canaries(
    rubric: Rubric, items: Sequence[Item] | None, bench: Bench, seed: str
) -> Reliability | None:
    """Have the judge grade some of the answers afresh, and more of them while it is in doubt.

    `items` are as of `watched_by`; None where there are none. The `seed` picks them.
    A judge that will not work is no error here: its agreement is not known, and says why.
    """
    if items is None or rubric.judge is None:
        return None
    axes = judged_axes(rubric)
    waiting = in_turn(items, axes, seed)
    found: list[Opinion] = []
    reliability = Reliability()
    for _ in range(ROUNDS):
        batch = list(islice(waiting, rubric.judge.canaries))
        more, stopped = await asked(bench, axes, batch, SAMPLE)
        found += more
        reliability = _reliability(axes, found, stopped)
        if stopped or not batch or not in_doubt(reliability.table, rubric.judge.min_agreement):
            break
    return reliability


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, Result]) -> AsyncIterator[asyncio.Task[Result]]:
    """Have work done beside the body, as a task to await in it; it ends with the body."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _no_step(_done: int) -> None:
    """Nobody looks on."""


async def asked(
    bench: Bench,
    axes: Mapping[str, Axis],
    items: Iterable[Item],
    sample: str = "",
    step: Callable[[int], None] = _no_step,
) -> tuple[list[Opinion], CannotDecide | None]:
    """What the judge gives to all items, at its own pace, and why it went no further.

    When cancelled, the calls in flight get `LAST_REPLIES_S`, and no other is made.
    """
    done = 0

    async def ask(item: Item) -> tuple[Opinion, ...]:
        nonlocal done
        found = await opinions(bench.judge, axes, item, sample)
        done += 1
        step(done)
        return found

    work = asyncio.gather(*map(ask, items), return_exceptions=True)
    try:
        results = await asyncio.shield(work)
    except asyncio.CancelledError:
        bench.grader.stop(CannotDecide("The run is ending."))
        await asyncio.wait([work], timeout=LAST_REPLIES_S)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        raise
    return _sorted_out(results)


def _sorted_out(
    results: Sequence[tuple[Opinion, ...] | BaseException],
) -> tuple[list[Opinion], CannotDecide | None]:
    """The opinions, and the first error that ends the asking; any other one is raised."""
    found: list[Opinion] = []
    stopped: CannotDecide | None = None
    for one in results:
        if isinstance(one, CannotDecide):
            stopped = stopped or one
        elif isinstance(one, BaseException):
            raise one
        else:
            found += one
    return found, stopped


def _reliability(
    axes: Mapping[str, Axis], found: Iterable[Opinion], stopped: CannotDecide | None
) -> Reliability:
    pairs: list[tuple[bool, bool]] = []
    answers: set[str] = set()
    missing: list[Ungraded] = []
    for one in found:
        if isinstance(one.judge, Scored):
            mark = axes[one.axis].pass_mark
            pairs.append((one.judge.score >= mark, one.person >= mark))
            answers.add(one.item.id)
        else:
            missing.append(one.judge)
    cause = stopped.cause if stopped else next((one.detail for one in missing), None)
    return Reliability(Table.of(pairs), len(answers), len(missing), cause)
