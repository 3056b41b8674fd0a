"""What a run would take, told before anything is spent: nobody is asked, no agent is started."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, cast

from rubric_action.agent.cost import usage_cost
from rubric_action.agent.model import Agent, AgentContext, AgentTurn, Missing, held
from rubric_action.cases.case_set import CaseSet
from rubric_action.cases.load import load_cases
from rubric_action.cases.shard import WHOLE, Shard
from rubric_action.errors import CannotDecide
from rubric_action.gate.model import Baseline, NoBaseline
from rubric_action.grading.cache import ReplyJournal
from rubric_action.grading.embedding_setup import check_comparisons
from rubric_action.grading.estimate import HIDDEN_TOKENS
from rubric_action.grading.forecast import Forecast, ModelPlan
from rubric_action.grading.preflight import NO_KEY_NEEDED, check_cases, check_judge
from rubric_action.pipeline import Request, agent_of, settled
from rubric_action.regrading import asks_the_same, needs_regrading
from rubric_action.report import numbers
from rubric_action.report.baseline import baseline_of
from rubric_action.report.folder import refuse_foreign
from rubric_action.report.plan import NOT_COUNTED, Plan, Sessions
from rubric_action.report.stored import GRADES, PART, SUMMARY, Stored, open_path
from rubric_action.report.stored import WHOLE as FULL
from rubric_action.rubric.model import Outputs, Rubric
from rubric_action.stand_ins import StandIns
from rubric_action.watching import first_canaries, has_model, seed_of

LEARN_FROM: Final = 1_000
"""Stored sessions, or replies, that the estimate is held against; more would tell little more."""


async def plan(request: Request, shard: Shard = WHOLE) -> Plan:
    """Count what a run would ask, and estimate what that costs. Raises what the run would raise.

    The results folder is only read: replies in it and in the baseline count as cached. No key is
    needed. `request.max_judge_cost` is the whole suite's, of which a shard has its part.
    """
    limit = None if request.max_judge_cost is None else request.max_judge_cost / shard.of
    rubric = settled(request)
    judges = rubric.judge.models if rubric.judge else ()
    check_judge(rubric, keys=[NO_KEY_NEEDED for _ in judges], max_cost_usd=limit)
    cases = load_cases(rubric, request.root)
    check_cases(rubric, cases.with_rules() if rubric.judge else cases)
    check_comparisons(rubric, cases.with_rules(), key=NO_KEY_NEEDED, max_cost_usd=limit)
    opening = agent_of(request, rubric, cases)
    refuse_foreign(request.results)
    baseline = baseline_of(request.baseline, request.run.created_at)
    with kept_replies(request) as replies:
        forecast = Forecast(rubric, replies, limited=limit is not None)
        suite = _Suite(request, rubric, cases, shard, forecast)
        if shard == WHOLE and needs_regrading(baseline, rubric):
            suite.regrade(cast("Baseline", baseline))
        sessions, assumed = await suite.sessions(opening)
        if shard.index == 1:
            for item in first_canaries(rubric, request.root, seed_of(request.run)):
                forecast.watch(item)
        forecast.learn_words(islice(replies.values(), LEARN_FROM))
        models = forecast.models()
    return Plan(
        cases=len(shard.positions(len(cases))),
        sessions=sessions,
        models=models,
        limit=limit,
        assumed=(*assumed, *_estimated(models)),
        left_out=(NOT_COUNTED, *_asked_again(rubric)),
    )


@contextmanager
def kept_replies(request: Request) -> Iterator[ReplyJournal]:
    """The replies that a run would find. What it would write goes into a folder that is dropped."""
    own = request.results / GRADES
    past = request.baseline.replies() if isinstance(request.baseline, Stored) else None
    found = [own] if request.resume and own.is_file() and own.stat().st_size else []
    others: list[Path | bytes] = [*found, *((past,) if past else ())]
    with TemporaryDirectory() as aside, ReplyJournal(Path(aside) / GRADES, others) as journal:
        yield journal


@dataclass(frozen=True, slots=True)
class _Suite:
    """The cases of a run, gone through one by one, each with its sessions or with stand-ins."""

    request: Request
    rubric: Rubric
    cases: CaseSet
    shard: Shard
    forecast: Forecast

    async def sessions(self, opening: AgentContext) -> tuple[Sessions, tuple[str, ...]]:
        """Count all sessions; tells what was assumed of those that are yet to be held."""
        outputs = self.request.outputs
        source = Outputs(outputs) if outputs else self.rubric.agent.source
        earlier = _earlier(self.request)
        if isinstance(source, Outputs):
            self._learn(earlier)
            async with opening as agent:
                return await self._read(agent, source.path), ()
        stand_ins = StandIns(earlier, self.cases)
        sessions = self._stood_in(stand_ins)
        return sessions, tuple(_measured(sessions, stand_ins))

    def regrade(self, baseline: Baseline) -> None:
        """Count what grading the baseline's stored answers with today's judge takes."""
        stored = self.request.baseline
        for session in stored.sessions() if isinstance(stored, Stored) else ():
            if session.case in self.cases:
                case = self.cases.get(session.case)
                if asks_the_same(case, baseline):
                    self.forecast.grade(held(case, session), session, known=True)

    def _learn(self, earlier: Stored | NoBaseline) -> None:
        """Hold the estimate against what an earlier run paid for its sessions."""
        stored = earlier.sessions() if isinstance(earlier, Stored) else iter(())
        for session in islice(stored, LEARN_FROM):
            if session.case in self.cases:
                case = self.cases.get(session.case)
                self.forecast.learn(held(case, session), session)

    async def _read(self, agent: Agent, file: str) -> Sessions:
        """Count the sessions of a file."""
        read = missing = 0
        for _, case in self.shard.cases(self.cases):
            for trial in agent.trials_of(case.id):
                session = await agent.answer(case, trial)
                if isinstance(session, Missing):
                    missing += 1
                else:
                    read += 1
                    self.forecast.grade(held(case, session), session, known=True)
        return Sessions(read=read, missing=missing, file=file)

    def _stood_in(self, stand_ins: StandIns) -> Sessions:
        """Count the sessions that the agent has yet to hold."""
        count = stored = 0
        cost, took = _Mean(), _Mean()
        for _, case in self.shard.cases(self.cases):
            for trial in range(1, self.rubric.agent.trials + 1):
                found = stand_ins.of(case, trial)
                count += 1
                if found.stored:
                    stored += 1
                    cost.add([_cost(turn) for turn in found.session.turns])
                    took.add([turn.latency_s for turn in found.session.turns])
                if case.user:
                    self.forecast.play(case, case.user, found.session, stored=found.stored)
                self.forecast.grade(held(case, found.session), found.session, known=False)
        return Sessions(
            to_run=count,
            stored=stored,
            cost_usd=cost.times(count),
            seconds=_seconds(took, count, self.rubric.agent.concurrency),
        )


class _Mean:
    """The mean of sums over a session's turns, of the sessions where all of them are known."""

    def __init__(self) -> None:
        self._sum = 0.0
        self._count = 0
        self.most = 0.0

    def add(self, amounts: Sequence[float | None]) -> None:
        """Take a session's turns in."""
        known = [amount for amount in amounts if amount is not None]
        if known and len(known) == len(amounts):
            self._sum += sum(known)
            self._count += 1
            self.most = max(self.most, sum(known))

    def times(self, sessions: int) -> float | None:
        """What so many sessions come to; None where nothing is known."""
        return self._sum / self._count * sessions if self._count else None


