import pytest

from rubric_action.cases.model import Case, ContextItem, UserTurn
from rubric_action.cases.select import axes_of, context_tokens, picks, slices_of
from rubric_action.rubric.model import Axis, Selector, Slice
from tests.cases.samples import rubric

CASE = Case(
    "refund-1",
    (UserTurn("12345678"), UserTurn("1234")),
    tags=("head", "refund"),
    stakes="high",
    source="trace",
    context=(ContextItem("x" * 20), ContextItem("y" * 11, "doc-1")),
)


@pytest.mark.parametrize(
    ("selector", "picked"),
    [
        (Selector(), True),
        (Selector(tags=("tail", "refund")), True),
        (Selector(tags=("tail",)), False),
        (Selector(all_tags=("head", "refund")), True),
        (Selector(all_tags=("head", "tail")), False),
        (Selector(stakes="high"), True),
        (Selector(stakes="normal"), False),
        (Selector(source="trace"), True),
        (Selector(source="synthetic"), False),
        (Selector(ids=("a", "refund-1")), True),
        (Selector(ids=("refund",)), False),
        (Selector(min_turns=2), True),
        (Selector(min_turns=3), False),
        (Selector(max_turns=2), True),
        (Selector(max_turns=1), False),
        (Selector(min_context_tokens=10), True),
        (Selector(min_context_tokens=11), False),
        (Selector(min_context_tokens=0), True),
        (Selector(tags=("head",), stakes="normal"), False),
        (Selector(tags=("head",), stakes="high", min_turns=2), True),
        (Selector(negated=Selector(tags=("head",))), False),
        (Selector(negated=Selector(tags=("tail",))), True),
        (Selector(tags=("head",), negated=Selector(stakes="high")), False),
        (Selector(negated=Selector()), False),
        (Selector(negated=Selector(negated=Selector(tags=("head",)))), True),
    ],
)
def test_every_key_of_a_selector_has_to_hold(selector: Selector, picked: bool) -> None:
    """A case is picked when all keys that are set hold; `not` turns its selector round."""
    assert picks(selector, CASE) is picked


@pytest.mark.parametrize(("characters", "tokens"), [(0, 0), (3, 0), (4, 1), (31_999, 7999)])
def test_tokens_are_four_characters_each(characters: int, tokens: int) -> None:
    """Tokens are estimated from context and turns alike, rounded down."""
    assert context_tokens(Case("a", (UserTurn("x" * characters),))) == tokens
    assert context_tokens(Case("a", (UserTurn(""),), context=(ContextItem("x" * characters),))) == (
        tokens
    )


def test_axes_and_slices_of_a_case_keep_the_rubric_order() -> None:
    """An axis without `applies_to` applies to every case."""
    axes = {
        "tone": Axis("tone", "?"),
        "policy": Axis("policy", "?", applies_to=Selector(tags=("refund",))),
        "code": Axis("code", "?", applies_to=Selector(tags=("code",))),
    }
    slices = {
        "tail": Slice("tail", Selector(tags=("tail",))),
        "deep": Slice("deep", Selector(min_turns=2)),
        "all": Slice("all", Selector()),
    }
    sample = rubric(axes=axes, slices=slices)
    assert axes_of(sample, CASE) == ("tone", "policy")
    assert slices_of(sample, CASE) == ("deep", "all")
