"""The cases of a slice that weigh most in a finding about it: where a reader should look first."""

from collections.abc import Iterable, Sequence

from rubric_action.gate.evidence import Evidence
from rubric_action.gate.model import CaseResult

MOST_NAMED = 3
"""So many cases are named in one finding."""


def lowest(name: str, axis: str, cases: Sequence[CaseResult]) -> tuple[str, ...]:
    """The slice's cases that score lowest on an axis, worst first; full scores are left out."""
    scored = ((case.axes[axis].score, case.id) for case in _of(name, cases) if axis in case.axes)
    return _first((score, case) for score, case in scored if score < 1)


def least_passing(name: str, cases: Sequence[CaseResult]) -> tuple[str, ...]:
    """The slice's cases that pass the smallest share of their trials, worst first."""
    failing = (case for case in _of(name, cases) if case.passed is False)
    return _first((case.pass_share, case.id) for case in failing)


def fell_most(name: str, axis: str | None, evidence: Evidence) -> tuple[str, ...]:
    """The slice's cases that lost most against the baseline; `axis` None is the pass rate."""
    changes = []
    for case in _of(name, evidence.cases):
        before = evidence.before.get(case.id)
        then, now = _value(before, axis) if before else None, _value(case, axis)
        if then is not None and now is not None and now < then:
            changes.append((now - then, case.id))
    return _first(changes)


def _of(name: str, cases: Sequence[CaseResult]) -> Iterable[CaseResult]:
    return (case for case in cases if name in case.slices)


def _value(case: CaseResult, axis: str | None) -> float | None:
    if axis is None:
        return None if case.passed is None else case.pass_share
    return case.axes[axis].score if axis in case.axes else None


def _first(rated: Iterable[tuple[float, str]]) -> tuple[str, ...]:
    return tuple(case for _, case in sorted(rated)[:MOST_NAMED])
