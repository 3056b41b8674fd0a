"""Whether a case that used to pass is broken, or had bad luck.

Agents and judges are noisy: a case that passes nine times out of ten fails one pull request in ten.
So a committed case that fails is run again, and convicted when all of its trials fail, or when so
few passes would be a surprise given its history. The decision is made once, at the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rubric_action.gate.statistics.holm import holm
from rubric_action.gate.statistics.special import beta_binomial_cdf


@dataclass(frozen=True, slots=True)
class Tally:
    """Passes among trials."""

    passes: int = 0
    trials: int = 0

    @property
    def all_failed(self) -> bool:
        """Whether there were trials, and none passed."""
        return self.trials > 0 and self.passes == 0


@dataclass(frozen=True, slots=True)
class Trial:
    """What there is for and against one case: its history, and its trials now."""

    past: Tally
    now: Tally

    @property
    def chance(self) -> float:
        """The chance of so few passes for an unchanged agent (see `predictive`)."""
        return predictive(self.now.passes, self.now.trials, self.past)


def predictive(passes: int, trials: int, past: Tally) -> float:
    """The chance of at most so many passes in so many trials, given the history.

    The rate is Beta(1 + s, 1 + n - s) after s passes in n trials, the rule of succession, so that
    the passes to come are beta-binomial (A. Gelman et al., Bayesian Data Analysis, 2013, 2.4).
    """
    return beta_binomial_cdf(passes, trials, 1 + past.passes, 1 + past.trials - past.passes)


def convicted(trials: Sequence[Trial], alpha: float) -> tuple[bool, ...]:
    """Which of the cases in doubt are broken, in their order.

    All trials failed, or the chance of so few passes is at most `alpha` after Holm's correction
    over all cases in doubt.
    """
    chances = holm([one.chance for one in trials])
    return tuple(
        one.now.all_failed or chance <= alpha for one, chance in zip(trials, chances, strict=True)
    )


def settled(now: Tally, more: int, past: Tally, alpha: float) -> bool:
    """Whether no outcome of `more` further trials could convict, so that they need not be run.

    Never after failures alone: then there is nothing that speaks for the case.
    """
    if now.passes == 0:
        return False
    return predictive(now.passes, now.trials + more, past) > alpha
