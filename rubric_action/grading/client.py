"""Ask the judge until it gives a usable reply, its chances are used up, or its time is over."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from rubric_action.errors import BudgetSpent, CannotDecide, JudgeRefused
from rubric_action.grading.allowance import allowances
from rubric_action.grading.answers import (
    Answer,
    Content,
    Cut,
    Fault,
    Refusal,
    Response,
    Stop,
    Unacceptable,
)
from rubric_action.grading.backoff import wait_s
from rubric_action.grading.cache import Reply
from rubric_action.grading.model import Ungraded
from rubric_action.grading.pacer import Start
from rubric_action.grading.prices import Account
from rubric_action.grading.reply import BadReply, Scores
from rubric_action.grading.slots import Slots
from rubric_action.grading.transport import Transport

REPAIR_TRIES = 2
"""How often a reply of no use is asked for again."""
REFUSAL_TRIES = 1
"""How often a refused request is sent again."""
PAUSES = 3
"""So many pauses of a throttling judge a case keeps without a wait of its own."""
FIRST_CONTACT_S = 30.0
"""So long a judge that nobody has reached yet is tried; its address is likely to be wrong."""
OUTAGE_CASES = 3
"""So many cases in a row that nobody answered, and the judge counts as down."""

_CUT = "the reply ended at a token limit"


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for one call and for one case, and how many calls at once."""

    timeout_s: float
    deadline_s: float
    concurrency: int


@dataclass(frozen=True, slots=True)
class Effects:
    """What a client needs of the outer world: a clock, a sleep, and chance from 0 to 1."""

    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    chance: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Request:
    """The body to send, and the one to send after a reply with the problem that it names."""

    body: bytes
    repaired: Callable[[str], bytes]
    accept: Callable[[str], Scores | BadReply]


class Deadline:
    """The time that one case has for all its calls, from the moment the first one may start."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self.seconds = seconds
        self.started_at: float | None = None
        self._clock = clock

    def start(self) -> None:
        """Start the time, unless it runs already."""
        if self.started_at is None:
            self.started_at = self._clock()

    def left(self) -> float | None:
        """Seconds left; None while the time has not started."""
        if self.started_at is None:
            return None
        return self.started_at + self.seconds - self._clock()


Usable = Content | Refusal | Cut | Unacceptable
Unusable = BadReply | Refusal | Cut | Unacceptable


@dataclass(slots=True)
class _Tries:
    """How often a request to `name` went wrong, by kind; `begun` once it was sent at all."""

    name: str
    begun: bool = False
    faults: int = 0
    bad: int = 0
    refusals: int = 0

    def after(self, answer: Unusable) -> Ungraded | None:
        """Count one answer; the end of its kind's chances is an ungraded case."""
        match answer:
            case Unacceptable(detail):
                return Ungraded("reply", f"{self.name} does not take the request ({detail})")
            case Refusal(detail):
                self.refusals += 1
                return Ungraded("refusal", detail) if self.refusals > REFUSAL_TRIES else None
        self.bad += 1
        if self.bad <= REPAIR_TRIES:
            return None
        if isinstance(answer, Cut):
            return Ungraded("cut", f"{_CUT}, {self.bad} times")
        return Ungraded("reply", f"{answer.problem}, {self.bad} times")


