"""Findings and input errors as annotations: at the failing case's line, at the rubric's line."""

from collections.abc import Iterable
from typing import Final

from rubric_action.errors import Place, Problem, RubricActionError
from rubric_action.gate.model import Finding
from rubric_action.github.commands import Annotation, Level
from rubric_action.report.model import Report

MOST_SENTENCES: Final = 5
"""Findings of one line that are spelled out; the rest are counted."""


def of_report(report: Report) -> list[Annotation]:
    """The findings, those of one line of a file together, worst level first."""
    failing: dict[Place, list[Finding]] = {}
    warning: dict[Place, list[Finding]] = {}
    for finding in report.decision.findings:
        lines = warning if finding.severity == "warn" or finding.overridden else failing
        for place in _places(finding, report):
            lines.setdefault(place, []).append(finding)
    groups: list[tuple[Level, Place, list[Finding]]] = [
        *(("error", place, found) for place, found in failing.items()),
        *(("warning", place, found) for place, found in warning.items()),
    ]
    return [_annotation(level, place, found) for level, place, found in groups]


def of_error(error: RubricActionError, problems: Iterable[Problem]) -> list[Annotation]:
    """One annotation a problem, or one for the whole error where it names no place."""
    found = [_of_problem(problem) for problem in problems]
    return found or [Annotation("error", "Rubric Action could not decide", str(error))]


def _places(finding: Finding, report: Report) -> list[Place]:
    found = [finding.place, report.place_of(finding)]
    return list(dict.fromkeys(place for place in found if place and place.file))


def _annotation(level: Level, place: Place, findings: list[Finding]) -> Annotation:
    kinds = ", ".join(dict.fromkeys(_kind(finding) for finding in findings))
    sentences = [finding.sentence for finding in findings[:MOST_SENTENCES]]
    if len(findings) > MOST_SENTENCES:
        sentences.append(f"... and {len(findings) - MOST_SENTENCES} more.")
    return Annotation(level, kinds, "\n".join(sentences), place)


def _kind(finding: Finding) -> str:
    return f"{finding.kind} (signed for)" if finding.overridden else finding.kind


def _of_problem(problem: Problem) -> Annotation:
    key = f"`{problem.key}`: " if problem.key else ""
    where = "" if problem.place.line else f"{problem.place}: "
    message = f"{where}{key}{problem.what}. {problem.mend}"
    return Annotation("error", "Rubric Action: wrong input", message, problem.place)
