"""The table of slices and axes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rubric_action.gate.model import AxisSummary, Finding, SliceSummary
from rubric_action.report import numbers
from rubric_action.report.escape import plain

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
class _Slice:
    """A slice with the failing findings that are about it."""

    summary: SliceSummary
    findings: tuple[Finding, ...]

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
        found = {one.axis for one in self.findings if one.kind in ("threshold", "drop")}
        hard = any(one.kind == "hard-gate" for one in self.findings)
        return {*found, None} if hard else found


def table(
    slices: Sequence[SliceSummary], axes: Sequence[str], failing: Sequence[Finding]
) -> tuple[Row, ...]:
    """A row a slice, what fails first."""
    known = [_Slice(one, tuple(f for f in failing if f.slice == one.name)) for one in slices]
    return tuple(_row(one, axes) for one in sorted(known, key=lambda one: one.rank))


def _row(one: _Slice, axes: Sequence[str]) -> Row:
    summary, short = one.summary, one.short
    marks = [word for word, on in (("hard", summary.hard), ("thin", summary.thin)) if on]
    name = plain(summary.name, 60) + (f"<br><sub>{', '.join(marks)}</sub>" if marks else "")
    cells = tuple(_cell(summary.axes.get(axis), axis in short) for axis in axes)
    return Row(one.light, name, str(summary.cases), _passing(summary, None in short), cells)


def _passing(one: SliceSummary, short: bool) -> str:
    passing = f"{one.passed}" if not one.undecided else f"{one.passed}, {one.undecided} undecided"
    if short:
        passing = f"**{passing}**"
    moved = round((one.pass_rate_delta or 0) * one.paired_cases)
    if moved:
        passing += f" {numbers.UP if moved > 0 else numbers.DOWN}{abs(moved)}"
    if one.min_pass_rate is not None:
        passing += f"<br><sub>≥ {numbers.bound(one.min_pass_rate)}</sub>"
    return passing


def _cell(axis: AxisSummary | None, short: bool) -> str:
    if axis is None:
        return ""
    value = numbers.score(axis.mean)
    shown = [f"**{value}**" if short else value, numbers.change(axis.delta)]
    below = [f"≥ {numbers.bound(axis.minimum)}"] if axis.minimum is not None else []
    if short:
        below.append(numbers.interval(axis.interval))
    under = f"<br><sub>{' '.join(below)}</sub>" if below else ""
    return " ".join(part for part in shown if part) + under
