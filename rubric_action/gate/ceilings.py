"""Latency and cost: measured always, weighed only when quality has passed."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from rubric_action.gate.model import CaseResult, Ceiling, Finding
from rubric_action.gate.statistics.intervals import p95
from rubric_action.gate.wording import apart, named
from rubric_action.rubric.model import Rubric

QUANTITIES = {"latency": ("p95 latency", "{} s", 2), "cost": ("cost a session", "${}", 4)}
ROUNDING = 1e-9
"""A share of the limit that a mean of decimal amounts may be off by."""


def measure(rubric: Rubric, cases: Iterable[CaseResult]) -> tuple[Ceiling, ...]:
    """All cases first, then each slice that sets a ceiling of its own."""
    limits = rubric.ceilings
    took = [_took(case) for case in cases]
    result = [
        _latency(None, took, limits.latency_p95_s),
        _cost(None, took, limits.cost_per_session_usd),
    ]
    for one in rubric.slices.values():
        members = [case for case in took if one.name in case.slices]
        if one.latency_p95_s is not None:
            result.append(_latency(one.name, members, one.latency_p95_s))
        if one.cost_per_session_usd is not None:
            result.append(_cost(one.name, members, one.cost_per_session_usd))
    return tuple(result)


class _Took(NamedTuple):
    """What a case took, and whether that is known of all of its trials."""

    slices: tuple[str, ...]
    latency_s: float | None
    cost_usd: float | None
    latency_known: bool
    cost_known: bool


def _took(case: CaseResult) -> _Took:
    return _Took(
        case.slices,
        case.latency_s,
        case.cost_usd,
        all(trial.latency_s is not None for trial in case.trials),
        all(trial.cost_usd is not None for trial in case.trials),
    )


def weigh(ceilings: Sequence[Ceiling], quality_holds: bool) -> tuple[Ceiling, ...]:
    """Mark the ceilings that count: one with a limit, a known quantity, after quality passed."""
    return tuple(
        replace(one, weighed=quality_holds and None not in (one.limit, one.observed))
        for one in ceilings
    )


def findings(ceilings: Sequence[Ceiling], rubric: Rubric) -> Iterator[Finding]:
    """At most one finding a ceiling: that it is exceeded, or that not all of it is known."""
    for one in ceilings:
        if one.limit is None:
            continue
        if one.weighed and one.observed is not None and _exceeds(one.observed, one.limit):
            informational = one.slice is not None and rubric.slices[one.slice].informational
            sentence = _over(one, one.observed, one.limit)
            yield _finding(one, "warn" if informational else "fail", sentence)
        elif one.known < one.cases:
            yield _finding(one, "warn", _unknown(one))


def _exceeds(observed: float, limit: float) -> bool:
    """Past the rounding error of a mean of decimals; what is not a number exceeds too."""
    return not observed <= limit * (1 + ROUNDING)


def _over(one: Ceiling, observed: float, over: float) -> str:
    quantity, unit, digits = QUANTITIES[one.kind]
    known = f" ({_known(one)})" if one.known < one.cases else ""
    value, limit = unit.format(apart(observed, over, digits)), unit.format(f"{over:g}")
    return f"{quantity}{_where(one)} is {value}, over the ceiling of {limit}{known}"


def _unknown(one: Ceiling) -> str:
    quantity = QUANTITIES[one.kind][0]
    weighed = "weighed over what is known" if one.weighed else "its ceiling is not weighed"
    return f"{quantity}{_where(one)} is {_known(one)}; {weighed}"


def _known(one: Ceiling) -> str:
    return f"known in full for {one.known} of {one.cases} cases"


def _where(one: Ceiling) -> str:
    return f" of slice {named(one.slice)}" if one.slice else ""


def _finding(one: Ceiling, severity: Literal["fail", "warn"], sentence: str) -> Finding:
    field = "latency_p95" if one.kind == "latency" else "cost_per_session"
    return Finding(
        kind=one.kind,
        severity=severity,
        sentence=sentence,
        slice=one.slice,
        observed=one.observed,
        required=one.limit,
        key=f"slices.{one.slice}.{field}" if one.slice else f"ceilings.{field}",
    )


def _latency(name: str | None, cases: Sequence[_Took], limit: float | None) -> Ceiling:
    values = [case.latency_s for case in cases if case.latency_s is not None]
    known = sum(case.latency_known for case in cases)
    return Ceiling("latency", name, p95(values), limit, known, len(cases))


def _cost(name: str | None, cases: Sequence[_Took], limit: float | None) -> Ceiling:
    values = [case.cost_usd for case in cases if case.cost_usd is not None]
    mean = math.fsum(values) / len(values) if values else None
    known = sum(case.cost_known for case in cases)
    return Ceiling("cost", name, mean, limit, known, len(cases))
