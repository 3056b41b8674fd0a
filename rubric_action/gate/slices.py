"""Slices: pass rates and means with their intervals, against the baseline on shared cases.

The cases are gone through once, and numbers are all that is kept of them.
"""

import math
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from rubric_action.gate.marks import share_today
from rubric_action.gate.model import AxisSummary, Baseline, CaseResult, Compared, SliceSummary
from rubric_action.gate.statistics.intervals import (
    CONFIDENCE,
    cases_to_prove,
    mean_interval,
    weighted_mean,
    wilson,
)
from rubric_action.gate.statistics.paired import fall
from rubric_action.gate.statistics.power import (
    mean_shortfall,
    pairs_to_show,
    smallest_drop,
    smallest_shortfall,
)
from rubric_action.rubric.model import Axis, Rubric, Slice


def summarise(
    rubric: Rubric, cases: Iterable[CaseResult], baseline: Baseline | None
) -> dict[str, SliceSummary]:
    """One summary a slice, in the rubric's order."""
    before = baseline.cases if baseline else {}
    known = {name for past in before.values() for name in past.slices}
    found = {name: _Found() for name in rubric.slices}
    for case in cases:
        past = before.get(case.id)
        for name in case.slices:
            # A slice that the baseline does not know is compared over all of its cases; any other
            # over those that were in it then, so that a fall can't be thinned out by new ones.
            shared = past if past and (name not in known or name in past.slices) else None
            found[name].take(case, shared, rubric.axes)
    return {name: _slice(rubric, one, found[name]) for name, one in rubric.slices.items()}


Numbers: TypeAlias = "array[float]"


def _numbers() -> Numbers:
    return array("d")


@dataclass(slots=True)
class _Pairs:
    """What both runs measured: now, before, and the weight and the cluster of each case."""

    now: Numbers = field(default_factory=_numbers)
    before: Numbers = field(default_factory=_numbers)
    weights: Numbers = field(default_factory=_numbers)
    clusters: list[str] = field(default_factory=list)

    def add(self, now: float, before: float, weight: float, cluster: str) -> None:
        """One more case."""
        self.now.append(now)
        self.before.append(before)
        self.weights.append(weight)
        self.clusters.append(cluster)

    def compared(self, confidence: float, seed: str) -> Compared | None:
        """What the comparison is worth; None without a case."""
        if not self.now:
            return None
        found = fall(self.now, self.before, self.weights, self.clusters, seed)
        smallest, enough = None, None
        if found.deviation is not None:
            delta = self.change[1] or 0.0
            smallest = smallest_drop(found.clusters, found.deviation, confidence)
            enough = pairs_to_show(-delta, found.deviation, confidence)
        return Compared(found.chance, found.method, found.interval, smallest, enough)

    @property
    def change(self) -> tuple[float | None, float | None]:
        """The mean before, and the mean of now minus before; None without a case."""
        if not self.now:
            return None, None
        past = weighted_mean(self.before, self.weights)
        return past, weighted_mean(self.now, self.weights) - past


@dataclass(slots=True)
class _OnAxis:
    """The scores on one axis with the weights of their cases, and those of both runs."""

    scores: Numbers = field(default_factory=_numbers)
    weights: Numbers = field(default_factory=_numbers)
    pairs: _Pairs = field(default_factory=_Pairs)


@dataclass(slots=True)
class _Found:
    """What is known of one slice; `shares` are of the cases that were decided."""

    cases: int = 0
    passed: int = 0
    undecided: int = 0
    shares: Numbers = field(default_factory=_numbers)
    pairs: _Pairs = field(default_factory=_Pairs)
    axes: dict[str, _OnAxis] = field(default_factory=dict)

    def take(self, case: CaseResult, past: CaseResult | None, axes: Mapping[str, Axis]) -> None:
        """Add a case; `past` is the same one on the baseline, where it is to be compared with."""
        self.cases += 1
        self.passed += case.passed is True
        for name, score in case.axes.items():
            on_axis = self.axes.setdefault(name, _OnAxis())
            on_axis.scores.append(score.score)
            on_axis.weights.append(case.weight)
        if case.passed is None:
            self.undecided += 1
            return
        self.shares.append(case.pass_share)
        if past is not None and past.passed is not None:
            self._compare(case, past, axes)

    def _compare(self, case: CaseResult, past: CaseResult, axes: Mapping[str, Axis]) -> None:
        cluster = case.cluster or case.id
        self.pairs.add(case.pass_share, share_today(past, axes), 1.0, cluster)
        for name, score in case.axes.items():
            then = past.axes.get(name)
            if then is not None:
                self.axes[name].pairs.add(score.score, then.score, past.weight, cluster)


def _slice(rubric: Rubric, one: Slice, found: _Found) -> SliceSummary:
    shares = found.shares if not found.undecided else ()
    rate = math.fsum(shares) / len(shares) if shares else None
    past_rate, rate_delta = found.pairs.change
    confidence = rubric.regression.confidence or CONFIDENCE
    return SliceSummary(
        name=one.name,
        cases=found.cases,
        passed=found.passed,
        undecided=found.undecided,
        pass_rate=rate,
        interval=None if rate is None else wilson(rate, found.cases),
        min_pass_rate=one.min_pass_rate,
        hard=one.hard,
        informational=one.informational,
        thin=found.cases < _needed(one),
        baseline_pass_rate=past_rate,
        pass_rate_delta=None if found.undecided else rate_delta,
        paired_cases=len(found.pairs.now),
        compared=None if found.undecided else found.pairs.compared(confidence, one.name),
        shortfall=smallest_shortfall(found.cases, one.min_pass_rate or 0.0),
        axes={
            name: _axis(name, one, found, confidence)
            for name in rubric.axes
            if name in one.minimums or name in found.axes
        },
    )


def _needed(one: Slice) -> int:
    """Cases without which even a perfect slice can't prove its bar; a bar of 1 has no proof."""
    bars = [*one.minimums.values(), one.min_pass_rate or 0.0]
    return max((cases_to_prove(bar) for bar in bars if bar < 1), default=0)


def _axis(name: str, one: Slice, found: _Found, confidence: float) -> AxisSummary:
    on_axis, minimum = found.axes.get(name, _OnAxis()), one.minimums.get(name)
    scores, weights = on_axis.scores, on_axis.weights
    if found.undecided or not scores:
        return AxisSummary(mean=None, cases=len(scores), minimum=minimum)
    past_mean, delta = on_axis.pairs.change
    return AxisSummary(
        mean=weighted_mean(scores, weights),
        cases=len(scores),
        interval=mean_interval(scores, weights),
        minimum=minimum,
        baseline=past_mean,
        delta=delta,
        paired_cases=len(on_axis.pairs.now),
        compared=on_axis.pairs.compared(confidence, f"{one.name} {name}"),
        shortfall=None if minimum is None else mean_shortfall(scores, weights),
    )
