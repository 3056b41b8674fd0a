"""The manifest of the agent's corpus: when each source was last updated."""

from pathlib import Path

from rubric_action.cases.dates import iso_date
from rubric_action.cases.jsonl import Problems, read_rows
from rubric_action.errors import Place, Problem

SCHEMA = "rubric-corpus"


def load_corpus(root: Path, name: str | None) -> dict[str, str]:
    """Source to ISO date; empty without a manifest. One InputError holds all its mistakes."""
    dates: dict[str, str] = {}
    if name is None:
        return dates
    problems = Problems()
    for row in read_rows(root / name, name, SCHEMA, problems):
        source, updated = row.value.get("source"), row.value.get("updated_at")
        day = _day(updated)
        if isinstance(source, str) and day is not None:
            dates[source] = day
        else:
            problems.add(_refusal(row.place))
    problems.raise_any()
    return dates


def _day(written: object) -> str | None:
    try:
        return iso_date(written) if isinstance(written, str) else None
    except ValueError:
        return None


def _refusal(place: Place) -> Problem:
    mend = 'Write {"source": "returns.md", "updated_at": "2026-01-31"}.'
    return Problem(place, "a line of the corpus names a source and its date", mend)
