"""How long to wait before another try. Pure: time and chance come in as values."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
_MAX_DOUBLINGS = 10


def retry_after_s(headers: Mapping[str, str], received_at: float) -> float | None:
    """Seconds that the server asks to wait; None when it asks nothing, or nonsense.

    Reads `retry-after-ms`, then `retry-after` as seconds or as an HTTP date. A date is measured
    against the response's own `date`, since the two clocks may differ, or else against
    `received_at` (seconds since the epoch). Negative, not a number and infinite count as nonsense.
    """
    milliseconds = number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    asked = headers.get("retry-after")
    seconds = number(asked)
    if seconds is not None or asked is None:
        return seconds
    until, now = moment(asked), moment(headers.get("date"))
    if until is None:
        return None
    return max(0.0, until.timestamp() - (now.timestamp() if now else received_at))


def wait_s(tries: int, asked_s: float | None, deadline_s: float, chance: float) -> float:
    """Seconds before the next try, after `tries` failed ones (from 1).

    Full jitter: a share `chance` (0 to 1) of a bound that doubles from `FIRST_WAIT_S` up to
    `LONGEST_WAIT_S`. What the server asks for is added, unless it exceeds the whole deadline, in
    which case no wait could satisfy it and it is ignored.
    """
    bound = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(tries - 1, _MAX_DOUBLINGS))
    if asked_s is None or asked_s > deadline_s:
        return chance * bound
    # Spread the crowd that was told the same moment, without stretching a short wait by much.
    return asked_s + chance * min(bound, FIRST_WAIT_S)


def number(value: str | None) -> float | None:
    """The header's number; None unless it is finite and at least 0."""
    try:
        found = float(value) if value is not None else math.nan
    except ValueError:
        return None
    return found if math.isfinite(found) and found >= 0 else None


def moment(value: str | None) -> datetime | None:
    """The moment that a header's HTTP date names; None for anything else."""
    try:
        found = parsedate_to_datetime(value) if value else None
    except (ValueError, OverflowError):
        return None
    return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found
