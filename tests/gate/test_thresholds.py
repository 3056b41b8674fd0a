import pytest

from rubric_action.gate.decision import Decision
from rubric_action.gate.evidence import BarNotCompared
from rubric_action.rubric.model import Regression, Rubric
from tests.gate.builders import (
    MARK,
    TONE,
    baseline,
    decided,
    missing,
    only,
    part,
    past,
    result,
    rubric,
    told,
)

BROKEN = result("a", 0.0)


def kinds(decision: Decision) -> list[str]:
    """The kinds found, in order."""
    return [kind for kind, _ in told(decision)]


@pytest.mark.parametrize(
    ("minimum", "scores", "found"),
    [
        (0.9, [0.9, 0.9], False),
        (0.9, [0.9, 0.89], True),
        (0.3, [0.1, 0.2, 0.6], False),
        (0.7, [0.7] * 3, False),
        (0.0, [0.0], False),
        (1.0, [1.0, 1.0], False),
    ],
)
def test_a_mean_below_its_minimum_fails(minimum: float, scores: list[float], found: bool) -> None:
    """Compared by point estimate; rounding in a mean of decimals is forgiven."""
    cases = [result(str(n), score) for n, score in enumerate(scores)]
    decision = decided(*cases, rubric=rubric(part(tone=minimum)))
    assert [one.kind for one in decision.findings if one.blocks] == ["threshold"] * found


def test_a_threshold_says_what_was_measured() -> None:
    """Observed, required, baseline and interval stand beside each other."""
    decision = decided(
        result("a", 0.6), result("b", 0.8), rubric=rubric(part(tone=0.92)),
        before=baseline(result("a", 0.7)),
    )  # fmt: skip
    finding = only(decision, "threshold")
    assert finding.identity == ("threshold", "all", "tone", None)
    assert finding.observed == pytest.approx(0.7)
    assert (finding.required, finding.baseline, finding.severity) == (0.92, 0.7, "fail")
    assert finding.interval == decision.slices["all"].axes["tone"].interval
    assert (finding.key, finding.place) == ("slices.all.min.tone", None)
    assert finding.sentence == (
        "`tone` of slice `all` is 0.700 over 2 cases; it needs 0.92; lowest: `a`, `b`"
    )


def test_a_near_miss_shows_enough_decimals() -> None:
    """A value never prints as the bar that it misses."""
    decision = decided(result("a", 0.91984), rubric=rubric(part(tone=0.92)))
    assert only(decision, "threshold").sentence.startswith("`tone` of slice `all` is 0.9198 over")


@pytest.mark.parametrize(
    ("least", "trials", "found"),
    [
        (0.5, [(1.0,), (0.0,)], False),
        (0.75, [(1.0,), (1.0, 0.0)], False),
        (0.8, [(1.0, 0.0)], True),
    ],
)
def test_a_pass_rate_below_its_minimum_fails(
    least: float, trials: list[tuple[float, ...]], found: bool
) -> None:
    """The rate is the mean share of passing trials."""
    cases = [result(str(n), *scores) for n, scores in enumerate(trials)]
    decision = decided(*cases, rubric=rubric(part(min_pass_rate=least)))
    assert kinds(decision) == ["threshold"] * found


def test_a_pass_rate_says_what_was_measured() -> None:
    """It has no axis, and the rate's key."""
    decision = decided(BROKEN, result("b"), rubric=rubric(part(min_pass_rate=0.9)))
    finding = only(decision, "threshold")
    assert finding.identity == ("threshold", "all", None, None)
    assert (finding.observed, finding.required, finding.baseline) == (0.5, 0.9, None)
    assert finding.interval == decision.slices["all"].interval
    assert finding.key == "slices.all.min_pass_rate"
    assert finding.sentence == (
        "`all` passes 1 of 2 cases, a rate of 0.500; it needs 0.9; failing: `a`"
    )


@pytest.mark.parametrize(
    ("wanted", "slices", "sentence"),
    [
        (rubric(part(minimums={"policy": 0.9}), axes={"tone": TONE, "policy": TONE}), ("all",),
         "`policy` of slice `all` was graded on no case; it needs 0.9"),
        (rubric(part("x"), part(min_pass_rate=0.9)), ("x",), "`all` has no case; it needs 0.9"),
    ],
)  # fmt: skip
def test_a_bar_that_nothing_is_measured_against_is_not_met(
    wanted: Rubric, slices: tuple[str, ...], sentence: str
) -> None:
    """Emptying a slice, or taking an axis off its cases, does not clear the bar."""
    decision = decided(result("a", slices=slices), rubric=wanted)
    assert decision.verdict == "fail"
    assert only(decision, "threshold").sentence == sentence
    assert only(decision, "threshold").observed is None


