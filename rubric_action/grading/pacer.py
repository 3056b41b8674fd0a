"""When the next request may start. Pure: the time comes in as a value, in monotonic seconds.

Nobody has to know what a judge can take. Requests start up to a ceiling until the judge says that
they are too many; what was under way then is a limit that was met. From there on the limit is felt
for: carefully where it was met, faster the longer the judge keeps quiet, more carefully each time
that it is met at the same place. It holds for judges that count requests under way and for those
that count requests a second, since starts are spread over the time that an answer takes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rubric_action.grading.allowance import Allowance
from rubric_action.grading.headroom import Headroom

LOWEST_CUT: Final = 0.5
"""A limit falls to no less than this share of itself at once: one bad moment tells little."""
PROBE_S: Final = 1.0
"""How long a limit that was met for the first time is kept to; a pause is added to it."""
MOST_SURE: Final = 16
"""So many times that long, once a limit was met often enough at the same place."""

_DIP: Final = 0.05
_SAME_PLACE: Final = 1.35
_SPREAD: Final = 0.8
_SMOOTHING: Final = 0.1
_SOON: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Start:
    """One request on its way: its number, in which episode it was started, and when."""

    number: int
    episode: int
    at: float


@dataclass(slots=True)
class _Met:
    """A limit that was met `since` then, and how long it is kept to."""

    limit: float
    least: float
    since: float
    span_s: float
    sureness: int

    def at(self, now: float) -> float:
        """A little below the limit at first, level at the limit, then above it: a cubic curve."""
        age = max(0.0, now - self.since) / self.span_s
        return float(self.limit * (1 + _DIP * (age - 1) ** 3))


class Pacer:
    """Adapts how many requests are under way; `ceiling` is the most there may ever be.

    Throttled answers to requests that started before a cut belong to the same episode, which cuts
    once.
    """

    def __init__(self, ceiling: int) -> None:
        self.busy = 0
        self._ceiling = ceiling
        self._started = 0
        self._met: _Met | None = None
        self._episode = 0
        self._answered = False
        self._answer_s: float | None = None
        self._paused_until = -math.inf
        self._next_at = -math.inf
        self._headroom = Headroom()

    def limit(self, now: float) -> int:
        """How many requests may be under way."""
        if self._met is None:
            return self._ceiling
        return max(1, min(self._ceiling, round(self._met.at(now))))

    def wait_s(self, now: float) -> float:
        """Seconds until a request may start: 0 is now, infinity is not before an answer comes."""
        if self.busy >= self.limit(now):
            return math.inf
        opens_at = max(self._paused_until, self._next_at)
        wait_s = max(opens_at - now, self._headroom.wait_s(now, self._started))
        return wait_s if wait_s > _SOON else 0.0

    def start(self, now: float) -> Start:
        """Start a request."""
        self.busy += 1
        self._started += 1
        if self._met is not None and self._answer_s is not None:
            gap_s = _SPREAD * self._answer_s / max(1.0, min(self._met.at(now), self._ceiling))
            # A timer is late, never early: what was missed of the last gap is made up for.
            due_at = self._next_at if now - self._next_at < gap_s else now
            self._next_at = due_at + gap_s
        return Start(self._started, self._episode, now)

    def answered(self, start: Start, now: float) -> None:
        """The judge took a request and answered it."""
        self.busy -= 1
        self._answered = True
        took_s = now - start.at
        known_s = took_s if self._answer_s is None else self._answer_s
        self._answer_s = known_s + _SMOOTHING * (took_s - known_s)
        if self._met is not None and self._met.at(now) >= self._ceiling:
            self._met = None

    def failed(self) -> None:
        """A request came to nothing, for a cause that tells nothing about limits."""
        self.busy -= 1

    def throttled(self, start: Start, now: float, pause_s: float) -> None:
        """The judge found a request too many, and asks for a pause (0 is none)."""
        self.busy -= 1
        if start.episode == self._episode:
            self._episode += 1
            self._met = self._cut(now, pause_s)
        elif self._met is not None:
            # Others of the same moment come back too, so fewer were taken than it seemed.
            self._met.limit = min(self._met.limit, max(self._met.least, self.busy))
        self._paused_until = max(self._paused_until, now + pause_s)

    def told(self, start: Start, now: float, allowances: Sequence[Allowance]) -> None:
        """The answer to a request told what the judge still allows."""
        self._headroom.told(allowances, start.number, start.at, now)

    def used(self, sent: int, received: int) -> None:
        """So many tokens a request took."""
        self._headroom.used(sent, received)

    def _cut(self, now: float, pause_s: float) -> _Met:
        before = self._met
        limit = min(before.at(now), self._ceiling) if before else float(self._ceiling)
        # Before any answer, what is under way is all that is known, and it is exact.
        least = max(1.0, limit * LOWEST_CUT if self._answer_s is not None else 1.0)
        met = min(limit, max(least, self.busy))
        sureness = 1
        if before and 1 / _SAME_PLACE < met / before.limit < _SAME_PLACE:
            # Without an answer since the last cut it is the same trouble, which teaches nothing.
            sureness = min(MOST_SURE, before.sureness * (2 if self._answered else 1))
        self._answered = False
        return _Met(met, least, now + pause_s, sureness * (PROBE_S + pause_s), sureness)
