"""The verdict in one sentence, and what to do next. Both stay short however long names are."""

from collections.abc import Callable, Sequence

from rubric_action.gate.advice import advice
from rubric_action.gate.evidence import Evidence
from rubric_action.gate.model import Finding, Kind, NoBaseline, Verdict
from rubric_action.gate.wording import (
    LONGEST_SENTENCE,
    SHORTER_NAMES,
    clip,
    counted,
    named,
)

ORDER: tuple[Kind, ...] = (
    "baseline",
    "missing",
    "ungraded",
    "judge-unreliable",
    "hard-gate",
    "regression",
    "case-removed",
    "bar-lowered",
    "threshold",
    "drop",
    "freshness",
    "latency",
    "cost",
)
"""The weightiest first: what the reader should hear of, and mend, before the rest."""

MANY: dict[Kind, str] = {
    "baseline": "there is no baseline",
    "missing": "{n} cases have no session",
    "ungraded": "{n} cases could not be graded",
    "judge-unreliable": "the judge disagrees with people on {n} axes",
    "hard-gate": "{n} cases of a hard slice fail",
    "regression": "{n} cases that used to pass fail now",
    "case-removed": "{n} cases that count are gone",
    "bar-lowered": "the bar is lowered in {n} places",
    "threshold": "{n} minimums are not met",
    "drop": "{n} scores fell by more than allowed",
    "freshness": "{n} cases lean on what is out of date",
    "latency": "latency is over {n} ceilings",
    "cost": "cost is over {n} ceilings",
}


def headline(verdict: Verdict, findings: Sequence[Finding], evidence: Evidence) -> str:
    """One sentence: the verdict, and the two weightiest reasons for it."""
    if verdict == "pass":
        return _ready(findings, evidence)
    if evidence.stopped:
        return clip(f"No verdict: {evidence.stopped.cause.rstrip('.')}", LONGEST_SENTENCE)
    opening = "No verdict" if verdict == "error" else "Not ready to ship"
    blocking = _blocking(verdict, findings)
    return _fitting(lambda most: f"{opening}: {_joined(_reasons(blocking, most))}")


def next_step(verdict: Verdict, findings: Sequence[Finding], evidence: Evidence) -> str:
    """What the reader should do first, in a sentence or two."""
    if verdict == "pass":
        return _nothing_to_do(findings, evidence)
    if evidence.stopped:
        mend = evidence.stopped.mend
        return clip(mend or "Run again: what was paid for is kept.", LONGEST_SENTENCE)
    blocking = _blocking(verdict, findings)
    first = min(blocking, key=lambda finding: ORDER.index(finding.kind))
    return _fitting(lambda most: advice(first, most))


def _ready(findings: Sequence[Finding], evidence: Evidence) -> str:
    warned = sum(finding.severity == "warn" for finding in findings)
    graded = f"{counted(len(evidence.cases), 'case')} graded"
    if warned:
        return f"Ready to ship: {graded}, nothing blocks, {counted(warned, 'warning')} to read"
    off = "off" in evidence.policy.severities.values()
    return f"Ready to ship: {graded}, {'nothing that counts fails' if off else 'every bar holds'}"


def _nothing_to_do(findings: Sequence[Finding], evidence: Evidence) -> str:
    if isinstance(evidence.baseline, NoBaseline):
        return (
            "Nothing to do. Nothing was compared, since there is no baseline: "
            "the next run on the default branch leaves one."
        )
    if any(finding.severity == "warn" for finding in findings):
        return "Nothing has to be done; read the warnings before merging."
    return "Nothing to do."


def _blocking(verdict: Verdict, findings: Sequence[Finding]) -> list[Finding]:
    """What makes the verdict: the errors, or the failures that nobody signed for."""
    if verdict == "error":
        return [finding for finding in findings if finding.severity == "error"]
    return [finding for finding in findings if finding.blocks]


def _fitting(say: Callable[[int], str]) -> str:
    """The sentence with its names as long as they may be."""
    said = (say(most) for most in SHORTER_NAMES)
    fits = next((text for text in said if len(text) <= LONGEST_SENTENCE), None)
    return fits or clip(say(SHORTER_NAMES[-1]), LONGEST_SENTENCE)


def _joined(reasons: Sequence[str]) -> str:
    more = len(reasons) - 2
    others = f", and {counted(more, 'more kind')} of finding" if more > 0 else ""
    return f"{' and '.join(reasons[:2])}{others}"


def _reasons(blocking: Sequence[Finding], most: int) -> list[str]:
    """A phrase for each kind found; a case that a hard gate names isn't named again."""
    hard = {finding.case for finding in blocking if finding.kind == "hard-gate"}
    reasons: list[str] = []
    for kind in ORDER:
        found = [f for f in blocking if f.kind == kind]
        if kind == "regression":
            found = [f for f in found if f.case not in hard]
        names = {f.case or (f.slice, f.axis, f.key) for f in found}
        whole = [f for f in found if f.case is None and kind in ("ungraded", "baseline")]
        if whole:
            reasons.append(clip(whole[0].sentence, 2 * most))
        elif len(names) == 1:
            reasons.append(_one(found[0], most))
        elif names:
            reasons.append(MANY[kind].format(n=len(names)))
    return reasons


def _one(finding: Finding, most: int) -> str:
    case, where = named(finding.case, most), named(finding.slice, most)
    axis = f" on {named(finding.axis, most)}"
    of = f" in {where}" if finding.slice else ""
    phrases: dict[Kind, str] = {
        "missing": f"{case} has no session",
        "ungraded": f"{case} could not be graded",
        "judge-unreliable": "the judge disagrees with people",
        "hard-gate": f"{case} fails in the hard slice {where}",
        "regression": f"{case} used to pass and fails now",
        "case-removed": f"{case} counts and is gone",
        "bar-lowered": _lowered(finding, most),
        "threshold": f"{where} is below its minimum{axis}"
        if finding.axis
        else f"{where} passes too few cases",
        "drop": f"{where} fell{axis}" if finding.axis else f"{where} passes fewer cases",
        "freshness": f"{case} leans on what is out of date",
        "latency": f"latency is over its ceiling{of}",
        "cost": f"cost is over its ceiling{of}",
    }
    return phrases[finding.kind]


def _lowered(finding: Finding, most: int) -> str:
    if finding.case:
        return f"{named(finding.case, most)} is held to less than before"
    if len(finding.sentence) <= 2 * most:
        return f"the bar is lowered: {clip(finding.sentence, 2 * most)}"
    return f"the bar is lowered at {named(finding.key, most)}"
