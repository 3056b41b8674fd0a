from collections.abc import Mapping
from typing import Any

import pytest

from rubric_action.gate.decide import decide, verdict_of
from rubric_action.gate.decision import Decision
from rubric_action.gate.evidence import BarNotCompared, Policy, Stopped
from rubric_action.gate.model import CaseResult, Finding, NoBaseline, Node, Severity
from rubric_action.rubric.kinds import OVERRIDABLE
from rubric_action.rubric.model import Ceilings, Freshness, Regression
from rubric_action.rubric.model import Severity as Setting
from tests.gate.builders import (
    baseline,
    change,
    decided,
    evidence,
    missing,
    override,
    part,
    past,
    result,
    rubric,
    timed,
    told,
    ungraded,
)

FULL = rubric(
    part("crit", hard=True),
    part(tone=0.9),
    regression=Regression(max_drop=0.03, confidence=0.0),
    ceilings=Ceilings(latency_p95_s=1.0, cost_per_session_usd=0.01),
    freshness=Freshness(90),
)
BROKEN = result("a", 0.0, slices=("crit", "all"), stale=("old",))
BEFORE = baseline(result("a", slices=("crit", "all")), result("gone"))
QUALITY = [
    "hard-gate",
    "regression",
    "threshold",
    "drop",
    "drop",
    "freshness",
    "bar-lowered",
    "case-removed",
]


def all_broken(*more: CaseResult, policy: Policy | None = None, **fields: Any) -> Decision:
    """A decision in which every rule about quality finds something."""
    return decided(
        BROKEN, *more, rubric=FULL, before=BEFORE, bar=(change(),), policy=policy, **fields
    )  # fmt: skip


def kinds(decision: Decision) -> list[str]:
    """The kinds found, in order."""
    return [kind for kind, _ in told(decision)]


def step(decision: Decision, name: str) -> Node:
    """The step of this name."""
    return next(one for one in decision.steps if one.name == name)


def test_findings_come_in_the_order_in_which_they_are_weighed() -> None:
    """Errors, hard gate, regression, threshold, drop, freshness, bar, removed cases."""
    cut = Stopped("The budget is spent.")
    decision = all_broken(missing("m"), ungraded("u", slices=()), stopped=cut)
    assert kinds(decision)[:3] == ["ungraded", "missing", "ungraded"]
    assert kinds(all_broken()) == QUALITY
    assert [one.name for one in decision.steps] == [
        "graded",
        "hard-gate",
        "regression",
        "threshold",
        "drop",
        "freshness",
        "bar-lowered",
        "case-removed",
        "ceilings",
    ]


@pytest.mark.parametrize("kind", sorted(set(QUALITY)))
@pytest.mark.parametrize("setting", ["fail", "warn", "off"])
def test_the_policy_sets_the_severity_of_a_kind(kind: str, setting: Setting) -> None:
    """`warn` and `off` hold for that kind and leave the others as they are."""
    decision = all_broken(policy=Policy({kind: setting}))
    found = {severity for found, severity in told(decision) if found == kind}
    others = {severity for found, severity in told(decision) if found != kind}
    assert found == ({setting} if setting != "off" else set())
    assert others == {"fail"}


@pytest.mark.parametrize("kind", ["latency", "cost"])
@pytest.mark.parametrize(
    ("setting", "verdict"), [("fail", "fail"), ("warn", "pass"), ("off", "pass")]
)
def test_the_policy_sets_the_severity_of_a_ceiling(
    kind: str, setting: Setting, verdict: str
) -> None:
    """Latency and cost may be told or left out as any other kind."""
    case = timed("a", 9.0, 0.001) if kind == "latency" else timed("a", 0.5, 0.5)
    decision = decided(case, rubric=FULL, policy=Policy({kind: setting}))
    assert decision.verdict == verdict
    assert told(decision) == ([(kind, setting)] if setting != "off" else [])


