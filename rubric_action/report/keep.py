"""What a run keeps while it grades: results in memory, their full lines aside on disk."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rubric_action.agent.model import Session
from rubric_action.cases.spool import Spool
from rubric_action.gate.model import CaseResult
from rubric_action.report.compact import compact
from rubric_action.report.records import case_record, session_from, session_record


class Kept:
    """Results in the order of the cases, whatever the order in which they come in."""

    def __init__(self, total: int) -> None:
        self._results: list[CaseResult | None] = [None] * total
        self._lines = Spool()
        self._line_at = [-1] * total
        self._sessions = Spool()
        self._sessions_at: list[Sequence[int]] = [()] * total
        self._position: dict[str, int] = {}

    def add(self, position: int, result: CaseResult, sessions: Iterable[Session]) -> None:
        """Keep the result of the case at this position, with what was graded."""
        self._position[result.id] = position
        self._results[position] = compact(result)
        self._line_at[position] = self._lines.append(_line(case_record(result)))
        self._sessions_at[position] = tuple(
            self._sessions.append(_line(session_record(session))) for session in sessions
        )

    @property
    def results(self) -> tuple[CaseResult, ...]:
        """All results; each case has one once the run is through."""
        return tuple(result for result in self._results if result is not None)

    def case_lines(self) -> Iterator[str]:
        """The lines of `cases.jsonl`."""
        return (self._lines[number].decode() for number in self._line_at if number >= 0)

    def session_lines(self) -> Iterator[str]:
        """The lines of `sessions.jsonl`."""
        return (self._sessions[n].decode() for numbers in self._sessions_at for n in numbers)

    def session(self, case_id: str) -> Session | None:
        """The session that tells best why a case fails: of its first failing trial."""
        position = self._position[case_id]
        result = self._results[position]
        sessions = [
            session_from(json.loads(self._sessions[number]))
            for number in self._sessions_at[position]
        ]
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