def _earlier(request: Request) -> Stored | NoBaseline:
    """What an earlier run left: the baseline, or a run or a shard in the results folder."""
    baseline = request.baseline
    if isinstance(baseline, Stored) or not request.resume:
        return baseline
    if not (request.results / SUMMARY).is_file():
        return baseline
    for family in (FULL, PART):
        # What cannot be read is no mistake here: the run does not read it, but writes it anew.
        with suppress(CannotDecide):
            return open_path(request.results, family=family)
    return baseline


def _seconds(took: _Mean, sessions: int, concurrency: int) -> float | None:
    """What the agent takes at least, so many sessions at once."""
    in_all = took.times(sessions)
    return None if in_all is None else max(in_all / concurrency, took.most)


def _cost(turn: AgentTurn) -> float | None:
    if turn.cost_usd is None and turn.usage:
        return usage_cost(turn.usage)
    return turn.cost_usd


def _measured(sessions: Sessions, stand_ins: StandIns) -> Iterator[str]:
    """What was assumed of sessions that are yet to be held."""
    made_up = sessions.to_run - sessions.stored
    if sessions.stored:
        yield "answers as in an earlier run"
    if made_up:
        count = numbers.count(made_up, "session") if sessions.stored else "all sessions"
        usual = "the mean of an earlier run" if stand_ins.learned else "which is a guess"
        yield f"answers of {stand_ins.answer:,} characters in {count}, {usual}"


def _asked_again(rubric: Rubric) -> Iterator[str]:
    """What is only asked where the first grades are not sure enough."""
    judge = rubric.judge
    if judge is None or judge.calibration is None or not has_model(judge):
        return
    if judge.margin:
        yield "further grades of scores near their pass mark"
    if judge.canaries:
        yield "further canaries while the judge's agreement with people is in doubt"


def _estimated(models: Sequence[ModelPlan]) -> Iterator[str]:
    """What the tokens were estimated by."""
    asked = [one.asked for one in models if one.asked.calls]
    judging = [one.asked for one in models if one.asked.calls and one.role == "judge"]
    if learned := sum(one.learned for one in asked):
        yield f"tokens as in {_replies(learned)}"
    if any(not one.learned for one in judging):
        yield "tokens by kinds of characters"
    if words := sum(one.words for one in judging):
        yield f"reasons as in {_replies(words)}"
    if any(not one.learned and not one.words for one in judging):
        yield "reasons of 30 tokens"
    if any(one.hidden for one in judging):
        least, taken, most = HIDDEN_TOKENS
        yield f"{taken} tokens of unseen reasoning a reply, which may be {least} to {most:,}"


def _replies(count: int) -> str:
    return numbers.count(count, "paid reply", "paid replies")
