"""A finished run on a terminal or in a log: the verdict, the steps to it, the slices."""

import textwrap
from collections.abc import Container, Iterator, Sequence

from rubric_action.gate.model import Finding, NoBaseline, Node, SliceSummary
from rubric_action.gate.override.model import Override
from rubric_action.grading.model import Spend
from rubric_action.report import numbers, view_doubts
from rubric_action.report.escape import clip, visible
from rubric_action.report.model import BrokenCase, Report
from rubric_action.report.override_told import override_told
from rubric_action.report.view_change import axis_change, told_about

MARKS = {"pass": "ok  ", "info": "-   ", "warn": "warn", "fail": "FAIL", "error": "ERR "}
SIGNED = "sign"
OVERRIDES = {"granted": SIGNED, "refused": MARKS["warn"], "unknown": MARKS["error"]}
VERDICTS = {"pass": "PASS", "fail": "FAIL", "overridden": "OVERRIDDEN", "error": "ERROR"}
MOST_FINDINGS = 5
MOST_TOLD = 3
WIDTH = 84


def lines(report: Report) -> Iterator[str]:
    """Plain text, a line at a time; whatever is foreign in it is on one line and visible."""
    decision = report.decision
    yield f"{VERDICTS[decision.verdict]}  {_line(decision.headline)}"
    if decision.verdict != decision.measured.verdict:
        yield f"      measured: {_line(decision.measured.headline)}"
    yield f"      {_line(decision.next_step)}"
    yield ""
    for step in decision.steps:
        yield from _step(step)
    yield _override(report)
    yield ""
    yield from _table(tuple(decision.slices.values()), report.axes, decision.findings)
    yield ""
    doubts = [f"  {_line(line)}" for line in view_doubts.lines(decision.doubts, MOST_TOLD)]
    yield from [*doubts, ""] if doubts else []
    for case in report.broken[:MOST_TOLD]:
        yield from _broken(case)
    if not isinstance(report.baseline, NoBaseline):
        yield f"compared with a baseline {numbers.days(report.baseline.age_days)}"
    for warning in (*_warnings(decision.override), *report.notes):
        yield f"warning: {_line(warning)}"
    if report.lexical:
        yield "graded by the offline `lexical` judge, which compares words and not meaning"
    yield _spent(report)


def _step(step: Node) -> Iterator[str]:
    if not step.findings:
        yield f"  {MARKS[step.status]} {step.name:<13}{_line(step.sentence)}"
        return
    for number, finding in enumerate(step.findings[:MOST_FINDINGS]):
        name = step.name if number == 0 else ""
        mark = SIGNED if finding.overridden else MARKS[finding.severity]
        yield f"  {mark} {name:<13}{_finding(finding)}"
    if len(step.findings) > MOST_FINDINGS:
        yield f"       {'':<13}and {len(step.findings) - MOST_FINDINGS} more"


def _override(report: Report) -> str:
    override = report.decision.override
    mark = OVERRIDES.get(override.state if override else "none", MARKS["info"])
    return f"  {mark} {'override':<13}{_line(override_told(report))}"


def _warnings(override: Override | None) -> tuple[str, ...]:
    return override.warnings if override else ()


def _finding(finding: Finding) -> str:
    where = f" ({_line(str(finding.place))})" if finding.place and finding.place.file else ""
    return f"{_line(finding.sentence)}{where}"


def _table(
    slices: Sequence[SliceSummary], axes: Sequence[str], findings: Sequence[Finding]
) -> Iterator[str]:
    header = ("slice", "cases", "passing", *axes)
    rows = [header, *(_row(one, axes, told_about(one, findings)) for one in slices)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    for row in rows:
        _, *rest = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        yield "  " + "  ".join((row[0].ljust(widths[0]), *rest))


def _row(one: SliceSummary, axes: Sequence[str], told: Container[str | None]) -> tuple[str, ...]:
    cells = []
    for name in axes:
        axis = one.axes.get(name)
        moved = axis_change(axis, told=name in told) if axis else ""
        cells.append(f"{numbers.score(axis.mean)}{moved and ' ' + moved}" if axis else "")
    name = f"{one.name} (hard)" if one.hard else one.name
    return (clip(visible(name), 40), str(one.cases), str(one.passed), *cells)


def _broken(case: BrokenCase) -> Iterator[str]:
    past = (
        f", passed {case.passes} of {numbers.count(case.trials, 'trial')} before"
        if case.trials
        else ""
    )
    yield f"  {_line(case.id)} ({', '.join(case.kinds)}{past})"
    yield from _said("asked", case.asked)
    if case.answered_before is not None:
        yield from _said("before", case.answered_before)
    yield from _said("now", case.answered_now)
    for rule in case.failed_rules:
        yield from _said("rule", rule)
    for score in case.scores:
        if not score.passed:
            was = f"{numbers.score(score.before)} -> " if score.before is not None else ""
            yield from _said(score.axis, f"{was}{numbers.score(score.now)}: {score.reason}")
    yield ""


def _said(who: str, text: str) -> Iterator[str]:
    """A labelled paragraph, wrapped below its label."""
    label = clip(visible(who), 12)
    wrapped = textwrap.wrap(_line(text), WIDTH) or ["(empty)"]
    for number, line in enumerate(wrapped):
        yield f"    {label if number == 0 else '':<14}{line}"


def _spent(report: Report) -> str:
    if report.run.graded is not None:
        run = report.run.graded.run_id
        name = f"run {run}" if run else "an earlier run"
        return f"decided again from the results of {name}; nothing was asked again"
    return spent(report.spend, report.run.seconds)


def spent(spend: Spend, seconds: float) -> str:
    """What a run took, on one line."""
    return (
        f"{numbers.count(spend.agent_sessions, 'agent session')}, "
        f"{numbers.count(spend.judge_calls, 'judge call')} and {spend.judge_cached:,} from cache, "
        f"{numbers.dollars(spend.judge_cost_usd)}, {numbers.seconds(seconds)}"
    )


def _line(text: str) -> str:
    return clip(" ".join(visible(text).split()), 500)
