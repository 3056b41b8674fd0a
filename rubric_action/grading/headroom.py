"""How long to wait by what a judge told of its limits, before it has to refuse. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rubric_action.grading.allowance import Allowance, Kind

TRUSTED_S: Final = 60.0
"""So long a header counts; then a request finds out what the judge says now."""

_SMOOTHING: Final = 0.1


@dataclass(frozen=True, slots=True)
class _Told:
    """What was told with the answer to the request of this number, and from when on it refills."""

    number: int
    remaining: float
    refill: float
    since: float
    reset_at: float

    def wait_s(self, now: float, later: int, need: float) -> float:
        """Seconds until there is enough for one more request, `later` ones having started since."""
        old_at = self.since + TRUSTED_S
        lacking = need * (later + 1) - self.remaining - self.refill * (now - self.since)
        if lacking <= 0 or now >= old_at:
            return 0.0
        there_at = now + lacking / self.refill if self.refill else self.reset_at
        return max(0.0, min(there_at, old_at) - now)


class Headroom:
    """How much is left, by what the judge told last and what was asked since.

    Some judges write their headers when they take a request, others when they have answered it. So
    requests are counted from the former, and what comes back from the latter, but for half of a
    small limit at most, which would never seem to suffice.
    """

    def __init__(self) -> None:
        self._told: dict[Kind, _Told] = {}
        self._needs: dict[Kind, float] = {}

    def wait_s(self, now: float, started: int) -> float:
        """Seconds until there is enough for one more request, when so many were started so far."""
        if not self._told:
            return 0.0
        return max(
            told.wait_s(now, started - told.number, self._needs.get(kind, 1.0))
            for kind, told in self._told.items()
        )

    def told(
        self, allowances: Sequence[Allowance], number: int, started_at: float, now: float
    ) -> None:
        """Take what was told with the answer to the `number`-th request."""
        for one in allowances:
            known = self._told.get(one.kind)
            if known is None or known.number < number:
                self._told[one.kind] = _told(one, number, started_at, now)

    def used(self, sent: int, received: int) -> None:
        """So many tokens a request took; the next one is expected to take as many as the last."""
        if not self._told:
            return
        for kind, tokens in _by_kind(sent, received):
            known = self._needs.get(kind, float(tokens))
            self._needs[kind] = known + _SMOOTHING * (tokens - known)


def _told(allowance: Allowance, number: int, started_at: float, now: float) -> _Told:
    refill = allowance.refill
    half_s = (allowance.limit or 0.0) / 2 / refill if refill else 0.0
    since = min(now, started_at + half_s) if refill else now
    reset_at = now + (allowance.reset_s or 0.0)
    return _Told(number, allowance.remaining, refill, since, reset_at)


def _by_kind(sent: int, received: int) -> Iterator[tuple[Kind, int]]:
    yield "tokens", sent + received
    yield "input-tokens", sent
    yield "output-tokens", received
