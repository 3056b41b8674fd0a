"""The findings about cases: what is missing, ungraded, broken or stale.

Each function yields findings at their default severity; `decide.py` orders them and applies the
rubric's own severities.
"""

from collections.abc import Iterator

from rubric_action.gate.doubt import Doubted, doubted
from rubric_action.gate.evidence import Evidence
from rubric_action.gate.marks import share_today
from rubric_action.gate.model import CaseResult, Finding, NoBaseline, Severity
from rubric_action.gate.wording import named


def cut_short(evidence: Evidence) -> Iterator[Finding]:
    """Something ended the whole run before every case was graded."""
    if evidence.stopped:
        told = f"{evidence.stopped.cause} {evidence.stopped.mend}".rstrip()
        yield Finding("ungraded", "error", told)


def missing(evidence: Evidence) -> Iterator[Finding]:
    """A case without a session, or without an answer to each of its turns."""
    for case in evidence.cases:
        if case.missing:
            sentence = f"{named(case.id)} has no session: {case.cause}"
            yield Finding("missing", "error", sentence, case=case.id, place=case.place)


def ungraded(evidence: Evidence) -> Iterator[Finding]:
    """A case that could not be graded, or no case at all."""
    if not evidence.cases and not evidence.stopped:
        yield Finding("ungraded", "error", "there is no case to decide on")
    for case in evidence.cases:
        if case.passed is None and not case.missing:
            sentence = f"{named(case.id)} could not be graded: {case.cause}"
            yield Finding("ungraded", "error", sentence, case=case.id, place=case.place)


def baseline(evidence: Evidence) -> Iterator[Finding]:
    """A baseline is required and there is none."""
    if isinstance(evidence.baseline, NoBaseline) and evidence.baseline.required:
        sentence = f"a baseline is required: {evidence.baseline.reason}"
        yield Finding("baseline", "error", sentence)


def hard_gate(evidence: Evidence) -> Iterator[Finding]:
    """A case of a hard slice fails in any of its trials."""
    for case in evidence.cases:
        if any(trial.passed is False for trial in case.trials):
            for name in case.slices:
                if evidence.rubric.slices[name].hard:
                    yield _hard_failure(name, case, evidence)


def _hard_failure(name: str, case: CaseResult, evidence: Evidence) -> Finding:
    return Finding(
        "hard-gate",
        severity_in(name, evidence),
        f"{named(case.id)} fails in the hard slice {named(name)}: {why(case, evidence)}",
        slice=name,
        case=case.id,
        observed=case.pass_share,
        required=1.0,
        key=f"slices.{name}.gate",
        place=case.place,
    )


def regression(evidence: Evidence) -> Iterator[Finding]:
    """A case that the team counts on fails now, and nothing says that it was bad luck.

    A case that fails only by a pass mark raised since is no regression.
    """
    for one in doubted(evidence):
        if one.doubt.convicted:
            yield _regression(one, evidence)
        elif one.doubt.outcome == "unended":
            yield _unended(one.case)


def _regression(one: Doubted, evidence: Evidence) -> Finding:
    doubt, case, before = one
    lenient = doubt.outcome == "unconfirmed" and evidence.rubric.regression.unconfirmed == "warn"
    return Finding(
        "regression",
        "warn" if lenient else "fail",
        f"{named(case.id)} used to pass and fails now: {why(case, evidence)} ({doubt.told})",
        case=case.id,
        observed=doubt.now.passes / doubt.now.trials,
        required=1.0,
        baseline=None if before.passed is None else share_today(before, evidence.rubric.axes),
        key="regression",
        place=case.place,
    )


def _unended(case: CaseResult) -> Finding:
    """A case whose failure may be luck, and that could not be run again: nobody knows."""
    cause = case.confirmation.cause if case.confirmation else ""
    sentence = f"{named(case.id)} used to pass, fails now, and could not be run again: {cause}"
    return Finding("ungraded", "error", sentence, case=case.id, place=case.place)


def freshness(evidence: Evidence) -> Iterator[Finding]:
    """An answer leans on context that is older than allowed, or the case itself has lapsed."""
    for case in evidence.cases:
        if case.stale:
            yield Finding(
                "freshness",
                "fail",
                f"{named(case.id)}: {'; '.join(case.stale)}",
                case=case.id,
                key="freshness.max_context_age",
                place=case.place,
            )


def why(case: CaseResult, evidence: Evidence) -> str:
    """The first reason a case fails: a rule before an axis, with the judge's words."""
    for rule in case.rules:
        if not rule.passed:
            return f"rule `{rule.id}`: {rule.detail}"
    for name, axis in case.axes.items():
        if not axis.passed:
            mark = evidence.rubric.axes[name].pass_mark
            return f"`{name}` {axis.score:.2f}, needs {mark:g}: {axis.reason}"
    return "a trial fails"


def severity_in(slice_name: str, evidence: Evidence) -> Severity:
    """What falling short in a slice comes to; an informational one only tells."""
    return "warn" if evidence.rubric.slices[slice_name].informational else "fail"
