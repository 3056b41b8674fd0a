"""A model that plays users: the judge's, with its key, its pace, its budget and its journal."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from rubric_action.agent.conversation import Done, NoPlay
from rubric_action.agent.model import Exchange
from rubric_action.cases.model import SimulatedUser
from rubric_action.grading.client import Request
from rubric_action.grading.judge import Voice
from rubric_action.grading.lines import line_prompt, parse_line
from rubric_action.grading.model import Line, Ungraded
from rubric_action.grading.prompt import Prompt
from rubric_action.grading.reply import BadReply, Scores

LAST_LINE_S: Final = 2.0
"""So long an interrupted run waits for a user's words that are being paid for."""


class ModelPlayer:
    """Asks a model for the user's next words, and keeps them by the content of the request.

    So a killed run goes on with the same conversations, and an agent that answers as before meets
    the same user. Safe to call from many tasks at once.
    """

    def __init__(self, voice: Voice) -> None:
        self._voice = voice

    async def say(
        self, user: SimulatedUser, trial: int, so_far: Sequence[Exchange]
    ) -> str | Done | NoPlay:
        """The next words; the judge's deadline holds for each of them anew.

        Raises `JudgeRefused` when the model will not work at all, `ResultsUnwritable` when its
        words cannot be kept.
        """
        line = await self._line(line_prompt(user, trial, so_far), begun=bool(so_far))
        if isinstance(line, Ungraded):
            return NoPlay(line.detail)
        return Done() if line.done else line.message

    async def _line(self, prompt: Prompt, *, begun: bool) -> Line | Ungraded:
        """The kept line of the request, or the model's."""
        framing, memory = self._voice.framing, self._voice.memory
        body = framing.body(prompt)
        key = framing.key(body)
        kept = None if memory.journal is None or memory.fresh else memory.journal.get(key)
        if kept is not None and kept.line is not None:
            self._voice.spend.judge_cached += 1
            return kept.line
        asking = asyncio.ensure_future(self._asked(key, body, prompt, begun=begun))
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            try:
                await asyncio.wait([asking], timeout=LAST_LINE_S)
            finally:
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)
            raise

    async def _asked(
        self, key: str, body: bytes, prompt: Prompt, *, begun: bool
    ) -> Line | Ungraded:
        """The model's line, kept as soon as it is there."""
        voice = self._voice
        lines: list[Line] = []

        def accept(text: str) -> Scores | BadReply:
            line = parse_line(text, begun=begun, clean=voice.memory.redact)
            voice.form.found(good=not isinstance(line, BadReply))
            if isinstance(line, BadReply):
                return line
            lines.append(line)
            return {}

        request = Request(
            body,
            repaired=lambda problem: voice.framing.body(replace(prompt, repair=problem)),
            accept=accept,
        )
        reply = await voice.client.ask(request, voice.client.deadline())
        if isinstance(reply, Ungraded):
            return reply
        if voice.memory.journal is not None:
            voice.memory.journal.put(key, replace(reply, line=lines[-1]))
        return lines[-1]


def player_of(voices: Sequence[Voice]) -> ModelPlayer | None:
    """Whoever plays the users under a rubric: its first model; None where it names none."""
    return ModelPlayer(voices[0]) if voices else None
