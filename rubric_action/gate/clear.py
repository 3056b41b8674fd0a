"""What each step of the decision says when it finds nothing. It claims no more than was weighed."""

from rubric_action.gate.evidence import BarNotCompared, Evidence
from rubric_action.gate.model import NoBaseline, Status
from rubric_action.gate.wording import counted

Clear = tuple[Status, str]


def graded(evidence: Evidence) -> Clear:
    """Nothing is missing or ungraded."""
    return "pass", f"{counted(len(evidence.cases), 'case')} run and graded"


def hard(evidence: Evidence) -> Clear:
    """No case of a hard slice fails."""
    members = [case.passed for case in evidence.cases if evidence.hard_slices(case)]
    if not any(one.hard for one in evidence.slices.values()):
        return "info", "no slice is a hard gate"
    undecided = members.count(None)
    if undecided:
        return "info", f"{undecided} of {len(members)} cases of the hard slices are undecided"
    return "pass", f"{counted(len(members), 'case')} of the hard slices, and none fails"


def regression(evidence: Evidence) -> Clear:
    """No committed case fails."""
    if isinstance(evidence.baseline, NoBaseline):
        return "info", f"{evidence.baseline.reason}: the regression rule did not run"
    committed = [case.passed for case in evidence.cases if _committed(case.id, evidence)]
    undecided = committed.count(None)
    if undecided:
        return "info", f"{undecided} of {counted(len(committed), 'committed case')} undecided"
    return "pass", f"{counted(len(committed), 'committed case')}, and none broke"


def _committed(case_id: str, evidence: Evidence) -> bool:
    before = evidence.before.get(case_id)
    return before is not None and evidence.counts_on(before)


def threshold(evidence: Evidence) -> Clear:
    """Every minimum holds."""
    bars = {
        name: len(one.minimums) + (one.min_pass_rate is not None)
        for name, one in evidence.rubric.slices.items()
    }
    count = sum(bars.values())
    if not count:
        return "info", "no slice sets a minimum"
    open_ = [one.name for one in evidence.slices.values() if one.undecided and bars[one.name]]
    if open_:
        unweighed = sum(bars[name] for name in open_)
        return "info", f"{unweighed} of {counted(count, 'minimum')} not weighed: cases undecided"
    return "pass", f"{counted(count, 'minimum')} of the slices, and all hold"


def drop(evidence: Evidence) -> Clear:
    """Nothing fell too far."""
    if isinstance(evidence.baseline, NoBaseline):
        return "info", f"{evidence.baseline.reason}: drops were not compared"
    rubric = evidence.rubric
    limits = [rubric.regression.max_drop, *(one.max_drop for one in rubric.slices.values())]
    if all(limit is None for limit in limits):
        return "info", "the rubric sets no `max_drop`"
    if any(one.undecided for one in evidence.slices.values()):
        return "info", "slices with undecided cases were not compared"
    return "pass", "no slice fell by more than allowed"


def freshness(evidence: Evidence) -> Clear:
    """Nothing stale."""
    if evidence.rubric.freshness.max_context_age_days is None:
        return "info", "the rubric sets no limit on the age of context"
    return "pass", "no answer leans on context older than allowed"


def bar(evidence: Evidence) -> Clear:
    """The bar is where it was, or higher."""
    if isinstance(evidence.bar, BarNotCompared):
        return "info", f"the bar was not compared: {evidence.bar.reason}"
    if evidence.bar:
        changes = counted(len(evidence.bar), "change")
        return "pass", f"{changes} of the rubric, and none lowers the bar"
    return "pass", "the bar is unchanged"


def removed(evidence: Evidence) -> Clear:
    """No case that counts is gone."""
    if isinstance(evidence.baseline, NoBaseline):
        return "info", f"{evidence.baseline.reason}: removed cases were not looked for"
    return "pass", "no case that counts is gone"
