"""Sampling a score again near its pass mark, until it is sure enough or has cost enough."""

import math
from dataclasses import dataclass
from typing import Final, Literal

State = Literal["passes", "fails", "open"]


@dataclass(frozen=True, slots=True)
class Sampling:
    """Wald's sequential probability ratio test of the rate at which one answer fails its mark.

    A. Wald, Sequential Analysis, 1947. Between `passes_at` (the answer is good, and a judge fails
    it by mistake so often) and `fails_at` (it is not). `alpha` bounds the chance of failing a good
    answer, `beta` that of passing a bad one, as far as `most` samples let it.
    """

    passes_at: float = 0.1
    fails_at: float = 0.6
    alpha: float = 0.01
    beta: float = 0.05
    most: int = 15

    def state(self, failures: int, samples: int) -> State:
        """What so many failures in so many samples say; the likelier of the two at the end."""
        ratio = self._log_ratio(failures, samples)
        if ratio >= math.log((1 - self.beta) / self.alpha):
            return "fails"
        if ratio <= math.log(self.beta / (1 - self.alpha)):
            return "passes"
        if samples < self.most:
            return "open"
        return "fails" if ratio > 0 else "passes"

    def _log_ratio(self, failures: int, samples: int) -> float:
        fails = math.log(self.fails_at / self.passes_at)
        passes = math.log((1 - self.fails_at) / (1 - self.passes_at))
        return failures * fails + (samples - failures) * passes


NEAR_A_MARK: Final = Sampling()
"""What decides on a score near its pass mark."""
