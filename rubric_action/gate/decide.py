"""The decision: steps in order, each a node with a status and a sentence; then the verdict.

Quality first. Latency and cost are weighed only when nothing above them failed.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rubric_action.gate import bar, ceilings, quality
from rubric_action.gate.evidence import BarNotCompared, Evidence
from rubric_action.gate.headline import headline, next_step
from rubric_action.gate.history import committed, flaky
from rubric_action.gate.model import (
    Ceiling,
    Decision,
    Finding,
    NoBaseline,
    Node,
    Status,
    Verdict,
)

SETTLED = ("missing", "ungraded", "baseline")
"""Kinds whose severity no rubric can change."""


@dataclass(frozen=True, slots=True)
class Step:
    """One question of the decision, and what to say when nothing is found."""

    name: str
    rules: tuple[Callable[[Evidence], Iterator[Finding]], ...]
    clear: Callable[[Evidence], tuple[Status, str]]


def decide(evidence: Evidence) -> Decision:
    """Weigh the evidence in the order of `STEPS`, then latency and cost, and give the verdict."""
    steps = [_take(step, evidence) for step in STEPS]
    holds = all(step.status not in ("fail", "error") for step in steps)
    weighed = ceilings.weigh(evidence.ceilings, holds)
    steps.append(_weigh_ceilings(weighed, evidence, holds))
    findings = [finding for step in steps for finding in step.findings]
    verdict = verdict_of(findings)
    commit = evidence.rubric.regression.commit
    return Decision(
        verdict=verdict,
        headline=headline(verdict, findings, evidence),
        next_step=next_step(verdict, findings, evidence),
        steps=tuple(steps),
        slices=evidence.slices,
        ceilings=weighed,
        flaky=tuple(c.id for c in evidence.before.values() if flaky(c.history, commit)),
    )


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """`error` if any error, else `fail` if any fail that nobody overrode, else what remains."""
    counted = list(findings)
    if any(finding.severity == "error" for finding in counted):
        return "error"
    failing = [finding for finding in counted if finding.severity == "fail"]
    if any(not finding.overridden for finding in failing):
        return "fail"
    return "overridden" if failing else "pass"


def _take(step: Step, evidence: Evidence) -> Node:
    found = [
        finding for rule in step.rules for finding in _by_policy(rule(evidence), evidence)
    ]
    if not found:
        return Node(step.name, *step.clear(evidence))
    return _node(step.name, found)


def _node(name: str, found: Sequence[Finding]) -> Node:
    worst: Status = next(
        level for level in ("error", "fail", "warn") if any(f.severity == level for f in found)
    )
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    return Node(name, worst, f"{found[0].sentence}{more}", tuple(found))


def _by_policy(findings: Iterable[Finding], evidence: Evidence) -> Iterator[Finding]:
    """Apply the base's severities, and say which findings an approver may override."""
    policy = evidence.policy
    for finding in findings:
        wanted = None if finding.kind in SETTLED else policy.severities.get(finding.kind)
        if wanted == "off":
            continue
        severity = finding.severity
        if wanted == "warn" or (wanted == "fail" and severity == "error"):
            severity = wanted
        allowed = policy.override is not None and finding.kind in policy.override.allow
        yield replace(finding, severity=severity, overridable=allowed and severity == "fail")


def _weigh_ceilings(weighed: Sequence[Ceiling], evidence: Evidence, holds: bool) -> Node:
    limited = [one for one in weighed if one.limit is not None]
    if not limited:
        return Node("ceilings", "info", "the rubric sets no ceiling on latency or cost")
    if not holds:
        return Node("ceilings", "info", "not weighed: quality did not pass")
    found = [
        *_by_policy(ceilings.exceeded(limited), evidence),
        *_by_policy(ceilings.unknown(limited), evidence),
    ]
    if found:
        return _node("ceilings", found)
    return Node("ceilings", "pass", "latency and cost are within their ceilings")


def _graded(evidence: Evidence) -> tuple[Status, str]:
    return "pass", f"all {len(evidence.cases)} cases were run and graded"


def _hard(evidence: Evidence) -> tuple[Status, str]:
    hard = [one for one in evidence.slices.values() if one.hard]
    if not hard:
        return "info", "no slice is a hard gate"
    return "pass", f"all {sum(one.cases for one in hard)} cases of the hard slices pass"


def _regression(evidence: Evidence) -> tuple[Status, str]:
    if isinstance(evidence.baseline, NoBaseline):
        return "info", f"{evidence.baseline.reason}: the regression rule did not run"
    commit = evidence.rubric.regression.commit
    counted = sum(
        committed(before, bool(evidence.hard_slices(case)), commit)
        for case in evidence.cases
        if (before := evidence.before.get(case.id))
    )
    return "pass", f"none of the {counted} committed cases fails"


def _threshold(evidence: Evidence) -> tuple[Status, str]:
    bars = sum(
        len(one.minimums) + (one.min_pass_rate is not None)
        for one in evidence.rubric.slices.values()
    )
    return "pass", f"all {bars} minimums of the slices hold"


def _drop(evidence: Evidence) -> tuple[Status, str]:
    if isinstance(evidence.baseline, NoBaseline):
        return "info", f"{evidence.baseline.reason}: drops were not compared"
    rubric = evidence.rubric
    limits = [rubric.regression.max_drop, *(one.max_drop for one in rubric.slices.values())]
    if all(limit is None for limit in limits):
        return "info", "the rubric sets no `max_drop`"
    return "pass", "no slice fell by more than allowed"


def _freshness(evidence: Evidence) -> tuple[Status, str]:
    if evidence.rubric.freshness.max_context_age_days is None:
        return "info", "the rubric sets no limit on the age of context"
    return "pass", "no answer leans on context older than allowed"


def _bar(evidence: Evidence) -> tuple[Status, str]:
    if isinstance(evidence.bar, BarNotCompared):
        return "info", f"the bar was not compared: {evidence.bar.reason}"
    if evidence.bar:
        return "pass", f"{len(evidence.bar)} keys of the rubric changed, none lowers the bar"
    return "pass", "the bar is unchanged"


def _removed(evidence: Evidence) -> tuple[Status, str]:
    if isinstance(evidence.baseline, NoBaseline):
        return "info", f"{evidence.baseline.reason}: removed cases were not looked for"
    return "pass", "no case that counts is gone"


STEPS = (
    Step("graded", (quality.missing, quality.ungraded, quality.baseline), _graded),
    Step("hard-gate", (quality.hard_gate,), _hard),
    Step("regression", (quality.regression,), _regression),
    Step("threshold", (quality.threshold,), _threshold),
    Step("drop", (quality.drop,), _drop),
    Step("freshness", (quality.freshness,), _freshness),
    Step("bar-lowered", (bar.bar_lowered,), _bar),
    Step("case-removed", (bar.case_removed,), _removed),
)
