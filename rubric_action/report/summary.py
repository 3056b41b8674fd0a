"""`summary.json`: the whole result, as other programs and a later run read it.

`report/recall.py` makes a report of it again.
"""

from dataclasses import asdict
from typing import Any, Final

from rubric_action.cases.plain import plain
from rubric_action.gate.decision import Decision
from rubric_action.gate.doubt import Doubt
from rubric_action.gate.evidence import BarNotCompared
from rubric_action.gate.model import (
    AxisSummary,
    Ceiling,
    Compared,
    Finding,
    Interval,
    NoBaseline,
    SliceSummary,
)
from rubric_action.report.judge_record import judge_record
from rubric_action.report.model import BrokenCase, Report
from rubric_action.report.override_record import instant, outcome_record, signature_record
from rubric_action.report.stored import VERSION

SCHEMA = f"rubric-results/{VERSION}"
CEILINGS: Final = {"latency": "latency_p95_s", "cost": "cost_per_session_usd"}
MOST_TOLD: Final = 16_000
"""Characters of a text of a broken case; `sessions.jsonl` has answers whole."""


def summary(report: Report) -> dict[str, Any]:
    """The whole of `summary.json`, in its order."""
    decision = report.decision
    return {
        "schema": SCHEMA,
        "verdict": decision.verdict,
        "headline": decision.headline,
        "next_step": decision.next_step,
        "measured": plain(decision.measured),
        "findings": [finding_record(finding, report) for finding in decision.findings],
        "steps": _steps(decision),
        "axes": list(report.axes),
        "slices": {name: _slice(one) for name, one in decision.slices.items()},
        "ceilings": _ceilings(decision.ceilings),
        "spend": asdict(report.spend),
        "judge": report.judge and judge_record(report.judge),
        "lexical": report.lexical,
        "baseline": _baseline(report),
        "no_baseline": plain(report.baseline) if isinstance(report.baseline, NoBaseline) else None,
        "bar": _bar(report),
        "override": signature_record(decision.override),
        "override_decision": outcome_record(decision.override),
        "overrides_before": [{"pull": use.pull, "at": instant(use.at)} for use in report.uses],
        "broken": [_broken(case) for case in report.broken],
        "cases": {
            "count": report.cases,
            "added": list(report.added),
            "removed": list(report.removed),
            "flaky": list(decision.flaky),
            "doubts": [_doubt(doubt) for doubt in decision.doubts],
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


def _steps(decision: Decision) -> list[dict[str, Any]]:
    """The steps, each with the positions of its findings in `findings`."""
    records: list[dict[str, Any]] = []
    first = 0
    for step in decision.steps:
        after = first + len(step.findings)
        records.append(
            {
                "name": step.name,
                "status": step.status,
                "sentence": step.sentence,
                "findings": list(range(first, after)),
            }
        )
        first = after
    return records


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
        "compared": _compared(one.compared),
        "shortfall": one.shortfall,
        "gate": "hard" if one.hard else None,
        "informational": one.informational,
        "thin": one.thin,
        "axes": {name: _axis(axis) for name, axis in one.axes.items()},
    }


def _axis(axis: AxisSummary) -> dict[str, Any]:
    return {
        "mean": axis.mean,
        "cases": axis.cases,
        "interval": _interval(axis.interval),
        "min": axis.minimum,
        "baseline": axis.baseline,
        "delta": axis.delta,
        "paired_cases": axis.paired_cases,
        "compared": _compared(axis.compared),
        "shortfall": axis.shortfall,
    }


def _compared(compared: Compared | None) -> dict[str, Any] | None:
    """What the change against the baseline is worth; `interval` is of the change."""
    if compared is None:
        return None
    return plain(compared) | {"interval": _interval(compared.interval)}


def _ceilings(ceilings: tuple[Ceiling, ...]) -> dict[str, Any]:
    overall = {CEILINGS[one.kind]: _ceiling(one) for one in ceilings if one.slice is None}
    by_slice: dict[str, dict[str, Any]] = {}
    for one in ceilings:
        if one.slice is not None:
            by_slice.setdefault(one.slice, {})[CEILINGS[one.kind]] = _ceiling(one)
    return {**overall, "slices": by_slice}


def _ceiling(one: Ceiling) -> dict[str, Any]:
    return {
        "observed": one.observed,
        "limit": one.limit,
        "weighed": one.weighed,
        "known": one.known,
        "cases": one.cases,
    }


def _baseline(report: Report) -> dict[str, Any] | None:
    baseline = report.baseline
    if isinstance(baseline, NoBaseline):
        return None
    return {
        "sha": baseline.sha,
        "run_id": baseline.run_id,
        "age_days": baseline.age_days,
        "distance": baseline.distance,
        "regraded": baseline.regraded,
        "regrade_calls": baseline.regrade_calls,
        "judge": baseline.judge,
        "cases": report.baseline_cases,
    }


def _bar(report: Report) -> dict[str, Any]:
    if isinstance(report.bar, BarNotCompared):
        return {"compared": False, **plain(report.bar), "changes": []}
    changes = [plain(change) for change in report.bar]
    return {"compared": True, "reason": None, "stand_in": False, "changes": changes}


def _broken(case: BrokenCase) -> dict[str, Any]:
    before = case.answered_before
    return {
        "id": case.id,
        "place": {"file": case.place.file, "line": case.place.line},
        "kinds": list(case.kinds),
        "slices": list(case.slices),
        "asked": _told(case.asked),
        "answered_before": None if before is None else _told(before),
        "answered_now": _told(case.answered_now),
        "scores": [plain(score) | {"reason": _told(score.reason)} for score in case.scores],
        "failed_rules": [_told(rule) for rule in case.failed_rules],
        "passes": case.passes,
        "trials": case.trials,
    }


def _doubt(doubt: Doubt) -> dict[str, Any]:
    """Passes and trials then and now; `chance` is that of so few for an unchanged agent."""
    return {
        "case": doubt.case,
        "outcome": doubt.outcome,
        "past": plain(doubt.past),
        "now": plain(doubt.now),
        "chance": doubt.trial.chance,
        "flipped": doubt.flipped,
    }


def _told(text: str) -> str:
    return text if len(text) <= MOST_TOLD else f"{text[: MOST_TOLD - 1]}…"


def _interval(interval: Interval | None) -> list[float] | None:
    return None if interval is None else list(interval)
