"""`grades.jsonl`: every reply that was paid for, found again by the content of its request."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rubric_action.cases.plain import plain
from rubric_action.grading.answers import TokenUsage
from rubric_action.grading.cache_folder import CacheFolder
from rubric_action.grading.journal import Journal
from rubric_action.grading.model import Line, Scored

SCHEMA: Final = "rubric-grades/1"
KIND: Final = "grades"
"""What a cache folder calls these lines."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply of a model, and what it took: a grade an axis, or what a simulated user says."""

    grades: Mapping[str, Scored]
    model: str
    usage: TokenUsage | None = None
    line: Line | None = None


class ReplyCodec:
    """How a reply stands in a line."""

    schema = SCHEMA

    def write(self, value: Reply) -> Mapping[str, Any]:
        """The fields of the line."""
        record = {
            "grades": {
                axis: {"score": grade.score, "reason": grade.reason}
                for axis, grade in value.grades.items()
            },
            "model": value.model,
            "usage": value.usage and plain(value.usage),
        }
        return record if value.line is None else {**record, "line": plain(value.line)}

    def read(self, record: Mapping[str, Any]) -> Reply:
        """The reply, read as strictly as one that comes from the judge."""
        usage = record["usage"]
        return Reply(
            {axis: _scored(**grade) for axis, grade in record["grades"].items()},
            record["model"],
            TokenUsage(**usage) if usage is not None else None,
            _line(**record["line"]) if "line" in record else None,
        )


class ReplyJournal(Journal[Reply]):
    """Replies by key, in `grades.jsonl` and wherever else they were kept before."""

    def __init__(
        self,
        path: Path,
        others: Iterable[Path | bytes] = (),
        folder: CacheFolder | None = None,
    ) -> None:
        """Open it as any `Journal`."""
        super().__init__(path, ReplyCodec(), others, folder)


def _line(message: object, done: object) -> Line:
    if not isinstance(message, str) or not isinstance(done, bool):
        raise TypeError("a line is a message, and whether the user is done")
    return Line(message, done)


def _scored(score: float, reason: str) -> Scored:
    if isinstance(score, bool) or not 0 <= score <= 1 or not isinstance(reason, str):
        raise ValueError("a grade is a score from 0 to 1 with a reason")
    return Scored(float(score), reason)
