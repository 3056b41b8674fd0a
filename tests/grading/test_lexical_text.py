"""Sentences, clauses, stems and polarity of English text."""

import pytest

from rubric_action.grading.lexical_text import (
    after_negation,
    clauses,
    named,
    negated,
    plain,
    sentences,
    short,
    stem,
    stems,
)


@pytest.mark.parametrize(
    "family",
    [
        "refund refunds refunded refunding refundable",
        "ship ships shipped shipping shipment shipments",
        "deliver delivers delivered delivery deliveries",
        "cancel cancels cancelled canceled cancelling cancellation",
        "expire expires expired expiry expiration",
        "pay pays paid paying payment",
        "policy policies",
        "purchase purchased purchases",
        "buy buying bought",
    ],
)
def test_forms_of_a_word_share_a_stem(family: str) -> None:
    """Inflected and derived forms meet in one stem."""
    assert len({stem(word) for word in family.split()}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("refund", "return"), ("sale", "seal"), ("pass", "pas"), ("cell", "cel"), ("order", "offer")],
)
def test_unlike_words_keep_their_stems(one: str, other: str) -> None:
    """The stemmer is light: it does not merge what a shop keeps apart."""
    assert stem(one) != stem(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is what you have had.", set()),
        ("We don't, we can't, we won't.", set()),
        ("The customer's parcels", {"customer", "parcel"}),
        ("Café EÉN", {"café", "eén"}),
        ("x 30 %", set()),
    ],
)
def test_stems_are_of_content_words(text: str, expected: set[str]) -> None:
    """Function words, contractions, single letters and digits are no content."""
    assert stems(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Costs 4.90 EUR. Fine.", ["Costs 4.90 EUR.", "Fine."]),
        ("See e.g. the terms, i.e. ours.", ["See e.g. the terms, i.e. ours."]),
        ("- one\n* two\n3. three", ["one", "two", "three"]),
        ("a long line\nthat goes on", ["a long line that goes on"]),
        ("Heading\nBody", ["Heading", "Body"]),
        ("We refund it. [returns.md] Yes [a#1].", ["We refund it.", "Yes ."]),
        ("[You get a refund]", ["[You get a refund]"]),
        ("... !!! ---", []),
        ("", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    """Sentences end at marks and lines; list and source marks fall away."""
    assert list(sentences(text)) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("We can't refund it, but you get credit", ["We can't refund it,", "you get credit"]),
        ("It is late, so I refuse", ["It is late,", "I refuse"]),
        ("Tents, mats and poles cannot be returned", ["Tents, mats and poles cannot be returned"]),
        ("Within 14 days instead of 30", ["Within 14 days", "instead of 30"]),
        ("It is over and you keep it", ["It is over", "you keep it"]),
    ],
)
def test_clauses(sentence: str, expected: list[str]) -> None:
    """Clauses end where a new statement with its own polarity may begin."""
    assert list(clauses(sentence)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We cannot do it", True),
        ("We can\u2019t do it", True),
        ("That is not possible", True),
        ("Unfortunately it is over", True),
        ("It is non-refundable", True),
        ("You get credit instead of money", True),
        ("You can return it", False),
        ("No problem, you can return it", False),
        ("Don't worry, you can return it", False),
        ("No later than Monday", False),
        ("This is notable, nothing like a knot", True),
        ("Notes and knots", False),
    ],
)
def test_negated(text: str, expected: bool) -> None:
    """Denials are seen as whole words; idioms that only sound like one are not."""
    assert negated(text) is expected


def test_after_negation() -> None:
    """What is denied stands behind the denial; a text without one denies nothing."""
    assert after_negation("No problem, but we cannot refund it").strip() == "refund it"
    assert after_negation("We refund it") == ""


def test_named_shows_the_words_as_written() -> None:
    """Reasons name words, not stems, each once and in order."""
    assert (
        named(stems("refund parcel"), "Parcels of refunded parcel refunds") == "parcels, refunded"
    )


def test_short_stays_on_one_line_and_within_its_limit() -> None:
    """A quotation is cut with an ellipsis and keeps no line break."""
    assert short("one\n two.") == '"one two"'
    assert short("word " * 50, limit=20) == '"word word word word…"'
    assert len(short("x" * 10_000)) == 92


def test_plain_leaves_ascii_alone() -> None:
    """ASCII text is its own plain form; ligatures, widths and hidden marks are resolved."""
    assert plain("re-fund's") == "re-fund's"
    assert plain("\ufb01ve\u200b \uff15") == "five 5"
