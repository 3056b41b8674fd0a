"""Reports, as small as they may be."""

from collections.abc import Sequence
from typing import Any

from rubric_action.gate.decision import Decision, Measured
from rubric_action.gate.evidence import BarNotCompared, Policy
from rubric_action.gate.model import Finding, NoBaseline, Node, Verdict
from rubric_action.grading.model import Spend
from rubric_action.report.model import Report, RunInfo
from rubric_action.rubric.load import load_rubric
from tests.action.stage import RUBRIC


def report_of(findings: Sequence[Finding] = (), verdict: Verdict = "fail", **spend: Any) -> Report:
    """A finished run with these findings."""
    steps = (Node("threshold", "fail" if findings else "pass", "sentence", tuple(findings)),)
    measured = Measured(verdict, f"The headline of a {verdict}", "Do it.")
    rubric = load_rubric(RUBRIC, "eval/rubric.yaml")
    return Report(
        run=RunInfo("2026-11-23T10:00:00+00:00"),
        decision=Decision(measured.verdict, measured.headline, "Do it.", measured, steps, {}, ()),
        baseline=NoBaseline("no baseline yet"),
        bar=BarNotCompared("the base branch has no rubric yet"),
        policy=Policy(),
        spend=Spend(**spend),
        axes=tuple(rubric.axes),
        digest=rubric.digest,
        places=rubric.places,
    )
