"""The verdict in one sentence, and what to do next."""

from collections.abc import Sequence

from rubric_action.gate.evidence import Evidence
from rubric_action.gate.model import Finding, Kind, Verdict

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

MANY: dict[Kind, str] = {
    "missing": "{n} cases have no session",
    "ungraded": "{n} cases could not be graded",
    "hard-gate": "{n} cases of a hard slice fail",
    "regression": "{n} cases that used to pass fail now",
    "case-removed": "{n} cases that count are gone",
    "bar-lowered": "the bar is lowered in {n} places",
    "threshold": "{n} bars are not met",
    "drop": "{n} scores fell by more than allowed",
    "freshness": "{n} answers lean on stale context",
    "latency": "latency is over {n} ceilings",
    "cost": "cost is over {n} ceilings",
}


def headline(verdict: Verdict, findings: Sequence[Finding], evidence: Evidence) -> str:
    """One sentence: the verdict, and the two weightiest reasons for it."""
    if verdict == "pass":
        warned = sum(finding.severity == "warn" for finding in findings)
        more = f", with {warned} warning{'s' * (warned > 1)}" if warned else ""
        return f"Ready to ship: {len(evidence.cases)} cases graded, every bar holds{more}"
    if verdict == "overridden":
        return "Shipping by override: the findings below stand, and an approver signed for them"
    level = "error" if verdict == "error" else "fail"
    reasons = _reasons([finding for finding in findings if finding.severity == level])
    more = f", and {len(reasons) - 2} more kinds of finding" if len(reasons) > 2 else ""
    opening = "No verdict" if verdict == "error" else "Not ready to ship"
    return f"{opening}: {' and '.join(reasons[:2])}{more}"


def next_step(verdict: Verdict, findings: Sequence[Finding], evidence: Evidence) -> str:
    """What the reader should do first, in a sentence or two."""
    if verdict in ("pass", "overridden"):
        return "Nothing to do."
    level = "error" if verdict == "error" else "fail"
    blocking = [finding for finding in findings if finding.severity == level]
    if evidence.stopped:
        return f"{evidence.stopped} Then run again: what was paid for is kept."
    first = min(blocking, key=lambda finding: ORDER.index(finding.kind))
    return f"{_advice(first)} {_override(verdict, blocking, evidence)}".rstrip()


def _reasons(blocking: Sequence[Finding]) -> list[str]:
    """A phrase for each kind found; a case that a hard gate names isn't named again."""
    hard = {finding.case for finding in blocking if finding.kind == "hard-gate"}
    reasons: list[str] = []
    for kind in ORDER:
        found = [f for f in blocking if f.kind == kind]
        if kind == "regression":
            found = [f for f in found if f.case not in hard]
        names = {(f.case or f.slice, f.axis, f.key if not f.case else None) for f in found}
        whole = [f for f in found if f.case is None and f.severity == "error"]
        if whole:
            reasons.append(whole[0].sentence.rstrip("."))
        elif len(names) == 1:
            reasons.append(_one(found[0]))
        elif names:
            reasons.append(MANY[kind].format(n=len(names)))
    return reasons


def _one(finding: Finding) -> str:
    case, where = f"`{finding.case}`", f"`{finding.slice}`"
    axis = f" on `{finding.axis}`" if finding.axis else " in its pass rate"
    phrases: dict[Kind, str] = {
        "baseline": "there is no baseline",
        "missing": f"{case} has no session",
        "ungraded": f"{case} could not be graded",
        "judge-unreliable": "the judge disagrees with people",
        "hard-gate": f"{case} fails in the hard slice {where}",
        "regression": f"{case} used to pass and fails now",
        "case-removed": f"{case} counts and is gone",
        "bar-lowered": f"the bar is lowered ({finding.sentence})",
        "threshold": f"{where} is below its bar{axis}",
        "drop": f"{where} fell{axis}",
        "freshness": f"{case} leans on stale context",
        "latency": "latency is over its ceiling",
        "cost": "cost is over its ceiling",
    }
    return phrases[finding.kind]


def _advice(finding: Finding) -> str:
    where = f" (`{finding.place}`)" if finding.place and finding.place.file else ""
    case = f"`{finding.case}`{where}"
    advice: dict[Kind, str] = {
        "baseline": "Run the gate on the default branch first, so that there is a baseline.",
        "missing": f"See why the agent gave no answer to {case}, then run again.",
        "ungraded": f"See why the judge could not grade {case}, then run again.",
        "judge-unreliable": "Calibrate the judge before its grades decide anything.",
        "hard-gate": f"Fix {case} first: every case of a hard slice has to pass.",
        "regression": f"Fix {case} first: it used to pass.",
        "case-removed": f"Put `{finding.case}` back, or let an approver sign for its removal.",
        "bar-lowered": "Put the bar back, or move it in a change of its own that says why.",
        "threshold": f"Look at the lowest cases of slice `{finding.slice}` first.",
        "drop": f"Look at the cases of slice `{finding.slice}` that fell most.",
        "freshness": f"Refresh the context of {case}, or check that it still holds.",
        "latency": "Look at the slowest sessions first.",
        "cost": "Look at the dearest sessions first.",
    }
    return advice[finding.kind]


def _override(verdict: Verdict, blocking: Sequence[Finding], evidence: Evidence) -> str:
    """Whether an override could ship this, in words."""
    if verdict == "error":
        return "An error can't be overridden."
    policy = evidence.policy.override
    if policy is None:
        return ""
    fixed = sorted({f.kind for f in blocking if not f.overridable})
    if fixed:
        kinds = ", ".join(f"`{kind}`" for kind in fixed)
        return f"The rubric lets nobody override {kinds}."
    return f"An approver may override this with the label `{policy.label}` and a review."
