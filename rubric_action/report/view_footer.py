"""The short lines at the end: ceilings, bar, what was compared, what was spent."""

from collections.abc import Sequence

from rubric_action.gate.evidence import BarNotCompared
from rubric_action.gate.model import Baseline, Ceiling, NoBaseline
from rubric_action.report import numbers
from rubric_action.report.escape import code, link, plain, prose
from rubric_action.report.model import GradingRun, Report


def ceilings(found: Sequence[Ceiling]) -> str:
    """Each ceiling that the rubric sets, with what was observed."""
    return " · ".join(_ceiling(one) for one in found if one.limit is not None)


def _ceiling(one: Ceiling) -> str:
    if one.kind == "latency":
        observed, limit, what = numbers.seconds(one.observed), numbers.seconds(one.limit), "p95"
    else:
        observed, limit = numbers.dollars(one.observed), numbers.dollars(one.limit)
        what = "a session"
    of = f" in {plain(one.slice, 60)}" if one.slice else ""
    known = f" (known for {one.known} of {one.cases})" if one.known < one.cases else ""
    weighed = "" if one.weighed else ", *not weighed*"
    return f"{what} {observed} of {limit}{of}{known}{weighed}"


def bar(report: Report) -> str:
    """Whether the rubric is the base's."""
    if isinstance(report.bar, BarNotCompared):
        return f"not compared: {prose(report.bar.reason)}"
    lowered = sum(change.lowered for change in report.bar)
    if not report.bar:
        return "unchanged"
    return f"{numbers.count(len(report.bar), 'key')} changed, {lowered} lowered"


def compared(baseline: Baseline | NoBaseline) -> str:
    """The baseline, its age, and how far back it is."""
    if isinstance(baseline, NoBaseline):
        return prose(baseline.reason)
    name = code(f"main@{baseline.sha[:7]}") if baseline.sha else "the given baseline"
    return f"{name}, {numbers.days(baseline.age_days)}{_distance(baseline.distance)}"


def _distance(commits: int | None) -> str:
    if commits is None:
        return ""
    if commits == 0:
        return ", the merge base itself"
    return f", {numbers.count(commits, 'commit')} before the merge base"


def judge(report: Report) -> str:
    """How far the judge agrees with people; nothing where it was not watched."""
    watched = report.judge and report.judge.reliability
    return prose(f"held against people: {watched.told()}") if watched else ""


def spent(report: Report) -> str:
    """What this run took; one that decides again takes nothing."""
    if report.run.graded is not None:
        return _again(report.run.graded)
    spend = report.spend
    calls = numbers.count(spend.judge_calls, "judge call")
    cached = f" ({spend.judge_cached:,} from cache)" if spend.judge_cached else ""
    sessions = numbers.count(spend.agent_sessions, "agent session")
    cost = numbers.dollars(spend.judge_cost_usd)
    return f"{calls}{cached}, {sessions}, {cost}, {numbers.seconds(report.run.seconds)}"


def _again(graded: GradingRun) -> str:
    name = f"run {graded.run_id}" if graded.run_id else "an earlier run"
    when = plain(graded.created_at, 40)
    results = f"{link(name, graded.url)} ({when})"
    return f"decided again from the results of {results}; nothing was asked again"
