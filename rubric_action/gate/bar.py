"""The findings about the bar itself: a rubric made looser, cases made easier or taken away."""

from collections.abc import Iterator

from rubric_action.gate.evidence import Evidence
from rubric_action.gate.model import CaseResult, Finding
from rubric_action.gate.wording import named
from rubric_action.rubric.bar_change import BarChange


def bar_lowered(evidence: Evidence) -> Iterator[Finding]:
    """The rubric is looser than its base, or a case that counts is held to less than before."""
    if isinstance(evidence.bar, tuple):
        yield from (_lowered(change) for change in evidence.bar if change.lowered)
    elif evidence.bar.stand_in:
        yield from _gone(evidence)
    for case in evidence.cases:
        before = evidence.before.get(case.id)
        if before and _counts(before, evidence):
            yield from _left_slices(before, case, evidence)
            if losses := list(_losses(before, case, evidence)):
                sentence = f"{named(case.id)} {', '.join(losses)}"
                yield Finding("bar-lowered", "fail", sentence, case=case.id, place=case.place)


def _lowered(change: BarChange) -> Finding:
    return Finding(
        "bar-lowered",
        "fail",
        change.sentence,
        slice=change.slice,
        axis=change.axis,
        key=change.key,
    )


def _gone(evidence: Evidence) -> Iterator[Finding]:
    """Without a base rubric, what the baseline was graded on and sliced by stands in for it."""
    before, rubric = evidence.before.values(), evidence.rubric
    for name in sorted({axis for case in before for axis in case.axes} - set(rubric.axes)):
        told = f"axis {named(name)} was graded on the baseline and is not in the rubric any more"
        yield Finding("bar-lowered", "fail", told, axis=name, key=f"axes.{name}")
    for name in sorted({one for case in before for one in case.slices} - set(rubric.slices)):
        told = f"slice {named(name)} of the baseline is not in the rubric any more"
        yield Finding("bar-lowered", "fail", told, slice=name, key=f"slices.{name}")


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
                f"{named(before.id)} {why} and is gone; it passed {past.passes} of {past.trials} "
                "trials on the baseline",
                case=before.id,
                key="cases",
            )


def _counts(before: CaseResult, evidence: Evidence) -> bool:
    return before.bar.stakes == "high" or evidence.counts_on(before)


def _left_slices(before: CaseResult, case: CaseResult, evidence: Evidence) -> Iterator[Finding]:
    slices = evidence.rubric.slices
    for name in before.slices:
        if name in slices and slices[name].barred and name not in case.slices:
            yield Finding(
                "bar-lowered",
                "fail",
                f"{named(case.id)} leaves the slice {named(name)}",
                slice=name,
                case=case.id,
                place=case.place,
            )


def _losses(before: CaseResult, case: CaseResult, evidence: Evidence) -> Iterator[str]:
    """What else of the case asks for less; an axis is lost only where the case was graded."""
    if before.bar.stakes == "high" and case.bar.stakes != "high":
        yield "no longer has high stakes"
    for rule in before.bar.lost_rules(case.bar):
        yield f"loses or changes its rule {named(rule)}"
    for expectation in before.bar.lost_expectations(case.bar):
        yield f"loses or changes what it expects: `{expectation}`"
    if case.passed is not None:
        for axis in before.axes:
            if axis in evidence.rubric.axes and axis not in case.axes:
                yield f"is no longer graded on {named(axis)}"
    for axis in case.bar.settles:
        if axis in before.axes and axis not in _settled(before):
            yield f"takes the axis {named(axis)} from the judge by rules of its own"
    if case.weight != before.weight:
        yield f"weighs {case.weight:g} instead of {before.weight:g}"


def _settled(before: CaseResult) -> set[str]:
    """The axes that rules settled; what the rules found tells it of a record without `settles`."""
    return {*before.bar.settles, *(rule.axis for rule in before.rules if rule.axis)}
