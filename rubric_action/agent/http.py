"""The agent behind an address: a request a turn, or one a session."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self, TypeVar

from rubric_action.agent.backoff import LONGEST_WAIT_S, wait_s
from rubric_action.agent.http_contact import FIRST_CONTACT_S, Contact
from rubric_action.agent.http_model import Fault, Outgoing, Reply, Target, Unanswered
from rubric_action.agent.http_openai import completion_in
from rubric_action.agent.http_reply import check_status, fault_of, session_in, turn_in
from rubric_action.agent.http_request import Asking
from rubric_action.agent.model import AgentTurn, Exchange, Missing, Session
from rubric_action.agent.sessions import SessionLine, one_turn, settle
from rubric_action.agent.timing import timed
from rubric_action.cases.model import Case

if TYPE_CHECKING:
    from rubric_action.agent.wire import Wire

T = TypeVar("T")

MOST_TRIES: Final = 5
"""So often a request is sent that fails for no reason that time alone mends."""
LONGEST_UNREACHED_WAIT_S: Final = 1.0


@dataclass(slots=True)
class _Session:
    """One session under way: when it ends, which turn it is at, and what went wrong last."""

    case: Case
    trial: int
    ends_at: float = 0.0
    turn: int | None = None
    tries: int = 0
    last: Fault | None = None


class HttpAgent:
    """Asks an endpoint, for as many sessions at once as `concurrency` says.

    The timeout, in seconds, bounds one session with all its turns and retries. What fails on the
    way is sent again within it; an answer is never asked for twice.
    """

    def __init__(
        self,
        asking: Asking,
        *,
        trials: int,
        timeout_s: float,
        concurrency: int,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._asking = asking
        self._trials = tuple(range(1, trials + 1))
        self._timeout_s = timeout_s
        self._concurrency = concurrency
        self._clock = clock
        self._chance = chance
        self._places = asyncio.Semaphore(concurrency)
        self._contact = Contact(asking.targets, min(FIRST_CONTACT_S, timeout_s))
        self._stack = AsyncExitStack()
        self._opened: Wire | None = None

    async def __aenter__(self) -> Self:
        from rubric_action.agent.wire import open_wire

        self._opened = await self._stack.enter_async_context(open_wire(self._concurrency))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._opened = None
        await self._stack.aclose()

    def trials_of(self, case_id: str) -> tuple[int, ...]:
        """From 1 to `agent.trials`."""
        return self._trials

    async def answer(self, case: Case, trial: int) -> Session | Missing:
        """Run one trial; AgentUnavailable when the agent cannot be asked at all."""
        if not case.turns:
            return Missing(case.id, trial, "nobody says what the user of this case says first")

        async def run(session: _Session) -> Session | Missing:
            if not self._asking.by_turn:
                said = [Exchange(turn.user) for turn in case.turns]
                return settle(await self._line(session, said), case)
            held: list[Exchange] = []
            for number, turn in enumerate(case.turns, start=1):
                session.turn = number if len(case.turns) > 1 else None
                answer = await self._turn(session, (*held, Exchange(turn.user)))
                held.append(Exchange(turn.user, answer))
            return Session(case.id, trial, tuple(one.answer for one in held if one.answer))

        return await self._within(_Session(case, trial), run)

    async def reply(
        self, case: Case, trial: int, so_far: Sequence[Exchange]
    ) -> AgentTurn | Missing:
        """Answer the last exchange; AgentUnavailable when the agent cannot be asked at all."""

        async def run(session: _Session) -> AgentTurn | Missing:
            if self._asking.by_turn:
                return await self._turn(session, so_far)
            return one_turn(await self._line(session, so_far))

        return await self._within(_Session(case, trial), run)

    async def _within(
        self, session: _Session, run: Callable[[_Session], Awaitable[T]]
    ) -> T | Missing:
        """Do the work of a session within its time, once there is a place for it."""
        async with self._places:
            session.ends_at = self._clock() + self._timeout_s
            try:
                async with asyncio.timeout(self._timeout_s):
                    return await run(session)
            except Unanswered as error:
                cause = str(error)
            except TimeoutError:
                cause = f"no answer within {self._timeout_s:g} s"
                cause += f"; before that: {session.last.detail}" if session.last else ""
                self._contact.failed(session.last)
            at = f"turn {session.turn}: " if session.turn else ""
            return Missing(session.case.id, session.trial, at + cause)

    async def _turn(self, session: _Session, said: Sequence[Exchange]) -> AgentTurn:
        """One answer, with the time that it took."""
        asking = self._asking
        body, seconds = await self._asked(session, said)
        if asking.output is not None:
            turn = turn_in(body, *asking.output)
        else:
            turn = completion_in(body, asking.body.get("model"))
        return replace(turn, latency_s=seconds)

    async def _line(self, session: _Session, said: Sequence[Exchange]) -> SessionLine:
        """A whole session, with the time that it took."""
        body, seconds = await self._asked(session, said)
        return timed(session_in(body, session.case, session.trial), seconds)

    async def _asked(self, session: _Session, said: Sequence[Exchange]) -> tuple[bytes, float]:
        """The body of an answer, and the seconds from its request to its end."""
        outgoing = self._asking.outgoing(session.case, session.trial, said)
        session.tries, session.last = 0, None
        while True:
            started = self._clock()
            reply = await self._sent(outgoing)
            if isinstance(reply, Reply):
                self._contact.answered()
                check_status(reply)
                return reply.body, self._clock() - started
            session.last = reply
            session.tries += 1
            await asyncio.sleep(self._wait_s(session, reply))

    async def _sent(self, outgoing: Outgoing) -> Reply | Fault:
        """Send to whichever target is reached."""
        fault = Fault("there is nobody to ask", unreached=True)
        for target in self._contact.targets:
            reply = await self._tried(target, outgoing)
            if not isinstance(reply, Fault) or not reply.unreached:
                self._contact.reached(target)
                return reply
            fault = reply
        self._contact.unreached(fault, self._clock())
        return fault

    async def _tried(self, target: Target, outgoing: Outgoing) -> Reply | Fault:
        """Send to one target; a status that may pass is a fault."""
        if self._opened is None:
            raise RuntimeError("the agent is asked inside of its context")
        try:
            reply = await self._opened.send(target, outgoing)
        except Unanswered:
            self._contact.reached(target)
            self._contact.answered()
            raise
        if isinstance(reply, Fault):
            return reply
        clean = replace(reply, body=self._asking.headers.without_secrets(reply.body))
        return fault_of(clean) or clean

    def _wait_s(self, session: _Session, fault: Fault) -> float:
        """Seconds until the next try; Unanswered where there is to be none."""
        longest = LONGEST_UNREACHED_WAIT_S if fault.unreached else LONGEST_WAIT_S
        wait = wait_s(session.tries, fault.retry_after_s, self._chance(), longest)
        patient = fault.throttled or fault.unreached
        if wait < session.ends_at - self._clock() and (patient or session.tries < MOST_TRIES):
            return wait
        cause = fault.detail
        if fault.retry_after_s is not None and session.tries == 1:
            cause += f", and asks to wait {fault.retry_after_s:g} s"
        elif session.tries > 1:
            cause += f", {session.tries} times"
        self._contact.failed(fault)
        raise Unanswered(cause)
