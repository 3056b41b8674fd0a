"""A stored run as the baseline of this one."""

from datetime import datetime

from rubric_action.errors import BaselineUnreadable
from rubric_action.gate.model import Baseline, NoBaseline
from rubric_action.report.compact import compact
from rubric_action.report.stored import Stored

NO_BASELINE_YET = "no baseline yet"


def baseline_of(stored: Stored | NoBaseline, now: str) -> Baseline | NoBaseline:
    """Its cases by id, and how old it is. One that ended in `error` decided nothing: refused."""
    if isinstance(stored, NoBaseline):
        return stored
    if stored.verdict == "error":
        raise BaselineUnreadable(
            f"{stored.name} ended in `error` and decided nothing.",
            "Give the results of a run that reached a verdict.",
        )
    run = stored.summary.get("run") or {}
    judge = stored.summary.get("judge") or {}
    return Baseline(
        cases={case.id: compact(case) for case in stored.cases()},
        sha=run.get("sha"),
        run_id=run.get("run_id"),
        age_days=_days(run.get("created_at"), now),
        judge=judge.get("fingerprint"),
    )


def _days(then: object, now: str) -> float | None:
    try:
        passed = datetime.fromisoformat(now) - datetime.fromisoformat(str(then))
    except (ValueError, TypeError):
        return None
    return max(0.0, passed.total_seconds() / 86_400)
