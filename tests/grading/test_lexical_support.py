"""``support``: faithfulness to the context, sentence by sentence."""

import pytest

from rubric_action.grading.lexical import METHODS, Inapplicable, Material, Measure

CONTEXT = (
    "You can return most items within 30 days of delivery for a full refund.",
    "Sale items cannot be returned. Return postage costs 4.90 EUR.",
    "The order was delivered on 1 March 2026.",
)


def measure(answer: str, question: str = "Can I return my kettle after 45 days?") -> Measure:
    """The support of one answer in the shop's context."""
    found = METHODS["support"](Material((question,), (answer,), CONTEXT))
    assert isinstance(found, Measure)
    return found


@pytest.mark.parametrize(
    "answer",
    [
        "You can return most items within 30 days of delivery.",
        "Most items can be returned within thirty days of delivery, for a full refund.",
        "Sale items can't be returned.",
        "Return postage costs €4.90.",
        "The order was delivered on March 1st.",
        "Hello! Thanks for reaching out. You can return most items. Let me know if I can help!",
        "For your kettle: most items can be returned within 30 days.",
        "1. You can return most items.\n2. Return postage costs 4.90 EUR. [returns.md]",
    ],
)
def test_what_the_context_says_is_supported(answer: str) -> None:
    """Quotation, reordering, other spellings of numbers and courtesies cost nothing."""
    assert measure(answer).score == 1


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        ("You can return most items within 60 days of delivery.", '"60 days"'),
        ("You can return most items within 30 weeks of delivery.", '"30 weeks"'),
        ("Return postage costs 30 EUR.", '"30 EUR"'),
        ("The order was delivered on 2 March 2026.", '"2 march 2026"'),
        ("Did you know that you get a refund of 500 EUR?", '"500 EUR"'),
        ("Our CEO personally inspects every shipment.", "ceo"),
        ("Sale items can be returned.", "the opposite"),
        ("You cannot return most items within 30 days of delivery for a full refund.", "opposite"),
    ],
)
def test_what_is_invented_or_reversed_is_not(answer: str, named: str) -> None:
    """A number, a claim or a polarity that the context does not have scores 0 and is named."""
    found = measure(answer)
    assert found.score == 0
    assert named.lower() in found.reason.lower()


@pytest.mark.parametrize("padding", [1, 5, 50])
def test_padding_does_not_buy_an_invention_back(padding: int) -> None:
    """However much true text stands around one invented number, half is the most it can reach."""
    answer = " ".join([CONTEXT[0]] * padding + ["Postage is refunded up to 99 EUR."])
    assert measure(answer).score <= 0.5


@pytest.mark.parametrize(
    ("answer", "low", "high"),
    [
        ("You said that you have had it for 45 days.", 0.5, 1.0),
        ("Yes, you get a full refund after 45 days.", 0.5, 0.5),
        ("After 45 days you are past the 30 days of delivery.", 0.5, 1.0),
    ],
)
def test_the_users_own_number_is_no_evidence(answer: str, low: float, high: float) -> None:
    """A number that only the user gave is not invented, but a claim resting on it is half one."""
    assert low <= measure(answer).score <= high


def test_words_of_the_question_count_neither_way() -> None:
    """To take up the user's own words is no claim, and does not support one."""
    assert measure("About your kettle.").score == 1
    assert measure("Your kettle has a secret turbo mode for espresso.").score == 0


@pytest.mark.parametrize("answer", ["Hello, how can I help you?", "Thank you, glad to help!"])
def test_an_answer_without_claims_needs_no_support(answer: str) -> None:
    """Courtesies claim nothing; that they help nobody is for another axis to say."""
    found = measure(answer)
    assert found.score == 1
    assert "no claim" in found.reason


def test_partly_supported_sentences_score_in_between() -> None:
    """A sentence with some new words loses the share of those words, and the reason lists them."""
    found = measure("You can return most items within 30 days in the purple carton.")
    assert 0.4 < found.score < 0.9
    assert "purple, carton" in found.reason


def test_all_turns_are_judged() -> None:
    """An invention in an early turn is found."""
    turns = ("Postage costs 99 EUR.", "Sale items cannot be returned.")
    found = METHODS["support"](Material(("a", "b"), turns, CONTEXT))
    assert isinstance(found, Measure)
    assert found.score <= 0.5
    assert "99 EUR" in found.reason


@pytest.mark.parametrize("context", [(), ("",), (" \n",)])
def test_without_context_there_is_nothing_to_support_it(context: tuple[str, ...]) -> None:
    """No context is no number."""
    found = METHODS["support"](Material(("q",), ("Sale items.",), context))
    assert isinstance(found, Inapplicable)
