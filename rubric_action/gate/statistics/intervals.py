"""Rates, means, intervals and quantiles. Pure functions over plain values.

Intervals are two-sided at 95 % unless said otherwise, and lie within 0 and 1.
"""

import math
from collections.abc import Iterable, Sequence
from statistics import NormalDist

from rubric_action.gate.statistics.special import t_quantile

Interval = tuple[float, float]

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)


def wilson(rate: float, n: float) -> Interval | None:
    """Score interval of a rate over n cases; None for n = 0.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference,
    JASA 22 (1927). It also bounds the mean of any n independent values between 0 and 1, whose
    variance is at most mean x (1 - mean).
    """
    if n == 0:
        return None
    z2 = Z * Z
    centre = (rate + z2 / (2 * n)) / (1 + z2 / n)
    half = Z / (1 + z2 / n) * math.sqrt(rate * (1 - rate) / n + z2 / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def weighted_mean(values: Sequence[float], weights: Sequence[float]) -> float:
    """Sum of value x weight over the sum of weights; both of the same length >= 1."""
    if len(set(weights)) == 1:
        return math.fsum(values) / len(values)
    shares = _shares(weights)
    return math.fsum(v * w for v, w in zip(values, shares, strict=True)) / math.fsum(shares)


def _shares(weights: Sequence[float]) -> Sequence[float]:
    """Each as a share of the largest, so that no square is too small or too large for a float."""
    largest = max(weights)
    return [weight / largest for weight in weights] if largest > 0 else [1.0] * len(weights)


def mean_interval(values: Sequence[float], weights: Sequence[float]) -> Interval | None:
    """Interval of a mean of scores; None without values.

    Student's t on the linearised variance of a weighted mean (W. G. Cochran, Sampling Techniques,
    1977, 6.3). Where the values are only 0 and 1, or do not vary, t says too little and Wilson's
    bound stands in, over as many cases as the weights leave in effect (L. Kish, Survey Sampling,
    1965, 11.7).
    """
    n = len(values)
    if n == 0:
        return None
    mean = weighted_mean(values, weights)
    shares = _shares(weights)
    total = math.fsum(shares)
    if n == 1 or len(set(values)) == 1 or all(value in (0.0, 1.0) for value in values):
        return wilson(mean, total * total / math.fsum(w * w for w in shares))
    squares = math.fsum((w * (v - mean)) ** 2 for v, w in zip(values, shares, strict=True))
    half = t_quantile((1 + CONFIDENCE) / 2, n - 1) * math.sqrt(squares * n / (n - 1)) / total
    return max(0.0, mean - half), min(1.0, mean + half)


def p95(values: Iterable[float]) -> float | None:
    """The 95th percentile by nearest rank: the smallest value that 95 % do not exceed."""
    ordered = sorted(values)
    rank = -(-95 * len(ordered) // 100)  # in whole numbers: 0.95 x n is not exact
    return ordered[rank - 1] if ordered else None


def cases_to_prove(rate: float) -> int:
    """How many cases, all passing, put Wilson's lower bound at `rate` (0 <= rate < 1)."""
    return math.ceil(rate * Z * Z / (1 - rate))
