"""What changed in the bar between two rubrics, and whether each change lowers it. Pure.

A change lowers the bar when something that failed under the base could pass under the head. What
cannot be ordered (a question, a model, a prompt) is shown and does not count.
"""

from collections.abc import Iterator
from typing import Final

from rubric_action.rubric.bar_change import (
    BarChange,
    Leaf,
    change,
    compare_leaves,
    differs,
    larger,
    never,
    smaller,
)
from rubric_action.rubric.compare_override import compare_override
from rubric_action.rubric.compare_rules import compare_rules
from rubric_action.rubric.compare_run import compare_agent, compare_judge
from rubric_action.rubric.covers import covers
from rubric_action.rubric.kinds import SETTABLE
from rubric_action.rubric.model import Axis, Rubric, Selector, Slice
from rubric_action.rubric.show import (
    show_anchors,
    show_count,
    show_days,
    show_flag,
    show_money,
    show_number,
    show_seconds,
    show_selector,
    show_text,
)

__all__ = ["BarChange", "compare_bars"]


def compare_bars(base: Rubric, head: Rubric) -> tuple[BarChange, ...]:
    """Every key in which the head's rubric differs from its base, in the order of the file."""
    return (
        *_compare_cases(base, head),
        *compare_agent(base.agent, head.agent, unconfirmed=head.regression.unconfirmed),
        *compare_judge(base.judge, head.judge),
        *_compare_axes(base, head),
        *compare_rules(base, head),
        *_compare_slices(base, head),
        *compare_leaves("regression", _REGRESSION, base.regression, head.regression),
        *compare_leaves("ceilings", _LIMITS, base.ceilings, head.ceilings),
        *compare_leaves("freshness", _FRESHNESS, base.freshness, head.freshness),
        *_compare_findings(base, head),
        *compare_leaves("embeddings", _EMBEDDINGS, base.embeddings, head.embeddings),
        *compare_override(base.override, head.override),
    )


def _narrower(before: Selector | None, after: Selector | None) -> bool:
    return not covers(after or Selector(), before or Selector())


def _weaker_gate(before: bool, after: bool) -> bool:
    return before and not after


def _turned_on(before: bool, after: bool) -> bool:
    return after and not before


def _milder(before: str, after: str) -> bool:
    return _SEVERITY[after] < _SEVERITY[before]


def _no_lowest_turn(before: str, after: str) -> bool:
    return before == "turn" and after != "turn"


def _replaced(before: str | None, after: str | None) -> bool:
    return before is not None and before != after


def _show_gate(hard: bool) -> str:
    return "hard" if hard else ""


_SEVERITY: Final = {"off": 0, "warn": 1, "fail": 2, "error": 3}

_AXIS: Final = (
    Leaf("ask", "ask", never, show_text),
    Leaf("anchors", "anchors", never, show_anchors),
    Leaf("pass", "pass_mark", smaller, show_number),
    Leaf("isolate", "isolate", never, show_flag),
    Leaf("per", "per", _no_lowest_turn, show_text),
    Leaf("applies_to", "applies_to", _narrower, show_selector),
    Leaf("owner", "owner", never, show_text),
    Leaf("lexical", "lexical", never, show_text),
)

_LIMITS: Final = (
    Leaf("latency_p95", "latency_p95_s", larger, show_seconds),
    Leaf("cost_per_session", "cost_per_session_usd", larger, show_money),
)

_SLICE: Final = (
    Leaf("select", "select", _narrower, show_selector),
    Leaf("min_pass_rate", "min_pass_rate", smaller, show_number),
    Leaf("gate", "hard", _weaker_gate, _show_gate),
    *_LIMITS,
    Leaf("informational", "informational", _turned_on, show_flag),
    Leaf("owner", "owner", never, show_text),
)

# Directions: a smaller `alpha` convicts less, a larger `confidence` and `commit` excuse more, and
# `confirm` shifts power either way, so that no change of it is plainly stricter.
_REGRESSION: Final = (
    Leaf("max_drop", "max_drop", larger, show_number),
    Leaf("confirm", "confirm", differs, show_count),
    Leaf("alpha", "alpha", smaller, show_number),
    Leaf("confidence", "confidence", larger, show_number),
    Leaf("unconfirmed", "unconfirmed", _milder, show_text),
    Leaf("commit", "commit", larger, show_number),
)

_FRESHNESS: Final = (
    Leaf("max_context_age", "max_context_age_days", larger, show_days),
    Leaf("corpus", "corpus", _replaced, show_text),
)

_EMBEDDINGS: Final = (
    Leaf("model", "model", never, show_text),
    Leaf("base_url", "base_url", never, show_text),
)


def _compare_cases(base: Rubric, head: Rubric) -> Iterator[BarChange]:
    for glob in base.cases:
        if glob not in head.cases:
            yield change("cases", glob, "", lowered=True)
    for glob in head.cases:
        if glob not in base.cases:
            yield change("cases", "", glob, lowered=False)


def _compare_axes(base: Rubric, head: Rubric) -> Iterator[BarChange]:
    for name in {**base.axes, **head.axes}:
        key, before, after = f"axes.{name}", base.axes.get(name), head.axes.get(name)
        if before and after:
            yield from compare_leaves(key, _AXIS, before, after, axis=name)
        else:
            shown = _show_axis(before), _show_axis(after)
            yield change(key, *shown, lowered=after is None, axis=name)


def _show_axis(axis: Axis | None) -> str:
    return f"an axis with the pass mark {show_number(axis.pass_mark)}" if axis else ""


def _compare_slices(base: Rubric, head: Rubric) -> Iterator[BarChange]:
    for name in {**base.slices, **head.slices}:
        key, before, after = f"slices.{name}", base.slices.get(name), head.slices.get(name)
        if before and after:
            counts = not before.informational
            yield from compare_leaves(key, _SLICE, before, after, counts=counts, slice_=name)
            yield from _compare_minimums(key, before, after)
            yield from _compare_drop(base, head, before, after)
        else:
            shown = _show_slice(before), _show_slice(after)
            yield change(key, *shown, lowered=after is None, slice_=name)


def _show_slice(part: Slice | None) -> str:
    if part is None:
        return ""
    return (
        f"a{'n informational' if part.informational else ''} slice of {show_selector(part.select)}"
    )


def _compare_minimums(key: str, base: Slice, head: Slice) -> Iterator[BarChange]:
    for axis in {**base.minimums, **head.minimums}:
        before, after = base.minimums.get(axis), head.minimums.get(axis)
        if before != after:
            lowered = smaller(before, after) and not base.informational
            shown = show_number(before), show_number(after)
            yield change(f"{key}.min.{axis}", *shown, lowered, slice_=base.name, axis=axis)


def _compare_drop(base: Rubric, head: Rubric, before: Slice, after: Slice) -> Iterator[BarChange]:
    """A slice's own limit against what held for it before: its own, or the rubric's."""
    if before.max_drop == after.max_drop:
        return
    held = base.regression.max_drop if before.max_drop is None else before.max_drop
    holds = head.regression.max_drop if after.max_drop is None else after.max_drop
    lowered = larger(held, holds) and not before.informational
    shown = show_number(before.max_drop), show_number(after.max_drop)
    yield change(f"slices.{before.name}.max_drop", *shown, lowered, slice_=before.name)


def _compare_findings(base: Rubric, head: Rubric) -> Iterator[BarChange]:
    for kind in SETTABLE:
        default = "error" if kind == "judge-unreliable" else "fail"
        before, after = base.findings.get(kind, default), head.findings.get(kind, default)
        if before != after:
            yield change(f"findings.{kind}", before, after, _milder(before, after))
