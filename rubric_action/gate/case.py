"""From the trials of one case to its result."""

import math
from collections.abc import Callable, Mapping, Sequence

from rubric_action.agent.model import AgentTurn, Missing, Session, Usage
from rubric_action.cases.fingerprint import case_bar, fingerprint
from rubric_action.cases.model import Case
from rubric_action.gate.model import AxisScore, CaseResult, TrialResult
from rubric_action.grading.model import Graded, NotGraded, Scored, TrialOutcome, Ungraded
from rubric_action.rubric.model import Axis

Price = Callable[[Usage], float | None]


def case_result(
    case: Case,
    outcomes: Sequence[TrialOutcome],
    slices: tuple[str, ...],
    axes: Mapping[str, Axis],
    price: Price,
    stale: tuple[str, ...] = (),
) -> CaseResult:
    """Put the trials of one case together; every trial has to pass for the case to pass.

    Without any outcome the case is missing.
    """
    outcomes = outcomes or [Missing(case.id, 1, "it was not run")]
    trials = tuple(trial_result(outcome, axes, price) for outcome in outcomes)
    undecided = next((trial for trial in trials if trial.passed is None), None)
    graded = [outcome for outcome in outcomes if isinstance(outcome, Graded)]
    return CaseResult(
        id=case.id,
        slices=slices,
        passed=None if undecided else all(trial.passed for trial in trials),
        trials=trials,
        axes=_axes(graded, axes) if not undecided else _axes(graded[:1], axes),
        rules=next((g.rules for g in graded if not all(r.passed for r in g.rules)), ())
        or (graded[0].rules if graded else ()),
        missing=any(isinstance(outcome, Missing) for outcome in outcomes),
        cause=undecided.cause if undecided else None,
        latency_s=_mean([trial.latency_s for trial in trials]),
        cost_usd=_mean([trial.cost_usd for trial in trials]),
        weight=case.weight,
        promoted=case.promoted,
        fingerprint=fingerprint(case),
        bar=case_bar(case),
        stale=stale,
        place=case.place,
        cluster=cluster_of(case),
    )


def cluster_of(case: Case) -> str | None:
    """The conversation (`metadata.conversation`) or the trace that a case was cut from, if any."""
    told = (case.metadata.get("conversation"), (case.origin or {}).get("trace"))
    return next((one for one in told if isinstance(one, str) and one), None)


def trial_result(outcome: TrialOutcome, axes: Mapping[str, Axis], price: Price) -> TrialResult:
    """What one trial came to."""
    if isinstance(outcome, Missing):
        return TrialResult(outcome.trial, None, cause=outcome.cause)
    if isinstance(outcome, NotGraded):
        return TrialResult(outcome.session.trial, None, cause=outcome.cause)
    session = outcome.session
    scores = {n: g.score for n, g in outcome.grades.items() if isinstance(g, Scored)}
    rules_passed = all(rule.passed for rule in outcome.rules)
    cause = _cause(outcome)
    passed = rules_passed and all(score >= axes[n].pass_mark for n, score in scores.items())
    return TrialResult(
        trial=session.trial,
        passed=None if cause else passed,
        scores=scores,
        rules_passed=rules_passed,
        latency_s=_sum(session, lambda turn: turn.latency_s),
        cost_usd=_sum(session, lambda turn: _cost(turn, price)),
        cause=cause,
    )


def _cause(graded: Graded) -> str | None:
    """Why a trial could not be decided, or None if it was."""
    for rule in graded.rules:
        if rule.error:
            return f"rule `{rule.id}` could not be run: {rule.detail}"
    for name, grade in graded.grades.items():
        if isinstance(grade, Ungraded):
            return f"`{name}` could not be graded ({grade.cause}): {grade.detail}"
    return None


def _axes(graded: Sequence[Graded], axes: Mapping[str, Axis]) -> dict[str, AxisScore]:
    """Mean over the trials, with the reason of the trial that did worst."""
    result: dict[str, AxisScore] = {}
    for name, axis in axes.items():
        grades = [g for one in graded if isinstance(g := one.grades.get(name), Scored)]
        if grades:
            scores = [grade.score for grade in grades]
            worst = grades[scores.index(min(scores))]
            mean = math.fsum(scores) / len(scores)
            result[name] = AxisScore(mean, worst.score >= axis.pass_mark, worst.reason)
    return result


def _cost(turn: AgentTurn, price: Price) -> float | None:
    if turn.cost_usd is not None or turn.usage is None:
        return turn.cost_usd
    return price(turn.usage)


def _sum(session: Session, read: Callable[[AgentTurn], float | None]) -> float | None:
    """Over the turns; one unknown turn makes the sum unknown."""
    values = [read(turn) for turn in session.turns]
    known = [value for value in values if value is not None]
    return math.fsum(known) if values and len(known) == len(values) else None


def _mean(values: Sequence[float | None]) -> float | None:
    """Over the known ones; None where none is known."""
    known = [value for value in values if value is not None]
    return math.fsum(known) / len(known) if known else None
