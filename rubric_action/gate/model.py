"""What the gate weighs and what it says: results of cases, slices, findings, the decision tree.

Scores, rates and thresholds run from 0 to 1, latency is in seconds, cost in USD; None is unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rubric_action.cases.fingerprint import CaseBar
from rubric_action.errors import Place
from rubric_action.grading.model import RuleOutcome

Verdict = Literal["pass", "fail", "overridden", "error"]
Status = Literal["pass", "info", "warn", "fail", "error"]
Severity = Literal["error", "fail", "warn"]
Kind = Literal[
    "missing",
    "ungraded",
    "baseline",
    "judge-unreliable",
    "hard-gate",
    "regression",
    "threshold",
    "drop",
    "freshness",
    "bar-lowered",
    "case-removed",
    "latency",
    "cost",
]
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class AxisScore:
    """A case's score on one axis, the mean over its trials; it passes if every trial does."""

    score: float
    passed: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TrialResult:
    """One trial: whether it passed, its scores, and what it took. `passed` None: not decided."""

    trial: int
    passed: bool | None
    scores: Mapping[str, float] = field(default_factory=dict)
    rules_passed: bool = True
    latency_s: float | None = None
    cost_usd: float | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Passes and trials of a case over the last runs, oldest first."""

    runs: tuple[tuple[int, int], ...] = ()
    committed: bool = False

    @property
    def passes(self) -> int:
        """Passing trials over all runs kept."""
        return sum(passes for passes, _ in self.runs)

    @property
    def trials(self) -> int:
        """Trials over all runs kept."""
        return sum(trials for _, trials in self.runs)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What came of running a case in doubt again: whether each further trial passed, in order.

    `regrade` says whether the failing answer passed when it was graded again, None where it was
    not. `cause` says why the trials could not be ended.
    """

    trials: tuple[bool, ...] = ()
    regrade: bool | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case of one run. `passed` is None when it is missing or ungraded, with a `cause`.

    Cases of one `cluster`, a conversation or a trace, are no independent evidence.
    """

    id: str
    slices: tuple[str, ...]
    passed: bool | None
    trials: tuple[TrialResult, ...]
    axes: Mapping[str, AxisScore] = field(default_factory=dict)
    rules: tuple[RuleOutcome, ...] = ()
    missing: bool = False
    cause: str | None = None
    latency_s: float | None = None
    cost_usd: float | None = None
    weight: float = 1.0
    promoted: bool = False
    fingerprint: str = ""
    bar: CaseBar = field(default_factory=lambda: CaseBar("normal"))
    history: History = History()
    stale: tuple[str, ...] = ()
    place: Place = Place("")
    confirmation: Confirmation | None = None
    cluster: str | None = None

    @property
    def pass_share(self) -> float:
        """Share of the trials that pass; only asked of a case that was decided."""
        return sum(trial.passed is True for trial in self.trials) / len(self.trials)


@dataclass(frozen=True, slots=True)
class Baseline:
    """The results that a run is compared with; `distance` counts commits back to them.

    `regraded` says that today's judge graded their answers, which took `regrade_calls`.
    """

    cases: Mapping[str, CaseResult]
    sha: str | None = None
    run_id: int | None = None
    age_days: float | None = None
    distance: int | None = None
    regraded: bool = False
    regrade_calls: int = 0
    judge: str | None = None


@dataclass(frozen=True, slots=True)
class NoBaseline:
    """There is none, and why. `required` makes that an error."""

    reason: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison with the baseline is worth.

    `interval` is of the change, at 95 %. `chance` is that of such a fall where nothing changed,
    found by `method`. `smallest` is the smallest fall that so many cases mostly show, `enough` how
    many would show this one; both None where that cannot be told.
    """

    chance: float
    method: str
    interval: Interval | None = None
    smallest: float | None = None
    enough: int | None = None


@dataclass(frozen=True, slots=True)
class AxisSummary:
    """One slice on one axis, over the `cases` that were graded on it.

    `delta` is over `paired_cases`, the cases that both runs graded. `shortfall` says how far below
    its minimum the true mean has to lie for so many cases to fall short of it mostly.
    """

    mean: float | None
    cases: int = 0
    interval: Interval | None = None
    minimum: float | None = None
    baseline: float | None = None
    delta: float | None = None
    paired_cases: int = 0
    compared: Compared | None = None
    shortfall: float | None = None


@dataclass(frozen=True, slots=True)
class SliceSummary:
    """One slice. `pass_rate` is the mean over cases of the share of passing trials.

    `shortfall` is as on an axis, for `min_pass_rate`.
    """

    name: str
    cases: int
    passed: int
    undecided: int
    pass_rate: float | None
    interval: Interval | None
    min_pass_rate: float | None = None
    hard: bool = False
    informational: bool = False
    thin: bool = False
    baseline_pass_rate: float | None = None
    pass_rate_delta: float | None = None
    paired_cases: int = 0
    compared: Compared | None = None
    shortfall: float | None = None
    axes: Mapping[str, AxisSummary] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A limit on latency (seconds, p95) or cost (USD a session), of one slice or of all cases.

    `observed` is over what is known; `known` counts the cases where every trial's quantity is.
    """

    kind: Literal["latency", "cost"]
    slice: str | None
    observed: float | None
    limit: float | None
    known: int
    cases: int
    weighed: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason not to ship; an override covers it by its identity.

    `key` names the rubric's key that was broken, `place` where to look first, `worst` the cases of
    a slice that weigh most in it, worst first.
    """

    kind: Kind
    severity: Severity
    sentence: str
    slice: str | None = None
    axis: str | None = None
    case: str | None = None
    observed: float | None = None
    required: float | None = None
    baseline: float | None = None
    interval: Interval | None = None
    overridable: bool = False
    overridden: bool = False
    key: str | None = None
    place: Place | None = None
    worst: tuple[str, ...] = ()

    @property
    def identity(self) -> tuple[Kind, str | None, str | None, str | None]:
        """Kind, slice, axis and case: what makes it the same finding in another run."""
        return self.kind, self.slice, self.axis, self.case

    @property
    def blocks(self) -> bool:
        """Whether it fails the gate, and nobody signed for it."""
        return self.severity == "fail" and not self.overridden


@dataclass(frozen=True, slots=True)
class Node:
    """One step of the decision: what was asked, how it came out, in a sentence, and why."""

    name: str
    status: Status
    sentence: str
    findings: tuple[Finding, ...] = ()
