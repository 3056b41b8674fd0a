"""The parts of `summary.json` read back, with their types checked: ValueError where one fails."""

from collections.abc import Iterator
from typing import Any, Final, Literal, get_args

from rubric_action.errors import Place
from rubric_action.gate.conviction import Tally
from rubric_action.gate.doubt import Doubt, Flip, Outcome
from rubric_action.gate.evidence import BarNotCompared
from rubric_action.gate.model import (
    AxisSummary,
    Baseline,
    Ceiling,
    Compared,
    Interval,
    NoBaseline,
    SliceSummary,
)
from rubric_action.gate.override.facts import Use
from rubric_action.grading.model import Spend
from rubric_action.report.model import (
    BrokenCase,
    GradingRun,
    RunInfo,
    RunMode,
    Score,
)
from rubric_action.report.summary import CEILINGS
from rubric_action.report.typed import (
    Record,
    amount,
    as_object,
    by_name,
    flag,
    items,
    may,
    moment,
    need,
    number,
    one_of,
    optional,
    share,
    text,
    whole,
)
from rubric_action.rubric.bar_change import BarChange

MODES: Final[tuple[RunMode, ...]] = get_args(RunMode)
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
FLIPS: Final[tuple[Flip, ...]] = get_args(Flip)
UNTOLD: Final = "the stored results do not say why"
"""Why there was no baseline, or the bar not compared, where an older writer kept no reason."""


def run_from(value: Record) -> RunInfo:
    """The run."""
    return RunInfo(
        created_at=need(value, "created_at", text),
        mode=need(value, "mode", one_of(MODES)),
        sha=need(value, "sha", optional(text)),
        event=need(value, "event", optional(text)),
        run_id=need(value, "run_id", optional(whole)),
        attempt=need(value, "attempt", optional(whole)),
        url=need(value, "url", optional(text)),
        seconds=need(value, "seconds", amount),
        graded=may(value, "graded", optional(_graded), None),
    )


def _graded(value: Any) -> GradingRun:
    return GradingRun(
        created_at=need(value, "created_at", text),
        run_id=need(value, "run_id", optional(whole)),
        url=need(value, "url", optional(text)),
    )


def slice_from(name: str, value: Any) -> SliceSummary:
    """One slice."""
    return SliceSummary(
        name=name,
        cases=need(value, "cases", whole),
        passed=need(value, "passed", whole),
        undecided=need(value, "undecided", whole),
        pass_rate=need(value, "pass_rate", optional(share)),
        interval=need(value, "interval", optional(interval)),
        min_pass_rate=need(value, "min_pass_rate", optional(share)),
        hard=need(value, "gate", optional(one_of(("hard",)))) is not None,
        informational=need(value, "informational", flag),
        thin=need(value, "thin", flag),
        baseline_pass_rate=need(value, "baseline", optional(share)),
        pass_rate_delta=need(value, "delta", optional(number)),
        paired_cases=need(value, "paired_cases", whole),
        compared=may(value, "compared", optional(_compared), None),
        shortfall=may(value, "shortfall", optional(share), None),
        axes=need(value, "axes", by_name(_axis)),
    )


def _axis(value: Any) -> AxisSummary:
    return AxisSummary(
        mean=need(value, "mean", optional(share)),
        cases=may(value, "cases", whole, 0),
        interval=need(value, "interval", optional(interval)),
        minimum=need(value, "min", optional(share)),
        baseline=need(value, "baseline", optional(share)),
        delta=need(value, "delta", optional(number)),
        paired_cases=need(value, "paired_cases", whole),
        compared=may(value, "compared", optional(_compared), None),
        shortfall=may(value, "shortfall", optional(share), None),
    )


def _compared(value: Any) -> Compared:
    return Compared(
        chance=need(value, "chance", share),
        method=need(value, "method", text),
        interval=need(value, "interval", optional(_bounds)),
        smallest=need(value, "smallest", optional(share)),
        enough=need(value, "enough", optional(whole)),
    )


def _bounds(value: Any) -> Interval:
    """Lower and upper bound, from -1 to 1."""
    bounds = items(number)(value)
    if len(bounds) != 2 or not all(-1 <= bound <= 1 for bound in bounds):
        raise ValueError(f"{value!r:.80} is not a pair of bounds of a change")
    return bounds[0], bounds[1]


def interval(value: Any) -> Interval:
    """Lower and upper bound, from 0 to 1."""
    bounds = items(share)(value)
    if len(bounds) != 2:
        raise ValueError(f"{value!r:.80} is not a pair of bounds")
    return bounds[0], bounds[1]


