"""What a judge's headers tell of its limits. Pure.

OpenAI and those who speak its language send `x-ratelimit-remaining-requests`, Anthropic
`anthropic-ratelimit-requests-remaining`, likewise for tokens. Both describe a bucket that is being
refilled: the reset is when it is full again, so that limit, remaining and reset together tell how
fast it fills.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from rubric_action.grading.backoff import moment, number

Kind = Literal["requests", "tokens", "input-tokens", "output-tokens"]

_OPENAI: Final = "x-ratelimit-{what}-{kind}"
_ANTHROPIC: Final = "anthropic-ratelimit-{kind}-{what}"
_DIALECTS: Final[tuple[tuple[str, tuple[Kind, ...]], ...]] = (
    (_OPENAI, ("requests", "tokens")),
    (_ANTHROPIC, ("requests", "tokens", "input-tokens", "output-tokens")),
)
_NAMES: Final[tuple[tuple[Kind, str, str, str], ...]] = tuple(
    (
        kind,
        dialect.format(kind=kind, what="remaining"),
        dialect.format(kind=kind, what="limit"),
        dialect.format(kind=kind, what="reset"),
    )
    for dialect, kinds in _DIALECTS
    for kind in kinds
)
_DURATION: Final = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|h|m|s))+")
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_UNITS: Final[Mapping[str, float]] = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_LONGEST_RESET_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much of one kind is left of how much, and in how many seconds it is all there again.

    None is what nobody says.
    """

    kind: Kind
    remaining: float
    limit: float | None = None
    reset_s: float | None = None

    @property
    def refill(self) -> float:
        """How much comes back a second; 0 where that cannot be told."""
        if self.limit is None or not self.reset_s:
            return 0.0
        return max(0.0, self.limit - self.remaining) / self.reset_s


def allowances(headers: Mapping[str, str], received_at: float) -> list[Allowance]:
    """The allowances that a response tells of; what makes no sense is left out.

    Header names are in lower case. A reset is a duration (`20ms`, `6m0s`), a number of seconds, or
    a date, which is measured against the response's own `date`, or else against `received_at`
    (seconds since the epoch).
    """
    found = []
    for kind, remaining_name, limit_name, reset_name in _NAMES:
        remaining = number(headers.get(remaining_name))
        if remaining is not None:
            limit = number(headers.get(limit_name))
            reset_s = _reset_s(headers.get(reset_name), headers, received_at)
            found.append(Allowance(kind, remaining, limit, reset_s))
    return found


def _reset_s(value: str | None, headers: Mapping[str, str], received_at: float) -> float | None:
    """Seconds until a reset; None for one that a run could not wait for."""
    if value is None:
        return None
    seconds = number(value)
    if seconds is None and _DURATION.fullmatch(value):
        seconds = sum(float(count) * _UNITS[unit] for count, unit in _PART.findall(value))
    if seconds is None and (until := _date(value)):
        now = moment(headers.get("date"))
        seconds = max(0.0, until.timestamp() - (now.timestamp() if now else received_at))
    return seconds if seconds is not None and seconds <= _LONGEST_RESET_S else None


def _date(value: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
