"""The decision: steps in order, each a node with a status and a sentence; then the verdict.

Quality first. Latency and cost are weighed only when nothing above them failed.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rubric_action.gate import bar, ceilings, clear, quality, thresholds
from rubric_action.gate.decision import Decision, Measured
from rubric_action.gate.doubt import doubted
from rubric_action.gate.evidence import Evidence
from rubric_action.gate.headline import headline, next_step
from rubric_action.gate.history import flaky
from rubric_action.gate.model import Ceiling, Finding, Node, Severity, Status, Verdict
from rubric_action.gate.override.apply import elsewhere
from rubric_action.gate.wording import named

SETTLED = ("missing", "ungraded", "baseline")
"""Kinds whose severity no rubric can change."""

WORST_FIRST: Final[tuple[Severity, ...]] = ("error", "fail", "warn")


@dataclass(frozen=True, slots=True)
class Step:
    """One question of the decision, and what to say when nothing is found."""

    name: str
    rules: tuple[Callable[[Evidence], Iterator[Finding]], ...]
    clear: Callable[[Evidence], tuple[Status, str]]


def decide(evidence: Evidence) -> Decision:
    """Weigh the evidence in the order of `STEPS`, then latency and cost, and give the verdict.

    Nobody was asked for an override yet; `gate/override/apply.py` takes one into the decision.
    """
    steps = [_take(step, evidence) for step in STEPS]
    holds = all(step.status not in ("fail", "error") for step in steps)
    weighed = ceilings.weigh(evidence.ceilings, holds)
    steps.append(_weigh_ceilings(weighed, evidence, holds))
    findings = [finding for step in steps for finding in step.findings]
    verdict = verdict_of(findings)
    measured = Measured(
        verdict, headline(verdict, findings, evidence), next_step(verdict, findings, evidence)
    )
    signing = "" if evidence.stopped else elsewhere(verdict, findings, evidence.policy.override)
    return Decision(
        verdict=verdict,
        headline=measured.headline,
        next_step=f"{measured.next_step} {signing}".rstrip(),
        measured=measured,
        steps=tuple(steps),
        slices=evidence.slices,
        ceilings=weighed,
        flaky=tuple(_flaky(evidence)),
        edited=tuple(_edited(evidence)),
        doubts=tuple(one.doubt for one in doubted(evidence)),
    )


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """`error` if any error, else `fail` if any fail that nobody overrode, else what remains."""
    counted = list(findings)
    if any(finding.severity == "error" for finding in counted):
        return "error"
    if any(finding.blocks for finding in counted):
        return "fail"
    return "overridden" if any(finding.severity == "fail" for finding in counted) else "pass"


def _take(step: Step, evidence: Evidence) -> Node:
    raised = [finding for rule in step.rules for finding in rule(evidence)]
    found = list(_by_policy(raised, evidence))
    if found:
        return _node(step.name, found)
    if raised:
        off = ", ".join(dict.fromkeys(named(finding.kind) for finding in raised))
        return Node(step.name, "info", f"{len(raised)} found, and the rubric turns {off} off")
    return Node(step.name, *step.clear(evidence))


def _node(name: str, found: Sequence[Finding]) -> Node:
    levels = [finding.severity for finding in found]
    worst = next(level for level in WORST_FIRST if level in levels)
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    return Node(name, worst, f"{found[levels.index(worst)].sentence}{more}", tuple(found))


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
    if all(one.limit is None for one in weighed):
        return Node("ceilings", "info", "the rubric sets no ceiling on latency or cost")
    if not holds:
        return Node("ceilings", "info", "not weighed: quality did not pass")
    step = Step(
        "ceilings",
        (lambda evidence: ceilings.findings(weighed, evidence.rubric),),
        lambda _: ("pass", "latency and cost are within their ceilings"),
    )
    return _take(step, evidence)


def _flaky(evidence: Evidence) -> Iterator[str]:
    """The baseline's cases with both outcomes that the team can't count on."""
    commit = evidence.rubric.regression.commit
    for case in evidence.before.values():
        if flaky(case, bool(evidence.hard_slices(case)), commit):
            yield case.id


def _edited(evidence: Evidence) -> Iterator[str]:
    """The committed cases that ask something else than on the baseline; none of it need be less."""
    for case in evidence.cases:
        before = evidence.before.get(case.id)
        if before and before.fingerprint != case.fingerprint and evidence.counts_on(before):
            yield case.id


STEPS = (
    Step(
        "graded",
        (quality.cut_short, quality.missing, quality.ungraded, quality.baseline),
        clear.graded,
    ),
    Step("hard-gate", (quality.hard_gate,), clear.hard),
    Step("regression", (quality.regression,), clear.regression),
    Step("threshold", (thresholds.threshold,), clear.threshold),
    Step("drop", (thresholds.drop,), clear.drop),
    Step("freshness", (quality.freshness,), clear.freshness),
    Step("bar-lowered", (bar.bar_lowered,), clear.bar),
    Step("case-removed", (bar.case_removed,), clear.removed),
)
