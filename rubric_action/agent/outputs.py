"""Sessions that an earlier step wrote into a file."""

from array import array
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from rubric_action.agent.model import Missing, Session
from rubric_action.agent.packed import packed, unpacked
from rubric_action.agent.sessions import SCHEMA, SessionLine, read_session, settle
from rubric_action.cases.case_set import CaseSet
from rubric_action.cases.jsonl import Problems, Row, read_rows
from rubric_action.cases.model import Case
from rubric_action.cases.spool import Spool
from rubric_action.errors import InputError, Place, Problem
from rubric_action.rubric.problems import nearest, quoted

MOST_SUGGESTED: Final = 5
"""So many mistakes come with the nearest id: to look for one takes longer than all the rest."""


class OutputsAgent:
    """Answers from a file that was read, checked and put aside before anything is graded."""

    def __init__(self, path: Path, name: str, cases: CaseSet, trials: int) -> None:
        """Read the file; one InputError holds all its mistakes. `name` is its name in messages."""
        self._name = name
        self._cases = cases
        self._trials = tuple(range(1, trials + 1))
        self._spool = Spool()
        # Most files hold one trial of each case: a dictionary a case would be most of the memory.
        self._first: dict[str, int] = {}
        self._later: dict[str, dict[int, int]] = {}
        self._lines = array("Q")
        problems = Problems()
        for row in read_rows(path, name, SCHEMA, problems):
            try:
                self._keep(row, suggest=len(problems.shown) < MOST_SUGGESTED)
            except InputError as error:
                problems.add(*error.problems)
        problems.raise_any()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._spool.close()

    async def answer(self, case: Case, trial: int) -> Session | Missing:
        """The session of the file, or Missing with the cause."""
        number = self._number(case.id, trial)
        if number is None:
            return Missing(case.id, trial, f"no session in {self._name}")
        return settle(unpacked(self._spool[number]), case)

    def trials_of(self, case_id: str) -> tuple[int, ...]:
        """All trials that the file holds, and at least 1 to `agent.trials`."""
        later = self._later.get(case_id)
        return tuple(sorted({*self._trials, *later})) if later else self._trials

    def _number(self, case_id: str, trial: int) -> int | None:
        if trial == 1:
            return self._first.get(case_id)
        return self._later.get(case_id, {}).get(trial)

    def _keep(self, row: Row, *, suggest: bool) -> None:
        line = read_session(row.value, row.place)
        if line.case not in self._cases:
            close = nearest(line.case, self._cases.ids) if suggest else None
            raise InputError(_unknown(line, row.place, close))
        other = self._number(line.case, line.trial)
        if other is not None:
            raise InputError(_duplicate(line, row.place, Place(self._name, self._lines[other])))
        number = self._spool.append(packed(line))
        self._lines.append(row.place.line or 0)
        if line.trial == 1:
            self._first[line.case] = number
        else:
            self._later.setdefault(line.case, {})[line.trial] = number


def _unknown(line: SessionLine, place: Place, close: str | None) -> Problem:
    meant = f"Did you mean `{close}`? " if close else ""
    what = f"no case is called `{quoted(line.case)}`"
    return Problem(place, what, f"{meant}Drop the session, or add the case.", "case")


def _duplicate(line: SessionLine, place: Place, first: Place) -> Problem:
    what = f"case `{quoted(line.case)}` has its trial {line.trial} at {first} already"
    return Problem(place, what, "Keep one of them, or number the trials: `trial` from 1.", "trial")
