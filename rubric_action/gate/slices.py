"""Slices: pass rates and means with their intervals, against the baseline on shared cases."""

import math
from collections.abc import Mapping, Sequence

from rubric_action.gate.marks import share_today
from rubric_action.gate.model import AxisSummary, Baseline, CaseResult, SliceSummary
from rubric_action.gate.statistics import cases_to_prove, mean_interval, weighted_mean, wilson
from rubric_action.rubric.model import Rubric, Slice

Pair = tuple[CaseResult, CaseResult]


def summarise(
    rubric: Rubric, cases: Sequence[CaseResult], baseline: Baseline | None
) -> dict[str, SliceSummary]:
    """One summary a slice, in the rubric's order."""
    members: dict[str, list[CaseResult]] = {name: [] for name in rubric.slices}
    for case in cases:
        for name in case.slices:
            members[name].append(case)
    before = baseline.cases if baseline else {}
    known = {name for past in before.values() for name in past.slices}
    summaries = {}
    for name, one in rubric.slices.items():
        pairs = _pairs(members[name], before, name if name in known else None)
        summaries[name] = _slice(rubric, one, members[name], pairs)
    return summaries


def _pairs(
    cases: Sequence[CaseResult], before: Mapping[str, CaseResult], slice_: str | None
) -> list[Pair]:
    """The cases that both runs decided, now and then; only those that were in the slice then.

    So a fall can't be thinned out by letting other cases into a slice. A slice that the baseline
    does not know (None) is compared over all of its cases.
    """
    return [
        (case, past)
        for case in cases
        if (past := before.get(case.id))
        and None not in (case.passed, past.passed)
        and (slice_ is None or slice_ in past.slices)
    ]


def _slice(
    rubric: Rubric, one: Slice, cases: Sequence[CaseResult], pairs: Sequence[Pair]
) -> SliceSummary:
    undecided = sum(case.passed is None for case in cases)
    shares = [case.pass_share for case in cases] if not undecided and cases else []
    rate = math.fsum(shares) / len(shares) if shares else None
    shares_then = [(now.pass_share, share_today(past, rubric.axes), 1.0) for now, past in pairs]
    past_rate, rate_delta = _change(shares_then)
    return SliceSummary(
        name=one.name,
        cases=len(cases),
        passed=sum(case.passed is True for case in cases),
        undecided=undecided,
        pass_rate=rate,
        interval=None if rate is None else wilson(rate, len(cases)),
        min_pass_rate=one.min_pass_rate,
        hard=one.hard,
        informational=one.informational,
        thin=len(cases) < _needed(one),
        baseline_pass_rate=past_rate,
        pass_rate_delta=None if undecided else rate_delta,
        paired_cases=len(pairs),
        axes={
            name: _axis(name, one, cases, pairs, undecided > 0)
            for name in rubric.axes
            if name in one.minimums or any(name in case.axes for case in cases)
        },
    )


def _needed(one: Slice) -> int:
    """Cases without which even a perfect slice can't prove its bar; a bar of 1 has no proof."""
    bars = [*one.minimums.values(), one.min_pass_rate or 0.0]
    return max((cases_to_prove(bar) for bar in bars if bar < 1), default=0)


def _axis(
    name: str,
    one: Slice,
    cases: Sequence[CaseResult],
    pairs: Sequence[Pair],
    undecided: bool,
) -> AxisSummary:
    scored = [(case.axes[name].score, case.weight) for case in cases if name in case.axes]
    minimum = one.minimums.get(name)
    if undecided or not scored:
        return AxisSummary(mean=None, cases=len(scored), minimum=minimum)
    values, weights = zip(*scored, strict=True)
    shared = [
        (now.axes[name].score, past.axes[name].score, past.weight)
        for now, past in pairs
        if name in now.axes and name in past.axes
    ]
    past_mean, delta = _change(shared)
    return AxisSummary(
        mean=weighted_mean(values, weights),
        cases=len(scored),
        interval=mean_interval(values, weights),
        minimum=minimum,
        baseline=past_mean,
        delta=delta,
        paired_cases=len(shared),
    )


def _change(
    shared: Sequence[tuple[float, float, float]],
) -> tuple[float | None, float | None]:
    """The mean before, and the mean of now minus before, over (now, before, weight)."""
    if not shared:
        return None, None
    now, before, weights = zip(*shared, strict=True)
    past = weighted_mean(before, weights)
    return past, weighted_mean(now, weights) - past
