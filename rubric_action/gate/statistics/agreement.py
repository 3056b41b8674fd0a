"""How far two graders agree on yes and no, and how far one errs against the other."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rubric_action.gate.statistics.intervals import Interval, Z, mean_interval, wilson

_NO_ERROR: Final = 1e-6
"""A standard error that is 0 but for rounding."""


@dataclass(frozen=True, slots=True)
class Table:
    """Counts of answers by what the judge and a person said: passed or not."""

    both: int = 0
    only_judge: int = 0
    only_person: int = 0
    neither: int = 0

    @classmethod
    def of(cls, pairs: Iterable[tuple[bool, bool]]) -> "Table":
        """Count pairs of (judge, person)."""
        counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
        for pair in pairs:
            counts[pair] += 1
        return cls(*counts.values())

    @property
    def n(self) -> int:
        """All answers."""
        return self.both + self.only_judge + self.only_person + self.neither

    @property
    def agreement(self) -> float | None:
        """The share on which both say the same; None without an answer."""
        return (self.both + self.neither) / self.n if self.n else None

    @property
    def sensitivity(self) -> float | None:
        """The share of what a person passes that the judge passes too."""
        return _share(self.both, self.only_person)

    @property
    def specificity(self) -> float | None:
        """The share of what a person fails that the judge fails too."""
        return _share(self.neither, self.only_judge)


@dataclass(frozen=True, slots=True)
class Kappa:
    """Agreement beyond chance, 1 at most, with its interval at 95 %."""

    value: float
    interval: Interval


def kappa(table: Table) -> Kappa | None:
    """Cohen's kappa; None where it is not defined.

    J. Cohen, Educational and Psychological Measurement 20 (1960). It is not defined where both
    graders say one and the same of every answer: agreement is then no more than chance expects.
    The standard error is that of J. L. Fleiss, J. Cohen and B. S. Everitt, Psychological Bulletin
    72 (1969). Where it is 0, as for perfect agreement, it says too little, and Wilson's bounds of
    the disagreements stand in, since kappa is 1 less their share of what chance alone makes.
    """
    if not table.n:
        return None
    n = table.n
    a, b, c, d = (
        count / n for count in (table.both, table.only_judge, table.only_person, table.neither)
    )
    judge, person = a + b, a + c
    expected = judge * person + (1 - judge) * (1 - person)
    if expected >= 1:
        return None
    value = (a + d - expected) / (1 - expected)
    error = _kappa_error((a, b, c, d), judge, person, expected, value)
    low, high = value - Z * error / math.sqrt(n), value + Z * error / math.sqrt(n)
    differing = wilson(b + c, n)
    if error < _NO_ERROR and differing is not None:
        low, high = (1 - share / (1 - expected) for share in reversed(differing))
    return Kappa(value, (max(-1.0, low), min(1.0, high)))


def _kappa_error(
    cells: tuple[float, float, float, float],
    judge: float,
    person: float,
    expected: float,
    value: float,
) -> float:
    """The standard error of kappa times the root of n."""
    a, b, c, d = cells
    agree = a * (1 - (judge + person) * (1 - value)) ** 2
    agree += d * (1 - (2 - judge - person) * (1 - value)) ** 2
    differ = b * (person + 1 - judge) ** 2 + c * (judge + 1 - person) ** 2
    differ *= (1 - value) ** 2
    chance = (value - expected * (1 - value)) ** 2
    return math.sqrt(max(0.0, agree + differ - chance)) / (1 - expected)


def share_interval(part: int, rest: int) -> Interval | None:
    """Wilson's interval of part / (part + rest); None where both are 0."""
    return wilson(part / (part + rest), part + rest) if part + rest else None


def bias(pairs: Iterable[tuple[float, float]]) -> tuple[float, Interval | None] | None:
    """The mean of what the judge gives beyond a person, over (judge, person), with its interval.

    Above 0 the judge is too kind. None without a pair. Where all differences are the same, the
    interval is as wide as the share of others that so many answers may hide (Wilson's bound of
    0 in n) could move the mean.
    """
    differences = [(judge - person + 1) / 2 for judge, person in pairs]
    if not differences:
        return None
    mean = math.fsum(differences) / len(differences)
    found = mean_interval(differences, [1.0] * len(differences))
    hidden = wilson(0.0, len(differences))
    if hidden is not None and len(set(differences)) == 1:
        found = mean - hidden[1] * mean, mean + hidden[1] * (1 - mean)
    return 2 * mean - 1, found and (2 * found[0] - 1, 2 * found[1] - 1)


def corrected_rate(rate: float, sensitivity: float, specificity: float) -> float | None:
    """The rate that a person would find where the judge finds `rate`; None for a useless judge.

    W. J. Rogan and B. Gladen, American Journal of Epidemiology 107 (1978), cut to 0 and 1. A judge
    that is right no more often than a coin (sensitivity + specificity of 1 or less) tells nothing.
    """
    worth = sensitivity + specificity - 1
    if worth <= 0:
        return None
    return min(1.0, max(0.0, (rate + specificity - 1) / worth))


def _share(part: int, rest: int) -> float | None:
    return part / (part + rest) if part + rest else None
