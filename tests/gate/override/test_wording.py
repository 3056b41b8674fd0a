from dataclasses import replace

import pytest

from rubric_action.gate.model import Finding
from rubric_action.gate.override import wording
from tests.gate.override.scenes import HARD, TONE, at, finding, policy


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["a", "b", "c", "d"], "a, b, c and 1 more"),
        ([str(n) for n in range(100)], "0, 1, 2 and 97 more"),
    ],
)
def test_of_many_the_first_few_are_listed(names: list[str], told: str) -> None:
    """The rest is counted."""
    assert wording.listed(names) == told


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (TONE, "`threshold` (`tone` of `head`)"),
        (replace(TONE, axis=None), "`threshold` (`head`)"),
        (HARD, "`hard-gate` (`refund-014` of `crit`)"),
        (finding("latency"), "`latency`"),
        (finding("cost", slice="head"), "`cost` (`head`)"),
        (finding("bar-lowered", key="slices.head.min.tone", slice="head", axis="tone"),
         "`bar-lowered` (`slices.head.min.tone`)"),
        (finding("bar-lowered", case="a", slice="crit"), "`bar-lowered` (`a` of `crit`)"),
        (finding("case-removed", case="a", key="cases"), "`case-removed` (`a`)"),
    ],
)  # fmt: skip
def test_a_finding_is_named_by_what_tells_it_from_others(one: Finding, told: str) -> None:
    """Case, axis and slice, or the key of a change of the bar."""
    assert wording.finding_name(one) == told


def test_kinds_beyond_a_signature_are_named_once() -> None:
    """In order."""
    found = [finding(kind) for kind in ("regression", "hard-gate", "regression")]
    assert wording.nobody_may(found) == "Nobody may override `hard-gate` and `regression`."


def test_what_has_to_happen_shortens_names_before_it_is_cut() -> None:
    """The end says what the review has to hold, and has to stay."""
    rule = policy("m" * 39, "n" * 39, teams=("acme/" + "t" * 90,), permission="admin")
    for how in (wording.how_to_ask(rule), wording.how_to_ask_again(rule)):
        assert len(how) <= wording.LONGEST_HOW
        assert how.endswith("approve this very commit in a review with a line `override: <why>`.")


def test_times_are_told_to_the_second() -> None:
    """So that two of them can be told apart."""
    assert wording.moment(at(1.5)) == "2026-11-23 12:01:30 UTC"
    assert wording.day(at(0)) == "2026-11-23"