@pytest.mark.parametrize("setting", ["fail", "warn", "off"])
@pytest.mark.parametrize("kind", ["missing", "ungraded", "baseline"])
def test_no_policy_makes_light_of_an_error(kind: str, setting: Setting) -> None:
    """What could not be decided stays an error whatever a rubric says."""
    decision = decided(
        missing("m"),
        ungraded("u"),
        before=NoBaseline("no baseline yet", required=True),
        policy=Policy({kind: setting}, override(kind)),
    )
    assert {(one.kind, one.severity, one.overridable) for one in decision.findings} == {
        ("missing", "error", False),
        ("ungraded", "error", False),
        ("baseline", "error", False),
    }
    assert decision.verdict == "error"


def test_what_is_off_is_said_to_be_off() -> None:
    """A step whose findings are all off does not claim that nothing was found."""
    decision = all_broken(policy=Policy(dict.fromkeys(OVERRIDABLE, "off")))
    assert decision.verdict == "pass"
    assert not decision.findings
    assert step(decision, "drop").status == "info"
    assert step(decision, "drop").sentence == "2 found, and the rubric turns `drop` off"


def test_the_policy_is_not_read_from_the_rubric_under_test() -> None:
    """A change that turns its own findings off, or lets itself be overridden, is not heard."""
    own = rubric(
        part(tone=0.9), findings=dict.fromkeys(OVERRIDABLE, "off"), override=override("threshold")
    )
    decision = decided(result("a", 0.0), rubric=own, policy=Policy())
    assert told(decision) == [("threshold", "fail")]
    assert not decision.findings[0].overridable


@pytest.mark.parametrize(
    ("allow", "severities", "expected"),
    [
        ((), {}, False),
        (("threshold",), {}, True),
        (("drop",), {}, False),
        (("threshold",), {"threshold": "warn"}, False),
    ],
)
def test_a_failure_of_an_allowed_kind_may_be_overridden(
    allow: tuple[str, ...], severities: Mapping[str, Setting], expected: bool
) -> None:
    """Only what fails, and only of the kinds that the base's policy lists."""
    decision = decided(
        result("a", 0.6), rubric=rubric(part(tone=0.9)), policy=Policy(severities, override(*allow))
    )  # fmt: skip
    assert [finding.overridable for finding in decision.findings] == [expected]


def finding(severity: Severity, *, overridden: bool = False) -> Finding:
    """A finding of this weight."""
    return Finding("threshold", severity, "x", overridden=overridden)


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        ([], "pass"),
        ([finding("warn")], "pass"),
        ([finding("warn"), finding("fail")], "fail"),
        ([finding("fail", overridden=True)], "overridden"),
        ([finding("fail", overridden=True), finding("warn")], "overridden"),
        ([finding("fail", overridden=True), finding("fail")], "fail"),
        ([finding("fail"), finding("error")], "error"),
        ([finding("fail", overridden=True), finding("error")], "error"),
        ([finding("error", overridden=True)], "error"),
    ],
)
def test_the_verdict_is_that_of_the_worst_finding(findings: list[Finding], verdict: str) -> None:
    """An error goes before a failure; an override needs every failure, and covers no error."""
    assert verdict_of(findings) == verdict


