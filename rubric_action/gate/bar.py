"""The findings about the bar itself: a rubric made looser, cases made easier or taken away."""

from collections.abc import Iterator

from rubric_action.gate.evidence import Evidence
from rubric_action.gate.history import committed
from rubric_action.gate.model import CaseResult, Finding


def bar_lowered(evidence: Evidence) -> Iterator[Finding]:
    """The rubric is looser than its base, or a case that counts is held to less than before."""
    if isinstance(evidence.bar, tuple):
        for change in evidence.bar:
            if change.lowered:
                yield Finding(
                    "bar-lowered",
                    "fail",
                    change.sentence,
                    slice=change.slice,
                    axis=change.axis,
                    key=change.key,
                )
    for case in evidence.cases:
        before = evidence.before.get(case.id)
        if before and _counts(before, evidence):
            for loss in _losses(before, case, evidence):
                sentence = f"`{case.id}` {loss}"
                yield Finding("bar-lowered", "fail", sentence, case=case.id, place=case.place)


def case_removed(evidence: Evidence) -> Iterator[Finding]:
    """A case that the team counts on, or one with high stakes, is gone."""
    here = {case.id for case in evidence.cases}
    for before in evidence.before.values():
        if before.id not in here and _counts(before, evidence):
            past = before.history
            why = "has high stakes" if before.bar.stakes == "high" else "is counted on"
            yield Finding(
                "case-removed",
                "fail",
                f"`{before.id}` {why} and is gone; it passed {past.passes} of {past.trials} "
                "trials on the baseline",
                case=before.id,
                key="cases",
            )


def _counts(before: CaseResult, evidence: Evidence) -> bool:
    slices = evidence.rubric.slices
    hard = any(name in slices and slices[name].hard for name in before.slices)
    commit = evidence.rubric.regression.commit
    return before.bar.stakes == "high" or committed(before, hard, commit)


def _losses(before: CaseResult, case: CaseResult, evidence: Evidence) -> Iterator[str]:
    slices = evidence.rubric.slices
    for name in before.slices:
        if name in slices and slices[name].barred and name not in case.slices:
            yield f"leaves the slice `{name}`"
    if before.bar.stakes == "high" and case.bar.stakes != "high":
        yield "no longer has high stakes"
    for rule in before.bar.lost_rules(case.bar):
        yield f"loses or changes its rule `{rule}`"
    for expectation in before.bar.lost_expectations(case.bar):
        yield f"loses or changes what it expects: `{expectation}`"
