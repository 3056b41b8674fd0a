"""The findings about slices: below a minimum, or fallen by more than allowed.

Severities are the defaults, as in `quality.py`. Values and bars run from 0 to 1.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rubric_action.gate.evidence import Evidence
from rubric_action.gate.model import AxisSummary, Compared, Finding, SliceSummary
from rubric_action.gate.quality import severity_in
from rubric_action.gate.statistics.holm import holm
from rubric_action.gate.wording import apart, counted, likelihood, named
from rubric_action.gate.worst import fell_most, least_passing, lowest

ROUNDING = 1e-9
"""What a mean of decimal scores may be off by."""


def threshold(evidence: Evidence) -> Iterator[Finding]:
    """A slice's mean on an axis, or its pass rate, is below its minimum.

    A minimum that nothing was measured against is not met. Where cases are undecided nothing is
    weighed: they are errors of their own.
    """
    for one in evidence.slices.values():
        if not one.undecided:
            found = tuple(_short(one, evidence))
            yield from found
            unheld = one.min_pass_rate is None and not one.hard and not one.informational
            if not found and unheld and one.pass_rate == 0:
                yield _nothing_passes(one)


def _short(one: SliceSummary, evidence: Evidence) -> Iterator[Finding]:
    if one.min_pass_rate is not None and _below(one.pass_rate, one.min_pass_rate):
        yield _below_rate(one, one.min_pass_rate, evidence)
    for name, axis in one.axes.items():
        if axis.minimum is not None and _below(axis.mean, axis.minimum):
            yield _below_minimum(one, name, axis, axis.minimum, evidence)


def _below_rate(one: SliceSummary, least: float, evidence: Evidence) -> Finding:
    rate = one.pass_rate
    found = (
        "has no case"
        if rate is None
        else (
            f"passes {one.passed} of {counted(one.cases, 'case')}, a rate of {apart(rate, least)}"
        )
    )
    worst = least_passing(one.name, evidence.cases)
    return Finding(
        "threshold",
        severity_in(one.name, evidence),
        f"{named(one.name)} {found}; it needs {least:g}{_list('failing', worst)}",
        slice=one.name,
        observed=rate,
        required=least,
        baseline=one.baseline_pass_rate,
        interval=one.interval,
        key=f"slices.{one.name}.min_pass_rate",
        worst=worst,
    )


def _nothing_passes(one: SliceSummary) -> Finding:
    """A slice whose bar says nothing of cases that pass, and none does: a warning at least."""
    return Finding(
        "threshold",
        "warn",
        f"none of {counted(one.cases, 'case')} of slice {named(one.name)} passes, "
        "and no bar holds them to it",
        slice=one.name,
        observed=0.0,
        baseline=one.baseline_pass_rate,
        key=f"slices.{one.name}",
    )


def _below_minimum(
    one: SliceSummary, name: str, axis: AxisSummary, minimum: float, evidence: Evidence
) -> Finding:
    found = (
        "was graded on no case"
        if axis.mean is None
        else (f"is {apart(axis.mean, minimum)} over {counted(axis.cases, 'case')}")
    )
    worst = lowest(one.name, name, evidence.cases)
    return Finding(
        "threshold",
        severity_in(one.name, evidence),
        f"{named(name)} of slice {named(one.name)} {found}; it needs {minimum:g}"
        f"{_list('lowest', worst)}",
        slice=one.name,
        axis=name,
        observed=axis.mean,
        required=minimum,
        baseline=axis.baseline,
        interval=axis.interval,
        key=f"slices.{one.name}.min.{name}",
        worst=worst,
    )


@dataclass(frozen=True, slots=True)
class Measure:
    """What both runs measured on the cases they share, and the fall that is allowed.

    `axis` None is the pass rate; `key` is where the rubric says what is allowed.
    """

    slice: str
    axis: str | None
    before: float
    delta: float
    cases: int
    compared: Compared
    allowed: float
    key: str

    @property
    def too_far(self) -> bool:
        """Whether it fell by more than allowed, by point estimate."""
        return _below(self.delta, -self.allowed)


def drop(evidence: Evidence) -> Iterator[Finding]:
    """A slice fell on an axis by more than allowed, over the cases that both runs share.

    It fails where chance alone would seldom bring such a fall, by the rubric's confidence, after
    Holm's correction over all that is compared; else it warns. Where a slice is held to a pass
    rate, or the rubric has no axes, its pass rate counts too.
    """
    slices, confidence = evidence.rubric.slices, evidence.rubric.regression.confidence
    measures = list(_measured(evidence))
    tested = [one for one in measures if not slices[one.slice].informational]
    chances = dict(zip(tested, holm([one.compared.chance for one in tested]), strict=True))
    for one in measures:
        if one.too_far:
            sure = confidence == 0 or chances.get(one, 1.0) <= 1 - confidence
            yield _fallen(one, evidence, sure=sure)


def _measured(evidence: Evidence) -> Iterator[Measure]:
    """Everything that a `max_drop` bounds."""
    rubric = evidence.rubric
    for one in evidence.slices.values():
        own = rubric.slices[one.name].max_drop
        allowed = own if own is not None else rubric.regression.max_drop
        if allowed is None:
            continue
        key = "regression.max_drop" if own is None else f"slices.{one.name}.max_drop"
        yield from _measures(one, allowed, key, has_axes=bool(rubric.axes))


def _measures(one: SliceSummary, allowed: float, key: str, *, has_axes: bool) -> Iterator[Measure]:
    rate = one.min_pass_rate is not None or not has_axes
    then, delta = one.baseline_pass_rate, one.pass_rate_delta
    if rate and then is not None and delta is not None and one.compared:
        yield Measure(one.name, None, then, delta, one.paired_cases, one.compared, allowed, key)
    for name, axis in one.axes.items():
        then, delta = axis.baseline, axis.delta
        if then is not None and delta is not None and axis.compared:
            shared = axis.paired_cases
            yield Measure(one.name, name, then, delta, shared, axis.compared, allowed, key)


def _fallen(one: Measure, evidence: Evidence, *, sure: bool) -> Finding:
    what = named(one.axis) if one.axis else "the pass rate"
    now = one.before + one.delta
    worst = fell_most(one.slice, one.axis, evidence)
    return Finding(
        "drop",
        severity_in(one.slice, evidence) if sure else "warn",
        f"{what} of slice {named(one.slice)} fell by {apart(-one.delta, one.allowed)}, from "
        f"{one.before:.3f} to {now:.3f}, on {counted(one.cases, 'case')} that both runs share; "
        f"{one.allowed:g} is allowed{'' if sure else _unsure(one)}{_list('fell most', worst)}",
        slice=one.slice,
        axis=one.axis,
        observed=now,
        required=one.before - one.allowed,
        baseline=one.before,
        key=one.key,
        worst=worst,
    )


def _unsure(one: Measure) -> str:
    """Why a fall does not count, and what would show it."""
    enough = one.compared.enough
    would = f", about {enough} cases would show it" if enough and enough > one.cases else ""
    return f", and it may be chance ({likelihood(one.compared.chance)}{would})"


def _list(what: str, cases: tuple[str, ...]) -> str:
    return f"; {what}: {', '.join(map(named, cases))}" if cases else ""


def _below(value: float | None, bar: float) -> bool:
    """Strictly below, past rounding; what is unknown or not a number is below every bar."""
    return value is None or not value >= bar - ROUNDING
