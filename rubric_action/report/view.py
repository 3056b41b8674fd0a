"""What the comment prints: every string made, every foreign text escaped, nothing decided."""

from collections.abc import Mapping
from dataclasses import dataclass

from rubric_action.gate.evidence import BarNotCompared
from rubric_action.report import numbers
from rubric_action.report.broken import cases_told
from rubric_action.report.escape import code, link, prose
from rubric_action.report.limits import Limits
from rubric_action.report.model import Report
from rubric_action.report.view_broken import BrokenView, broken_view
from rubric_action.report.view_doubts import DoubtsView, doubts_view
from rubric_action.report.view_findings import Sorted, change_line, finding_line, sort_out
from rubric_action.report.view_footer import bar, ceilings, compared, judge, spent
from rubric_action.report.view_override import LIGHTS, OverrideView, override_view
from rubric_action.report.view_table import TableView, table_view


@dataclass(frozen=True, slots=True)
class View:
    """The whole comment. `does` is what the failing findings do: they block, or are signed for."""

    light: str
    headline: str
    next_step: str
    does: str
    override: OverrideView
    first: tuple[str, ...]
    table: TableView
    broken: tuple[BrokenView, ...]
    doubts: DoubtsView
    other: tuple[str, ...]
    warnings: tuple[str, ...]
    flaky: tuple[str, ...]
    changes: tuple[str, ...]
    left_out: str
    ceilings: str
    bar: str
    compared: str
    judge: str
    spent: str
    lexical: bool
    report: str


def view(report: Report, limits: Limits) -> View:
    """Everything that the template prints, within the limits."""
    decision, slices = report.decision, report.decision.slices
    told = {one.id for one in report.broken[: limits.broken]}
    findings = sort_out(decision.findings, told)
    warnings = (*(one.sentence for one in findings.warnings), *report.notes)
    changes = () if isinstance(report.bar, BarNotCompared) else report.bar
    override = override_view(report, limits)
    doubts = doubts_view(decision.doubts, decision.findings, limits.findings)
    doubt_of = {one.case: one for one in decision.doubts}
    does = "was signed for" if decision.verdict == "overridden" else "blocks"
    return View(
        light=LIGHTS[decision.verdict],
        headline=prose(decision.headline),
        next_step=prose(decision.next_step),
        does=does,
        override=override,
        first=tuple(finding_line(one, slices) for one in findings.first),
        table=table_view(report, does, limits.rows),
        broken=tuple(
            broken_view(one, findings.failing, doubt_of.get(one.id), limits.text)
            for one in report.broken
            if one.id in told
        ),
        doubts=doubts,
        other=tuple(finding_line(one, slices) for one in findings.other[: limits.findings]),
        warnings=tuple(prose(text) for text in warnings[: limits.findings]),
        flaky=tuple(code(case) for case in decision.flaky[: limits.findings]),
        changes=tuple(change_line(change) for change in changes[: limits.findings]),
        left_out=_left_out(
            {
                "slice": len(slices) - limits.rows,
                "broken case": _broken_count(findings) - len(told),
                "case in doubt": doubts.left_out,
                "other finding": len(findings.other) - limits.findings,
                "rejected review": override.left_out,
                "warning": len(warnings) - limits.findings,
                "flaky case": len(decision.flaky) - limits.findings,
                "change of the rubric": len(changes) - limits.findings,
            }
        ),
        ceilings=ceilings(decision.ceilings),
        bar=bar(report),
        compared=compared(report.baseline),
        judge=judge(report),
        spent=spent(report),
        lexical=report.lexical,
        report=link("full report", report.run.url) if report.run.url else "",
    )


def _broken_count(findings: Sorted) -> int:
    return len({case for finding in findings.failing for case in cases_told(finding)})


def _left_out(left: Mapping[str, int]) -> str:
    """What there was no room for, in words."""
    plurals = {
        "change of the rubric": "changes of the rubric",
        "case in doubt": "cases in doubt",
    }
    return ", ".join(
        numbers.count(count, noun, plurals.get(noun)) for noun, count in left.items() if count > 0
    )
