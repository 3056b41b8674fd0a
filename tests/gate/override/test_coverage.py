from dataclasses import replace

import pytest

from rubric_action.gate.model import Finding
from rubric_action.gate.override.coverage import covers, gaps, seen_at
from rubric_action.rubric.kinds import OVERRIDABLE
from tests.gate.override.scenes import TONE, at, finding, policy, published

ALL = policy(allow=OVERRIDABLE)
LATENCY = finding("latency", 4.5)
COST = finding("cost", 0.09, slice="head")
CHANGED = finding("bar-lowered", None, key="axes.tone.pass", sentence="from 0.9 to 0.8")
REMOVED = finding("case-removed", None, case="a", key="cases")


@pytest.mark.parametrize(
    ("then", "now", "covered"),
    [
        pytest.param(TONE, TONE, True, id="the same"),
        pytest.param(finding(observed=0.6), TONE, True, id="better since"),
        pytest.param(finding(observed=0.71), TONE, False, id="worse since"),
        pytest.param(LATENCY, finding("latency", 4.4), True, id="faster since"),
        pytest.param(LATENCY, finding("latency", 4.6), False, id="slower since"),
        pytest.param(COST, finding("cost", 0.08, slice="head"), True, id="cheaper since"),
        pytest.param(COST, finding("cost", 0.1, slice="head"), False, id="dearer since"),
        pytest.param(REMOVED, REMOVED, True, id="nothing is measured of it"),
        pytest.param(finding(observed=None), TONE, False, id="not measured then"),
        pytest.param(TONE, finding(observed=None), False, id="not measured now"),
        pytest.param(finding(slice="tail"), TONE, False, id="another slice"),
        pytest.param(finding(axis="policy"), TONE, False, id="another axis"),
        pytest.param(finding(case="a"), TONE, False, id="another case"),
        pytest.param(finding("drop"), TONE, False, id="another kind"),
        pytest.param(finding(severity="warn"), TONE, False, id="a warning then"),
        pytest.param(finding(sentence="elsewhere", key="k"), TONE, True, id="told otherwise"),
        pytest.param(finding(overridden=True), TONE, True, id="signed for then"),
        pytest.param(CHANGED, CHANGED, True, id="the same change of the bar"),
        pytest.param(
            replace(CHANGED, sentence="from 0.9 to 0.7"), CHANGED, False, id="another value"
        ),
        pytest.param(replace(CHANGED, key="axes.policy.pass"), CHANGED, False, id="another key"),
    ],
)
def test_a_finding_is_covered_by_what_was_known(then: Finding, now: Finding, covered: bool) -> None:
    """The same finding, no better then than today."""
    assert covers(then, now) is covered
    assert (gaps([now], ALL, [published(5, then)], at(20)) == ()) is covered


@pytest.mark.parametrize(
    ("then", "now", "why"),
    [
        (finding(observed=0.75), TONE, "it got worse since: 0.700, it was 0.750"),
        (LATENCY, finding("latency", 4.75), "it got worse since: 4.750, it was 4.500"),
        (finding(observed=None), TONE,
         "what was measured then and today cannot be compared"),
        (finding("drop"), TONE,
         "it was not in the results that had been published before, 2026-11-23 12:05:00 UTC"),
        (finding("latency"), finding("missing"), "the rubric lets nobody sign for `missing`"),
    ],
)  # fmt: skip
def test_a_gap_says_why(then: Finding, now: Finding, why: str) -> None:
    """With both values where it got worse, with the time of the results where it is new."""
    now = replace(now, severity="fail")
    assert [(gap.finding, gap.why) for gap in gaps([now], ALL, [published(5, then)], at(20))] == [
        (now, why)
    ]


def test_the_newest_results_before_the_approval_decide() -> None:
    """What was better in them is not covered by older ones, nor by those that came later."""
    results = [
        published(5, finding(observed=0.5)),
        published(15, finding(observed=0.8)),
        published(25, finding(observed=0.5)),
    ]
    assert seen_at(results, at(20)) == results[1]
    assert gaps([TONE], ALL, results, at(20)) != ()
    assert gaps([TONE], ALL, results, at(10)) == ()
    assert gaps([TONE], ALL, results, at(30)) == ()


def test_of_results_of_one_second_the_later_artifact_is_newest() -> None:
    """Artifacts are numbered in order."""
    first, second = published(5, artifact_id=1), published(5, artifact_id=2)
    assert seen_at([second, first], at(20)) == second
    assert seen_at([first], at(5)) is None


def test_changes_of_the_bar_that_share_an_identity_are_told_apart() -> None:
    """Each of a pair has to have been there."""
    other = replace(CHANGED, key="override.allow", sentence="one more kind")
    assert gaps([CHANGED, other], ALL, [published(5, other, CHANGED)], at(20)) == ()
    left = gaps([CHANGED, other], ALL, [published(5, CHANGED)], at(20))
    assert [gap.finding for gap in left] == [other]


def test_of_two_alike_the_worse_one_covers() -> None:
    """Two findings of one identity are one to whoever reads them."""
    both = published(5, finding(observed=0.9), finding(observed=0.6))
    assert gaps([TONE], ALL, [both], at(20)) == ()


def test_only_failures_need_cover() -> None:
    """Warnings pass without a signature."""
    assert gaps([finding(severity="warn")], policy(allow=()), [], at(20)) == ()


def test_ten_thousand_findings_are_no_trouble() -> None:
    """Each is looked up, not searched for."""
    many = [finding("regression", 0.0, case=f"case-{n}") for n in range(10_000)]
    assert gaps(many, ALL, [published(5, *many)], at(20)) == ()
