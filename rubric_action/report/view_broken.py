"""The broken cases: what was asked, what was answered before and now, and why that fails."""

from collections.abc import Sequence
from dataclasses import dataclass

from rubric_action.gate.doubt import Doubt
from rubric_action.gate.model import Finding
from rubric_action.gate.wording import counted
from rubric_action.report import numbers
from rubric_action.report.broken import cases_told
from rubric_action.report.escape import block, code, plain, prose
from rubric_action.report.model import BrokenCase, Score
from rubric_action.report.view_doubts import trials_told
from rubric_action.report.view_findings import place


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


def broken_view(
    one: BrokenCase, failing: Sequence[Finding], doubt: Doubt | None, most: int
) -> BrokenView:
    """A case with its texts cut to `most` characters; `doubt` is of one that used to pass."""
    before = one.answered_before
    return BrokenView(
        title=code(one.id, 120),
        place=place(one.place) if one.place.file else "",
        kinds=_kinds(one, failing),
        why=", ".join(plain(name, 60) for name in one.slices),
        history=trials_told(doubt) if doubt else _history(one),
        asked=block(one.asked, most),
        before="" if before is None else block(before, most),
        now=block(one.answered_now, most),
        scores=tuple(_score(score) for score in one.scores),
        rules=tuple(prose(rule, 300) for rule in one.failed_rules),
    )


def _kinds(one: BrokenCase, failing: Sequence[Finding]) -> str:
    kinds = ", ".join(f"**{kind}**" for kind in one.kinds)
    about = [finding for finding in failing if one.id in cases_told(finding)]
    signed = bool(about) and all(finding.overridden for finding in about)
    return f"{kinds}, signed for," if signed else kinds


def _history(one: BrokenCase) -> str:
    if one.trials:
        return f"passed {one.passes} of {counted(one.trials, 'trial')} on the baseline"
    return "not on the baseline"


def _score(score: Score) -> tuple[str, str, str, str]:
    now = numbers.score(score.now)
    reason = "" if score.passed else plain(score.reason, 300)
    return (
        plain(score.axis, 40),
        numbers.score(score.before),
        now if score.passed else f"**{now}**",
        reason,
    )
