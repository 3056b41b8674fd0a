"""Two runs on the same cases: how sure is it that the second did worse."""

import math
import random
from array import array
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

from rubric_action.gate.statistics.intervals import CONFIDENCE, Interval
from rubric_action.gate.statistics.special import binomial_tail, t_cdf, t_quantile

RESAMPLES: Final = 4_000
MANY_CLUSTERS: Final = 400
"""From so many clusters on the mean is as good as normal, and t is exact enough."""


@dataclass(frozen=True, slots=True)
class Fall:
    """How sure it is that something fell: the chance of as much of a fall where nothing changed.

    `interval` is of the change (now minus before), at 95 %; None where it cannot be told.
    """

    chance: float
    interval: Interval | None
    method: str


def mcnemar(losses: int, gains: int) -> float:
    """The chance of at least so many losses among the pairs that changed, if each went either way.

    One-sided exact test: P(Bin(losses + gains, 1/2) >= losses); 1 where no pair changed. Q.
    McNemar, Psychometrika 12 (1947), in its exact form.
    """
    return binomial_tail(losses, losses + gains, 0.5)


def fall(
    now: Sequence[float],
    before: Sequence[float],
    weights: Sequence[float],
    clusters: Sequence[Hashable],
    seed: str,
) -> Fall:
    """How sure it is that the weighted mean fell, over pairs in the same order; at least one.

    Where all scores are 0 or 1, weigh the same and stand alone in their clusters: McNemar's test.
    Else over the clusters, whose members are no independent evidence: a bootstrap of their sums
    (B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap, 1993, 16.4: resampled from
    changes that are moved to a mean of 0), and t where there are `MANY_CLUSTERS`.
    """
    changes = [a - b for a, b in zip(now, before, strict=True)]
    sums, sizes = _by_cluster(changes, weights, clusters)
    interval = _interval(sums, sizes)
    alone = len(sums) == len(changes) and len(set(weights)) == 1
    if alone and all(value in (0.0, 1.0) for value in (*now, *before)):
        chance = mcnemar(changes.count(-1.0), changes.count(1.0))
        return Fall(chance, interval, "McNemar")
    if len(sums) >= MANY_CLUSTERS:
        return Fall(_t_chance(sums, sizes), interval, "t")
    return Fall(_bootstrap(sums, sizes, seed), interval, "bootstrap")


def _by_cluster(
    changes: Sequence[float], weights: Sequence[float], clusters: Sequence[Hashable]
) -> tuple[list[float], list[float]]:
    """The weighted sum of changes and the sum of weights of each cluster."""
    at: dict[Hashable, int] = {}
    sums, sizes = array("d"), array("d")
    for change, weight, cluster in zip(changes, weights, clusters, strict=True):
        number = at.setdefault(cluster, len(at))
        if number == len(sums):
            sums.append(0.0)
            sizes.append(0.0)
        sums[number] += weight * change
        sizes[number] += weight
    return list(sums), list(sizes)


def _centred(sums: Sequence[float], sizes: Sequence[float]) -> tuple[float, float, list[float]]:
    """The mean change, the weight of all, and what each cluster has beyond its share."""
    total = math.fsum(sizes)
    mean = math.fsum(sums) / total
    return mean, total, [one - mean * size for one, size in zip(sums, sizes, strict=True)]


def _error(rest: Sequence[float], total: float) -> float:
    """The standard error of the mean, of a ratio of sums over clusters (Cochran 1977, 6.3)."""
    count = len(rest)
    return math.sqrt(math.fsum(r * r for r in rest) * count / (count - 1)) / total


def _interval(sums: Sequence[float], sizes: Sequence[float]) -> Interval | None:
    if len(sums) < 2:
        return None
    mean, total, rest = _centred(sums, sizes)
    half = t_quantile((1 + CONFIDENCE) / 2, len(sums) - 1) * _error(rest, total)
    return max(-1.0, mean - half), min(1.0, mean + half)


def _t_chance(sums: Sequence[float], sizes: Sequence[float]) -> float:
    mean, total, rest = _centred(sums, sizes)
    error = _error(rest, total)
    if error == 0:
        return 0.0 if mean < 0 else 1.0
    return t_cdf(mean / error, len(sums) - 1)


def _bootstrap(sums: Sequence[float], sizes: Sequence[float], seed: str) -> float:
    """The share of resamples, moved to a mean of 0, that fall at least as far as was seen.

    The observed one counts among them, so that no chance is ever 0 (A. C. Davison and D. V.
    Hinkley, Bootstrap Methods and their Application, 1997, 4.2). A bootstrap of a few clusters
    knows too little of the tails: it never says more than as many coins would, one for each
    cluster that changed.
    """
    mean, _, rest = _centred(sums, sizes)
    if mean >= 0:
        return 1.0
    coins = 0.5 ** sum(one != 0 for one in sums)
    chance = random.Random(seed)  # noqa: S311 (a seeded resampling, not a secret)
    pairs = list(zip(rest, sizes, strict=True))
    as_far = 0
    for _ in range(RESAMPLES):
        drawn = chance.choices(pairs, k=len(pairs))
        moved = math.fsum(one for one, _ in drawn) / math.fsum(size for _, size in drawn)
        as_far += moved <= mean
    return max(coins, (1 + as_far) / (1 + RESAMPLES))
