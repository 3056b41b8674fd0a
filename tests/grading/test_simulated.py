"""Sessions with a simulated user are graded by what was said in them."""

import pytest

from rubric_action.agent.model import AgentTurn, Session
from rubric_action.cases.model import Case, SimulatedUser, UserTurn
from rubric_action.grading.model import Scored
from rubric_action.grading.prompt import build_prompt
from rubric_action.rubric.model import Axis, Judge, JudgeModel, Selector
from rubric_action.rubric.rules import Contains, NumbersFromContext, Rule
from tests.fakes.judge import JudgeServer
from tests.grading.samples import TONE, a_judge, a_rubric, grade

USER = SimulatedUser("Mona, in a hurry.", "Move the flight.", max_turns=6)
CASE = Case("case-1", (UserTurn("Hello"),), user=USER)
SESSION = Session(
    "case-1",
    1,
    (AgentTurn("Hi!", user="Hello"), AgentTurn("Seat 14 it is.", user="Seat 14, please.")),
)


def headings(case: Case, session: Session) -> list[str]:
    """The headings of a request, each with its text."""
    _, first, *rest = build_prompt("", [TONE], case, session).user.split("\n@@ ")
    return [part.split(" ", 1)[1] for part in (first, *rest)]


@pytest.mark.parametrize("turns", [(), CASE.turns])
def test_the_judge_sees_what_was_said(turns: tuple[UserTurn, ...]) -> None:
    """Every question is that of its turn, whether or not the case began it."""
    told = headings(Case("case-1", turns, user=USER), SESSION)
    assert told[:-1] == [
        "who the user is\nMona, in a hurry.",
        "what the user wants\nMove the flight.",
        "turn 1 question\nHello",
        "turn 1 answer\nHi!",
        "turn 2 question\nSeat 14, please.",
        "turn 2 answer\nSeat 14 it is.",
    ]


def test_an_axis_graded_by_turn_has_the_turns_that_were_held() -> None:
    """Not as many as there could have been."""
    prompt = build_prompt("", [Axis("style", "Short?", per="turn")], CASE, SESSION)
    assert list(prompt.schema["properties"]["style"]["properties"]) == ["turn_1", "turn_2"]


@pytest.mark.parametrize(
    ("rule", "passed"),
    [
        (Rule("known", NumbersFromContext()), True),
        (Rule("first", Contains("Hi"), turn=1), True),
        (Rule("last", Contains("Seat")), True),
        (Rule("third", Contains("Seat"), turn=3), False),
    ],
)
def test_rules_look_at_the_turns_that_were_held(rule: Rule, passed: bool) -> None:
    """What the user said on the way is known; a turn that was not reached has no answer."""
    case = Case("case-1", CASE.turns, rules=(rule,), user=USER)
    with JudgeServer() as judge:
        outcome = grade(a_rubric(judge=a_judge(judge.base_url)), (case, SESSION))
    assert outcome.graded[0].rules[0].passed is passed


def test_offline_methods_see_what_was_said() -> None:
    """Words of a recorded user count where no model grades."""
    axis = Axis("helpfulness", "Does it help?")
    helped = (
        AgentTurn("Hello!", user="Hello"),
        AgentTurn("Your seat is by the window now.", user="I want a seat by the window."),
    )
    strayed = (helped[0], AgentTurn("Lunch is at noon on Sundays.", user=helped[1].user))
    rubric = a_rubric(axis, judge=Judge((JudgeModel("lexical"),)))
    outcome = grade(rubric, *((CASE, Session("case-1", 1, turns)) for turns in (helped, strayed)))
    scores = [graded.grades["helpfulness"] for graded in outcome.graded]
    assert [type(score) for score in scores] == [Scored, Scored]
    assert scores[0].score > scores[1].score  # type: ignore[union-attr]


def test_axes_apply_by_what_was_known_before() -> None:
    """A conversation that grew long gets no axis that its case does not have."""
    long = Selector(min_context_tokens=2)
    axis = Axis("depth", "Is it deep?", applies_to=long)
    with JudgeServer() as judge:
        outcome = grade(a_rubric(axis, judge=a_judge(judge.base_url)), (CASE, SESSION))
    assert outcome.graded[0].grades == {}
