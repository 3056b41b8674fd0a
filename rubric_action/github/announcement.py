"""What a run has to say to GitHub, whether it reached a verdict or an error."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rubric_action.errors import CannotDecide, InputError, Problem, RubricActionError
from rubric_action.gate.decision import Decision
from rubric_action.gate.model import Verdict
from rubric_action.gate.override.apply import status_line
from rubric_action.github import annotations
from rubric_action.github.commands import Annotation
from rubric_action.github.files import fitting
from rubric_action.report.comment import render_comment
from rubric_action.report.escape import clip, prose
from rubric_action.report.model import Report
from rubric_action.report.shard import ShardReport, lines
from rubric_action.report.summary import finding_record

MOST_PROBLEMS: Final = 50
"""Mistakes that a comment lists; the log and the annotations hold the rest."""
_ERROR_LIGHT, _PART_LIGHT = "⚠️", "🧩"
_NOTHING_DECIDED: Final = {
    "verdict": "",
    "passed": "false",
    "findings": "[]",
    "regressions": "0",
    "overridden-by": "",
    "results": "",
    "judge-calls": "0",
    "judge-cost-usd": "",
}


@dataclass(frozen=True, slots=True)
class Announcement:
    """`markdown` prints the report within a number of characters; all foreign text is escaped.

    `headline` is what the commit status says.
    """

    verdict: Verdict
    headline: str
    markdown: Callable[[int], str]
    annotations: Sequence[Annotation]
    outputs: Mapping[str, str]

    @property
    def green(self) -> bool:
        """Whether the change may ship."""
        return self.verdict in {"pass", "overridden"}


def of_report(report: Report, results: str) -> Announcement:
    """A finished run's verdict; `results` is where its folder is, relative to the workspace."""
    decision = report.decision
    return Announcement(
        verdict=decision.verdict,
        headline=_status(decision),
        markdown=lambda room: render_comment(report, room),
        annotations=annotations.of_report(report),
        outputs=_outputs_of_report(report, results),
    )


def of_shard(report: ShardReport, results: str) -> Announcement:
    """A shard's part: nothing is decided, and what is not decided is never green."""
    first, *rest = lines(report)
    cost, stopped = report.spend.judge_cost_usd, report.stopped
    told = [Annotation("error", "The shard was cut short", first)] if stopped else []
    light = _ERROR_LIGHT if stopped else _PART_LIGHT
    markdown = [f"## {light} {prose(first)}", "", *(f"- {prose(line)}" for line in rest)]
    return Announcement(
        verdict="error",
        headline=first,
        markdown=lambda room: _joined(markdown, room),
        annotations=told,
        outputs=_NOTHING_DECIDED
        | {
            "results": results,
            "judge-calls": str(report.spend.judge_calls),
            "judge-cost-usd": "" if cost is None else f"{cost:.6f}",
        },
    )


def of_error(error: RubricActionError) -> Announcement:
    """A run that ended without a verdict: the errors are what there is to say."""
    problems = error.problems if isinstance(error, InputError) else ()
    return Announcement(
        verdict="error",
        headline=_headline(error, problems),
        markdown=lambda room: _markdown(error, problems, room),
        annotations=annotations.of_error(error, problems),
        outputs=_NOTHING_DECIDED | {"verdict": "error"},
    )


def _outputs_of_report(report: Report, results: str) -> dict[str, str]:
    decision, spend = report.decision, report.spend
    records = [finding_record(finding, report) for finding in decision.findings]
    cost = spend.judge_cost_usd
    return {
        "verdict": decision.verdict,
        "passed": _word(decision.verdict in {"pass", "overridden"}),
        "findings": fitting(records),
        "regressions": str(sum(one.kind == "regression" for one in decision.findings)),
        "overridden-by": _overridden_by(decision),
        "results": results,
        "judge-calls": str(spend.judge_calls),
        "judge-cost-usd": "" if cost is None else f"{cost:.6f}",
    }


def _status(decision: Decision) -> str:
    signed = status_line(decision.override) if decision.override else ""
    return signed or decision.headline


def _overridden_by(decision: Decision) -> str:
    signature = decision.override.signature if decision.override else None
    return signature.by.login if signature else ""


def _headline(error: RubricActionError, problems: Sequence[Problem]) -> str:
    if not problems:
        return f"No verdict: {error.cause if isinstance(error, CannotDecide) else error}"
    count = "a mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
    return f"No verdict: the input has {count}, `{problems[0].place}` first"


def _markdown(error: RubricActionError, problems: Sequence[Problem], room: int) -> str:
    """The errors as a comment; `room` cuts between lines, so that no escape is torn."""
    mend = error.mend if isinstance(error, CannotDecide) else ""
    step = mend or "Mend what is named here, and push."
    lines = [
        f"## {_ERROR_LIGHT} {prose(_headline(error, problems))}",
        "",
        f"**Do next:** {prose(step)}",
        "",
    ]
    items = [f"- {prose(_problem(one), 1000)}" for one in problems[:MOST_PROBLEMS]]
    if len(problems) > MOST_PROBLEMS:
        items.append(f"- ... and {len(problems) - MOST_PROBLEMS} more, in the job's log")
    return _joined([*lines, *items], room)


def _problem(problem: Problem) -> str:
    key = f"`{problem.key}`: " if problem.key else ""
    return clip(f"`{problem.place}` {key}{problem.what}. {problem.mend}", 1000)


def _joined(lines: Sequence[str], room: int) -> str:
    kept: list[str] = []
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join(kept) + "\n"


def _word(value: Any) -> str:
    return "true" if value else "false"