def ceilings_from(value: Any) -> tuple[Ceiling, ...]:
    """The ceilings of all cases, then those of slices."""
    return tuple(_all_ceilings(value))


def _all_ceilings(value: Any) -> Iterator[Ceiling]:
    yield from _ceilings(None, value)
    for name, one in need(value, "slices", as_object).items():
        yield from _ceilings(name, one)


def _ceilings(name: str | None, value: Any) -> Iterator[Ceiling]:
    kind: Literal["latency", "cost"]
    for kind in ("latency", "cost"):
        one = may(value, CEILINGS[kind], optional(as_object), None)
        if one is not None:
            yield Ceiling(
                kind=kind,
                slice=name,
                observed=need(one, "observed", optional(amount)),
                limit=need(one, "limit", optional(amount)),
                known=need(one, "known", whole),
                cases=need(one, "cases", whole),
                weighed=need(one, "weighed", flag),
            )


def spend_from(value: Any) -> Spend:
    """What the run cost."""
    return Spend(
        judge_calls=need(value, "judge_calls", whole),
        judge_cached=need(value, "judge_cached", whole),
        judge_cost_usd=need(value, "judge_cost_usd", optional(amount)),
        input_tokens=need(value, "input_tokens", whole),
        output_tokens=need(value, "output_tokens", whole),
        agent_sessions=need(value, "agent_sessions", whole),
    )


def baseline_from(summary: Record) -> tuple[Baseline | NoBaseline, int]:
    """What the run was compared with, without its cases, and how many they were."""
    found = need(summary, "baseline", optional(as_object))
    if found is None:
        return may(summary, "no_baseline", _no_baseline, NoBaseline(UNTOLD)), 0
    baseline = Baseline(
        cases={},
        sha=need(found, "sha", optional(text)),
        run_id=need(found, "run_id", optional(whole)),
        age_days=need(found, "age_days", optional(amount)),
        distance=may(found, "distance", optional(whole), None),
        regraded=need(found, "regraded", flag),
        regrade_calls=may(found, "regrade_calls", whole, 0),
        judge=need(found, "judge", optional(text)),
    )
    return baseline, need(found, "cases", whole)


def _no_baseline(value: Any) -> NoBaseline:
    return NoBaseline(need(value, "reason", text), need(value, "required", flag))


def bar_from(value: Any) -> tuple[BarChange, ...] | BarNotCompared:
    """The rubric against its base."""
    if need(value, "compared", flag):
        return need(value, "changes", items(_change))
    reason = need(value, "reason", optional(text))
    return BarNotCompared(reason or UNTOLD, may(value, "stand_in", flag, otherwise=False))


def _change(value: Any) -> BarChange:
    return BarChange(
        key=need(value, "key", text),
        before=need(value, "before", text),
        after=need(value, "after", text),
        lowered=need(value, "lowered", flag),
        sentence=need(value, "sentence", text),
        slice=need(value, "slice", optional(text)),
        axis=need(value, "axis", optional(text)),
    )


def broken_from(value: Any) -> BrokenCase:
    """A case that fails, told with what was asked and answered."""
    place = need(value, "place", as_object)
    return BrokenCase(
        id=need(value, "id", text),
        place=Place(need(place, "file", text), need(place, "line", optional(whole))),
        kinds=need(value, "kinds", items(text)),
        slices=need(value, "slices", items(text)),
        asked=need(value, "asked", text),
        answered_before=need(value, "answered_before", optional(text)),
        answered_now=need(value, "answered_now", text),
        scores=need(value, "scores", items(_score)),
        failed_rules=need(value, "failed_rules", items(text)),
        passes=need(value, "passes", whole),
        trials=need(value, "trials", whole),
    )


def _score(value: Any) -> Score:
    return Score(
        axis=need(value, "axis", text),
        before=need(value, "before", optional(share)),
        now=need(value, "now", optional(share)),
        passed=need(value, "passed", flag),
        reason=need(value, "reason", text),
    )


def use_from(value: Any) -> Use:
    """An override that counted before."""
    return Use(need(value, "pull", whole), need(value, "at", moment))


def doubt_from(value: Any) -> Doubt:
    """A case in doubt; its chance follows from the rest."""
    return Doubt(
        case=need(value, "case", text),
        past=need(value, "past", _tally),
        now=need(value, "now", _tally),
        outcome=need(value, "outcome", one_of(OUTCOMES)),
        flipped=need(value, "flipped", optional(one_of(FLIPS))),
    )


def _tally(value: Any) -> Tally:
    passes, trials = need(value, "passes", whole), need(value, "trials", whole)
    if passes > trials:
        raise ValueError(f"{passes} passes of {trials} trials cannot be")
    return Tally(passes, trials)
