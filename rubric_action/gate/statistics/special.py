"""The incomplete beta function, and the distributions that are made of it."""

import math
from functools import lru_cache
from typing import Final

_TINY: Final = 1e-300
_CLOSE: Final = 1e-15
_MOST_STEPS: Final = 10_000


def beta_cdf(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b), for a > 0 and b > 0.

    By the continued fraction of the Digital Library of Mathematical Functions, 8.17.22, on the side
    where it converges fast, evaluated as W. J. Lentz did (Applied Optics 15, 1976).
    """
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):
        return 1.0 - beta_cdf(1 - x, b, a)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    log_front += a * math.log(x) + b * math.log1p(-x)
    return math.exp(log_front) / (a * _fraction(x, a, b))


def _fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, 0.0
    value = 1.0
    for step in range(1, _MOST_STEPS):
        m = step // 2
        if step % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1.0 / _not_zero(1.0 + term * d)
        c = _not_zero(1.0 + term / c)
        value *= c * d
        if abs(c * d - 1.0) < _CLOSE:
            return value
    raise ArithmeticError(f"the continued fraction does not converge at {x}, {a}, {b}")


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def binomial_tail(least: int, n: int, p: float) -> float:
    """P(X >= least) for X of n draws with chance p; 1 for least <= 0, 0 for least > n."""
    if least <= 0:
        return 1.0
    return 0.0 if least > n else beta_cdf(p, least, n - least + 1)


def t_cdf(t: float, df: float) -> float:
    """P(T <= t) for Student's t with `df` > 0 degrees of freedom."""
    if math.isinf(t):
        return 1.0 if t > 0 else 0.0
    if t * t < df:
        # Near the middle: the share that goes in is small, and not one less something small.
        half = 0.5 * beta_cdf(t * t / (df + t * t), 0.5, df / 2)
        return 0.5 - half if t < 0 else 0.5 + half
    tail = 0.5 * beta_cdf(df / (df + t * t), df / 2, 0.5)
    return tail if t < 0 else 1.0 - tail


@lru_cache(maxsize=4096)
def t_quantile(p: float, df: float) -> float:
    """The t below which Student's t falls with chance p (0 < p < 1), by bisection."""
    if p < 0.5:
        return -t_quantile(1 - p, df)
    low, high = 0.0, 1.0
    while t_cdf(high, df) < p:
        low, high = high, 2 * high
    while high - low > _CLOSE * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if t_cdf(middle, df) < p else (low, middle)
    return high


def beta_binomial_cdf(k: int, n: int, a: float, b: float) -> float:
    """P(X <= k) for X of n draws whose common chance is itself drawn from Beta(a, b).

    Sum of C(n, x) B(x + a, n - x + b) / B(a, b); N. L. Johnson, A. W. Kemp and S. Kotz, Univariate
    Discrete Distributions, 2005, 6.2.2.
    """
    if k >= n:
        return 1.0
    return min(1.0, math.fsum(_beta_binomial(x, n, a, b) for x in range(k + 1)))


def _beta_binomial(x: int, n: int, a: float, b: float) -> float:
    ways = math.lgamma(n + 1) - math.lgamma(x + 1) - math.lgamma(n - x + 1)
    return math.exp(ways + _log_beta(x + a, n - x + b) - _log_beta(a, b))


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
