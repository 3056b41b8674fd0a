from dataclasses import replace
from typing import Literal

import pytest

from rubric_action.agent.model import AgentTurn, Session
from rubric_action.cases.model import Case, SimulatedUser, UserTurn
from rubric_action.grading.answers import TokenUsage
from rubric_action.grading.cache import Reply
from rubric_action.grading.forecast import Forecast
from rubric_action.grading.model import Line, Scored
from rubric_action.rubric.model import Agent, Axis, Judge, JudgeModel, Outputs, Prices, Rubric

RUBRIC = Rubric(
    cases=("cases.jsonl",),
    agent=Agent(Outputs("outputs.jsonl")),
    slices={},
    axes={"tone": Axis("tone", "Is it polite?")},
    judge=Judge((JudgeModel("openai", "small", prices=Prices(1.0, 2.0)),)),
)
USER = SimulatedUser("A customer.", "Return the lamp.", max_turns=4)


class Kept:
    """Replies to everything, or to nothing; notes the keys that were looked for."""

    def __init__(self, reply: Reply | None = None) -> None:
        self.reply = reply
        self.keys: list[str] = []

    def get(self, key: str) -> Reply | None:
        """The reply."""
        self.keys.append(key)
        return self.reply


def case(user: SimulatedUser | None = None, *said: str) -> Case:
    """A case of what is said, and of a user who goes on."""
    return Case("c", tuple(map(UserTurn, said)), user=user)


def session(*outputs: str) -> Session:
    """A session of these answers, to a user who says the same again and again."""
    return Session("c", 1, tuple(AgentTurn(output, user="And now?") for output in outputs))


def test_nobody_knows_anything() -> None:
    """Without replies there is nothing to learn, and every call is made."""
    forecast = Forecast(RUBRIC, Kept())
    forecast.learn(case(None, "Hello?"), session("Hello."))
    forecast.grade(case(None, "Hello?"), session("Hello."), known=True)
    (judge,) = forecast.models()
    assert (judge.asked.calls, judge.asked.learned) == (1, 0)


def test_the_same_request_has_one_key() -> None:
    """What is learned, graded and played is looked for by the key of its own content."""
    kept = Kept(Reply({}, "small", TokenUsage(100, 10)))
    forecast = Forecast(RUBRIC, kept)
    forecast.learn(case(None, "Hello?"), session("Hello."))
    forecast.grade(case(None, "Hello?"), session("Hello."), known=True)
    forecast.grade(case(None, "Hello?"), session("Hi."), known=True)
    assert kept.keys[0] == kept.keys[1] != kept.keys[2]
    (judge,) = forecast.models()
    assert (judge.asked.cached, judge.asked.learned) == (2, 2)


@pytest.mark.parametrize(
    ("model", "per", "learned"),
    [
        ("small-2026-01-01", "conversation", 1),
        ("large", "conversation", 0),
        ("small", "turn", 0),
    ],
)
def test_how_wordy_a_judge_is(
    model: str, per: Literal["conversation", "turn"], learned: int
) -> None:
    """Replies of the same model teach, unless they may be about any number of turns."""
    axes = {"tone": Axis("tone", "Is it polite?", per=per)}
    forecast = Forecast(replace(RUBRIC, axes=axes), Kept())
    bill = TokenUsage(100, 10)
    known = Reply({"tone": Scored(1.0, "Fine.")}, model, bill)
    line = Reply({}, model, bill, Line("Hello?"))
    forecast.learn_words([known, line, Reply(known.grades, model)])
    (judge,) = forecast.models()
    assert (judge.asked.learned, judge.asked.words) == (0, learned)


def test_bills_of_the_same_requests_are_better() -> None:
    """A judge that has bills of its own requests learns nothing from others."""
    kept = Reply({"tone": Scored(1.0, "Fine.")}, "small", TokenUsage(100, 10))
    forecast = Forecast(RUBRIC, Kept(kept))
    forecast.learn(case(None, "Hello?"), session("Hello."))
    forecast.learn_words([kept, kept])
    (judge,) = forecast.models()
    assert (judge.asked.learned, judge.asked.words) == (1, 0)


@pytest.mark.parametrize(
    ("said", "outputs", "stored", "calls", "least"),
    [
        ((), ("a", "b", "c", "d"), False, 4, 1),
        (("Hello?",), ("a", "b", "c", "d"), False, 3, 1),
        ((), ("a", "b", "c", "d"), True, 4, 4),
        ((), ("a", "b"), True, 3, 3),
        (("Hello?",), ("a", "b"), True, 2, 2),
    ],
    ids=["made-up", "made-up-begun", "to-the-end", "done-early", "begun-done-early"],
)
def test_how_often_a_user_is_played(
    said: tuple[str, ...], outputs: tuple[str, ...], stored: bool, calls: int, least: int
) -> None:
    """Once a turn that the case does not say, and once more to hear that the user is done."""
    forecast = Forecast(RUBRIC, Kept())
    forecast.play(case(USER, *said), USER, session(*outputs), stored=stored)
    _, user = forecast.models()
    assert (user.role, user.asked.calls, user.asked.least) == ("user", calls, least)


def test_first_words_that_are_kept() -> None:
    """A user's first words hang on nothing that the agent says, and may be there already."""
    forecast = Forecast(RUBRIC, Kept(Reply({}, "small")))
    forecast.play(case(USER), USER, session("a"), stored=True)
    _, user = forecast.models()
    assert (user.asked.calls, user.asked.least, user.asked.cached) == (1, 0, 1)


def test_nobody_plays_without_a_model() -> None:
    """Where no model judges, none plays."""
    forecast = Forecast(replace(RUBRIC, judge=None), Kept())
    forecast.play(case(USER), USER, session("a"), stored=False)
    assert forecast.models() == ()


@pytest.mark.parametrize(
    ("prices", "limited", "told"),
    [
        (None, False, "the price library"),
        (None, True, "the price library"),
        (Prices(1.0, 2.0), False, "the rubric"),
        (Prices(1.0, 2.0), True, "the higher of rubric and price library"),
    ],
)
def test_who_names_the_price(prices: Prices | None, limited: bool, told: str) -> None:
    """The plan says whose price it counts by."""
    judge = Judge((JudgeModel("openai", "gpt-4o-mini", prices=prices),))
    (model,) = Forecast(replace(RUBRIC, judge=judge), Kept(), limited=limited).models()
    assert model.priced_by == told
