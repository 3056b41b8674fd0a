"""Results of cases in a few hundred bytes each, made whole again when they are looked at.

The decision looks at all cases several times, one after the other. As objects, a hundred thousand
of them with their histories take more than a gigabyte. The first ones are held whole: to make them
again each time takes a small suite longer than everything else that is decided.
"""

import marshal
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, overload

from rubric_action.cases.fingerprint import CaseBar
from rubric_action.errors import Place
from rubric_action.gate.model import AxisScore, CaseResult, Confirmation, History, TrialResult
from rubric_action.grading.model import RuleOutcome

HELD_WHOLE: Final = 20_000
"""So many cases are held as they are; only those of larger suites are packed."""


class Shared:
    """Values that many records have in common, each kept once and known by a number."""

    def __init__(self) -> None:
        self._values: list[Any] = []
        self._numbers: dict[Hashable, int] = {}

    def number(self, value: Hashable) -> int:
        """The number of a value, a new one for a new value."""
        number = self._numbers.setdefault(value, len(self._values))
        if number == len(self._values):
            self._values.append(value)
        return number

    def __getitem__(self, number: int) -> Any:
        return self._values[number]


class PackedResults(Sequence[CaseResult]):
    """Results by position. One that was not set yet is left out where all are gone through."""

    def __init__(self, total: int = 0) -> None:
        self._shared = Shared()
        self._records: list[bytes | CaseResult | None] = [None] * total

    def __len__(self) -> int:
        return sum(record is not None for record in self._records)

    def __iter__(self) -> Iterator[CaseResult]:
        return (_unpacked(one, self._shared) for one in self._records if one is not None)

    @overload
    def __getitem__(self, at: int) -> CaseResult: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[CaseResult]: ...
    def __getitem__(self, at: int | slice) -> CaseResult | Sequence[CaseResult]:
        found = [one for one in self._records if one is not None][at]
        if isinstance(found, list):
            return tuple(_unpacked(one, self._shared) for one in found)
        return _unpacked(found, self._shared)

    def put(self, position: int, case: CaseResult) -> None:
        """Keep the result at this position."""
        whole = position < HELD_WHOLE
        self._records[position] = case if whole else _packed(case, self._shared)

    def at(self, position: int) -> CaseResult | None:
        """The result at this position; None where there is none yet."""
        record = self._records[position]
        return None if record is None else _unpacked(record, self._shared)


class PackedCases(Mapping[str, CaseResult]):
    """Results by the case's id, in the order in which they came; the last of an id counts."""

    def __init__(self, cases: Iterable[CaseResult] = ()) -> None:
        self._shared = Shared()
        self._records: dict[str, bytes | CaseResult] = {}
        for case in cases:
            whole = len(self._records) < HELD_WHOLE
            self._records[case.id] = case if whole else _packed(case, self._shared)

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __contains__(self, case_id: object) -> bool:
        return case_id in self._records

    def __getitem__(self, case_id: str) -> CaseResult:
        return _unpacked(self._records[case_id], self._shared)


def _packed(case: CaseResult, shared: Shared) -> bytes:
    again = case.confirmation
    bar, place, runs = case.bar, case.place, [n for run in case.history.runs for n in run]
    return marshal.dumps(
        (
            case.id,
            shared.number(case.slices),
            case.passed,
            [_trial(trial, shared) for trial in case.trials],
            shared.number(tuple(case.axes)),
            [(axis.score, axis.passed, axis.reason) for axis in case.axes.values()],
            [(rule.id, rule.passed, rule.detail, rule.axis, rule.error) for rule in case.rules],
            case.missing,
            case.cause,
            case.latency_s,
            case.cost_usd,
            case.weight,
            case.promoted,
            case.fingerprint,
            (bar.stakes, dict(bar.rules), dict(bar.expects), bar.settles),
            bytes(runs) if max(runs, default=0) < 256 else tuple(runs),
            case.history.committed,
            case.stale,
            shared.number(place.file),
            place.line,
            place.column,
            None if again is None else (again.trials, again.regrade, again.cause),
            case.cluster,
        )
    )


def _unpacked(record: bytes | CaseResult, shared: Shared) -> CaseResult:
    if isinstance(record, CaseResult):
        return record
    (
        case_id,
        slices,
        passed,
        trials,
        names,
        scores,
        rules,
        missing,
        cause,
        latency_s,
        cost_usd,
        weight,
        promoted,
        fingerprint,
        (stakes, bar_rules, expects, settles),
        runs,
        committed,
        stale,
        file,
        line,
        column,
        again,
        cluster,
    ) = marshal.loads(record)  # noqa: S302 (written by `_packed`, and kept in this process)
    axes = (AxisScore(*score) for score in scores)
    return CaseResult(
        id=case_id,
        slices=shared[slices],
        passed=passed,
        trials=tuple(_trial_of(trial, shared) for trial in trials),
        axes=dict(zip(shared[names], axes, strict=True)),
        rules=tuple(RuleOutcome(*rule) for rule in rules),
        missing=missing,
        cause=cause,
        latency_s=latency_s,
        cost_usd=cost_usd,
        weight=weight,
        promoted=promoted,
        fingerprint=fingerprint,
        bar=CaseBar(stakes, bar_rules, expects, settles),
        history=History(tuple(zip(runs[::2], runs[1::2], strict=True)), committed),
        stale=stale,
        place=Place(shared[file], line, column),
        confirmation=None if again is None else Confirmation(*again),
        cluster=cluster,
    )


def _trial(trial: TrialResult, shared: Shared) -> tuple[Any, ...]:
    names, scores = shared.number(tuple(trial.scores)), tuple(trial.scores.values())
    took = trial.latency_s, trial.cost_usd
    return trial.trial, trial.passed, names, scores, trial.rules_passed, *took, trial.cause


def _trial_of(record: tuple[Any, ...], shared: Shared) -> TrialResult:
    trial, passed, names, scores, *rest = record
    return TrialResult(trial, passed, dict(zip(shared[names], scores, strict=True)), *rest)
