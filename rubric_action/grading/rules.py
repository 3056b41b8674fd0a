"""Run the deterministic rules of a rubric, a case and its turns over one session."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rubric_action.agent.model import Session
from rubric_action.cases.model import Case
from rubric_action.errors import Place, Problem
from rubric_action.grading.checks import CHECKS, Evidence
from rubric_action.grading.model import Grade, RuleOutcome, Scored, Ungraded
from rubric_action.grading.patterns import CannotRun
from rubric_action.rubric.rules import Rule


def rules_for(rubric_rules: Sequence[Rule], case: Case) -> tuple[Rule, ...]:
    """All rules that look at a case: the rubric's, its own, then its turns', each at its turn."""
    of_turns = (
        replace(rule, turn=number)
        for number, turn in enumerate(case.turns, start=1)
        for rule in turn.rules
    )
    return (*rubric_rules, *case.rules, *of_turns)


def run_rules(rules: Sequence[Rule], case: Case, session: Session) -> tuple[RuleOutcome, ...]:
    """Run every rule, in order; a rule that cannot be run has `error=True` and never passes."""
    return tuple(_run(rule, case, session) for rule in rules)


def settled_axes(outcomes: Iterable[RuleOutcome]) -> dict[str, Grade]:
    """Grade the axes that rules settle: 1 if all rules of the axis hold, else 0.

    One rule that could not be run leaves its axis ungraded.
    """
    by_axis: dict[str, list[RuleOutcome]] = {}
    for outcome in outcomes:
        if outcome.axis is not None:
            by_axis.setdefault(outcome.axis, []).append(outcome)
    return {axis: _settle(of_axis) for axis, of_axis in by_axis.items()}


def unsupported_rules(rules: Sequence[Rule], places: Sequence[Place]) -> tuple[Problem, ...]:
    """One problem for each rule whose check cannot be run; `places` say where each one stands."""
    return tuple(
        Problem(
            place,
            f"rule `{rule.id}` compares embeddings, which this version cannot do",
            "Use `contains`, `matches` or an axis instead",
            key="similar_to",
        )
        for rule, place in zip(rules, places, strict=True)
        if type(rule.check) not in CHECKS
    )


def _run(rule: Rule, case: Case, session: Session) -> RuleOutcome:
    number = rule.turn or max(len(case.turns), len(session.turns))
    if number > len(session.turns):
        return RuleOutcome(rule.id, False, f"turn {number} has no answer", rule.axis)
    evidence = _evidence(case, session, number)
    try:
        passed, detail = CHECKS[type(rule.check)](rule.check, evidence)
    except CannotRun as error:
        return RuleOutcome(rule.id, False, str(error), rule.axis, error=True)
    return RuleOutcome(rule.id, passed, detail, rule.axis)


def _evidence(case: Case, session: Session, number: int) -> Evidence:
    so_far = session.turns[:number]
    retrieved = [item.text for turn in so_far for item in turn.context]
    context = retrieved or [item.text for item in case.context]
    said = [turn.user for turn in case.turns[:number]]
    turn = so_far[-1]
    return Evidence(turn.output, turn.tool_calls, (*context, *said))


def _settle(outcomes: Sequence[RuleOutcome]) -> Grade:
    broken = [outcome for outcome in outcomes if not outcome.passed]
    errors = [outcome for outcome in broken if outcome.error]
    if errors:
        return Ungraded("rule", f"rule `{errors[0].id}` could not be run: {errors[0].detail}")
    if broken:
        return Scored(0.0, "; ".join(f"rule `{o.id}`: {o.detail}" for o in broken))
    return Scored(1.0, "every rule of this axis holds")
