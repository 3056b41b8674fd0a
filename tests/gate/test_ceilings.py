import pytest

from rubric_action.gate.ceilings import findings, measure, weigh
from rubric_action.gate.model import CaseResult, TrialResult
from rubric_action.rubric.model import Ceilings, Rubric
from tests.gate.builders import decided, only, part, result, rubric, timed, told

LIMITED = rubric(ceilings=Ceilings(latency_p95_s=4.0, cost_per_session_usd=0.08))
FAST = timed("fast", 1.0, 0.01)
SLOW = timed("slow", 9.0, 0.01)
DEAR = timed("dear", 1.0, 0.20)
UNKNOWN = timed("unknown")


def half_known() -> CaseResult:
    """A case of two trials, of which one has no latency and no cost."""
    trials = (TrialResult(1, True, latency_s=9.0, cost_usd=0.5), TrialResult(2, True))
    return CaseResult("half", ("all",), True, trials, latency_s=9.0, cost_usd=0.5)


@pytest.mark.parametrize(
    ("cases", "expected"),
    [
        ((FAST,), []),
        ((FAST, timed("edge", 4.0, 0.08)), []),
        ((FAST, SLOW), [("latency", "fail")]),
        ((FAST, DEAR), [("cost", "fail")]),
        ((SLOW, DEAR), [("latency", "fail"), ("cost", "fail")]),
        ((*(timed(str(n), 1.0, 0.01) for n in range(19)), SLOW), []),
        (tuple(timed(str(n), 1.0, 0.08) for n in range(7)), []),
        (tuple(timed(str(n), 1.0, 0.1 + 0.2) for n in range(3)), [("cost", "fail")]),
    ],
)
def test_a_ceiling_is_exceeded_by_p95_and_by_the_mean_cost(
    cases: tuple[CaseResult, ...], expected: list[tuple[str, str]]
) -> None:
    """Latency is the 95th percentile over cases, cost the mean; at the limit is within it."""
    assert told(decided(*cases, rubric=LIMITED)) == expected


def test_a_ceiling_of_a_decimal_is_not_broken_by_rounding() -> None:
    """Three sessions of $0.1 cost $0.1 each, whatever binary fractions say."""
    wanted = rubric(ceilings=Ceilings(cost_per_session_usd=0.1))
    assert not decided(*(timed(str(n), 1.0, 0.1) for n in range(3)), rubric=wanted).findings


def test_an_exceeded_ceiling_says_by_how_much() -> None:
    """Observed, limit and key; no slice for the rubric's own."""
    decision = decided(SLOW, DEAR, rubric=LIMITED)
    latency, cost = only(decision, "latency"), only(decision, "cost")
    assert latency.identity == ("latency", None, None, None)
    assert (latency.observed, latency.required) == (9.0, 4.0)
    assert (latency.key, cost.key) == ("ceilings.latency_p95", "ceilings.cost_per_session")
    assert latency.sentence == "p95 latency is 9.00 s, over the ceiling of 4 s"
    assert cost.sentence == "cost a session is $0.1050, over the ceiling of $0.08"


@pytest.mark.parametrize(
    ("informational", "severity", "verdict"), [(False, "fail", "fail"), (True, "warn", "pass")]
)
def test_a_slice_may_set_ceilings_of_its_own(
    informational: bool, severity: str, verdict: str
) -> None:
    """They are weighed over its cases; an informational slice only tells."""
    own = part("deep", latency_p95_s=2.0, cost_per_session_usd=0.001, informational=informational)
    decision = decided(
        FAST, timed("deep", 3.0, 0.5, slices=("deep",)), rubric=rubric(part(), own)
    )  # fmt: skip
    assert told(decision) == [("latency", severity), ("cost", severity)]
    assert decision.verdict == verdict
    latency = only(decision, "latency")
    assert (latency.slice, latency.key) == ("deep", "slices.deep.latency_p95")
    assert latency.sentence == "p95 latency of slice `deep` is 3.00 s, over the ceiling of 2 s"
    assert only(decision, "cost").key == "slices.deep.cost_per_session"


@pytest.mark.parametrize(
    ("cases", "observed", "known", "expected", "sentence"),
    [
        (
            (UNKNOWN, UNKNOWN),
            None,
            0,
            [("latency", "warn"), ("cost", "warn")],
            "p95 latency is known in full for 0 of 2 cases; its ceiling is not weighed",
        ),
        (
            (FAST, UNKNOWN),
            1.0,
            1,
            [("latency", "warn"), ("cost", "warn")],
            "p95 latency is known in full for 1 of 2 cases; weighed over what is known",
        ),
        (
            (half_known(),),
            9.0,
            0,
            [("latency", "fail"), ("cost", "fail")],
            "p95 latency is 9.00 s, over the ceiling of 4 s (known in full for 0 of 1 cases)",
        ),
    ],
)
def test_what_is_not_known_warns_and_is_never_taken_for_zero(
    cases: tuple[CaseResult, ...],
    observed: float | None,
    known: int,
    expected: list[tuple[str, str]],
    sentence: str,
) -> None:
    """Unknown is not weighed, partly unknown is weighed over the known, and both are said."""
    decision = decided(*cases, rubric=LIMITED)
    assert told(decision) == expected
    assert only(decision, "latency").sentence == sentence
    ceiling = decision.ceilings[0]
    assert (ceiling.observed, ceiling.known, ceiling.weighed) == (
        observed,
        known,
        observed is not None,
    )


@pytest.mark.parametrize(
    ("wanted", "cases"),
    [
        (LIMITED, (SLOW, result("broken", 0.0, slices=("all",)))),
        (LIMITED, (SLOW, DEAR, UNKNOWN, result("broken", 0.0))),
    ],
)
def test_latency_and_cost_wait_for_quality(wanted: Rubric, cases: tuple[CaseResult, ...]) -> None:
    """Where quality failed they are measured, shown as not weighed, and find nothing."""
    strict = rubric(part(tone=0.9), ceilings=wanted.ceilings)
    decision = decided(*cases, rubric=strict)
    assert told(decision) == [("threshold", "fail")]
    assert (decision.steps[-1].status, decision.steps[-1].sentence) == (
        "info",
        "not weighed: quality did not pass",
    )
    assert not any(ceiling.weighed for ceiling in decision.ceilings)
    assert decision.ceilings[0].observed == 9.0


def test_a_ceiling_that_is_not_weighed_finds_nothing() -> None:
    """Whatever was measured."""
    ceilings = weigh(measure(LIMITED, [SLOW, DEAR]), quality_holds=False)
    assert list(findings(ceilings, LIMITED)) == []


def test_a_quality_warning_does_not_spare_the_ceilings() -> None:
    """Only a failure or an error above puts them off."""
    lenient = rubric(part(tone=0.9), ceilings=LIMITED.ceilings, findings={"threshold": "warn"})
    decision = decided(SLOW, result("low", 0.6), rubric=lenient)
    assert ("latency", "fail") in told(decision)


def test_all_cases_are_measured_even_without_a_limit() -> None:
    """The report shows latency and cost of a rubric that limits neither."""
    ceilings = measure(rubric(), [FAST, SLOW])
    assert [(one.kind, one.slice, one.observed, one.limit) for one in ceilings] == [
        ("latency", None, 9.0, None),
        ("cost", None, 0.01, None),
    ]
    assert decided(FAST, SLOW).steps[-1].status == "info"
