"""What a slice of this size can show at all."""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Final

from rubric_action.gate.statistics.intervals import weighted_mean
from rubric_action.gate.statistics.special import binomial_tail

POWER: Final = 0.8
"""How often an effect has to be found for a slice to be said to show it."""


def smallest_drop(n: int, deviation: float, confidence: float) -> float | None:
    """The smallest fall of a mean that n pairs would show, four times out of five.

    `deviation` is the standard deviation of the paired differences; the fall is at most 1. None
    below two pairs. One-sided: (z of the confidence + z of the power) x deviation / root of n; J.
    Cohen, Statistical Power Analysis, 1988, 2.3.5.
    """
    if n < 2:
        return None
    normal = NormalDist()
    z = normal.inv_cdf(confidence) + normal.inv_cdf(POWER)
    return min(1.0, z * deviation / math.sqrt(n))


def pairs_to_show(fall: float, deviation: float, confidence: float) -> int | None:
    """How many pairs would show a fall of this size, four times out of five; None for no fall."""
    if fall <= 0:
        return None
    normal = NormalDist()
    z = normal.inv_cdf(confidence) + normal.inv_cdf(POWER)
    return max(2, math.ceil((z * deviation / fall) ** 2))


def flips_to_show(confidence: float) -> int:
    """How many cases have to break, with none mended, before McNemar's test believes it."""
    losses = 1
    while binomial_tail(losses, losses, 0.5) > 1 - confidence:
        losses += 1
    return losses


def smallest_shortfall(n: int, bar: float) -> float | None:
    """How far below a bar a true rate has to lie for n cases to fall short of it, mostly.

    The largest rate that ends below the bar four times out of five, by exact binomial; the
    distance to it from the bar. None without a case, or for a bar of 0.
    """
    if n < 1 or bar <= 0:
        return None
    least = math.ceil(bar * n - 1e-9)
    low, high = 0.0, bar
    for _ in range(60):
        middle = (low + high) / 2
        falls_short = 1 - binomial_tail(least, n, middle)
        low, high = (middle, high) if falls_short >= POWER else (low, middle)
    return bar - low


def mean_shortfall(scores: Sequence[float], weights: Sequence[float]) -> float | None:
    """How far below a bar a true mean has to lie for these cases to fall short of it, mostly.

    z of the power x the standard error of the weighted mean; None where the scores do not vary,
    which tells nothing of how much others would.
    """
    n, total = len(scores), math.fsum(weights)
    if n < 2 or len(set(scores)) == 1:
        return None
    mean = weighted_mean(scores, weights)
    squares = math.fsum((w * (v - mean)) ** 2 for v, w in zip(scores, weights, strict=True))
    error = math.sqrt(squares * n / (n - 1)) / total
    return min(1.0, NormalDist().inv_cdf(POWER) * error)
