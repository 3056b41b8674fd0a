"""Every case through the agent and the grader, many at once; memory follows their number."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar, cast

from rubric_action.agent.model import Agent, Missing, Session
from rubric_action.cases.model import Case
from rubric_action.errors import CannotDecide, Interrupted
from rubric_action.grading.model import Graded, NotGraded, TrialOutcome
from rubric_action.interrupting import Signals

LAST_REPLIES_S: Final = 3.0
"""So long an interrupted run waits for the judge's replies that are being paid for."""


class Grader(Protocol):
    """Anything that grades a session."""

    async def grade(self, case: Case, session: Session, sample: str = "") -> Graded:
        """Grade one session, afresh where a sample is named.

        Raises CannotDecide when no further call is worth its price.
        """
        ...

    def stop(self, error: CannotDecide) -> None:
        """Make no further call; those in flight go on."""
        ...


class Progress(Protocol):
    """Told about each finished case; a bar on a terminal, lines in CI."""

    def start(self, total: int) -> None:
        """So many cases will be graded."""

    def step(self, done: int) -> None:
        """So many cases are graded."""


Result = TypeVar("Result")
Keep = Callable[[int, Case, Sequence[TrialOutcome]], None]


@dataclass(slots=True)
class Runner:
    """Runs and grades cases; once something makes going on pointless, spends nothing more."""

    agent: Agent
    grader: Grader
    progress: Progress
    keep: Keep
    stopped: CannotDecide | None = None
    sessions: int = 0
    _done: int = field(default=0)
    _ending: bool = field(default=False)
    _failure: Exception | None = field(default=None)
    _grading: set[asyncio.Task[Any]] = field(default_factory=set)

    async def run(self, cases: Iterator[tuple[int, Case]], workers: int) -> None:
        """Hand each case's outcomes to `keep`, with its position, as they are finished.

        An unexpected exception is raised once the calls in flight are done, so that no reply that
        is being paid for is lost. When cancelled, they get `LAST_REPLIES_S`.
        """
        tasks = [asyncio.create_task(self._work(cases)) for _ in range(workers)]
        try:
            await asyncio.wait(tasks)
        except asyncio.CancelledError:
            self._end()
            if self._grading:
                await asyncio.wait(self._grading, timeout=LAST_REPLIES_S)
            raise
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if self._failure:
            raise self._failure

    def _end(self) -> None:
        """Begin no further case, session or call."""
        self._ending = True
        self.stopped = self.stopped or CannotDecide("The run is ending.")
        self.grader.stop(self.stopped)

    async def _work(self, cases: Iterator[tuple[int, Case]]) -> None:
        try:
            for position, case in cases:
                await self._case(position, case)
                if self._ending:
                    return
        except Exception as error:  # noqa: BLE001 (`run` raises it, once calls in flight are done)
            self._failure = self._failure or error
            self._end()

    async def _case(self, position: int, case: Case) -> None:
        trials = self.agent.trials_of(case.id)
        if len(trials) == 1:  # most cases: no task of its own is needed
            outcomes = [await self._trial(case, trials[0])]
        else:
            outcomes = await _all_done([self._trial(case, trial) for trial in trials])
        self.keep(position, case, outcomes)
        self._done += 1
        self.progress.step(self._done)
        await asyncio.sleep(0)  # a signal is heard even where nobody had to be awaited

    async def _trial(self, case: Case, trial: int) -> TrialOutcome:
        if self.stopped:
            return Missing(case.id, trial, f"not run: {self.stopped.cause}")
        try:
            session = await self.agent.answer(case, trial)
        except CannotDecide as error:
            self.stopped = self.stopped or error
            return Missing(case.id, trial, error.cause)
        if isinstance(session, Missing):
            return session
        self.sessions += 1
        return await self._grade(case, session)

    async def _grade(self, case: Case, session: Session) -> TrialOutcome:
        if self.stopped:
            return NotGraded(session, self.stopped.cause)
        task = cast("asyncio.Task[Any]", asyncio.current_task())
        self._grading.add(task)
        try:
            return await self.grader.grade(case, session)
        except CannotDecide as error:
            self.stopped = self.stopped or error
            return NotGraded(session, error.cause)
        finally:
            self._grading.discard(task)


async def _all_done(trials: Iterable[Coroutine[Any, Any, TrialOutcome]]) -> list[TrialOutcome]:
    """The outcome of each trial. What one raises is raised once all are done."""
    outcomes = []
    for one in await asyncio.gather(*trials, return_exceptions=True):
        if isinstance(one, BaseException):
            raise one
        outcomes.append(one)
    return outcomes


async def paid_to_the_end(work: Coroutine[Any, Any, Result]) -> Result:
    """The result of work that is being paid for; when cancelled, it gets `LAST_REPLIES_S`."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task], timeout=LAST_REPLIES_S)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        raise


def run_to_end(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine; SIGINT and SIGTERM cancel it in good order and raise `Interrupted`.

    A second signal cancels what the first one still gave time to.
    """
    try:
        with Signals() as signals:
            return asyncio.run(signals.heard_by(work))
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise Interrupted("Interrupted. Every reply that was paid for is kept.") from None
