from dataclasses import dataclass, fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rubric_action.rubric.covers import covers
from rubric_action.rubric.model import Selector

HEAD = Selector(tags=("head",))


@pytest.mark.parametrize(
    ("new", "old", "covered"),
    [
        (Selector(), HEAD, True),
        (HEAD, Selector(), False),
        (HEAD, HEAD, True),
        (Selector(tags=("head", "tail")), HEAD, True),
        (HEAD, Selector(tags=("head", "tail")), False),
        (HEAD, Selector(all_tags=("head", "x")), True),
        (Selector(all_tags=("head",)), HEAD, True),
        (Selector(all_tags=("head", "x")), HEAD, False),
        (Selector(all_tags=("a",)), Selector(all_tags=("a", "b")), True),
        (Selector(stakes="high"), Selector(stakes="high", tags=("a",)), True),
        (Selector(stakes="high"), Selector(stakes="normal"), False),
        (Selector(source="trace"), Selector(), False),
        (Selector(ids=("a", "b")), Selector(ids=("a",)), True),
        (Selector(ids=("a",)), Selector(ids=("a", "b")), False),
        (Selector(min_turns=1), Selector(), True),
        (Selector(min_turns=2), Selector(min_turns=4), True),
        (Selector(min_turns=4), Selector(min_turns=2), False),
        (Selector(max_turns=7), Selector(max_turns=4), True),
        (Selector(max_turns=7), Selector(), False),
        (Selector(min_context_tokens=10), Selector(min_context_tokens=20), True),
        (Selector(min_context_tokens=20), Selector(min_context_tokens=10), False),
        (Selector(negated=HEAD), Selector(), False),
        (Selector(negated=HEAD), Selector(negated=HEAD), True),
        (Selector(negated=HEAD), Selector(negated=Selector(tags=("head", "x"))), True),
        (Selector(negated=Selector(stakes="high")), Selector(stakes="normal"), True),
        (Selector(negated=Selector(source="trace")), Selector(source="synthetic"), True),
        (Selector(negated=Selector(ids=("a",))), Selector(ids=("b",)), True),
        (Selector(negated=Selector(min_turns=4)), Selector(max_turns=3), True),
        (Selector(negated=Selector(max_turns=3)), Selector(min_turns=4), True),
        (Selector(negated=Selector(negated=HEAD)), HEAD, True),
    ],
)
def test_covers(new: Selector, old: Selector, covered: bool) -> None:
    """A selector covers another where the structure proves it."""
    assert covers(new, old) is covered


@dataclass(frozen=True)
class Thing:
    """What selectors look at in a case."""

    id: str
    tags: frozenset[str]
    stakes: str
    source: str
    turns: int
    tokens: int


def picks(selector: Selector, case: Thing) -> bool:
    """What a selector means, written apart from the code."""
    return (
        (not selector.tags or any(tag in case.tags for tag in selector.tags))
        and all(tag in case.tags for tag in selector.all_tags)
        and (selector.stakes is None or selector.stakes == case.stakes)
        and (selector.source is None or selector.source == case.source)
        and (not selector.ids or case.id in selector.ids)
        and (selector.min_turns is None or case.turns >= selector.min_turns)
        and (selector.max_turns is None or case.turns <= selector.max_turns)
        and (selector.min_context_tokens is None or case.tokens >= selector.min_context_tokens)
        and (selector.negated is None or not picks(selector.negated, case))
    )


NAMES = st.sampled_from("abc")
SOME = st.lists(NAMES, max_size=2, unique=True).map(tuple)
STAKES = st.sampled_from(["high", "normal"])
SOURCES = st.sampled_from(["handwritten", "trace"])
COUNTS = st.integers(1, 4)
FLAT = st.builds(
    Selector,
    tags=SOME,
    all_tags=SOME,
    stakes=st.none() | STAKES,
    source=st.none() | SOURCES,
    ids=SOME,
    min_turns=st.none() | COUNTS,
    max_turns=st.none() | COUNTS,
    min_context_tokens=st.none() | COUNTS,
)
SELECTORS = st.recursive(
    FLAT, lambda inner: st.builds(lambda flat, no: replace(flat, negated=no), FLAT, inner)
)
CASES = st.builds(Thing, NAMES, st.frozensets(NAMES), STAKES, SOURCES, COUNTS, st.integers(0, 4))


FIELDS = st.frozensets(st.sampled_from([each.name for each in fields(Selector)]), max_size=3)


def mixed(old: Selector, other: Selector, names: frozenset[str]) -> Selector:
    """The old selector with some keys of another one, so that it often covers the old."""
    changed: dict[str, Any] = {name: getattr(other, name) for name in names}
    return replace(old, **changed)


@settings(max_examples=300, deadline=None)
@given(
    old=SELECTORS,
    other=SELECTORS,
    names=FIELDS,
    cases=st.lists(CASES, min_size=10, max_size=10),
)
def test_what_is_covered_is_picked(
    old: Selector, other: Selector, names: frozenset[str], cases: list[Thing]
) -> None:
    """Where `covers` says yes, no case that the old selector picks escapes the new one."""
    new = mixed(old, other, names)
    if covers(new, old):
        assert all(picks(new, case) for case in cases if picks(old, case))


@given(selector=SELECTORS)
def test_a_selector_covers_itself(selector: Selector) -> None:
    """What did not change is not narrower."""
    assert covers(selector, selector)
