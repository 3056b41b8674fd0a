"""Whether anybody is there to be asked, and when it is no longer worth trying."""

from collections.abc import Sequence
from typing import Final

from rubric_action.agent.http_model import Fault, Target
from rubric_action.agent.http_request import origin
from rubric_action.errors import AgentUnavailable

FIRST_CONTACT_S: Final = 10.0
"""So long an agent that nobody has reached yet is tried: it may still be starting."""
OUTAGE_SESSIONS: Final = 5
"""So many sessions in a row that came to nothing, and the agent counts as down."""

_BIND: Final = (
    "Start it in an earlier step, in the background, let it listen on 0.0.0.0 and not on 127.0.0.1 "
    "alone, and wait there until it answers."
)
_START: Final = "Start it before, wait until it answers, and check `agent.http.url`."


class Contact:
    """Remembers which target was reached, and how sessions ended since the last answer.

    `patience_s` is the time that the first contact may take, in seconds.
    """

    def __init__(self, targets: Sequence[Target], patience_s: float) -> None:
        self.targets = tuple(targets)
        self._tried = self.targets
        self._patience_s = patience_s
        self._reached = False
        self._answered = False
        self._began_at: float | None = None
        self._failed = 0

    def reached(self, target: Target) -> None:
        """Somebody is there; from now on no other target is tried."""
        self._reached = True
        self.targets = (target,)

    def answered(self) -> None:
        """The agent gave an answer, of whatever use."""
        self._answered = True
        self._failed = 0

    def unreached(self, fault: Fault, now: float) -> None:
        """No target was reached; AgentUnavailable once the time for a first contact is over."""
        if self._began_at is None:
            self._began_at = now
        if not self._reached and now - self._began_at >= self._patience_s:
            raise self._nobody(fault)

    def failed(self, fault: Fault | None) -> None:
        """A session came to nothing by its last fault, or by being late.

        AgentUnavailable where the next ones are bound to do so too: nobody was ever reached, or
        there are enough of them in a row and the agent is out of reach or has never answered.
        """
        self._failed += 1
        out_of_reach = fault is not None and fault.unreached
        if fault is not None and out_of_reach and not self._reached:
            raise self._nobody(fault)
        if self._failed >= OUTAGE_SESSIONS and (out_of_reach or not self._answered):
            last = fault.detail if fault else "no reply in time"
            cause = (
                f"The agent at `{origin(self.targets[0].url)}` left {self._failed} sessions in a "
                f"row without an answer; the last: {last}."
            )
            raise AgentUnavailable(cause, "Look at the agent's own log, and run again.")

    def _nobody(self, fault: Fault) -> AgentUnavailable:
        first, *others = (origin(target.url) for target in self._tried)
        if others:
            cause = (
                f"The agent cannot be reached, neither at `{first}` in the action's container nor "
                f"at `{others[0]}`, the runner ({fault.detail})."
            )
            return AgentUnavailable(cause, _BIND)
        return AgentUnavailable(f"Nobody is reached at `{first}` ({fault.detail}).", _START)
