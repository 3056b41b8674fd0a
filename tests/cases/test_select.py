import pytest

from rubric_action.cases.model import Case, ContextItem, SimulatedUser, UserTurn
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


@pytest.mark.parametrize(
    ("selector", "picked"),
    [
        (Selector(min_turns=4), True),
        (Selector(min_turns=5), False),
        (Selector(max_turns=4), True),
        (Selector(max_turns=3), False),
    ],
)
def test_a_simulated_user_counts_with_the_most_it_may_say(selector: Selector, picked: bool) -> None:
    """Slices are known before the conversation is held."""
    user = SimulatedUser("A traveller.", "Move the flight.", max_turns=4)
    assert picks(selector, Case("a", (UserTurn("Hi"),), user=user)) is picked


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


class _Counted(str):
    """A name that counts how often it is hashed."""

    __slots__ = ()
    hashed = 0

    def __hash__(self) -> int:
        _Counted.hashed += 1
        return str.__hash__(self)

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other)


@pytest.mark.parametrize("key", ["ids", "tags", "all_tags"])
def test_a_long_list_is_gone_through_once(key: str) -> None:
    """However many cases are looked up in it, no case takes another pass over the list."""
    names = tuple(_Counted(f"n{n}") for n in range(1_000))
    selector = Selector(**{key: names})  # type: ignore[arg-type]
    _Counted.hashed = 0
    picked = [picks(selector, CASE) for _ in range(50)]
    assert not any(picked)
    assert _Counted.hashed == len(names)


def test_sets_are_no_part_of_what_a_selector_is() -> None:
    """A selector that was asked equals one that was not."""
    asked = Selector(ids=("refund-1",))
    assert picks(asked, CASE)
    assert asked == Selector(ids=("refund-1",))
    assert hash(asked) == hash(Selector(ids=("refund-1",)))
