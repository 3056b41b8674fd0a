"""What a run keeps while it grades: results in memory, their full lines aside on disk."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rubric_action.agent.model import Session
from rubric_action.cases.spool import Spool
from rubric_action.gate.model import CaseResult
from rubric_action.report.compact import compact
from rubric_action.report.records import case_record, session_from, session_record


class Aside:
    """Records of cases put aside as lines of JSON, in whatever order the cases are finished."""

    def __init__(self, total: int) -> None:
        self._spool = Spool()
        self._at: list[Sequence[int]] = [()] * total

    def put(self, position: int, records: Iterable[Mapping[str, object]]) -> None:
        """Keep the records of the case at this position."""
        self._at[position] = tuple(self._spool.append(_line(record)) for record in records)

    def of(self, position: int) -> list[Any]:
        """The records of the case at this position."""
        return [json.loads(self._spool[number]) for number in self._at[position]]

    def lines(self) -> Iterator[str]:
        """Every record, in the order of the cases."""
        return (self._spool[number].decode() for numbers in self._at for number in numbers)


class Kept:
    """Results in the order of the cases, whatever the order in which they come in."""

    def __init__(self, total: int) -> None:
        self._results: list[CaseResult | None] = [None] * total
        self._cases = Aside(total)
        self._sessions = Aside(total)
        self._position: dict[str, int] = {}

    def add(self, position: int, result: CaseResult, sessions: Iterable[Session]) -> None:
        """Keep the result of the case at this position, with what was graded."""
        self._position[result.id] = position
        self._results[position] = compact(result)
        self._cases.put(position, [case_record(result)])
        self._sessions.put(position, map(session_record, sessions))

    @property
    def results(self) -> tuple[CaseResult, ...]:
        """All results; each case has one once the run is through."""
        return tuple(result for result in self._results if result is not None)

    def case_lines(self) -> Iterator[str]:
        """The lines of `cases.jsonl`."""
        return self._cases.lines()

    def session_lines(self) -> Iterator[str]:
        """The lines of `sessions.jsonl`."""
        return self._sessions.lines()

    def session(self, case_id: str) -> Session | None:
        """The session that tells best why a case fails: of its first failing trial."""
        position = self._position[case_id]
        result = self._results[position]
        sessions = [session_from(record) for record in self._sessions.of(position)]
        failing = {t.trial for t in result.trials if t.passed is False} if result else set()
        told = [session for session in sessions if session.trial in failing] or sessions
        return told[0] if told else None


def first_sessions(wanted: Iterable[str], sessions: Iterable[Session]) -> Mapping[str, Session]:
    """The first session of each wanted case, from a stream that is read no further than needed."""
    missing = set(wanted)
    found: dict[str, Session] = {}
    if not missing:
        return found
    for session in sessions:
        if session.case in missing:
            found[session.case] = session
            missing.discard(session.case)
            if not missing:
                break
    return found


def _line(record: Mapping[str, object]) -> bytes:
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace")
