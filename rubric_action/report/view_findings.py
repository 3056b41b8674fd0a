"""The findings: which stand first, which are folded away, and each as a line."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rubric_action.errors import Place
from rubric_action.gate.model import AxisSummary, Finding, SliceSummary
from rubric_action.gate.wording import likelihood
from rubric_action.report import numbers
from rubric_action.report.broken import TOLD
from rubric_action.report.escape import code, prose
from rubric_action.rubric.bar_change import BarChange

FIRST: Final = 3
"""So many findings stand unfolded, right below the verdict."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """The findings by where they are told.

    `failing` is all of `first` and `other`, and what is told with the broken cases.
    """

    failing: tuple[Finding, ...]
    first: tuple[Finding, ...]
    other: tuple[Finding, ...]
    warnings: tuple[Finding, ...]


def sort_out(findings: Sequence[Finding], told: Collection[str]) -> Sorted:
    """Each finding to its place; `told` are the cases that are told as broken."""
    failing = tuple(one for one in findings if one.severity in ("fail", "error"))
    errors_first = sorted(failing, key=lambda one: one.severity != "error")
    first = _one_a_case(errors_first)[:FIRST]
    shown = {id(finding) for finding in first}
    shown |= {id(one) for one in failing if one.case in told and one.kind in TOLD}
    return Sorted(
        failing=failing,
        first=tuple(first),
        other=tuple(one for one in failing if id(one) not in shown),
        warnings=tuple(one for one in findings if one.severity == "warn"),
    )


Slices = Mapping[str, SliceSummary]


def finding_line(finding: Finding, slices: Slices) -> str:
    """Kind, sentence and place; whether somebody signed for it, and what it is worth."""
    where = f" {place(finding.place)}" if finding.place and finding.place.file else ""
    signed = ", signed for:" if finding.overridden else ""
    small = _small(worth(finding, slices))
    return f"**{finding.kind}**{signed} {prose(finding.sentence, 400)}{where}{small}"


def worth(finding: Finding, slices: Slices) -> str:
    """How sure a fall is, and the smallest effect that a slice of this size can show."""
    one = slices.get(finding.slice or "")
    on = one and (one.axes.get(finding.axis) if finding.axis else one)
    if not on:
        return ""
    if finding.kind == "drop":
        return _fall(on)
    if finding.kind != "threshold" or on.shortfall is None:
        return ""
    cases = numbers.count(on.cases, "case")
    return f"{cases} can show a shortfall from {numbers.effect(on.shortfall)} on"


def _fall(on: SliceSummary | AxisSummary) -> str:
    if on.compared is None:
        return ""
    told = [f"an unchanged agent falls as far {likelihood(on.compared.chance)}"]
    if on.compared.smallest:
        cases, least = numbers.count(on.paired_cases, "case"), on.compared.smallest
        told.append(f"{cases} can show a fall from {numbers.effect(least)} on")
    return "; ".join(told)


def _small(words: str) -> str:
    return f" <sub>({words})</sub>" if words else ""


def change_line(change: BarChange) -> str:
    """A change of the rubric, marked where it lowers the bar."""
    return ("🔴 " if change.lowered else "") + prose(change.sentence)


def place(where: Place) -> str:
    """Where something stands, small."""
    return f"<sub>{code(str(where))}</sub>"


def _one_a_case(findings: Iterable[Finding]) -> list[Finding]:
    """The first finding of each case, and every finding about no case."""
    seen: set[str] = set()
    kept = []
    for finding in findings:
        if finding.case is None or finding.case not in seen:
            kept.append(finding)
            seen.add(finding.case or "")
    return kept
