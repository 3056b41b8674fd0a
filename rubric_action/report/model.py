"""The one result that every renderer prints, and that the results folder keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from rubric_action.errors import Place
from rubric_action.gate.decision import Decision
from rubric_action.gate.evidence import BarNotCompared, Policy
from rubric_action.gate.model import Baseline, Finding, NoBaseline
from rubric_action.gate.override.facts import Use
from rubric_action.gate.reliability import Reliability
from rubric_action.grading.model import Spend
from rubric_action.rubric.bar_change import BarChange

RunMode = Literal["gate", "baseline"]
MOST_NAMED: Final = 5
"""So many edited cases are named; `summary.json` has them all."""


@dataclass(frozen=True, slots=True)
class GradingRun:
    """The run that graded what a later one decides on again."""

    created_at: str
    run_id: int | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class RunInfo:
    """Which run this is. `created_at` is ISO 8601 in UTC; `url` leads to the run's own page.

    `graded` is None where the run graded what it decides on.
    """

    created_at: str
    mode: RunMode = "gate"
    sha: str | None = None
    event: str | None = None
    run_id: int | None = None
    attempt: int | None = None
    url: str | None = None
    seconds: float = 0.0
    graded: GradingRun | None = None

    def after(self, earlier: "RunInfo") -> "RunInfo":
        """This run, deciding again on the results that an earlier one left."""
        first = GradingRun(earlier.created_at, earlier.run_id, earlier.url)
        return replace(self, graded=earlier.graded or first)


@dataclass(frozen=True, slots=True)
class JudgeInfo:
    """Who graded; `agreement` is Cohen's kappa with people, None where it was not measured.

    `reliability` is what it was measured on, None where the judge was not watched.
    """

    provider: str
    model: str
    agreement: float | None = None
    fingerprint: str = ""
    reliability: Reliability | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """One axis of a broken case, before and now."""

    axis: str
    before: float | None
    now: float | None
    passed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class BrokenCase:
    """A case that fails, told so that the engineer whose pull request is blocked sees why."""

    id: str
    place: Place
    kinds: tuple[str, ...]
    slices: tuple[str, ...]
    asked: str
    answered_before: str | None
    answered_now: str
    scores: tuple[Score, ...]
    failed_rules: tuple[str, ...]
    passes: int
    trials: int


@dataclass(frozen=True, slots=True)
class Report:
    """A finished run.

    `axes` are the rubric's, in its order; `digest` is the rubric's; `places` says where the keys
    stand that findings break. `baseline` comes without its cases, which `baseline_cases` counts.
    `uses` are the overrides that the baseline, or the ledger, tells of.
    """

    run: RunInfo
    decision: Decision
    baseline: Baseline | NoBaseline
    bar: tuple[BarChange, ...] | BarNotCompared
    policy: Policy
    spend: Spend
    axes: tuple[str, ...] = ()
    digest: str = ""
    places: Mapping[str, Place] = field(default_factory=dict)
    judge: JudgeInfo | None = None
    broken: tuple[BrokenCase, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    cases: int = 0
    warnings: tuple[str, ...] = ()
    lexical: bool = False
    uses: tuple[Use, ...] = ()
    baseline_cases: int = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What people are told beside the findings: the warnings, and which cases were edited."""
        edited = self.decision.edited
        if not edited:
            return self.warnings
        named = ", ".join(f"`{case}`" for case in edited[:MOST_NAMED])
        more = f" and {len(edited) - MOST_NAMED:,} more" if len(edited) > MOST_NAMED else ""
        what = "case that counts was" if len(edited) == 1 else "cases that count were"
        return (*self.warnings, f"{len(edited):,} {what} edited: {named}{more}.")

    def place_of(self, finding: Finding) -> Place | None:
        """The rubric's line that a finding breaks, where it is known."""
        return self.places.get(finding.key) if finding.key else None
