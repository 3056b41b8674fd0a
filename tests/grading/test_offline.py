import time

import pytest

from rubric_action.cases.model import Case, ContextItem
from rubric_action.grading.lexical_material import MOST_CHARACTERS
from rubric_action.grading.model import Scored, Ungraded
from rubric_action.grading.offline import lexical_method
from rubric_action.rubric.model import Axis, Judge, JudgeModel
from tests.grading.samples import TONE, a_case, a_rubric, a_session, grade, retrieved

LEXICAL = Judge((JudgeModel("lexical"),))
FAITHFUL = Axis("faithfulness", "Supported?")


def test_the_method_of_an_axis() -> None:
    """By its own word, else by its name; a method that is not there is none."""
    assert lexical_method(TONE) == "courtesy"
    assert lexical_method(Axis("mood", "?", lexical="courtesy")) == "courtesy"
    assert lexical_method(Axis("tone", "?", lexical="magic")) is None
    assert lexical_method(Axis("mood", "?")) is None


def test_grades_without_a_model() -> None:
    """Axes are scored by their methods, at no cost, the same each time."""
    case = a_case("How long do I have?", context=(ContextItem("You may return it in 30 days."),))
    pair = (case, a_session("You may return it in 30 days."))
    outcome = grade(a_rubric(FAITHFUL, TONE, judge=LEXICAL), pair, pair)
    first, second = outcome.graded
    assert first == second
    faithful = first.grades["faithfulness"]
    assert isinstance(faithful, Scored)
    assert faithful.score == 1
    assert outcome.spend.judge_calls == 0


def test_what_was_retrieved_counts_before_the_case() -> None:
    """Support is looked for in what the agent was given."""
    case = a_case("How long?", context=(ContextItem("You may return it in 30 days."),))
    turn = retrieved("You may return it in 30 days.", "You may return it in 14 days.")
    outcome = grade(a_rubric(FAITHFUL, judge=LEXICAL), (case, a_session(turn)))
    found = outcome.graded[0].grades["faithfulness"]
    assert isinstance(found, Scored)
    assert found.score < 1


def test_without_material_there_is_no_grade() -> None:
    """An axis that has nothing to measure against is ungraded, never a number."""
    outcome = grade(a_rubric(FAITHFUL, judge=LEXICAL), (a_case(), a_session("30 days.")))
    found = outcome.graded[0].grades["faithfulness"]
    assert isinstance(found, Ungraded)
    assert found.cause == "inapplicable"


def test_an_unnamed_method_leaves_the_axis_ungraded() -> None:
    """An axis of the team's own has no method by itself."""
    outcome = grade(a_rubric(Axis("sparkle", "?"), judge=LEXICAL))
    assert isinstance(outcome.graded[0].grades["sparkle"], Ungraded)


def test_by_turn_the_lowest_counts() -> None:
    """Each turn is measured against its own context; the worst one is the grade."""
    axis = Axis("faithfulness", "?", per="turn")
    good = retrieved("You may return it in 30 days.", "You may return it in 30 days.")
    bad = retrieved("The parcel arrives in 90 hours.", "The parcel arrives in 14 hours.")
    rubric = a_rubric(axis, judge=LEXICAL)
    found = grade(rubric, (a_case("a", "b"), a_session(good, bad))).graded[0].grades
    assert isinstance(found["faithfulness"], Scored)
    assert found["faithfulness"].reason.startswith("turn 2: ")
    without = grade(rubric, (a_case("a", "b"), a_session(good, "30 days."))).graded[0].grades
    assert isinstance(without["faithfulness"], Ungraded)
    assert without["faithfulness"].detail.startswith("turn 2: ")


@pytest.mark.parametrize(
    ("case", "answer", "what"),
    [
        (a_case(), "kind words " * 20_000, "the answers are"),
        (a_case("why " * 60_000), "kind words", "the questions are"),
        (a_case(context=(ContextItem("x" * 120_000),) * 2), "kind words", "the context is"),
        (a_case(expected="x" * 120_000, facts=("y" * 120_000,)), "kind", "what is expected is"),
        (a_case(), "\ufdfa" * 100_000, "the answers are"),
    ],
)
def test_what_is_too_long_is_not_graded(case: Case, answer: str, what: str) -> None:
    """A text of which only a part could be read has no grade, also if it grows when made plain."""
    started = time.monotonic()
    found = grade(a_rubric(TONE, judge=LEXICAL), (case, a_session(answer))).graded[0].grades
    assert time.monotonic() - started < 5
    tone = found["tone"]
    assert isinstance(tone, Ungraded)
    assert tone.detail == f"{what} longer than the 200,000 characters that are read"


def test_what_is_just_short_enough_is_graded() -> None:
    """The limit itself is read."""
    answer = "kind words " * (MOST_CHARACTERS // 11)
    found = grade(a_rubric(TONE, judge=LEXICAL), (a_case(), a_session(answer))).graded[0].grades
    assert isinstance(found["tone"], Scored)
