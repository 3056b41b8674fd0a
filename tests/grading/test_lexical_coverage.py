"""``coverage``: how many of the facts the answers state."""

import pytest

from rubric_action.grading.lexical import METHODS, Material, Measure


def measure(*answers: str, facts: tuple[str, ...] = (), expected: str | None = None) -> Measure:
    """The coverage of a session."""
    found = METHODS["coverage"](Material(("q",) * len(answers), answers, (), expected, facts))
    assert isinstance(found, Measure)
    return found


@pytest.mark.parametrize(
    ("fact", "answer", "stated"),
    [
        ("Returns are accepted within 30 days.", "We accept returns within 30 days.", True),
        ("Returns are accepted within 30 days.", "We accept returns within thirty days.", True),
        ("Returns are accepted within 30 days.", "We accept returns within 14 days.", False),
        ("Returns are accepted within 30 days.", "We accept returns.", False),
        ("Returns are accepted within 30 days.", "Returns are not accepted in 30 days.", False),
        ("Sale items cannot be returned.", "You can't return sale items.", True),
        ("Sale items cannot be returned.", "Sale items can be returned.", False),
        ("Sale items cannot be returned.", "Sale items are cheap. Boots can be returned.", False),
        ("The warranty is 2 years.", "The warranty is 24 months.", True),
        ("Postage is 5 EUR and is paid by you.", "Postage is 5 EUR. It is paid by you.", True),
        ("Sale items return in 14 days.", "Sale items: in 14 days instead of 30, return.", True),
        ("Refunds take 5 days.", "Refunds are nice. We like dogs. Five days pass.", False),
    ],
)
def test_a_fact_is_stated_or_it_is_not(fact: str, answer: str, stated: bool) -> None:
    """Two thirds of its words close together, all of its numbers, and the same polarity."""
    assert measure(answer, facts=(fact,)).score == float(stated)


def test_the_score_is_the_share_of_facts_and_the_reason_names_a_missing_one() -> None:
    """Each fact counts alike, whichever turn states it."""
    facts = ("Postage costs 5 EUR.", "Boots are returnable.", "Refunds take 9 days.", "Tea is hot.")
    found = measure("Postage costs 5 EUR.", "Boots are returnable, and tea is hot.", facts=facts)
    assert found.score == 0.75
    assert found.reason == '3 of 4 facts stated, not "Refunds take 9 days".'


def test_neighbours_in_two_turns_are_not_joined() -> None:
    """A fact that is spread over two answers is not stated by either."""
    assert (
        measure("Postage abroad", "costs 5 EUR", facts=("Postage abroad costs 5 EUR.",)).score == 0
    )


@pytest.mark.parametrize(
    ("answer", "score", "named"),
    [
        ("Delivery of boots costs 5 EUR.", 1.0, "Every content word"),
        ("Boots cost money.", 1 / 2, "5 eur, delivery"),
        ("Nothing of the sort.", 0.0, "delivery"),
    ],
)
def test_without_facts_the_expected_answer_counts(answer: str, score: float, named: str) -> None:
    """Then each content stem and number of ``expected`` counts alike."""
    found = measure(answer, expected="Delivery of boots costs 5 EUR.")
    assert found.score == pytest.approx(score)
    assert named in found.reason


def test_facts_come_before_expected() -> None:
    """Where a case has both, the facts are what counts."""
    found = measure("Tea is hot.", facts=("Tea is hot.",), expected="Something else entirely.")
    assert found.score == 1
