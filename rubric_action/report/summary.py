"""`summary.json`: the result as other programs read it."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rubric_action.gate.evidence import BarNotCompared
from rubric_action.gate.model import (
    AxisSummary,
    Baseline,
    Ceiling,
    Finding,
    Interval,
    NoBaseline,
    SliceSummary,
)
from rubric_action.report.model import JudgeInfo, Report
from rubric_action.report.stored import VERSION

SCHEMA = f"rubric-results/{VERSION}"


def summary(report: Report) -> dict[str, Any]:
    """The whole of `summary.json`, in its order."""
    decision = report.decision
    return {
        "schema": SCHEMA,
        "verdict": decision.verdict,
        "headline": decision.headline,
        "next_step": decision.next_step,
        "findings": [finding_record(finding, report) for finding in decision.findings],
        "steps": [
            {"name": step.name, "status": step.status, "sentence": step.sentence}
            for step in decision.steps
        ],
        "slices": {name: _slice(one) for name, one in decision.slices.items()},
        "ceilings": _ceilings(decision.ceilings),
        "spend": asdict(report.spend),
        "judge": _judge(report.judge),
        "baseline": _baseline(report.baseline),
        "bar": _bar(report),
        "override": None,
        "cases": {
            "count": report.cases,
            "added": list(report.added),
            "removed": list(report.removed),
            "flaky": list(decision.flaky),
            "edited": list(decision.edited),
        },
        "warnings": list(report.warnings),
        "run": asdict(report.run) | {"rubric_digest": report.digest},
    }


def finding_record(finding: Finding, report: Report) -> dict[str, Any]:
    """One finding; `place` is the case's line, `rubric_place` the line of the bar it breaks."""
    rubric_place = report.place_of(finding)
    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "slice": finding.slice,
        "axis": finding.axis,
        "case": finding.case,
        "observed": finding.observed,
        "required": finding.required,
        "baseline": finding.baseline,
        "interval": _interval(finding.interval),
        "sentence": finding.sentence,
        "overridable": finding.overridable,
        "overridden": finding.overridden,
        "key": finding.key,
        "place": str(finding.place) if finding.place and finding.place.file else None,
        "worst": list(finding.worst),
        "rubric_place": str(rubric_place) if rubric_place else None,
    }


def _slice(one: SliceSummary) -> dict[str, Any]:
    return {
        "cases": one.cases,
        "passed": one.passed,
        "undecided": one.undecided,
        "pass_rate": one.pass_rate,
        "interval": _interval(one.interval),
        "min_pass_rate": one.min_pass_rate,
        "baseline": one.baseline_pass_rate,
        "delta": one.pass_rate_delta,
        "paired_cases": one.paired_cases,
        "gate": "hard" if one.hard else None,
        "informational": one.informational,
        "thin": one.thin,
        "axes": {name: _axis(axis) for name, axis in one.axes.items()},
    }


def _axis(axis: AxisSummary) -> dict[str, Any]:
    return {
        "mean": axis.mean,
        "interval": _interval(axis.interval),
        "min": axis.minimum,
        "baseline": axis.baseline,
        "delta": axis.delta,
        "paired_cases": axis.paired_cases,
    }


def _ceilings(ceilings: tuple[Ceiling, ...]) -> dict[str, Any]:
    names = {"latency": "latency_p95_s", "cost": "cost_per_session_usd"}
    overall = {names[one.kind]: _ceiling(one) for one in ceilings if one.slice is None}
    by_slice: dict[str, dict[str, Any]] = {}
    for one in ceilings:
        if one.slice is not None:
            by_slice.setdefault(one.slice, {})[names[one.kind]] = _ceiling(one)
    return {**overall, "slices": by_slice}


def _ceiling(one: Ceiling) -> dict[str, Any]:
    return {
        "observed": one.observed,
        "limit": one.limit,
        "weighed": one.weighed,
        "known": one.known,
        "cases": one.cases,
    }


def _judge(judge: JudgeInfo | None) -> Mapping[str, Any] | None:
    return None if judge is None else asdict(judge)


def _baseline(baseline: Baseline | NoBaseline) -> dict[str, Any] | None:
    if isinstance(baseline, NoBaseline):
        return None
    return {
        "sha": baseline.sha,
        "run_id": baseline.run_id,
        "age_days": baseline.age_days,
        "regraded": baseline.regraded,
        "judge": baseline.judge,
        "cases": len(baseline.cases),
    }


def _bar(report: Report) -> dict[str, Any]:
    if isinstance(report.bar, BarNotCompared):
        return {"compared": False, "reason": report.bar.reason, "changes": []}
    return {"compared": True, "reason": None, "changes": [asdict(one) for one in report.bar]}


def _interval(interval: Interval | None) -> list[float] | None:
    return None if interval is None else list(interval)
