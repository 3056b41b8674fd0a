"""The table of slices and axes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rubric_action.gate.model import AxisSummary, Finding, NoBaseline, SliceSummary
from rubric_action.report import numbers
from rubric_action.report.escape import plain
from rubric_action.report.model import Report
from rubric_action.report.view_change import axis_change, passing_change, told_about

ORDER: Final = {"🔴": 0, "⚠️": 0, "🟣": 0, "🟢": 1, "⚪": 2}


@dataclass(frozen=True, slots=True)
class Row:
    """A slice: its light, name, case counts, and a cell an axis."""

    light: str
    name: str
    cases: str
    passing: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableView:
    """The whole table, with what its signs mean."""

    axes: tuple[str, ...]
    rows: tuple[Row, ...]
    legend: str


@dataclass(frozen=True, slots=True)
class _Slice:
    """A slice with the failing findings that are about it, and what a warning is about."""

    summary: SliceSummary
    findings: tuple[Finding, ...]
    told: set[str | None]

    @property
    def light(self) -> str:
        if self.summary.undecided:
            return "⚠️"
        if self.findings:
            return "🟣" if all(one.overridden for one in self.findings) else "🔴"
        return "⚪" if self.summary.informational else "🟢"

    @property
    def rank(self) -> tuple[int, bool]:
        """What is short of its bar first, hard slices before others."""
        return ORDER[self.light], not self.summary.hard

    @property
    def short(self) -> set[str | None]:
        """The axes that are short of their bar; None for the share of cases that pass."""
        return told_about(self.summary, self.findings)


def table_view(report: Report, does: str, most: int) -> TableView:
    """At most so many rows; `does` is what the failing findings do."""
    slices = tuple(report.decision.slices.values())
    rows = table(slices, report.axes, report.decision.findings)[:most]
    compared = not isinstance(report.baseline, NoBaseline)
    told = legend(rows, does, compared=compared, thin=any(one.thin for one in slices))
    return TableView(tuple(plain(axis, 40) for axis in report.axes), rows, told)


def table(
    slices: Sequence[SliceSummary], axes: Sequence[str], findings: Sequence[Finding]
) -> tuple[Row, ...]:
    """A row a slice, what fails first."""
    known = [_slice(one, tuple(f for f in findings if f.slice == one.name)) for one in slices]
    return tuple(_row(one, axes) for one in sorted(known, key=lambda one: one.rank))


def legend(rows: Sequence[Row], does: str, *, compared: bool, thin: bool) -> str:
    """What the signs in the table mean, those that are there."""
    cells = " ".join(cell for row in rows for cell in (row.passing, *row.cells))
    words = {
        "**": f"**Bold** is what {does}",
        "≥": "≥ the bar",
        "[": "[ ] its interval at 95 %",
        "": "▲▼ against the baseline, on the cases that both runs share" if compared else "",
        "±": "± the change's margin at 95 %",
    }
    told = [word for sign, word in words.items() if word and sign in cells]
    if compared:
        told.append("no arrow: no change beyond noise")
    if thin:
        told.append("thin: even a perfect slice of this size would not prove its bar")
    return " · ".join(told)


def _slice(one: SliceSummary, about: tuple[Finding, ...]) -> _Slice:
    failing = tuple(finding for finding in about if finding.severity != "warn")
    return _Slice(one, failing, told_about(one, about))


def _row(one: _Slice, axes: Sequence[str]) -> Row:
    summary, short, told = one.summary, one.short, one.told
    marks = [word for word, on in (("hard", summary.hard), ("thin", summary.thin)) if on]
    name = plain(summary.name, 60) + (f"<br><sub>{', '.join(marks)}</sub>" if marks else "")
    cells = tuple(_cell(summary.axes.get(axis), axis in short, axis in told) for axis in axes)
    passing = _passing(summary, None in short, None in told)
    return Row(one.light, name, str(summary.cases), passing, cells)


def _passing(one: SliceSummary, short: bool, told: bool) -> str:
    passing = f"{one.passed}" if not one.undecided else f"{one.passed}, {one.undecided} undecided"
    if short:
        passing = f"**{passing}**"
    passing = f"{passing} {passing_change(one, told=told)}".rstrip()
    if one.min_pass_rate is not None:
        interval = f" {numbers.interval(one.interval)}" if short else ""
        passing += f"<br><sub>{_rate(one)}≥ {numbers.bound(one.min_pass_rate)}{interval}</sub>"
    return passing


def _rate(one: SliceSummary) -> str:
    """The pass rate, where trials make it another one than the cases that pass tell."""
    if one.pass_rate is None or abs(one.pass_rate * one.cases - one.passed) < 1e-6:
        return ""
    return f"rate {numbers.score(one.pass_rate)} "


def _cell(axis: AxisSummary | None, short: bool, told: bool) -> str:
    if axis is None:
        return ""
    value = numbers.score(axis.mean)
    shown = [f"**{value}**" if short else value, axis_change(axis, told=told)]
    below = [f"≥ {numbers.bound(axis.minimum)}"] if axis.minimum is not None else []
    if short:
        below.append(numbers.interval(axis.interval))
    under = f"<br><sub>{' '.join(below)}</sub>" if below else ""
    return " ".join(part for part in shown if part) + under
