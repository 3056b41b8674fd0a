"""What the comment prints: every string made, every foreign text escaped, nothing decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rubric_action.errors import Place
from rubric_action.gate.evidence import BarNotCompared
from rubric_action.gate.model import (
    AxisSummary,
    Baseline,
    Ceiling,
    Finding,
    Kind,
    NoBaseline,
    SliceSummary,
)
from rubric_action.report import numbers
from rubric_action.report.broken import TOLD, cases_told
from rubric_action.report.escape import block, code, plain, prose
from rubric_action.report.model import BrokenCase, Report, Score
from rubric_action.rubric.bar_change import BarChange

FIRST = 3
"""So many findings stand unfolded, right below the verdict."""

Blocked = frozenset[tuple[Kind, str | None, str | None]]
"""Kind, slice and axis of every finding that blocks."""

LIGHTS = {"pass": "🟢", "fail": "🔴", "overridden": "🟣", "error": "⚠️"}


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the comment may hold; a report too large is rendered again with less."""

    broken: int
    findings: int
    rows: int
    text: int


@dataclass(frozen=True, slots=True)
class Row:
    """A slice: its light, name, case counts, and a cell an axis."""

    light: str
    name: str
    cases: str
    passing: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BrokenView:
    """A broken case, ready to print."""

    title: str
    place: str
    kinds: str
    why: str
    history: str
    asked: str
    before: str
    now: str
    scores: tuple[tuple[str, str, str, str], ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class View:
    """The whole comment."""

    light: str
    headline: str
    next_step: str
    first: tuple[str, ...]
    axes: tuple[str, ...]
    rows: tuple[Row, ...]
    thin: bool
    broken: tuple[BrokenView, ...]
    other: tuple[str, ...]
    warnings: tuple[str, ...]
    flaky: tuple[str, ...]
    changes: tuple[str, ...]
    left_out: str
    ceilings: str
    bar: str
    override: str
    compared: str
    spent: str
    lexical: bool
    url: str | None


def view(report: Report, limits: Limits) -> View:
    """Everything that the template prints, within the limits."""
    decision = report.decision
    blocking = [f for f in decision.findings if f.severity in ("fail", "error")]
    about_cases = {one.id for one in report.broken[: limits.broken]}
    first = _one_a_case(blocking)[:FIRST]
    shown = {id(finding) for finding in first}
    shown |= {id(f) for f in blocking if f.case in about_cases and f.kind in TOLD}
    other = [finding for finding in blocking if id(finding) not in shown]
    blocked = frozenset((finding.kind, finding.slice, finding.axis) for finding in blocking)
    warnings = _warnings(report)
    slices = sorted(decision.slices.values(), key=lambda one: _rank(one, blocked))
    axes = report.axes
    changes = () if isinstance(report.bar, BarNotCompared) else report.bar
    return View(
        light=LIGHTS[decision.verdict],
        headline=prose(decision.headline),
        next_step=prose(decision.next_step),
        first=tuple(_first(finding) for finding in first),
        axes=tuple(plain(axis, 40) for axis in axes),
        rows=tuple(_row(one, axes, blocked) for one in slices[: limits.rows]),
        thin=any(one.thin for one in slices),
        broken=tuple(_broken(one, limits) for one in report.broken[: limits.broken]),
        other=tuple(_first(finding) for finding in other[: limits.findings]),
        warnings=tuple(prose(text) for text in warnings[: limits.findings]),
        flaky=tuple(code(case) for case in decision.flaky[: limits.findings]),
        changes=tuple(_change(change) for change in changes[: limits.findings]),
        left_out=_left_out(
            {
                "slice": len(slices) - limits.rows,
                "broken case": _broken_count(blocking) - len(about_cases),
                "other finding": len(other) - limits.findings,
                "warning": len(warnings) - limits.findings,
                "flaky case": len(decision.flaky) - limits.findings,
                "change of the rubric": len(changes) - limits.findings,
            }
        ),
        ceilings=" · ".join(_ceiling(one) for one in decision.ceilings if one.limit is not None),
        bar=_bar(report),
        override=_override(report, blocking),
        compared=_compared(report),
        spent=_spent(report),
        lexical=report.lexical,
        url=report.run.url,
    )


def _one_a_case(findings: Sequence[Finding]) -> list[Finding]:
    """The first finding of each case, and every finding about no case."""
    seen: set[str] = set()
    kept = []
    for finding in findings:
        if finding.case is None or finding.case not in seen:
            kept.append(finding)
            seen.add(finding.case or "")
    return kept


def _first(finding: Finding) -> str:
    where = f" {_place(finding.place)}" if finding.place and finding.place.file else ""
    return f"**{finding.kind}** {prose(finding.sentence, 400)}{where}"


def _place(place: Place) -> str:
    return f"<sub>{code(str(place))}</sub>"


def _rank(one: SliceSummary, blocked: Blocked) -> tuple[int, bool]:
    order = {"🔴": 0, "⚠️": 0, "🟢": 1, "⚪": 2}
    return order[_light(one, blocked)], not one.hard


def _light(one: SliceSummary, blocked: Blocked) -> str:
    if one.undecided:
        return "⚠️"
    if any(name == one.name for _, name, _ in blocked):
        return "🔴"
    return "⚪" if one.informational else "🟢"


def _row(one: SliceSummary, axes: Sequence[str], blocked: Blocked) -> Row:
    short = {(name, axis) for kind, name, axis in blocked if kind in ("threshold", "drop")}
    failing = ("hard-gate", one.name, None) in blocked
    marks = [word for word, on in (("hard", one.hard), ("thin", one.thin)) if on]
    name = plain(one.name, 60) + (f"<br><sub>{', '.join(marks)}</sub>" if marks else "")
    passing = f"{one.passed}" if not one.undecided else f"{one.passed}, {one.undecided} undecided"
    if failing or (one.name, None) in short:
        passing = f"**{passing}**"
    moved = round((one.pass_rate_delta or 0) * one.paired_cases)
    if moved:
        passing += f" {numbers.UP if moved > 0 else numbers.DOWN}{abs(moved)}"
    if one.min_pass_rate is not None:
        passing += f"<br><sub>≥ {numbers.bound(one.min_pass_rate)}</sub>"
    cells = tuple(_cell(one.axes.get(axis), (one.name, axis) in short) for axis in axes)
    return Row(_light(one, blocked), name, str(one.cases), passing, cells)


def _cell(axis: AxisSummary | None, short: bool) -> str:
    if axis is None:
        return ""
    value = numbers.score(axis.mean)
    shown = [f"**{value}**" if short else value, numbers.change(axis.delta)]
    below = [f"≥ {numbers.bound(axis.minimum)}"] if axis.minimum is not None else []
    if short:
        below.append(numbers.interval(axis.interval))
    under = f"<br><sub>{' '.join(below)}</sub>" if below else ""
    return " ".join(part for part in shown if part) + under


def _broken_count(blocking: Sequence[Finding]) -> int:
    return len({case for finding in blocking for case in cases_told(finding)})


def _broken(one: BrokenCase, limits: Limits) -> BrokenView:
    past = "not on the baseline"
    if one.trials:
        past = f"passed {one.passes} of {one.trials} trials on the baseline"
    before = one.answered_before
    return BrokenView(
        title=code(one.id, 120),
        place=_place(one.place) if one.place.file else "",
        kinds=", ".join(f"**{kind}**" for kind in one.kinds),
        why=", ".join(plain(name, 60) for name in one.slices),
        history=past,
        asked=block(one.asked, limits.text),
        before="" if before is None else block(before, limits.text),
        now=block(one.answered_now, limits.text),
        scores=tuple(_score(score) for score in one.scores),
        rules=tuple(prose(rule, 300) for rule in one.failed_rules),
    )


def _score(score: Score) -> tuple[str, str, str, str]:
    now = numbers.score(score.now)
    reason = "" if score.passed else plain(score.reason, 300)
    return (
        plain(score.axis, 40),
        numbers.score(score.before),
        now if score.passed else f"**{now}**",
        reason,
    )


def _warnings(report: Report) -> list[str]:
    found = [f.sentence for f in report.decision.findings if f.severity == "warn"]
    return [*found, *report.notes]


def _change(change: BarChange) -> str:
    return ("🔴 " if change.lowered else "") + prose(change.sentence)


def _left_out(left: Mapping[str, int]) -> str:
    """What there was no room for, in words."""
    plurals = {"change of the rubric": "changes of the rubric"}
    return ", ".join(
        numbers.count(count, noun, plurals.get(noun)) for noun, count in left.items() if count > 0
    )


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


def _bar(report: Report) -> str:
    if isinstance(report.bar, BarNotCompared):
        return f"not compared: {prose(report.bar.reason)}"
    lowered = sum(change.lowered for change in report.bar)
    if not report.bar:
        return "unchanged"
    return f"{numbers.count(len(report.bar), 'key')} changed, {lowered} lowered"


def _override(report: Report, blocking: Sequence[Finding]) -> str:
    policy = report.policy.override
    if policy is None:
        return "the rubric has no override"
    if report.decision.verdict == "error":
        return "an error can't be overridden"
    allowed = ", ".join(code(kind) for kind in policy.allow) or "nothing"
    fixed = sorted({f.kind for f in blocking if f.severity == "fail" and not f.overridable})
    if fixed:
        kinds = ", ".join(code(kind) for kind in fixed)
        return f"not possible here: the rubric allows it for {allowed}, not for {kinds}"
    return f"the rubric allows it for {allowed}; this version does not read overrides yet"


def _compared(report: Report) -> str:
    baseline = report.baseline
    if isinstance(baseline, NoBaseline):
        return prose(baseline.reason)
    return f"{_name(baseline)}, {numbers.days(baseline.age_days)}"


def _name(baseline: Baseline) -> str:
    return code(f"main@{baseline.sha[:7]}") if baseline.sha else "the given baseline"


def _spent(report: Report) -> str:
    spend = report.spend
    calls = numbers.count(spend.judge_calls, "judge call")
    cached = f" ({spend.judge_cached:,} from cache)" if spend.judge_cached else ""
    sessions = numbers.count(spend.agent_sessions, "agent session")
    cost = numbers.dollars(spend.judge_cost_usd)
    return f"{calls}{cached}, {sessions}, {cost}, {numbers.seconds(report.run.seconds)}"
