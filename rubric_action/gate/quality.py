"""The findings about quality: what is missing, broken, below its bar, fallen or stale.

Each function yields findings at their default severity; `decide.py` orders them and applies the
rubric's own severities.
"""

from collections.abc import Iterator

from rubric_action.gate.evidence import Evidence
from rubric_action.gate.history import committed
from rubric_action.gate.model import (
    AxisSummary,
    CaseResult,
    Finding,
    NoBaseline,
    SliceSummary,
)


def missing(evidence: Evidence) -> Iterator[Finding]:
    """A case without a session, or without an answer to each of its turns."""
    for case in evidence.cases:
        if case.missing:
            sentence = f"`{case.id}` has no session: {case.cause}"
            yield Finding("missing", "error", sentence, case=case.id, place=case.place)


def ungraded(evidence: Evidence) -> Iterator[Finding]:
    """A case that could not be graded; first of all what cut the whole run short."""
    if evidence.stopped:
        yield Finding("ungraded", "error", evidence.stopped)
    for case in evidence.cases:
        if case.passed is None and not case.missing:
            sentence = f"`{case.id}` could not be graded: {case.cause}"
            yield Finding("ungraded", "error", sentence, case=case.id, place=case.place)


def baseline(evidence: Evidence) -> Iterator[Finding]:
    """A baseline is required and there is none."""
    if isinstance(evidence.baseline, NoBaseline) and evidence.baseline.required:
        sentence = f"a baseline is required: {evidence.baseline.reason}"
        yield Finding("baseline", "error", sentence)


def hard_gate(evidence: Evidence) -> Iterator[Finding]:
    """A case of a hard slice fails in any of its trials."""
    for case in evidence.cases:
        if case.passed is False:
            for name in evidence.hard_slices(case):
                yield Finding(
                    "hard-gate",
                    "fail",
                    f"`{case.id}` fails in the hard slice `{name}`: {why(case, evidence)}",
                    slice=name,
                    case=case.id,
                    key=f"slices.{name}.gate",
                    place=case.place,
                )


def regression(evidence: Evidence) -> Iterator[Finding]:
    """A case that the team counts on passed before and fails now."""
    for case in evidence.cases:
        before = evidence.before.get(case.id)
        if case.passed is False and before and counted_on(before, case, evidence):
            yield _regression(case, before, evidence)


def counted_on(before: CaseResult, case: CaseResult, evidence: Evidence) -> bool:
    """Whether the baseline's case is committed, held against today's pass marks."""
    hard = bool(evidence.hard_slices(case))
    return committed(before, hard, evidence.rubric.regression.commit) and not _mark_raised(
        before, evidence
    )


def _mark_raised(before: CaseResult, evidence: Evidence) -> bool:
    """Whether the stored scores passed then and fall short only of a pass mark raised since."""
    axes = evidence.rubric.axes
    return before.passed is True and any(
        score < axes[name].pass_mark
        for trial in before.trials
        for name, score in trial.scores.items()
        if name in axes
    )


def _regression(case: CaseResult, before: CaseResult, evidence: Evidence) -> Finding:
    lenient = evidence.rubric.regression.unconfirmed == "warn" and not evidence.rerunnable
    past = before.history
    passed = f"it passed {past.passes} of {past.trials} trials on the baseline"
    return Finding(
        "regression",
        "warn" if lenient and not evidence.hard_slices(case) and not case.promoted else "fail",
        f"`{case.id}` used to pass and fails now: {why(case, evidence)} ({passed})",
        case=case.id,
        observed=case.pass_share,
        required=1.0,
        baseline=before.pass_share if before.passed is not None else None,
        key="regression",
        place=case.place,
    )


def threshold(evidence: Evidence) -> Iterator[Finding]:
    """A slice's mean on an axis, or its pass rate, is below its minimum."""
    for one in evidence.slices.values():
        rate, least = one.pass_rate, one.min_pass_rate
        if rate is not None and least is not None and _below(rate, least):
            yield _below_rate(one, rate, least)
        for name, axis in one.axes.items():
            if axis.mean is not None and axis.minimum is not None:
                if _below(axis.mean, axis.minimum):
                    yield _below_minimum(one, name, axis, axis.mean, axis.minimum)


