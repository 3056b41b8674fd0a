"""The calls that grading sessions would take: the very requests, built and counted, never sent."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal, Protocol

from rubric_action.agent.model import Exchange, Session
from rubric_action.cases.model import Case, SimulatedUser
from rubric_action.cases.select import axes_of
from rubric_action.grading.cache import Reply
from rubric_action.grading.calibration import Item
from rubric_action.grading.canaries import SAMPLE
from rubric_action.grading.embedding_setup import embedding_model_of
from rubric_action.grading.estimate import counting_at, line_tokens, reasons_first, reply_tokens
from rubric_action.grading.framing import Framing, framings
from rubric_action.grading.grader import grades_of_silence
from rubric_action.grading.judge import call_groups, sampled
from rubric_action.grading.lines import line_prompt
from rubric_action.grading.opinions import as_graded, judged_axes
from rubric_action.grading.preflight import judge_endpoint
from rubric_action.grading.prices import PriceList
from rubric_action.grading.prompt import build_prompt, turn_count
from rubric_action.grading.rules import compared_texts, rules_for
from rubric_action.grading.tally import Asked, Call, Tally, TextTally
from rubric_action.rubric.model import Axis, Judge, JudgeModel, Rubric

Role = Literal["judge", "user", "texts"]


class Replies(Protocol):
    """Replies that were paid for."""

    def get(self, key: str) -> Reply | None:
        """The reply that is kept by the key."""
        ...


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """What one model is asked: to judge, to play simulated users, or to embed texts.

    `priced_by` says in words who names its price.
    """

    role: Role
    provider: str
    model: str
    asked: Asked
    priced_by: str


@dataclass(frozen=True, slots=True)
class _Seat:
    """One model of the panel: its requests, and what they add up to."""

    model: JudgeModel
    framing: Framing
    judging: Tally
    playing: Tally


class Forecast:
    """Adds up what a run would ask, session by session.

    `limited` says that a cost limit is to be kept, so that the higher price counts where there are
    two. Call `check_judge` and `check_comparisons` before.
    """

    def __init__(self, rubric: Rubric, replies: Replies, *, limited: bool = False) -> None:
        self._rubric = rubric
        self._replies = replies
        self._limited = limited
        self._embedding = embedding_model_of(rubric)
        priced = self._embedding.priced if self._embedding else JudgeModel("openai")
        self._texts = TextTally(PriceList(priced, limited=limited))
        self._seats = _seats(rubric, rubric.judge, limited=limited) if rubric.judge else []

    def grade(self, case: Case, session: Session, *, known: bool) -> None:
        """Count what grading a session takes; one that is not `known` has yet to be held."""
        rules = rules_for(self._rubric.rules, case)
        self._texts.add(compared_texts(rules, case, session))
        for seat, call in self._calls(case, session):
            seat.judging.add(call, self._replies.get(call.key), known=known)

    def watch(self, item: Item) -> None:
        """Count what a canary takes: it is asked afresh, whatever was kept."""
        case, session = as_graded(item)
        axes = [axis for name, axis in judged_axes(self._rubric).items() if name in item.grades]
        silent = grades_of_silence(axes, case, session)
        asked = [axis for axis in axes if axis.name not in silent]
        for seat, call in self._asked(asked, case, session):
            seat.judging.add(replace(call, key=sampled(call.key, SAMPLE)), None, known=True)

    def learn(self, case: Case, session: Session) -> None:
        """Hold the estimate against what grading a session has cost before."""
        for seat, call in self._calls(case, session):
            kept = self._replies.get(call.key)
            if kept is not None:
                seat.judging.learn(call, kept)

    def learn_words(self, replies: Iterable[Reply]) -> None:
        """Learn at least how wordy each judge is, where none of its requests came up again.

        What an axis asks may have changed since; how a model answers does not change much.
        """
        if any(axis.per == "turn" for axis in self._rubric.axes.values()):
            return  # How many turns a reply was about is not kept.
        seats = [seat for seat in self._seats if not seat.judging.learned]
        for reply in replies if seats else ():
            axes = [Axis(name, "") for name in reply.grades]
            for seat in seats:
                if axes and reply.model.startswith(seat.model.model.rpartition("/")[2]):
                    received = reply_tokens(axes, 1, seat.judging.counting)
                    seat.judging.learn_words(received, reply)

    def play(self, case: Case, user: SimulatedUser, session: Session, *, stored: bool) -> None:
        """Count what playing the user of a session takes that has yet to be held.

        Of a `stored` session it is known how it went before; of a made-up one only that the user
        is asked once, and is done when it is done.
        """
        if not self._seats:
            return
        seat = self._seats[0]
        said = [Exchange(turn.user or "", turn) for turn in session.turns]
        for turn in range(len(case.turns), min(len(said) + 1, user.max_turns)):
            body = seat.framing.body(line_prompt(user, session.trial, said[:turn]))
            call = Call(seat.framing.key(body), body, line_tokens(seat.playing.counting))
            certain = stored or turn == len(case.turns)
            kept = self._replies.get(call.key)
            seat.playing.add(call, kept, known=turn == 0, certain=certain)

    def models(self) -> tuple[ModelPlan, ...]:
        """What each model is asked: the judges first, then whoever plays users, then embeds."""
        found = [self._plan("judge", seat.model, seat.judging.asked()) for seat in self._seats]
        if self._seats and (played := self._seats[0].playing.asked()).calls:
            found.append(self._plan("user", self._seats[0].model, played))
        if self._embedding and (embedded := self._texts.asked()).calls:
            found.append(self._plan("texts", self._embedding.priced, embedded))
        return tuple(found)

    def _calls(self, case: Case, session: Session) -> Iterator[tuple[_Seat, Call]]:
        """Each call that grades the session."""
        return self._asked(self._open_axes(case, session), case, session)

    def _asked(
        self, axes: Sequence[Axis], case: Case, session: Session
    ) -> Iterator[tuple[_Seat, Call]]:
        turns = turn_count(case, session)
        for seat, group in product(self._seats, call_groups(axes)):
            body = seat.framing.body(build_prompt(self._prompt, group, case, session))
            received = reply_tokens(group, turns, seat.judging.counting)
            yield seat, Call(seat.framing.key(body), body, received)

    def _open_axes(self, case: Case, session: Session) -> list[Axis]:
        """The axes that neither rules nor an empty answer settle."""
        settled = {rule.axis for rule in rules_for(self._rubric.rules, case)}
        names = (name for name in axes_of(self._rubric, case) if name not in settled)
        axes = [self._rubric.axes[name] for name in names]
        silent = grades_of_silence(axes, case, session)
        return [axis for axis in axes if axis.name not in silent]

    @property
    def _prompt(self) -> str:
        return self._rubric.judge.prompt if self._rubric.judge else ""

    def _plan(self, role: Role, model: JudgeModel, asked: Asked) -> ModelPlan:
        priced_by = _priced_by(model, limited=self._limited)
        return ModelPlan(role, model.provider, model.model, asked, priced_by)


def _seats(rubric: Rubric, judge: Judge, *, limited: bool) -> list[_Seat]:
    base_urls = [
        None
        if model.provider == "lexical"
        else judge_endpoint(rubric, judge, None, index=index).base_url
        for index, model in enumerate(judge.models)
    ]
    seats = []
    framed = framings(judge, base_urls)
    for model, base_url, framing in zip(judge.models, base_urls, framed, strict=True):
        if framing is not None and base_url is not None:
            counting = counting_at(model.provider, base_url)
            judging, playing = (
                Tally(
                    counting,
                    PriceList(model, limited=limited),
                    reasons=counting.schema and reasons_first(model.model),
                )
                for _ in range(2)
            )
            seats.append(_Seat(model, framing, judging, playing))
    return seats


def _priced_by(model: JudgeModel, *, limited: bool) -> str:
    if model.prices is None:
        return "the price library"
    return "the higher of rubric and price library" if limited else "the rubric"
