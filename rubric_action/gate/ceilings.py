"""Latency and cost: measured always, weighed only when quality has passed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rubric_action.gate.model import CaseResult, Ceiling, Finding
from rubric_action.gate.statistics import p95
from rubric_action.rubric.model import Rubric

UNITS = {"latency": ("p95 latency", "{:.2f} s"), "cost": ("cost a session", "${:.4f}")}


def measure(rubric: Rubric, cases: Sequence[CaseResult]) -> tuple[Ceiling, ...]:
    """All cases first, then each slice that sets a ceiling of its own."""
    limits = rubric.ceilings
    result = [
        _latency(None, cases, limits.latency_p95_s),
        _cost(None, cases, limits.cost_per_session_usd),
    ]
    for one in rubric.slices.values():
        members = [case for case in cases if one.name in case.slices]
        if one.latency_p95_s is not None:
            result.append(_latency(one.name, members, one.latency_p95_s))
        if one.cost_per_session_usd is not None:
            result.append(_cost(one.name, members, one.cost_per_session_usd))
    return tuple(result)


def weigh(ceilings: Sequence[Ceiling], quality_holds: bool) -> tuple[Ceiling, ...]:
    """Mark the ceilings that count: one with a limit, a known quantity, after quality passed."""
    return tuple(
        replace(one, weighed=quality_holds and None not in (one.limit, one.observed))
        for one in ceilings
    )


def exceeded(ceilings: Sequence[Ceiling]) -> Iterator[Finding]:
    """A finding for each weighed ceiling that is exceeded."""
    for one in ceilings:
        if one.weighed and one.observed is not None and one.limit is not None:
            if one.observed > one.limit:
                yield _finding(one, one.observed, one.limit)


def unknown(ceilings: Sequence[Ceiling]) -> Iterator[Finding]:
    """A warning for each ceiling whose quantity is not known for every case."""
    for one in ceilings:
        if one.limit is not None and one.known < one.cases:
            quantity = UNITS[one.kind][0]
            yield Finding(
                kind=one.kind,
                severity="warn",
                sentence=f"{quantity} is known for {one.known} of {one.cases} cases; "
                + ("weighed over those" if one.weighed else "its ceiling is not weighed"),
                slice=one.slice,
                observed=one.observed,
                required=one.limit,
            )


def _finding(one: Ceiling, observed: float, limit: float) -> Finding:
    quantity, unit = UNITS[one.kind]
    field = "latency_p95" if one.kind == "latency" else "cost_per_session"
    where = f" of slice `{one.slice}`" if one.slice else ""
    return Finding(
        kind=one.kind,
        severity="fail",
        sentence=f"{quantity}{where} is {unit.format(observed)}, "
        f"over the ceiling of {unit.format(limit)}",
        slice=one.slice,
        observed=observed,
        required=limit,
        key=f"slices.{one.slice}.{field}" if one.slice else f"ceilings.{field}",
    )


def _latency(name: str | None, cases: Sequence[CaseResult], limit: float | None) -> Ceiling:
    known = [case.latency_s for case in cases if case.latency_s is not None]
    return Ceiling("latency", name, p95(known), limit, len(known), len(cases))


def _cost(name: str | None, cases: Sequence[CaseResult], limit: float | None) -> Ceiling:
    known = [case.cost_usd for case in cases if case.cost_usd is not None]
    mean = sum(known) / len(known) if known else None
    return Ceiling("cost", name, mean, limit, len(known), len(cases))
