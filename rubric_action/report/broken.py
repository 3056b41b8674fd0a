"""The broken cases, told with what was asked, answered before and answered now."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from rubric_action.agent.model import Session, held
from rubric_action.cases.model import Case
from rubric_action.gate.evidence import Evidence
from rubric_action.gate.model import CaseResult, Finding
from rubric_action.report.model import BrokenCase, Score

MOST_SHOWN = 50
TOLD = ("hard-gate", "regression")
"""Kinds of finding that are about one case; of those about a slice, the worst cases are told."""


def broken_cases(
    findings: Sequence[Finding],
    evidence: Evidence,
    case_of: Callable[[str], Case],
    now: Callable[[str], Session | None],
    before: Callable[[Iterable[str]], Mapping[str, Session]],
) -> tuple[BrokenCase, ...]:
    """The cases that the blocking findings name, broken ones first, at most `MOST_SHOWN`."""
    kinds: dict[str, dict[str, None]] = {}
    for finding in findings:
        for case in cases_told(finding):
            kinds.setdefault(case, {})[finding.kind] = None
    shown = list(kinds)[:MOST_SHOWN]
    results = {case.id: case for case in evidence.cases if case.id in shown}
    past = before(shown)
    return tuple(
        _broken(
            results[one],
            evidence,
            tuple(kinds[one]),
            _asked(case_of(one), now(one)),
            _answered(past.get(one)),
            _answered(now(one)) or "",
        )
        for one in shown
    )


def cases_told(finding: Finding) -> tuple[str, ...]:
    """The cases that have to be told for a finding that blocks: its own, or its slice's worst."""
    if finding.severity != "fail":
        return ()
    own = (finding.case,) if finding.case and finding.kind in TOLD else ()
    return own or finding.worst


def _broken(
    case: CaseResult,
    evidence: Evidence,
    kinds: tuple[str, ...],
    asked: str,
    answered_before: str | None,
    answered_now: str,
) -> BrokenCase:
    before = evidence.before.get(case.id)
    return BrokenCase(
        id=case.id,
        place=case.place,
        kinds=kinds,
        slices=case.slices,
        asked=asked,
        answered_before=answered_before,
        answered_now=answered_now,
        scores=tuple(_scores(case, before)),
        failed_rules=tuple(f"`{rule.id}`: {rule.detail}" for rule in case.rules if not rule.passed),
        passes=before.history.passes if before else 0,
        trials=before.history.trials if before else 0,
    )


def _scores(case: CaseResult, before: CaseResult | None) -> Iterable[Score]:
    for name, axis in case.axes.items():
        past = before.axes.get(name) if before else None
        yield Score(name, past.score if past else None, axis.score, axis.passed, axis.reason)


def _asked(case: Case, session: Session | None) -> str:
    turns = held(case, session).turns if session else case.turns
    return _conversation([turn.user for turn in turns])


def _answered(session: Session | None) -> str | None:
    if session is None:
        return None
    return _conversation([turn.output for turn in session.turns])


def _conversation(texts: Sequence[str]) -> str:
    if len(texts) == 1:
        return texts[0]
    return "\n".join(f"{number}. {text}" for number, text in enumerate(texts, start=1))
