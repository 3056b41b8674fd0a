"""Suggested bars on a terminal, each with its evidence, and the same as JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rubric_action.gate.suggestion.model import Change, Suggestion
from rubric_action.gate.suggestion.suggest import MOST_FALSE
from rubric_action.report import numbers
from rubric_action.report.escape import clip, visible

SCHEMA: Final = "rubric-suggestion/1"
MADE: Final[tuple[Change, ...]] = ("new", "stricter", "looser")
"""What becomes of a bar that is changed."""

_SAID: Final = {"kept": "kept", "short": "not met", "none": "-"}


@dataclass(frozen=True, slots=True)
class Source:
    """A run that the suggestions rest on."""

    name: str
    at: str
    sha: str | None
    cases: int


@dataclass(frozen=True, slots=True)
class ByHand:
    """A line that could not be put into the file safely, and where it goes."""

    line: str
    where: str


@dataclass(frozen=True, slots=True)
class Suggested:
    """All of it: what the runs carry, the patch that writes it, and what is left to do by hand."""

    rubric: str
    runs: tuple[Source, ...]
    suggestions: tuple[Suggestion, ...]
    patch: str
    by_hand: tuple[ByHand, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def made(self) -> tuple[Suggestion, ...]:
        """Those that change the rubric."""
        return tuple(one for one in self.suggestions if one.change in MADE)


def as_json(told: Suggested) -> dict[str, Any]:
    """The suggestions for a machine."""
    return {
        "schema": SCHEMA,
        "rubric": told.rubric,
        "most_false": MOST_FALSE,
        "runs": [
            {"name": run.name, "created_at": run.at, "sha": run.sha, "cases": run.cases}
            for run in told.runs
        ],
        "suggestions": [_record(one) for one in told.suggestions],
        "by_hand": [{"line": one.line, "where": one.where} for one in told.by_hand],
        "notes": list(told.notes),
        "patch": told.patch,
    }


def lines(told: Suggested) -> Iterator[str]:
    """Plain text, a line at a time; whatever is foreign in it is visible."""
    yield f"{_head(told)} {_outcome(told)}"
    yield ""
    yield from _table(told.suggestions)
    yield ""
    if told.made:
        runs = round(1 / MOST_FALSE)
        yield f"An unchanged agent falls below a suggested minimum in 1 run of {runs}, or fewer."
    for note in told.notes:
        yield f"note: {_line(note)}"
    for one in told.by_hand:
        yield f"by hand: put `{_line(one.line)}` into {_line(one.where)}"


def _head(told: Suggested) -> str:
    runs = told.runs
    first, last = runs[0].at[:10], runs[-1].at[:10]
    days = _line(first) if first == last else f"{_line(first)} to {_line(last)}"
    return f"{numbers.count(len(runs), 'run')} of {numbers.count(runs[-1].cases, 'case')}, {days}:"


def _outcome(told: Suggested) -> str:
    counts = [
        (f"{sum(one.change == change for one in told.suggestions):,}", what)
        for change, what in (
            ("new", "new"),
            ("stricter", "stricter"),
            ("looser", "looser"),
            ("short", "not met now"),
        )
    ]
    said = ", ".join(f"{count} {what}" for count, what in counts if count != "0")
    return f"{said}." if said else "the bar stays as it is."


def _table(suggestions: Sequence[Suggestion]) -> Iterator[str]:
    header = ("bar", "now", "seen", "suggested", "why")
    rows = [header, *(_row(one) for one in suggestions)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header) - 1)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield f"  {'  '.join((*cells, row[-1]))}".rstrip()


def _row(one: Suggestion) -> tuple[str, ...]:
    return (
        one.key,
        "-" if one.now is None else one.write(one.now),
        _seen(one),
        _SAID.get(one.change, "")
        if one.suggested is None
        else f"{one.write(one.suggested)} ({one.change})",
        _line(one.why),
    )


def _seen(one: Suggestion) -> str:
    """From the lowest to the highest run."""
    if not one.observed:
        return "-"
    low, high = (_shown(one, value) for value in (min(one.observed), max(one.observed)))
    return low if low == high else f"{low} to {high}"


def _shown(one: Suggestion, value: float) -> str:
    if one.path[-1] == "latency_p95":
        return numbers.seconds(value)
    return numbers.dollars(value) if one.path[-1] == "cost_per_session" else numbers.score(value)


def _record(one: Suggestion) -> dict[str, Any]:
    return {
        "key": one.key,
        "change": one.change,
        "now": one.now,
        "suggested": one.suggested,
        "written": None if one.suggested is None else one.write(one.suggested),
        "observed": list(one.observed),
        "why": one.why,
    }


def _line(text: str) -> str:
    return clip(" ".join(visible(text).split()), 300)
