"""What the next run of an unchanged agent is likely to show, from the runs so far.

The next run asks the same cases, so that only what differs from one trial of a case to another is
noise, and the cases' own differences are not.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean
from typing import Final, Literal

from rubric_action.gate.statistics.special import beta_cdf, t_quantile

Basis = Literal["trials", "runs", "cases"]
"""What the room is measured by: trials of the same cases, means of whole runs, or the cases of one
run, whose differences are larger than those of its trials."""

MOST_BY_CHANCE: Final = 0.05
"""Runs that differ so much, or less, are taken to differ by more than their trials do."""
_NORMAL: Final = 1e4
"""Degrees of freedom at which Student's t is as good as normal."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Cases that are no evidence apart from each other, mostly one case.

    `runs` holds, by the run's number, the values of its trials; one run at least, each with one at
    least. `weight` is above 0.
    """

    weight: float
    runs: Mapping[int, Sequence[float]]

    @property
    def values(self) -> list[float]:
        """All trials of all runs."""
        return [value for trials in self.runs.values() for value in trials]


@dataclass(frozen=True, slots=True)
class Prediction:
    """The mean that is expected of the next run, how far it is off as a standard error, and why.

    `error` is None where the units tell nothing of it, `freedom` are its degrees of freedom. `step`
    is what one trial moves the mean by. `change` is the standard error of the difference of two
    runs by their trials, None where no case has been tried twice.
    """

    mean: float
    error: float | None
    freedom: float
    basis: Basis
    step: float
    change: float | None = None

    def lower(self, chance: float) -> float:
        """What the next run falls below with this chance (below 0.5) at most, 0 at least.

        Scores near 1 have a longer way down than up, which the normal curve does not know: E. A.
        Cornish and R. A. Fisher, Revue de l'Institut International de Statistique 5 (1938), with
        the third moment of scores from 0 to 1, which is no more than the second.
        """
        if self.error is None:
            return 0.0
        t, z = t_quantile(1 - chance, self.freedom), NormalDist().inv_cdf(1 - chance)
        return max(0.0, self.mean - t * self.error - max(0.0, z * z - 1) / 6 * self.step)


def predict(units: Sequence[Unit], trials: int) -> Prediction:
    """Predict the weighted mean over the units of a run with so many trials a case.

    A prediction interval as of G. J. Hahn and W. Q. Meeker, Statistical Intervals, 1991, 4.7: the
    variance of what comes and that of what is known add up. The variance of a trial is each unit's
    own; degrees of freedom by F. E. Satterthwaite, Biometrics Bulletin 2 (1946), with the unbiased
    estimate of a squared variance. Where the means of three runs or more differ by more than their
    trials explain (an F test at 5 %), their spread stands in. Where cases were tried once, the
    spread between cases does, which is wider.

    What never differed may yet: to either variance comes that of one trial more which fails, as A.
    Agresti and B. A. Coull add failures to a rate, The American Statistician 52 (1998).
    """
    total = math.fsum(unit.weight for unit in units)
    mean = math.fsum(unit.weight * fmean(unit.values) for unit in units) / total
    step = 1 / (len(units) * trials)
    tried = [unit for unit in units if len(unit.values) > 1]
    if 2 * math.fsum(unit.weight for unit in tried) < total:
        return _by_cases(units, mean, total, step)
    noise = _noise(units, tried, trials, total)
    spread = _by_runs(units, noise, total)
    return Prediction(
        mean,
        math.sqrt(spread[0] if spread else noise.ahead),
        spread[1] if spread else noise.freedom,
        "runs" if spread else "trials",
        step,
        math.sqrt(2 * noise.of_a_run),
    )


@dataclass(frozen=True, slots=True)
class _Noise:
    """Variances by trials: of a run's mean, and of the next run's about what is expected."""

    of_a_run: float
    ahead: float
    freedom: float


def _noise(units: Sequence[Unit], tried: Sequence[Unit], trials: int, total: float) -> _Noise:
    squares = math.fsum(unit.weight**2 for unit in tried)
    usual = math.fsum(unit.weight**2 * _variance(unit.values) for unit in tried) / squares
    of_a_run, ahead, known, doubt = 0.0, 0.0, 0.0, 0.0
    for unit in units:
        count = len(unit.values)
        of_one = _variance(unit.values) if count > 1 else usual
        share = (unit.weight / total) ** 2
        of_a_run += share * of_one / trials
        part = share * of_one * (1 / trials + 1 / count)
        ahead += part
        if count > 1:
            known += part
            doubt += part * part / (count + 1)
    usually = fmean(len(unit.values) for unit in units)
    ahead += (1 / trials + 1 / usually) / usually / len(units) ** 2
    return _Noise(of_a_run, ahead, min(_NORMAL, known * known / doubt) if doubt else _NORMAL)


def _by_runs(units: Sequence[Unit], noise: _Noise, total: float) -> tuple[float, float] | None:
    """Variance and degrees of freedom by the means of the runs, where those differ too much."""
    shared = set.intersection(*(set(unit.runs) for unit in units))
    if len(shared) < 3 or noise.of_a_run == 0:
        return None
    means = [
        math.fsum(unit.weight * fmean(unit.runs[run]) for unit in units) / total for run in shared
    ]
    found, freedom = _variance(means), len(means) - 1
    if _f_tail(found / noise.of_a_run, freedom, noise.freedom) > MOST_BY_CHANCE:
        return None
    return found * (1 + 1 / len(means)), freedom


def _by_cases(units: Sequence[Unit], mean: float, total: float, step: float) -> Prediction:
    """The standard error of a ratio (W. G. Cochran, Sampling Techniques, 1977, 6.3), twice over."""
    count = len(units)
    if count < 2:
        return Prediction(mean, None, 0, "cases", step)
    squares = math.fsum((unit.weight * (fmean(unit.values) - mean)) ** 2 for unit in units)
    of_a_run = squares * count / (count - 1) / total**2 + 1 / count**2
    return Prediction(mean, math.sqrt(2 * of_a_run), count - 1, "cases", step)


def _variance(values: Sequence[float]) -> float:
    """Over at least two values; 0 where they are all the same, past rounding."""
    if min(values) == max(values):
        return 0.0
    mean = fmean(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)


def _f_tail(ratio: float, over: float, under: float) -> float:
    """P(F >= ratio) of the F distribution with these degrees of freedom."""
    return beta_cdf(under / (under + over * ratio), under / 2, over / 2)
