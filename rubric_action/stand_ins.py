"""Sessions in place of those that an agent has yet to hold, to measure what they will cost."""

import json
from dataclasses import dataclass, replace
from typing import Final

from rubric_action.agent.model import AgentTurn, Session
from rubric_action.cases.case_set import CaseSet
from rubric_action.cases.model import Case, SimulatedUser
from rubric_action.cases.spool import Spool
from rubric_action.gate.model import NoBaseline
from rubric_action.report.records import session_from, session_record
from rubric_action.report.stored import Stored

TYPICAL_ANSWER: Final = 600
"""Characters of an answer where none is known."""
TYPICAL_QUESTION: Final = 120
"""Characters of what a simulated user says in a turn."""
_PROSE: Final = "You can send the item back within thirty days, and we will refund the price."


@dataclass(frozen=True, slots=True)
class StandIn:
    """A session to measure by. `stored` says that an agent held it, in an earlier run."""

    session: Session
    stored: bool


class StandIns:
    """What an earlier run stored, by case and trial; a made-up session where it stored none.

    `answer` is the mean length of a stored answer, in characters, or the typical one.
    """

    def __init__(self, stored: Stored | NoBaseline, cases: CaseSet) -> None:
        self._spool = Spool()
        self._trials: dict[str, dict[int, int]] = {}
        characters = turns = 0
        for session in stored.sessions() if isinstance(stored, Stored) else ():
            characters += sum(len(turn.output) for turn in session.turns)
            turns += len(session.turns)
            if session.case in cases:
                record = json.dumps(session_record(session)).encode()
                trials = self._trials.setdefault(session.case, {})
                trials[session.trial] = self._spool.append(record)
        self.learned = turns > 0
        self.answer = round(characters / turns) if turns else TYPICAL_ANSWER

    def of(self, case: Case, trial: int) -> StandIn:
        """The stored session of that trial, or of another one, or one as long as usual."""
        numbers = self._trials.get(case.id, {})
        number = numbers.get(trial, next(iter(numbers.values()), None))
        if number is not None:
            session = session_from(json.loads(self._spool[number]))
            if _fits(session, case):
                return StandIn(replace(session, trial=trial), stored=True)
        return StandIn(self._made_up(case, trial), stored=False)

    def _made_up(self, case: Case, trial: int) -> Session:
        """As many answers as there can be, in the case's own words: their script counts."""
        asked = case.turns[0].user if case.turns else ""
        output = _as_long_as(self.answer, case.expected or asked)
        users = _said(case.user, asked) if case.user else (None,) * len(case.turns)
        return Session(case.id, trial, tuple(AgentTurn(output, user=said) for said in users))


def _fits(session: Session, case: Case) -> bool:
    """Whether the case has not changed its turns since."""
    return case.user is not None or len(session.turns) == len(case.turns)


def _said(user: SimulatedUser, first: str) -> tuple[str, ...]:
    """What a simulated user says if it takes all its turns."""
    words = _as_long_as(TYPICAL_QUESTION, user.goal)
    return (first or words, *(words for _ in range(user.max_turns - 1)))


def _as_long_as(length: int, words: str) -> str:
    sample = f"{words.strip() or _PROSE} "
    return (sample * (length // len(sample) + 1))[:length]
