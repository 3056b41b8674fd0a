"""Whether the judge of a run can be trusted: how far it agrees with people on its canaries."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from rubric_action.gate.model import Finding, Status
from rubric_action.gate.statistics.agreement import Kappa, Table, kappa
from rubric_action.gate.statistics.special import binomial_tail
from rubric_action.gate.wording import apart, clip, counted
from rubric_action.rubric.model import Rubric

ROUNDS: Final = 5
"""So many times `judge.canaries` answers are graded at most, while it is in doubt."""
LUCK: Final = 0.05
"""Agreement that a sound judge would fall to by chance no more often than that is no bad luck."""
_MOST_CAUSE: Final = 300
_KEYS: Final = ("judge.min_agreement", "judge.calibration")


@dataclass(frozen=True, slots=True)
class Reliability:
    """How the judge did on its canaries, answers that people graded and that it graded afresh.

    `table` counts the grades of all axes together. `ungraded` grades are missing in it, the first
    of them for this `cause`.
    """

    table: Table = field(default_factory=Table)
    answers: int = 0
    ungraded: int = 0
    cause: str | None = None

    @property
    def agreement(self) -> Kappa | None:
        """Cohen's kappa; None without a grade, or where people passed all or failed all."""
        return None if one_sided(self.table) else kappa(self.table)

    def told(self, beside: float | None = None) -> str:
        """The agreement and what it rests on, or why it is not known.

        With as many decimals as tell it from the number that it stands `beside`.
        """
        found, table = self.agreement, self.table
        if found is None:
            return self._unknown
        value = f"{found.value:.2f}" if beside is None else apart(found.value, beside, 2)
        low, high = found.interval
        on = f"{counted(table.n, 'grade')} of {counted(self.answers, 'answer')}"
        missing = f", {self.ungraded} more could not be had" if self.ungraded else ""
        return f"kappa {value} [{low:.2f}, {high:.2f}] on {on}{missing}"

    @property
    def _unknown(self) -> str:
        if not self.table.n:
            return clip(self.cause or "no answer was graded", _MOST_CAUSE)
        passed = "passed" if self.table.both + self.table.only_person else "failed"
        return f"people {passed} all of {counted(self.table.n, 'grade')}"


def one_sided(table: Table) -> bool:
    """Whether people said the same of every answer, which nobody can agree with beyond chance."""
    passed = table.both + table.only_person
    return passed in (0, table.n)


def in_doubt(table: Table, minimum: float) -> bool:
    """Whether agreement is below the minimum, and more answers could show that it was bad luck."""
    if one_sided(table):
        return False
    found = kappa(table)
    return found is not None and found.value < minimum and luck(table, minimum) > LUCK


def luck(table: Table, minimum: float) -> float:
    """The chance of so many disagreements, or more, for a judge whose kappa is the minimum.

    Of n grades such a judge differs on n x (1 - minimum) x the share of disagreements that chance
    alone makes, which follows from the definition of kappa; the count is binomial.
    """
    judge = (table.both + table.only_judge) / table.n
    person = (table.both + table.only_person) / table.n
    by_chance = judge * (1 - person) + person * (1 - judge)
    differ = table.only_judge + table.only_person
    return binomial_tail(differ, table.n, min(1.0, (1 - minimum) * by_chance))


def unreliable(reliability: Reliability | None, rubric: Rubric) -> Iterator[Finding]:
    """The judge agrees with people less than the rubric wants, or nobody knows how far."""
    if reliability is None or rubric.judge is None:
        return
    key = next((one for one in _KEYS if one in rubric.places), None)
    found, minimum = reliability.agreement, rubric.judge.min_agreement
    if found is None:
        told = f"how far the judge agrees with people is not known: {reliability.told()}"
        yield Finding("judge-unreliable", "warn", told, key=key)
    elif found.value < minimum:
        told = f"{reliability.told(minimum)}, needs {minimum:g}"
        yield Finding(
            "judge-unreliable",
            "error",
            f"the judge agrees too little with people: {told}",
            observed=found.value,
            required=minimum,
            interval=found.interval,
            key=key,
        )


def clear(reliability: Reliability | None) -> tuple[Status, str]:
    """What the step says where nothing is found."""
    if reliability is None:
        return "info", "the judge was not held against people"
    return "pass", f"the judge agrees with people: {reliability.told()}"
