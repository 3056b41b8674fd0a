"""A model as the judge: prompt, cache, call and reply of one session's axes."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from weakref import WeakValueDictionary

from rubric_action.agent.model import Session
from rubric_action.cases.model import Case
from rubric_action.grading.cache import Reply, ReplyJournal
from rubric_action.grading.client import Deadline, JudgeClient, Request
from rubric_action.grading.model import Grade, Spend, Ungraded
from rubric_action.grading.prompt import Prompt, build_prompt, turn_count
from rubric_action.grading.providers import provider_for
from rubric_action.grading.reply import parse_reply
from rubric_action.rubric.model import Axis, Judge

Grades = Mapping[str, Grade]


class AxisJudge(Protocol):
    """Whoever grades the axes that rules leave open."""

    async def grade(self, axes: Sequence[Axis], case: Case, session: Session) -> Grades:
        """A grade for each of the axes."""
        ...


class NoJudge:
    """Stands in where rules are to settle everything."""

    async def grade(self, axes: Sequence[Axis], case: Case, session: Session) -> Grades:
        """Leave every axis ungraded: nobody was named to grade it."""
        del case, session
        nobody = Ungraded("judge", "no rule settles this axis, and the rubric names no judge")
        return {axis.name: nobody for axis in axes}


@dataclass(frozen=True, slots=True)
class Memory:
    """Where replies are kept. `fresh` writes and does not read; `redact` cleans reasons."""

    journal: ReplyJournal | None = None
    fresh: bool = False
    redact: Callable[[str], str] = str


class ModelJudge:
    """Grades with a model: one call for all axes, and one for each isolated axis."""

    def __init__(
        self,
        judge: Judge,
        base_url: str,
        client: JudgeClient,
        memory: Memory,
        spend: Spend,
    ) -> None:
        self._judge = judge
        self._model = judge.models[0].model
        self._provider = provider_for(judge.models[0].provider)
        self._origin = f"{judge.models[0].provider}\0{base_url}\0".encode()
        self._client = client
        self._memory = memory
        self._spend = spend
        # Two sessions with the same content ask the same: the second waits and reads the cache.
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def grade(self, axes: Sequence[Axis], case: Case, session: Session) -> Grades:
        """Grade the axes, the calls one after the other: other cases keep the judge busy."""
        deadline = self._client.deadline()
        grades: dict[str, Grade] = {}
        for group in call_groups(axes):
            grades |= await self._ask(group, case, session, deadline)
        return grades

    async def _ask(
        self, axes: Sequence[Axis], case: Case, session: Session, deadline: Deadline
    ) -> Grades:
        prompt = build_prompt(self._judge.prompt, axes, case, session)
        body = self._body(prompt)
        key = hashlib.sha256(self._origin + body).hexdigest()
        turns = turn_count(case, session)
        request = Request(
            body,
            repaired=lambda problem: self._body(replace(prompt, repair=problem)),
            accept=lambda text: parse_reply(text, axes, turns, self._memory.redact),
        )
        reply = await self._remembered(key, request, deadline)
        if isinstance(reply, Ungraded):
            return {axis.name: reply for axis in axes}
        return reply.grades

    async def _remembered(self, key: str, request: Request, deadline: Deadline) -> Reply | Ungraded:
        """The kept reply of the request, or the judge's, kept as soon as it is there."""
        async with self._asking.setdefault(key, asyncio.Lock()):
            journal = self._memory.journal
            kept = None if journal is None or self._memory.fresh else journal.get(key)
            if kept is not None:
                self._spend.judge_cached += 1
                return kept
            reply = await self._client.ask(request, deadline)
            if journal is not None and isinstance(reply, Reply):
                journal.put(key, reply)
            return reply

    def _body(self, prompt: Prompt) -> bytes:
        fields = self._provider.body(self._model, self._judge.temperature, prompt)
        return json.dumps(fields, separators=(",", ":")).encode()


def call_groups(axes: Sequence[Axis]) -> list[tuple[Axis, ...]]:
    """The axes of each call: all shared ones together first, then each isolated one alone."""
    shared = tuple(axis for axis in axes if not axis.isolate)
    alone = [(axis,) for axis in axes if axis.isolate]
    return [group for group in (shared, *alone) if group]