def test_a_step_bears_its_worst_finding() -> None:
    """Status and sentence are those of the worst, with the number of the others."""
    wanted = rubric(part("told", tone=0.9, informational=True), part(tone=0.9))
    decision = decided(result("a", 0.6, slices=("told", "all")), rubric=wanted)
    node = step(decision, "threshold")
    assert node.status == "fail"
    assert node.sentence == (
        "`tone` of slice `all` is 0.600 over 1 case; it needs 0.9; lowest: `a`, and 1 more"
    )
    assert [one.severity for one in node.findings] == ["warn", "fail"]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("graded", "2 cases run and graded"),
        ("hard-gate", "1 case of the hard slices, and none fails"),
        ("regression", "1 committed case, and none broke"),
        ("threshold", "1 minimum of the slices, and all hold"),
        ("drop", "no slice fell by more than allowed"),
        ("freshness", "no answer leans on context older than allowed"),
        ("bar-lowered", "1 change of the rubric, and none lowers the bar"),
        ("case-removed", "no case that counts is gone"),
        ("ceilings", "latency and cost are within their ceilings"),
    ],
)
def test_a_step_that_finds_nothing_says_what_holds(name: str, sentence: str) -> None:
    """Each step passes with a sentence of its own."""
    decision = decided(
        timed("a", 0.5, 0.001, slices=("crit", "all")),
        timed("b", 0.5, 0.001),
        rubric=FULL,
        before=baseline(result("a")),
        bar=(change(lowered=False),),
    )
    assert decision.verdict == "pass"
    assert (step(decision, name).status, step(decision, name).sentence) == ("pass", sentence)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("hard-gate", "no slice is a hard gate"),
        ("regression", "no baseline yet: the regression rule did not run"),
        ("threshold", "no slice sets a minimum"),
        ("drop", "no baseline yet: drops were not compared"),
        ("freshness", "the rubric sets no limit on the age of context"),
        ("bar-lowered", "the bar was not compared: no base"),
        ("case-removed", "no baseline yet: removed cases were not looked for"),
        ("ceilings", "the rubric sets no ceiling on latency or cost"),
    ],
)
def test_a_step_that_had_nothing_to_weigh_says_so(name: str, sentence: str) -> None:
    """What was not asked does not pass."""
    decision = decided(result(), bar=BarNotCompared("no base"))
    assert (step(decision, name).status, step(decision, name).sentence) == ("info", sentence)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("hard-gate", "1 of 1 cases of the hard slices are undecided"),
        ("regression", "1 of 1 committed case undecided"),
        ("threshold", "1 of 1 minimum not weighed: cases undecided"),
        ("drop", "slices with undecided cases were not compared"),
    ],
)
def test_no_step_passes_over_undecided_cases(name: str, sentence: str) -> None:
    """A slice with a missing case is not said to hold."""
    undecided = missing("a", slices=("crit", "all"))
    decision = decided(undecided, rubric=FULL, before=baseline(result("a")))
    assert (step(decision, name).status, step(decision, name).sentence) == ("info", sentence)


def test_a_drop_needs_a_limit_to_be_looked_for() -> None:
    """Without any `max_drop` the step says so."""
    decision = decided(result(), before=baseline(result()))
    assert step(decision, "drop").sentence == "the rubric sets no `max_drop`"
    assert step(decision, "bar-lowered").sentence == "the bar is unchanged"


def test_flaky_cases_are_listed_beside_the_verdict() -> None:
    """Those of the baseline with both outcomes; never one of a hard slice."""
    mixed = past(2, 5)
    then = baseline(
        result("flaky", history=mixed), result("hard", history=mixed, slices=("crit",)), result("a")
    )  # fmt: skip
    decision = decide(evidence(result("flaky"), result("hard"), rubric=FULL, before=then))
    assert decision.flaky == ("flaky",)


def test_edited_cases_are_listed_beside_the_verdict() -> None:
    """Committed cases whose content changed, in today's order; neither new nor uncommitted ones."""
    then = baseline(
        result("same", fingerprint="sha256:1"),
        result("weak", fingerprint="sha256:1", history=past(1, 5)),
        result("b", fingerprint="sha256:1"),
        result("a", fingerprint="sha256:1"),
        result("gone", fingerprint="sha256:1"),
    )
    now = [result(name, fingerprint="sha256:2") for name in ("new", "a", "weak", "b")]
    same = result("same", fingerprint="sha256:1")
    assert decided(same, *now, before=then).edited == ("a", "b")
    assert decided(same, *now).edited == ()
