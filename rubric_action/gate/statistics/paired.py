"""Two runs on the same cases: how sure is it that the second did worse."""

import math
import random
from array import array
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

from rubric_action.gate.statistics.intervals import CONFIDENCE, Interval
from rubric_action.gate.statistics.special import binomial_tail, t_quantile

RESAMPLES: Final = 10_000
FEW_CLUSTERS: Final = 13
"""Up to so many, every way to swap runs is gone through."""
MANY_CLUSTERS: Final = 4_000
"""From so many on, the sum over all ways to swap runs is as good as normal."""
_BLOCK: Final = 8
_ROUNDING: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Fall:
    """How sure it is that something fell: the chance of as much of a fall where nothing changed.

    `interval` is of the change (now minus before), at 95 %, and `deviation` what the changes of
    clusters differ by; both None where that cannot be told. `clusters` counts them.
    """

    chance: float
    method: str
    interval: Interval | None
    deviation: float | None
    clusters: int


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
    Else its likeness for scores: if nothing changed, which of the two runs came first is a coin's
    choice in each cluster, so that the fall is held against the falls under all choices (E. J. G.
    Pitman, Significance tests which may be applied to samples from any populations, JRSS
    Supplement 4, 1937). It is exact for any scores and few pairs, and no score that gets worse
    makes a fall less sure; a bootstrap keeps neither promise.
    """
    changes = [a - b for a, b in zip(now, before, strict=True)]
    sums, sizes = _by_cluster(changes, weights, clusters)
    spread = _interval(sums, sizes), _deviation(sums, sizes), len(sums)
    alone = len(sums) == len(changes) and len(set(weights)) == 1
    if alone and all(value in (0.0, 1.0) for value in (*now, *before)):
        chance = mcnemar(changes.count(-1.0), changes.count(1.0))
        return Fall(chance, "McNemar", *spread)
    return Fall(_swapped(sums, seed), "permutation", *spread)


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


def _deviation(sums: Sequence[float], sizes: Sequence[float]) -> float | None:
    if len(sums) < 2:
        return None
    _, total, rest = _centred(sums, sizes)
    return _error(rest, total) * math.sqrt(len(sums))


def _swapped(sums: Sequence[float], seed: str) -> float:
    """The share of the ways to swap runs, cluster by cluster, that fall at least as far."""
    changed = [one for one in sums if one]
    least = math.fsum(changed) + _ROUNDING
    if least >= 0:
        return 1.0
    if len(changed) >= MANY_CLUSTERS:
        return NormalDist().cdf(least / math.sqrt(math.fsum(one * one for one in changed)))
    if len(changed) < FEW_CLUSTERS:
        ways = _ways(changed)
        return sum(way <= least for way in ways) / len(ways)
    # What is drawn is one of all ways, and so is what was seen (A. C. Davison and D. V. Hinkley,
    # Bootstrap Methods and their Application, 1997, 4.2).
    return (1 + sum(way <= least for way in _drawn(changed, seed))) / (1 + RESAMPLES)


def _ways(changes: Sequence[float]) -> list[float]:
    """The sum of the changes under every choice of signs."""
    ways = [0.0]
    for one in changes:
        ways = [way + sign for way in ways for sign in (one, -one)]
    return ways


def _drawn(changes: Sequence[float], seed: str) -> Iterator[float]:
    """The sum under drawn choices of signs; a drawn byte chooses for eight changes at once."""
    blocks = [_ways(_whole(changes[at : at + _BLOCK])) for at in range(0, len(changes), _BLOCK)]
    chance = random.Random(seed)  # noqa: S311 (a seeded draw, not a secret)
    for _ in range(RESAMPLES):
        chosen = chance.randbytes(len(blocks))
        yield sum(map(list.__getitem__, blocks, chosen))


def _whole(changes: Sequence[float]) -> Sequence[float]:
    return [*changes, *[0.0] * (_BLOCK - len(changes))]
