"""How long to wait before another try. Pure: time and chance come in as values."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

FIRST_WAIT_S: Final = 0.5
LONGEST_WAIT_S: Final = 30.0
_MAX_DOUBLINGS: Final = 10


def retry_after_s(headers: Mapping[str, str], received_at: float) -> float | None:
    """Seconds that the server asks to wait; None when it asks nothing, or nonsense.

    Reads `retry-after-ms`, then `retry-after` as seconds or as an HTTP date. A date is measured
    against the response's own `date`, since the two clocks may differ, or else against
    `received_at` (seconds since the epoch). Negative, not a number and infinite count as nonsense.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    asked = headers.get("retry-after")
    seconds = _number(asked)
    if seconds is not None or asked is None:
        return seconds
    until, now = _moment(asked), _moment(headers.get("date"))
    if until is None:
        return None
    return max(0.0, until.timestamp() - (now.timestamp() if now else received_at))


def wait_s(
    tries: int, asked_s: float | None, chance: float, longest_s: float = LONGEST_WAIT_S
) -> float:
    """Seconds before the next try, after `tries` failed ones (from 1).

    Full jitter: a share `chance` (0 to 1) of a bound that doubles from `FIRST_WAIT_S` up to
    `longest_s`. What the server asks for is added.
    """
    bound = min(longest_s, FIRST_WAIT_S * 2.0 ** min(tries - 1, _MAX_DOUBLINGS))
    if asked_s is None:
        return chance * bound
    # Spread the crowd that was told the same moment, without stretching a short wait by much.
    return asked_s + chance * min(bound, FIRST_WAIT_S)


def _number(value: str | None) -> float | None:
    try:
        number = float(value) if value is not None else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _moment(value: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value) if value else None
    except (ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
