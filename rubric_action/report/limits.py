"""How much a comment may hold."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Rows, entries and characters; a report too large is rendered again with less."""

    broken: int
    findings: int
    rows: int
    text: int
