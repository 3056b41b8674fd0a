"""The agent as a command: long-lived processes, one line in and one session line out."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from types import TracebackType
from typing import Final, Self

from rubric_action.agent.model import AgentTurn, Exchange, Missing, Session
from rubric_action.agent.orphans import Orphanage
from rubric_action.agent.process import Launch, LineProcess, NoAnswer
from rubric_action.agent.sessions import SessionLine, one_turn, read_session, settle
from rubric_action.agent.timing import timed
from rubric_action.cases.jsonl import parse_object
from rubric_action.cases.model import Case
from rubric_action.errors import InputError, Place, Problem
from rubric_action.rubric.problems import quoted

Said = Mapping[str, str]
"""One turn in the line that an agent gets: `user`, and `output` where it was answered before."""

DEATHS_AT_START: Final = 3
"""After so many processes in a row that died without one answer, no further one is started."""


class CommandAgent:
    """N processes, each started when it is first needed, each with one line at a time.

    A process that is late, dies or breaks the protocol is killed with its group; its case is
    Missing and the next one gets a fresh process. Nothing is asked twice. The timeout, in seconds,
    bounds the answer to one line and includes the start of its process. When the context ends, all
    processes are dead.
    """

    def __init__(
        self,
        launch: Launch,
        *,
        trials: int,
        timeout_s: float,
        concurrency: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._launch = launch
        self._trials = tuple(range(1, trials + 1))
        self._timeout_s = timeout_s
        self._clock = clock
        self._idle: asyncio.LifoQueue[_Worker] = asyncio.LifoQueue()
        self._workers = tuple(_Worker(launch) for _ in range(concurrency))
        self._orphanage = Orphanage()
        self._deaths: list[str] = []
        self._answered = False
        self._ended = False

    async def __aenter__(self) -> Self:
        self._orphanage.__enter__()
        for worker in self._workers:
            self._idle.put_nowait(worker)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended = True
        try:
            await asyncio.gather(*(worker.close(politely=kind is None) for worker in self._workers))
        finally:
            self._orphanage.__exit__(kind, error, trace)
        await asyncio.gather(*(worker.release() for worker in self._workers))

    def trials_of(self, case_id: str) -> tuple[int, ...]:
        """From 1 to `agent.trials`."""
        return self._trials

    async def answer(self, case: Case, trial: int) -> Session | Missing:
        """Run one trial; AgentUnavailable when the command cannot be started at all."""
        turns = [{"user": turn.user} for turn in case.turns]
        line = await self._asked(case, trial, turns)
        return line if isinstance(line, Missing) else settle(line, case)

    async def reply(
        self, case: Case, trial: int, so_far: Sequence[Exchange]
    ) -> AgentTurn | Missing:
        """Answer the last exchange; the line in holds the conversation so far, outputs and all."""
        line = await self._asked(case, trial, [_said(exchange) for exchange in so_far])
        return line if isinstance(line, Missing) else one_turn(line)

    async def _asked(self, case: Case, trial: int, turns: Sequence[Said]) -> SessionLine | Missing:
        worker = await self._idle.get()
        try:
            return await self._run(worker, case, trial, _request(case, trial, turns))
        finally:
            self._idle.put_nowait(worker)

    def _refusal(self) -> str | None:
        """Why no process is asked any more."""
        if self._ended:
            return "the agent was stopped"
        if len(self._deaths) >= DEATHS_AT_START and not self._answered:
            return (
                f"{len(self._deaths)} processes gave no first answer; the last: {self._deaths[-1]}"
            )
        return None

    async def _run(
        self, worker: "_Worker", case: Case, trial: int, request: bytes
    ) -> SessionLine | Missing:
        if refusal := self._refusal():
            return Missing(case.id, trial, f"not run: {refusal}")
        died = False
        try:
            async with asyncio.timeout(self._timeout_s):
                await worker.start()
                started = self._clock()
                line = _matched(await worker.ask(request), case, trial)
        except TimeoutError:
            cause = f"no answer within {self._timeout_s:g} s"
        except NoAnswer as error:
            died, cause = True, str(error)
        except InputError as error:
            cause = "; ".join(str(problem) for problem in error.problems)
        except BaseException:
            await worker.close(politely=False)
            raise
        else:
            self._answered = True
            return timed(line, self._clock() - started)
        await worker.close(politely=False)
        cause += worker.last_words
        if died:
            self._deaths.append(cause)
        return Missing(case.id, trial, cause)


class _Worker:
    """A place for one process at a time."""

    def __init__(self, launch: Launch) -> None:
        self.last_words = ""
        self._launch = launch
        self._process: LineProcess | None = None
        self._held: list[LineProcess] = []

    async def start(self) -> None:
        """Start a process, unless one is there."""
        if self._process is None:
            self._process = await LineProcess.start(self._launch)

    async def ask(self, line: bytes) -> bytes:
        """Ask the process that was started."""
        if self._process is None:
            raise RuntimeError("`start` comes first")
        return await self._process.ask(line)

    async def close(self, *, politely: bool) -> None:
        """Kill the process, if there is one, and keep its last words."""
        if self._process:
            process, self._process = self._process, None
            await process.stop(politely=politely)
            tail = process.stderr_tail
            self.last_words = f"; its standard error ends: {tail}" if tail else ""
            if not await process.released():
                self._held.append(process)

    async def release(self) -> None:
        """Wait for processes whose pipes were held by others, once those are dead as well."""
        for process in self._held:
            if not await process.released():
                process.abandon()


def _said(exchange: Exchange) -> Said:
    answered = {"output": exchange.answer.output} if exchange.answer else {}
    return {"user": exchange.user, **answered}


def _request(case: Case, trial: int, turns: Sequence[Said]) -> bytes:
    request = {
        "case": case.id,
        "trial": trial,
        "turns": turns,
        "context": [
            {key: value for key, value in asdict(item).items() if value is not None}
            for item in case.context
        ],
        "metadata": case.metadata,
    }
    return json.dumps(request, ensure_ascii=False).encode() + b"\n"


def _matched(raw: bytes, case: Case, trial: int) -> SessionLine:
    """Read an answer; one for another case or trial (late, doubled, made up) is refused."""
    place = Place("the answer")
    line = read_session(parse_object(raw, place), place)
    if (line.case, line.trial) != (case.id, trial):
        what = f"it is for case `{quoted(line.case)}`, trial {line.trial}; trial {trial} of "
        what += f"`{quoted(case.id)}` was asked"
        mend = "Answer each line once, with its own `case` and `trial`."
        raise InputError(Problem(place, what, mend))
    return line
