"""What a run keeps while it grades: results in memory, their full lines aside on disk."""

import json
from array import array
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from rubric_action.agent.model import Session
from rubric_action.cases.spool import Spool
from rubric_action.gate.model import CaseResult
from rubric_action.report.compact import compact
from rubric_action.report.packed import PackedResults
from rubric_action.report.records import case_from, case_record, session_from, session_record

MOST_RECORDS: Final = 1 << 16
"""A case puts aside fewer records than that: one, or one a trial."""
_ENCODE: Final = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


class Aside:
    """Records of cases put aside as lines of JSON, in whatever order the cases are finished."""

    def __init__(self, total: int) -> None:
        self._spool = Spool()
        self._spans = array("Q", bytes(8 * total))

    def put(self, position: int, records: Iterable[Mapping[str, object]]) -> None:
        """Keep the records of the case at this position."""
        first = len(self._spool)
        for record in records:
            self._spool.append(_line(record))
        self._spans[position] = first * MOST_RECORDS + len(self._spool) - first

    def of(self, position: int) -> list[Any]:
        """The records of the case at this position."""
        return [json.loads(self._spool[number]) for number in self._numbers(self._spans[position])]

    def lines(self) -> Iterator[str]:
        """Every record, in the order of the cases."""
        return (self._spool[n].decode() for span in self._spans for n in self._numbers(span))

    def _numbers(self, span: int) -> range:
        first, count = divmod(span, MOST_RECORDS)
        return range(first, first + count)


class Kept:
    """Results in the order of the cases, whatever the order in which they come in."""

    def __init__(self, total: int) -> None:
        self.results: Final = PackedResults(total)
        self._cases = Aside(total)
        self._sessions = Aside(total)
        self._position: dict[str, int] = {}

    def add(self, position: int, result: CaseResult, sessions: Iterable[Session]) -> None:
        """Keep the result of the case at this position, with what was graded."""
        self._position[result.id] = position
        self.results.put(position, compact(result))
        self._cases.put(position, [case_record(result)])
        self._sessions.put(position, map(session_record, sessions))

    def whole(self, case_id: str) -> CaseResult:
        """The result of a case with all that `cases.jsonl` tells of it."""
        (record,) = self._cases.of(self._position[case_id])
        return case_from(record)

    def replace(self, result: CaseResult) -> None:
        """Put another result of a case in the place of the one that is kept."""
        position = self._position[result.id]
        self.results.put(position, compact(result))
        self._cases.put(position, [case_record(result)])

    def case_lines(self) -> Iterator[str]:
        """The lines of `cases.jsonl`."""
        return self._cases.lines()

    def session_lines(self) -> Iterator[str]:
        """The lines of `sessions.jsonl`."""
        return self._sessions.lines()

    def session(self, case_id: str) -> Session | None:
        """The session that tells best why a case fails: of its first failing trial."""
        position = self._position[case_id]
        result = self.results.at(position)
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
    return _ENCODE(record).encode("utf-8", "backslashreplace")
