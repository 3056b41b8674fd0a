"""Small rubrics, cases and sessions, and a grader that talks to a judge, for this room's tests."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rubric_action.agent.model import AgentTurn, Session
from rubric_action.cases.model import Case, ContextItem, UserTurn
from rubric_action.errors import CannotDecide
from rubric_action.grading.client import Effects
from rubric_action.grading.judge import Memory
from rubric_action.grading.model import Graded, Spend
from rubric_action.grading.opening import open_grader
from rubric_action.rubric.model import Agent, Axis, Judge, JudgeModel, Outputs, Rubric

KEY = "sk-test-0123456789abcdef"
TONE = Axis("tone", "Is the answer polite?", anchors=((1.0, "polite"), (0.0, "rude")))
POLICY = Axis("policy", "Does the answer obey the policy?")


def a_case(*questions: str, **fields: Any) -> Case:
    """A case with one turn for each question."""
    turns = tuple(UserTurn(question) for question in questions or ("May I return it?",))
    return Case("case-1", turns, **fields)


def a_session(*answers: str | AgentTurn) -> Session:
    """The first trial of `case-1`, with these answers."""
    given = answers or ("Yes, within 30 days.",)
    turns = (turn if isinstance(turn, AgentTurn) else AgentTurn(turn) for turn in given)
    return Session("case-1", 1, tuple(turns))


def retrieved(answer: str, *texts: str) -> AgentTurn:
    """An answer that leaned on these texts."""
    return AgentTurn(answer, context=tuple(ContextItem(text) for text in texts))


def a_rubric(*axes: Axis, judge: Judge | None = None, **fields: Any) -> Rubric:
    """A rubric of these axes, by default the tone alone."""
    named = {axis.name: axis for axis in axes or (TONE,)}
    return Rubric(("cases.jsonl",), Agent(Outputs("o")), {}, axes=named, judge=judge, **fields)


def a_judge(base_url: str, *, model: str = "gpt-4o-mini", **fields: Any) -> Judge:
    """A judge behind an OpenAI-compatible endpoint."""
    return Judge((JudgeModel("openai", model, base_url),), **fields)


@dataclass(slots=True)
class FakeTime:
    """A clock that moves only when somebody sleeps; `waits` are the seconds slept, in order."""

    now: float = 1000.0
    chance: float = 0.5
    waits: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once, and others run."""
        self.waits.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    @property
    def effects(self) -> Effects:
        """These as the client's effects."""
        return Effects(lambda: self.now, self.sleep, lambda: self.chance)


@dataclass(slots=True)
class Outcome:
    """What came of grading some sessions."""

    graded: list[Graded]
    spend: Spend
    stopped: CannotDecide | None


def grade(
    rubric: Rubric,
    *pairs: tuple[Case, Session],
    memory: Memory | None = None,
    max_cost_usd: float | None = None,
    effects: Effects | None = None,
) -> Outcome:
    """Grade some sessions one after the other, by default one case with one answer."""
    spend = Spend()

    async def run() -> Outcome:
        opened = open_grader(
            rubric,
            spend=spend,
            key=KEY,
            memory=memory,
            max_cost_usd=max_cost_usd,
            effects=effects,
        )
        async with opened as grader:
            todo: Sequence[tuple[Case, Session]] = pairs or ((a_case(), a_session()),)
            graded = [await grader.grade(case, session) for case, session in todo]
            return Outcome(graded, spend, grader.stopped)

    return asyncio.run(run())
