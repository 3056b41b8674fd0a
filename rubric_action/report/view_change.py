"""A change against the baseline as the tables show it: where it is more than noise."""

from collections.abc import Iterable
from typing import Final

from rubric_action.gate.model import AxisSummary, Compared, Finding, SliceSummary
from rubric_action.report import numbers

BY_CHANCE: Final = 0.05
"""A fall that an unchanged agent has no more often than this is more than noise."""
FEWEST_PAIRS: Final = 6
"""A rise on fewer cases is not: all of five going one way is no rarer than 1 in 16."""


def told_about(one: SliceSummary, findings: Iterable[Finding]) -> set[str | None]:
    """The axes of a slice that a finding is about, a warning too; None for its passing cases."""
    about = [finding for finding in findings if finding.slice == one.name]
    axes = {finding.axis for finding in about if finding.kind in ("threshold", "drop")}
    hard = any(finding.kind == "hard-gate" for finding in about)
    return {*axes, None} if hard else axes


def axis_change(axis: AxisSummary, *, told: bool) -> str:
    """Arrow, change and its margin; nothing for noise, unless a finding is `told` about it."""
    if not (told or beyond_noise(axis.delta, axis.paired_cases, axis.compared)):
        return ""
    shown = numbers.change(axis.delta)
    margin = numbers.margin(axis.delta, axis.compared.interval if axis.compared else None)
    return f"{shown} {margin}".rstrip() if shown else ""


def passing_change(one: SliceSummary, *, told: bool) -> str:
    """Arrow and number of the cases that pass more or less, of those that both runs share."""
    moved = round((one.pass_rate_delta or 0) * one.paired_cases)
    if not moved or not (told or beyond_noise(one.pass_rate_delta, one.paired_cases, one.compared)):
        return ""
    return f"{numbers.UP if moved > 0 else numbers.DOWN}{abs(moved)}"


def beyond_noise(delta: float | None, pairs: int, compared: Compared | None) -> bool:
    """Whether a change is more than an unchanged agent shows; unknown of older results: yes."""
    if delta is None or compared is None:
        return delta is not None
    if delta < 0:
        return compared.chance <= BY_CHANCE
    return pairs >= FEWEST_PAIRS and compared.interval is not None and compared.interval[0] > 0
