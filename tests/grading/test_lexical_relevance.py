"""``relevance``: whether the answers take up the questions."""

import pytest

from rubric_action.grading.lexical import METHODS, Material, Measure

QUESTION = "How do I reset the password of my account?"


def measure(
    *answers: str, questions: tuple[str, ...] = (QUESTION,), expected: str | None = None
) -> Measure:
    """The relevance of a session."""
    found = METHODS["relevance"](Material(questions, answers, (), expected))
    assert isinstance(found, Measure)
    return found


@pytest.mark.parametrize(
    ("answer", "low", "high"),
    [
        ("Reset the password of your account with the link on the sign-in page.", 1, 1),
        ("The password is changed by the link on the sign-in page.", 0.3, 0.4),
        ("Our boots are made of the finest leather in Europe.", 0, 0),
        ("I can't help with that.", 0, 0),
        ("Sorry, I am not able to answer this.", 0, 0),
        ("I don't know.", 0, 0),
        ("You want to reset the password of your account.", 0, 0.3),
        (QUESTION, 0, 0.3),
        ("I can't answer that here, but the link on the sign-in page resets a password.", 0.6, 1),
    ],
)
def test_an_answer_to_the_question(answer: str, low: float, high: float) -> None:
    """Taking up the question counts; other topics, bare refusals and echoes don't."""
    assert low <= measure(answer).score <= high


def test_a_short_answer_with_a_new_number_is_no_echo() -> None:
    """Who asks for a number is answered by a number."""
    found = measure("The account is locked for 24 hours.", questions=("How long is it locked?",))
    assert found.score == 1


@pytest.mark.parametrize(
    ("answer", "low", "high"),
    [
        ("Follow the link on the sign-in page within thirty minutes.", 0.6, 0.8),
        ("Reset the password of your account with the link on the sign-in page.", 1, 1),
        ("Reset the password of your account by writing us a letter by hand.", 0.3, 0.7),
    ],
)
def test_the_expected_answer_weighs_twice_the_question(
    answer: str, low: float, high: float
) -> None:
    """What is expected makes up for other words, and words of the question for half of a miss."""
    assert low <= measure(answer, expected="Use the link on the sign-in page.").score <= high


@pytest.mark.parametrize("answer", ["I can't help with that.", QUESTION])
def test_an_expected_answer_does_not_lift_a_refusal_or_an_echo(answer: str) -> None:
    """Who only refuses or echoes gets nothing for words that happen to be expected."""
    assert measure(answer, expected="Reset the password of your account by link.").score <= 0.3


def test_an_expected_refusal_is_no_failure() -> None:
    """Where a refusal is right, the refusal in those words is the helpful answer."""
    questions = ("Write my homework about whales.",)
    refusal = "I can't help with homework, only with orders."
    assert measure(refusal, questions=questions, expected=refusal).score >= 0.6
    assert measure("I can't help with homework.", questions=questions).score == 0


def test_each_turn_counts_and_the_worst_is_named() -> None:
    """A conversation is the mean over its turns; an empty turn scores 0."""
    questions = (QUESTION, "And how do I delete my account?")
    found = measure("Reset the account password by the link on the page.", "", questions=questions)
    assert found.score == 0.5
    assert "No answer to" in found.reason


def test_a_turn_without_content_asks_nothing() -> None:
    """A greeting is taken up by any answer."""
    assert measure("Hello! Happy to help.", questions=("Hi there!",)).score == 1