class JudgeClient:
    """Paces, retries and repairs; knows no provider. `stopped` says why no further call is made.

    `name` is what messages call whoever is asked.
    """

    def __init__(
        self,
        transport: Transport,
        read: Callable[[Response], Answer],
        limits: Limits,
        account: Account,
        effects: Effects,
        name: str = "the judge",
    ) -> None:
        self.stopped: CannotDecide | None = None
        self._name = name
        self._transport = transport
        self._read = read
        self._limits = limits
        self._account = account
        self._effects = effects
        self._slots = Slots(limits.concurrency)
        self._unanswered = 0
        self._answered_at = float("-inf")

    def deadline(self) -> Deadline:
        """A deadline for one case."""
        return Deadline(self._limits.deadline_s, self._effects.clock)

    def stop(self, error: CannotDecide) -> None:
        """Make no further call: each one that would be made, or waits for its turn, raises."""
        self.stopped = self.stopped or error
        self._slots.let_go()

    async def ask(self, request: Request, deadline: Deadline) -> Reply | Ungraded:
        """Bring back a usable reply, or the cause why there is none.

        Raises `JudgeRefused` when no request will work, and so does every call after that one; or
        what the client was stopped with.
        """
        tries = _Tries(self._name)
        body = request.body
        while True:
            answer = await self._attempt(body, deadline, again=tries.begun)
            if isinstance(answer, Ungraded):
                return answer
            tries.begun = True
            if isinstance(answer, Fault):
                given_up = await self._wait(answer, tries, deadline)
            else:
                scores = _scores(answer, request)
                if isinstance(scores, Reply):
                    return scores
                given_up = tries.after(scores)
                body = request.repaired(problem) if (problem := _problem(scores)) else request.body
            if given_up is not None:
                return given_up

    async def _attempt(
        self, body: bytes, deadline: Deadline, *, again: bool
    ) -> Usable | Fault | Ungraded:
        """Send once, when there is a slot for it, and book what it cost."""
        start = self._slots.take() or await self._turn(deadline, again=again)
        if start is None:
            return self._give_up("no slot was free", deadline, deadline.seconds)
        answer: Answer | None = None
        try:
            halted = self._halted()
            if halted is not None:
                return halted
            deadline.start()
            answer = await self._send(body, start, deadline.left() or 0.0)
        finally:
            self._follow(answer, start)
        self._book(answer)
        if isinstance(answer, Stop):
            self.stop(answer.error)
            raise answer.error
        return answer

    async def _turn(self, deadline: Deadline, *, again: bool) -> Start | None:
        """Wait for a slot; None when the case's time is over before."""
        try:
            async with asyncio.timeout(deadline.left()):
                return await self._slots.wait(again=again)
        except TimeoutError:
            return None

    async def _send(self, body: bytes, start: Start, left_s: float) -> Answer:
        self._account.spend.judge_calls += 1
        timeout_s = min(self._limits.timeout_s, max(left_s, 0.0))
        response = await self._transport.post(body, timeout_s)
        if not isinstance(response, Response):
            return response
        self._slots.told(start, allowances(response.headers, response.received_at))
        return self._read(response)

    def _follow(self, answer: Answer | None, start: Start) -> None:
        """Give the slot back, and let the pace follow the answer."""
        if answer is None or (isinstance(answer, Fault) and not answer.throttled):
            self._slots.failed()
        elif isinstance(answer, Fault):
            self._slots.throttled(start, self._pause_s(answer) or 0.0)
        else:
            self._answered_at = self._effects.clock()
            self._unanswered = 0
            self._slots.answered(start)

    def _pause_s(self, fault: Fault) -> float | None:
        """The pause that a throttling judge asks of everybody, unless no case could wait for it."""
        asked_s = fault.retry_after_s
        if not fault.throttled or asked_s is None or asked_s > self._limits.deadline_s:
            return None
        return asked_s

    def _book(self, answer: Answer) -> None:
        """Count the tokens of an answer that was billed; a refusal may come from before a model."""
        if isinstance(answer, Content | Cut) or (isinstance(answer, Refusal) and answer.usage):
            self._account.paid(answer.usage)
            if answer.usage is not None:
                self._slots.used(answer.usage.input_tokens, answer.usage.output_tokens)

    def _halted(self) -> Ungraded | None:
        """Why no call may be made any more; raises what ends more than this one case."""
        if self.stopped and not isinstance(self.stopped, BudgetSpent):
            raise self.stopped
        reason = self._account.exhausted()
        if reason is None:
            return None
        self.stop(BudgetSpent(reason, "Raise `--max-judge-cost`, or grade fewer cases."))
        return Ungraded("budget", reason)

    async def _wait(self, fault: Fault, tries: _Tries, deadline: Deadline) -> Ungraded | None:
        """Sleep before the next try; without time for it, give up at once.

        A pause that all have to keep is kept in the queue for a slot, to the moment; a case that
        meets one after the other waits on its own as well.
        """
        tries.faults += 1
        effects = self._effects
        pause_s = self._pause_s(fault) if tries.faults <= PAUSES else None
        wait = pause_s
        if wait is None:
            wait = wait_s(tries.faults, fault.retry_after_s, deadline.seconds, effects.chance())
        given_s = deadline.seconds
        if fault.unreached and self._answered_at == float("-inf"):
            given_s = min(given_s, FIRST_CONTACT_S)
        if wait >= (deadline.left() or 0.0) - (deadline.seconds - given_s):
            return self._give_up(f"{fault.detail}, {tries.faults} times", deadline, given_s)
        if pause_s is None:
            await effects.sleep(wait)
        return None

    def _give_up(self, detail: str, deadline: Deadline, given_s: float) -> Ungraded:
        """The case's time is over. Enough of these with no answer in between is an outage."""
        if deadline.started_at is not None and self._answered_at < deadline.started_at:
            self._unanswered += 1
        if self._unanswered >= OUTAGE_CASES:
            who, cases = self._name.capitalize(), f"{self._unanswered} cases in a row"
            outage = JudgeRefused(
                f"{who} left {cases} without an answer ({detail}).",
                "Check that the endpoint is up, and run again: replies so far are kept.",
            )
            self.stop(outage)
        return Ungraded("transport", f"{detail}; gave up after {given_s:g} s")


def _scores(answer: Usable, request: Request) -> Reply | Unusable:
    """The reply that a usable answer holds, or what is wrong with it."""
    if not isinstance(answer, Content):
        return answer
    scores = request.accept(answer.text)
    return scores if isinstance(scores, BadReply) else Reply(scores, answer.model, answer.usage)


def _problem(answer: Unusable) -> str | None:
    """What the judge is told to do better, in our own words only."""
    match answer:
        case BadReply(problem):
            return problem
        case Cut():
            return _CUT
    return None
