"""A stored run as a report again, to decide it anew: what was measured, and nobody's signature.

Every value came out of an artifact, so its type is checked. What an older writer of the same schema
did not know is filled in as well as the rest tells it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, get_args

from rubric_action.errors import Place
from rubric_action.gate.decide import verdict_of
from rubric_action.gate.decision import Decision, Measured
from rubric_action.gate.evidence import Policy
from rubric_action.gate.model import Finding, Kind, Node, Severity, Status, Verdict
from rubric_action.report.judge_record import judge_from
from rubric_action.report.model import Report
from rubric_action.report.recall_parts import (
    bar_from,
    baseline_from,
    broken_from,
    ceilings_from,
    doubt_from,
    interval,
    run_from,
    slice_from,
    spend_from,
    use_from,
)
from rubric_action.report.stored import Stored
from rubric_action.report.typed import (
    Record,
    as_object,
    flag,
    items,
    may,
    need,
    number,
    one_of,
    optional,
    text,
    whole,
)

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
STATUSES: Final[tuple[Status, ...]] = get_args(Status)
VERDICTS: Final[tuple[Verdict, ...]] = get_args(Verdict)

STEP_OF: Final = {
    "missing": "graded",
    "ungraded": "graded",
    "baseline": "graded",
    "latency": "ceilings",
    "cost": "ceilings",
}
"""The steps that are not called like the kinds that they find."""

_LINE, _COLUMN = r"(?::(?P<line>[1-9][0-9]{0,8}))?", r"(?::(?P<column>[1-9][0-9]{0,8}))?"
_CASE_PLACE = re.compile(rf"(?P<file>.+?){_LINE}(?P<column>)", re.DOTALL)
_RUBRIC_PLACE = re.compile(rf"(?P<file>.+?){_LINE}{_COLUMN}", re.DOTALL)


def report_of_stored(stored: Stored, policy: Policy) -> Report:
    """What `summary.json` was made of, as measured: without any override, which is weighed anew.

    `policy` is today's; it says which findings somebody may sign for. What was graded keeps the
    severity that it was given then. Raises what `stored.unreadable` makes of a bad value.
    """
    return stored.said(lambda summary: _report(summary, policy))


def findings_of(stored: Stored) -> tuple[Finding, ...]:
    """The findings of a stored run, as measured; raises like `report_of_stored`."""
    return stored.said(_findings)


def _report(summary: Record, policy: Policy) -> Report:
    findings = tuple(_under(policy, finding) for finding in _findings(summary))
    cases, run = need(summary, "cases", as_object), need(summary, "run", as_object)
    judge = need(summary, "judge", optional(judge_from))
    baseline, baseline_cases = baseline_from(summary)
    lexical = judge is not None and "lexical" in judge.provider.split("+")
    decision = _decision(summary, findings)
    return Report(
        run=run_from(run),
        decision=decision,
        baseline=baseline,
        bar=need(summary, "bar", bar_from),
        policy=policy,
        spend=need(summary, "spend", spend_from),
        axes=may(summary, "axes", items(text), _axes(decision)),
        digest=need(run, "rubric_digest", text),
        places=dict(need(summary, "findings", _rubric_places)),
        judge=judge,
        broken=may(summary, "broken", items(broken_from), ()),
        added=need(cases, "added", items(text)),
        removed=need(cases, "removed", items(text)),
        cases=need(cases, "count", whole),
        warnings=need(summary, "warnings", items(text)),
        lexical=may(summary, "lexical", flag, lexical),
        uses=may(summary, "overrides_before", items(use_from), ()),
        baseline_cases=baseline_cases,
    )


def _decision(summary: Record, findings: tuple[Finding, ...]) -> Decision:
    cases = need(summary, "cases", as_object)
    measured = _measured(summary, findings)
    asked = may(summary, "override_decision", optional(as_object), None) is not None
    told = measured if asked else _told(summary, findings)
    slices = need(summary, "slices", as_object)
    return Decision(
        verdict=told.verdict,
        headline=told.headline,
        next_step=told.next_step,
        measured=measured,
        steps=_steps(summary, findings),
        slices={name: slice_from(name, one) for name, one in slices.items()},
        ceilings=need(summary, "ceilings", ceilings_from),
        flaky=need(cases, "flaky", items(text)),
        edited=need(cases, "edited", items(text)),
        doubts=may(cases, "doubts", items(doubt_from), ()),
    )


def _measured(summary: Record, findings: tuple[Finding, ...]) -> Measured:
    return _told(may(summary, "measured", as_object, dict(summary)), findings)


def _told(record: Record, findings: tuple[Finding, ...]) -> Measured:
    """The verdict is that of the findings; a summary that says another one contradicts itself."""
    said, verdict = need(record, "verdict", one_of(VERDICTS)), verdict_of(findings)
    if said != verdict:
        raise ValueError(f"its verdict is {said}, and that of its findings {verdict}")
    return Measured(verdict, need(record, "headline", text), need(record, "next_step", text))


def _findings(summary: Record) -> tuple[Finding, ...]:
    return need(summary, "findings", items(_finding))


def _finding(value: Any) -> Finding:
    """As measured: nobody has signed for it."""
    return Finding(
        kind=need(value, "kind", one_of(KINDS)),
        severity=need(value, "severity", one_of(SEVERITIES)),
        sentence=need(value, "sentence", text),
        slice=need(value, "slice", optional(text)),
        axis=need(value, "axis", optional(text)),
        case=need(value, "case", optional(text)),
        observed=need(value, "observed", optional(number)),
        required=need(value, "required", optional(number)),
        baseline=need(value, "baseline", optional(number)),
        interval=need(value, "interval", optional(interval)),
        overridable=need(value, "overridable", flag),
        key=need(value, "key", optional(text)),
        place=_place(_CASE_PLACE, need(value, "place", optional(text))),
        worst=need(value, "worst", items(text)),
    )


def _under(policy: Policy, finding: Finding) -> Finding:
    allowed = policy.override is not None and finding.kind in policy.override.allow
    return replace(finding, overridable=allowed and finding.severity == "fail")


def _place(pattern: re.Pattern[str], told: str | None) -> Place | None:
    """A place as it was printed; the numbers at its end are no part of the file's name."""
    found = pattern.fullmatch(told) if told else None
    if found is None:
        return None
    line, column = found["line"], found["column"]
    return Place(found["file"], int(line) if line else None, int(column) if column else None)