def _below_rate(one: SliceSummary, rate: float, least: float) -> Finding:
    return Finding(
        "threshold",
        "warn" if one.informational else "fail",
        f"`{one.name}` passes {one.passed} of {one.cases} cases, "
        f"a rate of {rate:.3f}; it needs {least:g}",
        slice=one.name,
        observed=rate,
        required=least,
        baseline=one.baseline_pass_rate,
        interval=one.interval,
        key=f"slices.{one.name}.min_pass_rate",
    )


def _below_minimum(
    one: SliceSummary, name: str, axis: AxisSummary, mean: float, minimum: float
) -> Finding:
    return Finding(
        "threshold",
        "warn" if one.informational else "fail",
        f"`{name}` of slice `{one.name}` is {mean:.3f} over {one.cases} cases; it needs {minimum:g}",
        slice=one.name,
        axis=name,
        observed=mean,
        required=minimum,
        baseline=axis.baseline,
        interval=axis.interval,
        key=f"slices.{one.name}.min.{name}",
    )


def drop(evidence: Evidence) -> Iterator[Finding]:
    """A slice fell on an axis by more than allowed, over the cases that both runs share.

    Where a slice is held to a pass rate, or the rubric has no axes, its pass rate counts too.
    """
    for one in evidence.slices.values():
        own = evidence.rubric.slices[one.name].max_drop
        allowed = own if own is not None else evidence.rubric.regression.max_drop
        if allowed is None:
            continue
        key = "regression.max_drop" if own is None else f"slices.{one.name}.max_drop"
        for axis, before, delta, shared in _measures(one, bool(evidence.rubric.axes)):
            if _below(delta, -allowed):
                yield _fallen(one, axis, before, delta, allowed, shared, key)


def _measures(
    one: SliceSummary, has_axes: bool
) -> Iterator[tuple[str | None, float, float, int]]:
    """(axis or None for the pass rate, baseline, delta, shared cases) of what can be compared."""
    rate = one.min_pass_rate is not None or not has_axes
    if rate and one.baseline_pass_rate is not None and one.pass_rate_delta is not None:
        yield None, one.baseline_pass_rate, one.pass_rate_delta, one.paired_cases
    for name, axis in one.axes.items():
        if axis.baseline is not None and axis.delta is not None:
            yield name, axis.baseline, axis.delta, axis.paired_cases


def _fallen(
    one: SliceSummary,
    axis: str | None,
    before: float,
    delta: float,
    allowed: float,
    shared: int,
    key: str,
) -> Finding:
    what = f"`{axis}`" if axis else "the pass rate"
    return Finding(
        "drop",
        "warn" if one.informational else "fail",
        f"{what} of slice `{one.name}` fell by {-delta:.3f}, from {before:.3f} to "
        f"{before + delta:.3f}, on the {shared} cases that both runs share; {allowed:g} is allowed",
        slice=one.name,
        axis=axis,
        observed=before + delta,
        required=before - allowed,
        baseline=before,
        key=key,
    )


def freshness(evidence: Evidence) -> Iterator[Finding]:
    """An answer leans on context that is older than allowed, or the case itself has lapsed."""
    for case in evidence.cases:
        if case.stale:
            yield Finding(
                "freshness",
                "fail",
                f"`{case.id}`: {'; '.join(case.stale)}",
                case=case.id,
                key="freshness.max_context_age",
                place=case.place,
            )


def why(case: CaseResult, evidence: Evidence) -> str:
    """The first reason a case fails: a rule before an axis, with the judge's words."""
    for rule in case.rules:
        if not rule.passed:
            return f"rule `{rule.id}`: {rule.detail}"
    for name, axis in case.axes.items():
        if not axis.passed:
            mark = evidence.rubric.axes[name].pass_mark
            return f"`{name}` {axis.score:.2f}, needs {mark:g}: {axis.reason}"
    return "a trial fails"


def _below(value: float, bar: float) -> bool:
    """Strictly below, past the rounding error of a mean of decimal scores."""
    return value < bar - 1e-9
