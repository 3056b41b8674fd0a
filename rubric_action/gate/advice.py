"""What to do about a finding."""

from rubric_action.gate.model import Finding, Kind
from rubric_action.gate.wording import named


def advice(finding: Finding, most: int) -> str:
    """The first thing to do about it; names are cut to `most` characters."""
    place = str(finding.place) if finding.place and finding.place.file else ""
    case = named(finding.case, most) + (f" ({named(place, most)})" if place else "")
    where = f" of slice {named(finding.slice, most)}" if finding.slice else ""
    worst = ", ".join(named(case, most) for case in finding.worst)
    told: dict[Kind, str] = {
        "baseline": "Run the gate on the default branch first: that run becomes the baseline.",
        "missing": f"See why the agent gave no answer to {case}, then run again.",
        "ungraded": f"See why {case} could not be graded, then run again."
        if finding.case
        else "Check that the rubric's `cases` pick any.",
        "judge-unreliable": "Calibrate the judge before its grades decide anything.",
        "hard-gate": f"Fix {case} first: every case of a hard slice has to pass.",
        "regression": f"Fix {case} first: it used to pass.",
        "case-removed": f"Put {named(finding.case, most)} back into the cases.",
        "bar-lowered": _raise(finding, most),
        "threshold": f"Look at {worst or 'the lowest cases'}{where} first.",
        "drop": f"Look at {worst or 'the cases that fell most'}{where} first.",
        "freshness": f"Refresh what {case} leans on, or check that it still holds.",
        "latency": f"Look at the slowest sessions{where} first.",
        "cost": f"Look at the dearest sessions{where} first.",
    }
    return told[finding.kind]


def _raise(finding: Finding, most: int) -> str:
    what = finding.case or finding.key
    return f"Put {named(what, most)} back as it was, or move the bar in a change of its own."
