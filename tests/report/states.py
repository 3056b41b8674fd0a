"""Reports made by hand: in every state of an override, and with every kind of case in doubt."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from rubric_action.gate.decision import Decision, Measured
from rubric_action.gate.evidence import BarNotCompared, Policy
from rubric_action.gate.model import (
    Baseline,
    CaseResult,
    Confirmation,
    Finding,
    NoBaseline,
    Node,
    Status,
    Verdict,
)
from rubric_action.gate.override.apply import with_override
from rubric_action.gate.override.facts import LabelEvent, Moment, Person, Review
from rubric_action.gate.override.model import Override, Rejected, Signature
from rubric_action.grading.model import Spend
from rubric_action.report.model import Report, RunInfo
from rubric_action.rubric.model import Approvers, OverridePolicy, Regression
from tests.gate.builders import baseline, decided, part, past, result, rubric

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
MONA, DANA = Person(1, "mona"), Person(2, "dana")
POLICY = OverridePolicy("rubric-override", Approvers(teams=("acme/leads",)), ("threshold", "drop"))
URL = "https://github.example/acme/support/pull/7#pullrequestreview-1"
REVIEW = Review(1, MONA, "APPROVED", "a" * 40, AT, "override: known", URL)
LABEL = LabelEvent(1, "rubric-override", True, DANA, AT)
FLOOR = Moment(AT, "the last force-push")

TONE = Finding("threshold", "fail", "`tone` of slice `head` is 0.60", "head", "tone")
POLITE = Finding("threshold", "fail", "`policy` of slice `head` is 0.70", "head", "policy")
HARD = Finding("hard-gate", "fail", "`refund-1` fails", "crit", case="refund-1")


def report_with(
    override: Override | None = None,
    findings: tuple[Finding, ...] = (TONE, POLITE),
    policy: OverridePolicy | None = POLICY,
    verdict: Verdict = "fail",
    **fields: Any,
) -> Report:
    """A finished run under this outcome."""
    status: Status = "fail" if findings else "pass"
    measured = Measured(verdict, f"Measured as {verdict}", "Look at `hours-1` first.")
    steps = (Node("threshold", status, "a sentence", findings),)
    decision = Decision(verdict, measured.headline, measured.next_step, measured, steps, {}, ())
    report = Report(
        run=RunInfo("2026-11-23T10:00:00Z"),
        decision=decision if override is None else with_override(decision, override),
        baseline=NoBaseline("no baseline yet"),
        bar=BarNotCompared("no base rubric was given"),
        policy=Policy(override=policy),
        spend=Spend(),
    )
    return replace(report, **fields)


def granted(reason: str = "known", **fields: Any) -> Override:
    """Mona signed, for all that fails."""
    signature = Signature(MONA, REVIEW, LABEL, "member of `acme/leads`", reason, (TONE, POLITE))
    given = {"sentence": "signed by `mona`", "floor": FLOOR, **fields}
    return Override("granted", signature=signature, steps=(WEIGHED,), **given)


def refused(**fields: Any) -> Override:
    """Dana asked, and no signature counts."""
    given = {
        "sentence": "asked for by `dana`, not signed: needs sign-off",
        "how": "To ship it all the same: have `mona` approve.",
        "steps": (Node("sign-off", "fail", "needs sign-off"),),
        "label": LABEL,
        **fields,
    }
    return Override("refused", **given)


def doubting(*cases: CaseResult, rerunnable: bool = True, **rules: Any) -> Report:
    """A run in which these cases fail, each of which passed 20 of 20 trials before.

    `rules` are of the rubric's `regression`.
    """
    before = baseline(*(result(case.id, history=past(20, 20)) for case in cases))
    decision = decided(
        *cases,
        rubric=rubric(part(), part("crit", hard=True), regression=Regression(**rules)),
        before=before,
        rerunnable=rerunnable,
    )
    shown = Baseline({}, sha=before.sha, age_days=2)
    return replace(report_with(baseline=shown), decision=decision, axes=("tone",))


def again(name: str, trials: str, *, regrade: bool = False, cause: str = "") -> CaseResult:
    """A case that failed and was run again; `trials` has a 1 for each that passed, a 0 else."""
    confirmed = Confirmation(tuple(one == "1" for one in trials), regrade, cause or None)
    return result(name, 0.2, confirmation=confirmed)


DEAD = again("dead", "00000")
WEAK = again("weak", "01010")
JUDGED = again("judged", "1111", regrade=True)
LUCKY = again("lucky", "01111")
HUNG = again("hung", "0", cause="no answer within 60 s")
ONCE = result("once", 0.2)
HARD_ONE = result("strict", 0.2, slices=("all", "crit"))


WEIGHED = Node("sign-off", "pass", "approved by `mona`")
REJECTED = (
    Rejected("dana", "the pull request is theirs", REVIEW),
    Rejected("the label", "GitHub tells of nobody who set it"),
)