def test_a_slice_with_undecided_cases_is_not_weighed() -> None:
    """The error stands alone; no mean is made up from what is left."""
    decision = decided(BROKEN, missing("b"), rubric=rubric(part(tone=0.9, min_pass_rate=0.9)))
    assert kinds(decision) == ["missing"]


@pytest.mark.parametrize(
    ("own", "general", "before", "now", "key"),
    [
        (None, None, 1.0, 0.6, None),
        (None, 0.03, 1.0, 0.97, None),
        (None, 0.03, 1.0, 0.96, "regression.max_drop"),
        (0.05, 0.03, 1.0, 0.96, None),
        (0.02, 0.5, 1.0, 0.97, "slices.all.max_drop"),
        (0.0, None, 0.9, 0.9, None),
        (0.0, None, 0.9, 0.89, "slices.all.max_drop"),
        (None, 0.03, 0.6, 0.9, None),
    ],
)
def test_a_fall_beyond_what_is_allowed_fails(
    own: float | None, general: float | None, before: float, now: float, key: str | None
) -> None:
    """A slice's own limit goes before the rubric's; without either nothing is too much."""
    wanted = rubric(part(max_drop=own), regression=Regression(max_drop=general, confidence=0.0))
    decision = decided(result("a", now), rubric=wanted, before=baseline(result("a", before)))
    assert [finding.key for finding in decision.findings] == ([key] if key else [])


def test_a_drop_is_over_shared_cases_and_says_so() -> None:
    """A new case that scores low is no fall, and a removed one no gain."""
    wanted = rubric(part(), regression=Regression(max_drop=0.03, confidence=0.0))
    decision = decided(
        result("a", 0.8), result("new", 0.1), rubric=wanted,
        before=baseline(result("a", 0.9), result("gone", 0.0)),
    )  # fmt: skip
    finding = only(decision, "drop")
    assert finding.identity == ("drop", "all", "tone", None)
    assert finding.observed == pytest.approx(0.8)
    assert finding.required == pytest.approx(0.87)
    assert (finding.baseline, finding.severity) == (0.9, "fail")
    assert finding.sentence == (
        "`tone` of slice `all` fell by 0.100, from 0.900 to 0.800, on 1 case that both runs "
        "share; 0.03 is allowed; fell most: `a`"
    )


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (rubric(part(min_pass_rate=0.1, max_drop=0.1)), [None, "tone"]),
        (rubric(part(max_drop=0.1)), ["tone"]),
        (rubric(part(max_drop=0.1), axes={}), [None]),
    ],
)
def test_a_pass_rate_can_fall_where_it_is_a_bar(wanted: Rubric, found: list[str | None]) -> None:
    """Where a slice is held to its rate, or there is no axis, its rate is compared too."""
    scores = {"tone": 0.0} if wanted.axes else {}
    now = result("a", scores, rules=False)
    decision = decided(
        now, result("b"), rubric=wanted, before=baseline(result("a"), result("b"))
    )  # fmt: skip
    drops = [finding.axis for finding in decision.findings if finding.kind == "drop"]
    assert drops == found


INFORMAL = rubric(
    part(informational=True, hard=True, tone=0.9, min_pass_rate=0.9, max_drop=0.01), part("rest")
)


def test_an_informational_slice_tells_and_never_blocks() -> None:
    """Hard gate, thresholds and drops of such a slice are warnings, whatever the policy."""
    decision = decided(
        result("a", 0.0), rubric=INFORMAL,
        before=baseline(result("a", 1.0, history=past(1, 3))), bar=BarNotCompared("no base"),
    )  # fmt: skip
    assert told(decision) == [
        ("hard-gate", "warn"),
        ("threshold", "warn"),
        ("threshold", "warn"),
        ("drop", "warn"),
        ("drop", "warn"),
    ]
    assert decision.verdict == "pass"


def test_scores_that_are_no_numbers_are_below_every_bar() -> None:
    """A NaN that slipped through turns nothing green."""
    case = result("a", float("nan"))
    decision = decided(case, rubric=rubric(part(tone=MARK)))
    assert (case.passed, decision.verdict) == (False, "fail")


def test_a_slice_in_which_nothing_passes_is_never_silent() -> None:
    """Where its bar looks at something else, a warning says so; a broken bar says more."""
    other = rubric(part(tone=0.0))
    finding = only(decided(result("a", 0.0), result("b", 0.1), rubric=other), "threshold")
    assert finding.severity == "warn"
    assert finding.sentence == (
        "none of 2 cases of slice `all` passes, and no bar holds them to it"
    )
    assert kinds(decided(result("a", 0.0), result("b", 1.0), rubric=other)) == []
    assert told(decided(result("a", 0.0), rubric=rubric(part(tone=0.5)))) == [("threshold", "fail")]
