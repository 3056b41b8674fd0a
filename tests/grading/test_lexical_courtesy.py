"""``courtesy``: rude, blaming and shouting words."""

import pytest

from rubric_action.grading.lexical import METHODS, Material, Measure


def measure(*answers: str) -> Measure:
    """The courtesy of the agent's turns."""
    found = METHODS["courtesy"](Material(("q",) * len(answers), answers))
    assert isinstance(found, Measure)
    return found


@pytest.mark.parametrize(
    "answer",
    [
        "Unfortunately we cannot refund it, I'm sorry.",
        "Thanks for reaching out! Happy to help.",
        "We refund it whatever its age, and whatever the reason.",
        "Please use the VAT ID of the EU company.",
        'You wrote "this is a stupid shop!!" and I understand the anger.',
        "The idiomatic way is a scrapbook; classic, passionate, Sussex.",
        "Really?! Let me look into that.",
    ],
)
def test_plain_and_friendly_answers_are_courteous(answer: str) -> None:
    """Bad news, one exclamation mark, abbreviations and a quoted insult are no fault."""
    assert measure(answer) == Measure(1.0, "No rude, blaming or shouting words.")


@pytest.mark.parametrize(
    ("answer", "score", "named"),
    [
        ("You are an idiot, and the parcel is lost.", 0.0, "an insult"),
        ("The parcel is lost, deal with it please.", 0.5, "a dismissal"),
        ("Whatever. The parcel is lost for good.", 0.5, "a dismissal"),
        ("The parcel is lost, which is your own fault.", 0.6, "blame"),
        ("You should\u2019ve kept the receipt of the shop.", 0.6, "blame"),
        ("PLEASE SEND THE parcel back before you order.", 0.7, "Shouts"),
        ("The parcel is lost!!! We are looking.", 0.7, "Shouts"),
        ("No.", 0.7, "curt"),
        ("Deal with it. It is your own fault!!!", 0.0, "a dismissal"),
    ],
)
def test_faults_cost_what_the_documentation_says(answer: str, score: float, named: str) -> None:
    """Each fault has its price, prices add up to 0 at most, and the worst is quoted."""
    found = measure(answer)
    assert found.score == pytest.approx(score)
    assert named in found.reason


def test_politeness_buys_nothing_back() -> None:
    """Kind words around an insult don't raise the score."""
    assert measure("Thank you so much, dear customer, you idiot, have a lovely day!").score == 0


def test_one_rude_turn_spoils_a_conversation() -> None:
    """Every turn counts."""
    assert measure("Happy to help with that.", "Calm down, it is on its way.").score == 0.5
