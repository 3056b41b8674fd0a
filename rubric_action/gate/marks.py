"""Pass marks that moved since the baseline: stored scores are held against today's."""

import math
from collections.abc import Iterable, Mapping

from rubric_action.gate.model import CaseResult, TrialResult
from rubric_action.rubric.model import Axis


def share_today(case: CaseResult, axes: Mapping[str, Axis]) -> float:
    """Share of a decided case's trials that pass under today's marks, of the axes still there."""
    return sum(passes_today(trial, axes) for trial in case.trials) / len(case.trials)


def passes_today(trial: TrialResult, axes: Mapping[str, Axis]) -> bool:
    """Whether a trial passes under today's marks, of the axes still there."""
    return trial.rules_passed and all(
        score >= axes[name].pass_mark for name, score in trial.scores.items() if name in axes
    )


def lowest_passing(baseline: Iterable[CaseResult]) -> Mapping[str, float]:
    """The lowest score that passed each axis on the baseline: its mark then was no higher."""
    lowest: dict[str, float] = {}
    for case in baseline:
        for name, axis in case.axes.items():
            if axis.passed:
                lowest[name] = min(lowest.get(name, math.inf), _lowest(case, name))
    return lowest


def only_marks_rose(
    case: CaseResult, before: CaseResult, axes: Mapping[str, Axis], passed: Mapping[str, float]
) -> bool:
    """Whether a failing case would have passed by the marks of the baseline.

    So it is where the stored scores fall short of today's marks too, and today's scores are among
    those that passed then (`passed`, see `lowest_passing`). An axis that the baseline doesn't have
    asks for more than before. Without this a raised mark would look like a broken agent; with
    any less of it, raising a mark would be a way to break cases unseen.
    """
    failing = [trial for trial in case.trials if trial.passed is False]
    return all(_mark_rose(trial, before, axes, passed) for trial in failing)


def _mark_rose(
    trial: TrialResult, before: CaseResult, axes: Mapping[str, Axis], passed: Mapping[str, float]
) -> bool:
    short = {n: score for n, score in trial.scores.items() if not score >= axes[n].pass_mark}
    known = {name: score for name, score in short.items() if name in before.axes}
    return (
        trial.rules_passed
        and bool(short)
        and all(_lowest(before, name) < axes[name].pass_mark for name in known)
        and all(score >= passed.get(name, math.inf) for name, score in known.items())
    )


def _lowest(case: CaseResult, name: str) -> float:
    scores = [trial.scores[name] for trial in case.trials if name in trial.scores]
    return min(scores, default=case.axes[name].score)
