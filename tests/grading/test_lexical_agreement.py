"""``agreement``: whether the last answer decides as expected."""

import pytest

from rubric_action.grading.lexical import METHODS, Material, Measure

ASKS = "Can I get a refund for a jacket that I bought 45 days ago?"
NO = "No. A refund is not possible after the 30-day window."
YES = "Yes. You can get a full refund within 30 days."


def measure(expected: str, answer: str, question: str = ASKS) -> Measure:
    """The agreement of one answer with the expected one."""
    found = METHODS["agreement"](Material((question,), (answer,), (), expected))
    assert isinstance(found, Measure)
    return found


@pytest.mark.parametrize(
    "answer",
    [
        "You can't get a refund after the 30-day window.",
        "Refunds aren't possible, since the 30-day window is over.",
        "Unfortunately your 30-day window has passed.",
        "Hello! Thanks for asking. No, the 30-day window for a refund has passed.",
        "No, I can't refund this after the 30-day window. I can offer store credit instead.",
        "A refund is impossible after the window of thirty days. You can sell the jacket.",
    ],
)
def test_an_expected_no_that_is_given(answer: str) -> None:
    """A denial in any of its wordings, with the expected number, agrees in full."""
    assert measure(NO, answer).score == 1


@pytest.mark.parametrize(
    "answer",
    [
        "Yes, no problem, a full refund is on its way.",
        "Don't worry, I'll refund you in full.",
        "No worries! We've issued the refund, you will see it within 5 days.",
        "Good news: you are just past the 30-day window, so I have started a full refund for you.",
        "The 30-day window has passed. But I can refund it as an exception.",
        "I am happy to approve the refund.",
        "A refund is approved.",
        "I cannot see why not: I'll refund it.",
    ],
)
def test_a_promise_of_what_is_denied_contradicts(answer: str) -> None:
    """A promise scores 0, whatever stands around it, and is quoted."""
    found = measure(NO, answer)
    assert found.score == 0
    assert found.reason.startswith("Expected a no, but it promises:")


def test_the_denied_act_is_found_where_the_user_words_it_otherwise() -> None:
    """Who asks for "money back" must not be promised the refund that the rule denies."""
    expected = "No. We cannot refund a return that is started after the 30-day window."
    found = measure(expected, "I have started a full refund for you.", "Can I get my money back?")
    assert found.score == 0


@pytest.mark.parametrize(
    "answer",
    [
        "Refunds are possible within 30 days. Yours is too late.",
        "If it is within 30 days, you can get a refund.",
        "Let me look at the 30-day window for your refund.",
    ],
)
def test_an_answer_without_a_stance_gets_half_at_most(answer: str) -> None:
    """The rule alone, conditions and hedging decide nothing."""
    found = measure(NO, answer)
    assert 0 < found.score <= 0.5
    assert "no clear stance" in found.reason


@pytest.mark.parametrize(
    "answer",
    [
        "Absolutely, you'll get a full refund within 30 days.",
        "You're eligible for a full refund within 30 days.",
        "I'm sorry to hear that! You can get a full refund within thirty days.",
        "No problem! You can return it within 30 days for a full refund.",
        "You can get a full refund within 30 days, but not in cash.",
    ],
)
def test_an_expected_yes_that_is_given(answer: str) -> None:
    """A grant in any of its wordings agrees, whatever else it limits."""
    assert measure(YES, answer).score == 1


@pytest.mark.parametrize(
    "answer",
    [
        "Unfortunately we can't refund it.",
        "No, refunds are not possible.",
        "I'm afraid that is too late.",
        "We don't give refunds.",
    ],
)
def test_a_denial_of_what_is_granted_contradicts(answer: str) -> None:
    """To refuse what the policy grants scores 0, as the wrong promise does."""
    found = measure(YES, answer)
    assert found.score == 0
    assert found.reason.startswith("Expected a yes, but it says no:")


@pytest.mark.parametrize(
    ("expected", "answer"),
    [
        (NO, "No, the window is 60 days and it has passed."),
        (YES, "Yes, you can get a full refund within 90 days."),
    ],
)
def test_another_number_in_place_of_the_expected_one_contradicts(
    expected: str, answer: str
) -> None:
    """The right decision for a wrong reason is a wrong answer to the next customer."""
    found = measure(expected, answer)
    assert found.score == 0
    assert "where 30" in found.reason


def test_a_number_that_the_context_states_replaces_nothing() -> None:
    """Another rule's number beside a missing one lowers the score and contradicts nothing."""
    answer = "Yes, you can get a full refund; for sale items within 14 days."
    with_context = Material((ASKS,), (answer,), ("Sale items: within 14 days.",), YES)
    found = METHODS["agreement"](with_context)
    assert isinstance(found, Measure)
    assert 0 < found.score <= 1


def test_the_right_stance_with_little_of_the_reason_is_not_enough() -> None:
    """A bare no agrees in part; the reason lists what is left out."""
    found = measure(NO, "No refund.")
    assert 0 < found.score <= 0.5
    assert "30-day" in found.reason


@pytest.mark.parametrize(
    ("expected", "answer", "score"),
    [
        ("We do not ship to Canada. We ship to Norway.", "We don't ship to Canada.", 1),
        ("We do not ship to Canada. We ship to Norway.", "We can ship it to Canada.", 0),
        ("You can exchange it. Sale items cannot be exchanged.", "You can exchange it.", 2 / 3),
    ],
)
def test_without_yes_or_no_the_clause_nearest_to_the_question_decides(
    expected: str, answer: str, score: float
) -> None:
    """Other clauses of the expected answer, of another polarity, don't set its stance."""
    question = "Can you ship it to Canada? Or exchange it?"
    assert measure(expected, answer, question).score == pytest.approx(score)


def test_only_the_last_turn_decides() -> None:
    """What was said before more was known is no decision."""
    answers = (
        "Yes, you can get a refund.",
        "No, a refund is not possible after the 30-day window.",
    )
    found = METHODS["agreement"](Material(("Refund?", "It was 45 days ago."), answers, (), NO))
    assert isinstance(found, Measure)
    assert found.score == 1
