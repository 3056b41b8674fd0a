"""What several runs of one agent showed, slice by slice: the ground that a bar can stand on."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from rubric_action.gate.ceilings import measure
from rubric_action.gate.marks import passes_today
from rubric_action.gate.model import CaseResult, Ceiling, TrialResult
from rubric_action.gate.statistics.intervals import wilson
from rubric_action.gate.statistics.prediction import Prediction, Unit, predict
from rubric_action.rubric.model import Axis, Rubric

Read = Callable[[TrialResult], float | None]


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: its cases by id, in short, and what it took. `at` is ISO 8601 in UTC."""

    name: str
    at: str
    cases: Mapping[str, CaseResult]
    ceilings: tuple[Ceiling, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """One slice on an axis, or on its pass rate (None), over the cases that it had last.

    `means` are those of the runs that had all these cases, oldest first. `units` counts cases, or
    what they were cut from, that are evidence apart from each other; perfect, so many prove
    `provable`. `past` says that there was one run, and that its cases' histories tell of the rest.
    """

    slice: str
    axis: str | None
    cases: int
    units: int
    means: tuple[float, ...]
    prediction: Prediction
    provable: float
    past: bool = False


def run_of(name: str, at: str, rubric: Rubric, cases: Iterable[CaseResult]) -> Run:
    """A run, of which the cases are gone through once and kept without their texts."""
    kept = {case.id: replace(case, axes={}, rules=(), stale=()) for case in cases}
    return Run(name, at, kept, measure(rubric, kept.values()))


def observe(rubric: Rubric, runs: Sequence[Run]) -> Iterator[Seen]:
    """Each slice on each axis and on its pass rate, in the rubric's order; at least one run.

    The runs are given oldest first. What nothing was measured of is left out, and so is the pass
    rate where axes stand for it.
    """
    for name, part in rubric.slices.items():
        members = [case for case in runs[-1].cases.values() if name in case.slices]
        tried = _runs(members, runs)
        for axis in rubric.axes:
            yield from _seen(name, axis, members, tried, _score(axis))
        if rubric.axes and part.min_pass_rate is None:
            continue
        rates = tried if len(runs) > 1 else _with_history(members)
        for one in _seen(name, None, members, rates, _pass(rubric.axes)):
            yield replace(one, past=len(rates) > len(runs))


def proved_by(cases: int) -> float:
    """The rate that so many cases prove if all of them pass: Wilson's lower bound at 95 %."""
    bounds = wilson(1.0, cases)
    return bounds[0] if bounds else 0.0


def _score(axis: str) -> Read:
    return lambda trial: trial.scores.get(axis)


def _pass(axes: Mapping[str, Axis]) -> Read:
    return lambda trial: float(passes_today(trial, axes))


Trials = Mapping[str, Sequence[TrialResult]]
"""The trials of one run, by case."""


def _runs(members: Sequence[CaseResult], runs: Sequence[Run]) -> list[Trials]:
    """The trials of each run, of the cases that ask the same as they do now."""
    found: list[Trials] = []
    for run in runs:
        same = (run.cases.get(case.id) for case in members)
        pairs = zip(members, same, strict=True)
        found.append(
            {
                now.id: then.trials
                for now, then in pairs
                if then is not None and then.fingerprint == now.fingerprint
            }
        )
    return found


def _with_history(members: Sequence[CaseResult]) -> list[Trials]:
    """The one run, behind the earlier ones as its cases' histories tell of them."""
    longest = max((len(case.history.runs) for case in members), default=0)
    earlier: list[Trials] = [
        {case.id: _told(*case.history.runs[-back]) for case in members if _has(case, back)}
        for back in range(longest, 1, -1)
    ]
    return [*earlier, {case.id: case.trials for case in members}]


def _has(case: CaseResult, back: int) -> bool:
    return len(case.history.runs) >= back and case.history.runs[-back][1] > 0


def _told(passes: int, trials: int) -> tuple[TrialResult, ...]:
    return tuple(
        TrialResult(n, n <= passes, rules_passed=n <= passes) for n in range(1, trials + 1)
    )


def _seen(
    name: str,
    axis: str | None,
    members: Sequence[CaseResult],
    runs: Sequence[Trials],
    read: Read,
) -> Iterator[Seen]:
    graded = [case for case in members if all(read(one) is not None for one in case.trials)]
    groups: dict[str, list[CaseResult]] = {}
    for case in graded:
        if axis is None or case.weight > 0:
            groups.setdefault(case.cluster or f"case {case.id}", []).append(case)
    units = [_unit(group, runs, read, weighted=axis is not None) for group in groups.values()]
    if not units:
        return
    last = len(runs) - 1
    trials = min(len(unit.runs[last]) for unit in units)
    yield Seen(
        slice=name,
        axis=axis,
        cases=len(graded),
        units=len(units),
        means=tuple(_means(units, range(len(runs)))),
        prediction=predict(units, trials),
        provable=proved_by(len(units)),
    )


def _unit(
    group: Sequence[CaseResult], runs: Sequence[Trials], read: Read, *, weighted: bool
) -> Unit:
    """The cases of one cluster as one: trial by trial the weighted mean of its cases."""
    weights = [case.weight if weighted else 1.0 for case in group]
    found: dict[int, Sequence[float]] = {}
    for number, run in enumerate(runs):
        rows = [[read(one) for one in run.get(case.id, ())] for case in group]
        trials = [_mean(each, weights) for each in zip(*rows, strict=False)]
        known = [value for value in trials if value is not None]
        if known and len(known) == len(trials):
            found[number] = known
    return Unit(math.fsum(weights), found)


def _mean(values: Sequence[float | None], weights: Sequence[float]) -> float | None:
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    total = math.fsum(value * weight for value, weight in zip(known, weights, strict=True))
    return total / math.fsum(weights)


def _means(units: Sequence[Unit], runs: Iterable[int]) -> Iterator[float]:
    """The mean of every run that has all units."""
    total = math.fsum(unit.weight for unit in units)
    for run in runs:
        if all(run in unit.runs for unit in units):
            yield math.fsum(unit.weight * fmean(unit.runs[run]) for unit in units) / total
