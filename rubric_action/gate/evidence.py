"""Everything that a decision rests on, in one value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rubric_action.gate.history import committed
from rubric_action.gate.model import Baseline, CaseResult, Ceiling, NoBaseline, SliceSummary
from rubric_action.rubric.bar_change import BarChange
from rubric_action.rubric.model import OverridePolicy, Rubric, Severity


@dataclass(frozen=True, slots=True)
class Policy:
    """What a pull request may not decide about itself; read from its base commit."""

    severities: Mapping[str, Severity] = field(default_factory=dict)
    override: OverridePolicy | None = None

    @classmethod
    def of(cls, rubric: Rubric) -> "Policy":
        """The policy that a rubric states."""
        return cls(rubric.findings, rubric.override)


@dataclass(frozen=True, slots=True)
class BarNotCompared:
    """The rubric was not held against its base, and why.

    `stand_in` says that the baseline's axes and slices are to stand in for the base's.
    """

    reason: str
    stand_in: bool = False


@dataclass(frozen=True, slots=True)
class Stopped:
    """Why a run was cut short, and what to do about it; one sentence each."""

    cause: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The rubric, the results of this run, and what they are held against.

    `rerunnable` says whether the agent could be asked again, `stopped` why the run was cut short.
    """

    rubric: Rubric
    policy: Policy
    cases: Sequence[CaseResult]
    slices: Mapping[str, SliceSummary]
    ceilings: Sequence[Ceiling]
    baseline: Baseline | NoBaseline
    bar: tuple[BarChange, ...] | BarNotCompared
    rerunnable: bool = False
    stopped: Stopped | None = None

    @property
    def before(self) -> Mapping[str, CaseResult]:
        """The baseline's cases by id; none without a baseline."""
        return self.baseline.cases if isinstance(self.baseline, Baseline) else {}

    def hard_slices(self, case: CaseResult) -> tuple[str, ...]:
        """The hard slices that the case is in, of today's rubric; informational ones aside."""
        slices = self.rubric.slices
        return tuple(
            name
            for name in case.slices
            if name in slices and slices[name].hard and not slices[name].informational
        )

    def counts_on(self, before: CaseResult) -> bool:
        """Whether a case of the baseline is committed: the team counts on it passing."""
        hard = bool(self.hard_slices(before))
        return committed(before, hard, self.rubric.regression.commit)