def _rubric_places(value: Any) -> Iterator[tuple[str, Place]]:
    for finding in items(as_object)(value):
        key = need(finding, "key", optional(text))
        place = _place(_RUBRIC_PLACE, need(finding, "rubric_place", optional(text)))
        if key and place:
            yield key, place


def _steps(summary: Record, findings: tuple[Finding, ...]) -> tuple[Node, ...]:
    """The tree as it was; older summaries don't say which findings a step holds."""
    of_step: dict[str, list[int]] = {}
    for position, one in enumerate(findings):
        of_step.setdefault(STEP_OF.get(one.kind, one.kind), []).append(position)
    records = need(summary, "steps", items(as_object))
    nodes = tuple(_node(record, findings, of_step) for record in records)
    if tuple(finding for node in nodes for finding in node.findings) != findings:
        raise ValueError("its steps do not hold its findings, each one once and in their order")
    return nodes


def _node(
    record: Record, findings: tuple[Finding, ...], of_step: Mapping[str, Sequence[int]]
) -> Node:
    name = need(record, "name", text)
    held = may(record, "findings", items(whole), tuple(of_step.get(name, ())))
    if any(position >= len(findings) for position in held):
        raise ValueError(f"the step `{name:.80}` holds a finding that is not there")
    return Node(
        name,
        need(record, "status", one_of(STATUSES)),
        need(record, "sentence", text),
        tuple(findings[position] for position in held),
    )


def _axes(decision: Decision) -> tuple[str, ...]:
    """The axes that the slices tell of."""
    return tuple(dict.fromkeys(axis for one in decision.slices.values() for axis in one.axes))
