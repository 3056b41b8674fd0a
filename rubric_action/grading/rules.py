"""Run the deterministic rules of a rubric, a case and its turns over one session."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rubric_action.agent.model import Session
from rubric_action.cases.model import Case
from rubric_action.grading.checks import CHECKS, NO_VECTORS, Evidence, Vectors
from rubric_action.grading.fence import is_blank
from rubric_action.grading.model import Grade, RuleOutcome, Scored, Ungraded
from rubric_action.grading.patterns import CannotRun
from rubric_action.rubric.rules import Rule, SimilarTo


def rules_for(rubric_rules: Sequence[Rule], case: Case) -> tuple[Rule, ...]:
    """All rules that look at a case: the rubric's, its own, then its turns', each at its turn."""
    of_turns = (
        replace(rule, turn=number)
        for number, turn in enumerate(case.turns, start=1)
        for rule in turn.rules
    )
    return (*rubric_rules, *case.rules, *of_turns)


def compared_texts(rules: Sequence[Rule], case: Case, session: Session) -> tuple[str, ...]:
    """The texts whose embeddings `run_rules` needs, each once; none where no rule compares any."""
    texts: dict[str, None] = {}
    for rule in rules:
        number = _turn_of(rule, case, session)
        if isinstance(rule.check, SimilarTo) and number <= len(session.turns):
            answer = session.turns[number - 1].output
            if not is_blank(answer):
                texts |= dict.fromkeys((answer, rule.check.text))
    return tuple(texts)


def run_rules(
    rules: Sequence[Rule], case: Case, session: Session, vectors: Vectors = NO_VECTORS
) -> tuple[RuleOutcome, ...]:
    """Run every rule, in order; a rule that cannot be run has `error=True` and never passes.

    `vectors` holds the embeddings of `compared_texts`.
    """
    return tuple(_run(rule, case, session, vectors) for rule in rules)


def settled_axes(outcomes: Iterable[RuleOutcome]) -> dict[str, Grade]:
    """Grade the axes that rules settle: 1 if all rules of the axis hold, else 0.

    One rule that could not be run leaves its axis ungraded.
    """
    by_axis: dict[str, list[RuleOutcome]] = {}
    for outcome in outcomes:
        if outcome.axis is not None:
            by_axis.setdefault(outcome.axis, []).append(outcome)
    return {axis: _settle(of_axis) for axis, of_axis in by_axis.items()}


def _turn_of(rule: Rule, case: Case, session: Session) -> int:
    """The turn whose answer a rule looks at, from 1; the answer may be missing."""
    return rule.turn or max(len(case.turns), len(session.turns), 1)


def _run(rule: Rule, case: Case, session: Session, vectors: Vectors) -> RuleOutcome:
    number = _turn_of(rule, case, session)
    if number > len(session.turns):
        return RuleOutcome(rule.id, False, f"turn {number} has no answer", rule.axis)
    evidence = _evidence(case, session, number, vectors)
    try:
        passed, detail = CHECKS[type(rule.check)](rule.check, evidence)
    except CannotRun as error:
        return RuleOutcome(rule.id, False, str(error), rule.axis, error=True)
    return RuleOutcome(rule.id, passed, detail, rule.axis)


def _evidence(case: Case, session: Session, number: int, vectors: Vectors) -> Evidence:
    so_far = session.turns[:number]
    retrieved = [item.text for turn in so_far for item in turn.context]
    context = retrieved or [item.text for item in case.context]
    said = [turn.user for turn in case.turns[:number]]
    turn = so_far[-1]
    return Evidence(turn.output, turn.tool_calls, (*context, *said), vectors)


def _settle(outcomes: Sequence[RuleOutcome]) -> Grade:
    broken = [outcome for outcome in outcomes if not outcome.passed]
    errors = [outcome for outcome in broken if outcome.error]
    if errors:
        return Ungraded("rule", f"rule `{errors[0].id}` could not be run: {errors[0].detail}")
    if broken:
        return Scored(0.0, "; ".join(f"rule `{o.id}`: {o.detail}" for o in broken))
    return Scored(1.0, "every rule of this axis holds")
