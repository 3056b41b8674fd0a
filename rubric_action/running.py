"""Every case through the agent and the grader, many at once; memory follows their number."""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from rubric_action.agent.model import Agent, Missing, Session
from rubric_action.cases.model import Case
from rubric_action.errors import CannotDecide, Interrupted
from rubric_action.grading.model import Graded, NotGraded, TrialOutcome


class Grader(Protocol):
    """Anything that grades a session."""

    async def grade(self, case: Case, session: Session) -> Graded:
        """Grade one session; raises CannotDecide when no further call is worth its price."""
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

    async def run(self, cases: Iterator[tuple[int, Case]], workers: int) -> None:
        """Hand each case's outcomes to `keep`, with its position, as they are finished."""
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(self._work(cases))

    async def _work(self, cases: Iterator[tuple[int, Case]]) -> None:
        for position, case in cases:
            trials = self.agent.trials_of(case.id)
            outcomes = await asyncio.gather(*(self._trial(case, trial) for trial in trials))
            self.keep(position, case, outcomes)
            self._done += 1
            self.progress.step(self._done)

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
        try:
            return await self.grader.grade(case, session)
        except CannotDecide as error:
            self.stopped = self.stopped or error
            return NotGraded(session, error.cause)


def run_to_end(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine; SIGINT and SIGTERM cancel it in good order and raise `Interrupted`."""

    async def guarded() -> Result:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
        return await task

    try:
        return asyncio.run(guarded())
    except asyncio.CancelledError:
        raise Interrupted("Interrupted. Every reply that was paid for is kept.") from None
