"""A model as the judge: prompt, cache, call and reply of one session's axes."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from weakref import WeakValueDictionary

from rubric_action.agent.model import Session
from rubric_action.cases.model import Case
from rubric_action.errors import CannotDecide
from rubric_action.grading.cache import Reply, ReplyJournal
from rubric_action.grading.client import Deadline, JudgeClient, Request
from rubric_action.grading.embeddings import Vectors
from rubric_action.grading.forms import Form
from rubric_action.grading.framing import Framing
from rubric_action.grading.model import Grade, Spend, Ungraded
from rubric_action.grading.prompt import build_prompt, turn_count
from rubric_action.grading.reply import BadReply, Scores, parse_reply
from rubric_action.rubric.model import Axis, JudgeModel

Grades = Mapping[str, Grade]


class AxisJudge(Protocol):
    """Whoever grades the axes that rules leave open."""

    async def grade(
        self, axes: Sequence[Axis], case: Case, session: Session, sample: str = "", draw: int = 0
    ) -> Grades:
        """A grade for each of the axes.

        A named `sample` is a grade of its own: no reply to another one is taken for it. `draw`
        counts the further grades of one sample, which are remembered as the sample itself is.
        """
        ...


class Stoppable(Protocol):
    """Whoever makes calls, and can be told to make no more."""

    @property
    def stopped(self) -> CannotDecide | None:
        """Why no further call is made."""
        ...

    def stop(self, error: CannotDecide) -> None:
        """Make no further call; those in flight go on."""
        ...


class NoJudge:
    """Stands in where rules are to settle everything."""

    async def grade(
        self, axes: Sequence[Axis], case: Case, session: Session, sample: str = "", draw: int = 0
    ) -> Grades:
        """Leave every axis ungraded: nobody was named to grade it."""
        del case, session, sample, draw
        nobody = Ungraded("judge", "no rule settles this axis, and the rubric names no judge")
        return {axis.name: nobody for axis in axes}


@dataclass(frozen=True, slots=True)
class Memory:
    """Where replies are kept. `fresh` writes and does not read; `redact` cleans reasons.

    `resumed` says that the run before this one in the same folder was killed: its samples are this
    run's own. `vectors` are kept apart, and always read: the same text has the same one.
    """

    journal: ReplyJournal | None = None
    fresh: bool = False
    redact: Callable[[str], str] = str
    vectors: Vectors | None = None
    resumed: bool = False

    def kept(self, key: str) -> Reply | None:
        """The reply to a request that was made before, in this run or in another."""
        return None if self.journal is None or self.fresh else self.journal.get(key)

    def kept_sample(self, key: str) -> Reply | None:
        """The reply to a sample that this very run made before it was killed."""
        return self.journal.own(key) if self.journal is not None and self.resumed else None


@dataclass(frozen=True, slots=True)
class Voice:
    """A model that can be asked for a structured reply, and what an ask goes by."""

    model: JudgeModel
    framing: Framing
    client: JudgeClient
    form: Form
    memory: Memory
    spend: Spend


@dataclass(frozen=True, slots=True)
class _Take:
    """Which sample is graded, which draw of it, and how long that may take."""

    sample: str
    draw: int
    deadline: Deadline


class ModelJudge:
    """Grades with a model: one call for all axes, and one for each isolated axis."""

    def __init__(self, voice: Voice, calibration: str) -> None:
        self._voice = voice
        self._calibration = calibration
        # Two sessions with the same content ask the same: the second waits and reads the cache.
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def grade(
        self, axes: Sequence[Axis], case: Case, session: Session, sample: str = "", draw: int = 0
    ) -> Grades:
        """Grade the axes, the calls one after the other: other cases keep the judge busy."""
        take = _Take(sample, draw, self._voice.client.deadline())
        grades: dict[str, Grade] = {}
        for group in call_groups(axes):
            grades |= await self._ask(group, case, session, take)
        return grades

    async def _ask(self, axes: Sequence[Axis], case: Case, session: Session, take: _Take) -> Grades:
        voice = self._voice
        prompt = build_prompt(self._calibration, axes, case, session)
        body = voice.framing.body(prompt)
        turns = turn_count(case, session)

        def accept(text: str) -> Scores | BadReply:
            scores = parse_reply(text, axes, turns, voice.memory.redact)
            voice.form.found(good=not isinstance(scores, BadReply))
            return scores

        request = Request(
            body,
            repaired=lambda problem: voice.framing.body(replace(prompt, repair=problem)),
            accept=accept,
        )
        key = sampled(voice.framing.key(body), take.sample, take.draw)
        reply = await self._remembered(key, request, take)
        if isinstance(reply, Ungraded):
            return {axis.name: reply for axis in axes}
        return reply.grades

    async def _remembered(self, key: str, request: Request, take: _Take) -> Reply | Ungraded:
        """The kept reply of the request, or the judge's, kept as soon as it is there."""
        async with self._asking.setdefault(key, asyncio.Lock()):
            memory = self._voice.memory
            kept = memory.kept_sample(key) if take.sample else memory.kept(key)
            if kept is not None:
                self._voice.spend.judge_cached += 1
                return kept
            reply = await self._voice.client.ask(request, take.deadline)
            if memory.journal is not None and isinstance(reply, Reply):
                memory.journal.put(key, reply)
            return reply


def sampled(key: str, sample: str, draw: int = 0) -> str:
    """What the reply to a sample's draw is kept by; the first one to no sample by the key as is."""
    name = f"{sample}\0near {draw}" if draw else sample
    return hashlib.sha256(f"{name}\0{key}".encode()).hexdigest() if name else key


def call_groups(axes: Sequence[Axis]) -> list[tuple[Axis, ...]]:
    """The axes of each call: all shared ones together first, then each isolated one alone."""
    shared = tuple(axis for axis in axes if not axis.isolate)
    alone = [(axis,) for axis in axes if axis.isolate]
    return [group for group in (shared, *alone) if group]
