"""A stored run as the baseline of this one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rubric_action.errors import BaselineUnreadable
from rubric_action.gate.model import Baseline, NoBaseline
from rubric_action.report.compact import compact
from rubric_action.report.packed import PackedCases
from rubric_action.report.stored import Stored
from rubric_action.report.typed import as_object, optional, text, whole

NO_BASELINE_YET = "no baseline yet"


def baseline_of(stored: Stored | NoBaseline, now: str) -> Baseline | NoBaseline:
    """Its cases by id, and how old it is at `now`, a time in ISO 8601.

    GitHub's time counts where it stored the results. A run that ended in `error` decided nothing:
    it is refused.
    """
    if isinstance(stored, NoBaseline):
        return stored
    if stored.verdict == "error":
        raise BaselineUnreadable(
            f"{stored.name} ended in `error` and decided nothing.",
            "Give the results of a run that reached a verdict.",
        )
    origin = stored.said(_origin)
    return Baseline(
        cases=PackedCases(map(compact, stored.cases())),
        sha=origin.sha,
        run_id=origin.run_id,
        age_days=_days(stored.stored_at or origin.created_at, now),
        distance=stored.distance,
        judge=origin.judge,
    )


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where a stored run comes from, as far as its summary says."""

    sha: str | None
    run_id: int | None
    created_at: object
    judge: str | None


def _origin(summary: Mapping[str, Any]) -> _Origin:
    """Raises ValueError for a value of another type."""
    run = optional(as_object)(summary.get("run")) or {}
    judge = optional(as_object)(summary.get("judge")) or {}
    return _Origin(
        sha=optional(text)(run.get("sha")),
        run_id=optional(whole)(run.get("run_id")),
        created_at=run.get("created_at"),
        judge=optional(text)(judge.get("fingerprint")),
    )


def _days(then: object, now: str) -> float | None:
    try:
        passed = datetime.fromisoformat(now) - datetime.fromisoformat(str(then))
    except (ValueError, TypeError):
        return None
    return max(0.0, passed.total_seconds() / 86_400)
