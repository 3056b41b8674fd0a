"""What the local judge can be made to suffer from: a limit, and a share of requests that fail."""

import random
import time
from collections.abc import Mapping
from typing import Literal

Trouble = Literal["error", "malformed", "reset"]
SHARES: Mapping[Trouble, float] = {"error": 0.05, "malformed": 0.02, "reset": 0.02}
"""Of all requests: a status 500, a reply that is cut in the middle, a connection that is reset."""


class Bucket:
    """A second's worth of requests, refilled at `rps` a second."""

    def __init__(self, rps: float) -> None:
        self._rps = self._left = rps
        self._at = time.monotonic()

    def refused_s(self) -> float:
        """Take one request, or say in how many seconds there is one."""
        now = time.monotonic()
        self._left = min(self._rps, self._left + (now - self._at) * self._rps)
        self._at = now
        if self._left < 1:
            return (1 - self._left) / self._rps
        self._left -= 1
        return 0.0

    def headers(self) -> dict[str, str]:
        """What is left, of how much, and in how many milliseconds it is whole again."""
        reset_s = (self._rps - self._left) / self._rps
        return {
            "x-ratelimit-limit-requests": f"{self._rps:g}",
            "x-ratelimit-remaining-requests": str(int(self._left)),
            "x-ratelimit-reset-requests": f"{reset_s * 1000:.0f}ms",
        }


class Troubles:
    """Which requests fail, and how, in the order in which they come: the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 (a plan of faults, not a secret)

    def next(self) -> Trouble | None:
        """What becomes of the next request."""
        drawn = self._chance.random()
        for trouble, share in SHARES.items():
            drawn -= share
            if drawn < 0:
                return trouble
        return None
