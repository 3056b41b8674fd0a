"""The line that a request to override leaves in `audit.jsonl`, however it came out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rubric_action.gate.model import Finding
from rubric_action.gate.override.coverage import covers, seen_at
from rubric_action.gate.override.facts import Backing, Person, Published, Review
from rubric_action.gate.override.model import Override, Rejected, Signature
from rubric_action.report.model import Report
from rubric_action.report.override_record import (
    floor_record,
    identity_record,
    instant,
    label_record,
)


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a request was decided on, beside the report; all times are GitHub's.

    `head` and `base` are commits of the pull request `pull`, `base_digest` is of the rubric that
    the policy came from. `backing` is None where nobody's standing was looked up, or could be.
    """

    at: datetime
    pull: int
    head: str
    base: str
    base_digest: str | None = None
    backing: Backing | None = None


def audit_lines(report: Report, grounds: Grounds) -> Iterator[dict[str, Any]]:
    """The line of this decision; none where nobody asked for an override."""
    override = report.decision.override
    if override is not None and override.asked:
        yield _line(report, override, grounds)


def _line(report: Report, override: Override, grounds: Grounds) -> dict[str, Any]:
    decision, run = report.decision, report.run
    signature = override.signature
    seen = _seen(signature, grounds)
    return {
        "at": instant(grounds.at),
        "pull": grounds.pull,
        "counts": signature is not None,
        "state": override.state,
        "sentence": override.sentence,
        "verdict": {"measured": decision.measured.verdict, "final": decision.verdict},
        "head": grounds.head,
        "base": grounds.base,
        "rubric": {"head": report.digest, "base": grounds.base_digest},
        "run": {
            "id": run.run_id,
            "attempt": run.attempt,
            "url": run.url,
            "graded_by": run.graded.run_id if run.graded else run.run_id,
        },
        "label": label_record(override.label),
        "review": _signed(signature, grounds, seen) if signature else None,
        "floor": floor_record(override.floor),
        "covered": _covered(signature, seen) if signature else [],
        "left": [_scored(one) for one in override.left],
        "rejected": [_rejected(one) for one in override.rejected],
        "notes": list(override.notes),
        "warnings": list(override.warnings),
    }


def _seen(signature: Signature | None, grounds: Grounds) -> Published | None:
    """The results that the signer could read."""
    if signature is None or grounds.backing is None:
        return None
    return seen_at(grounds.backing.published, signature.review.at)


def _signed(signature: Signature, grounds: Grounds, seen: Published | None) -> dict[str, Any]:
    standings = grounds.backing.standings if grounds.backing else {}
    standing = standings.get(signature.by.id)
    return _review(signature.review, signature.by) | {
        "reason": signature.reason,
        "standing": signature.standing,
        "role": standing.role if standing else None,
        "teams": dict(standing.teams) if standing else {},
        "results_at": instant(seen.at) if seen else None,
        "results_artifact": seen.artifact_id if seen else None,
    }


def _review(review: Review, by: Person | None) -> dict[str, Any]:
    return {
        "id": review.id,
        "url": review.url,
        "by": by.login if by else None,
        "by_id": by.id if by else None,
        "state": review.state,
        "commit": review.commit,
        "at": instant(review.at),
    }


def _covered(signature: Signature, seen: Published | None) -> list[dict[str, Any]]:
    """What was signed for, with what was measured now and in the results that one could read."""
    return [
        _scored(one) | {"observed_then": _observed_then(one, seen)} for one in signature.covered
    ]


def _observed_then(finding: Finding, seen: Published | None) -> float | None:
    known = (one.observed for one in seen.findings if covers(one, finding)) if seen else ()
    return next(iter(known), None)


def _scored(finding: Finding) -> dict[str, Any]:
    return identity_record(finding) | {"required": finding.required, "observed": finding.observed}


def _rejected(one: Rejected) -> dict[str, Any]:
    review = one.review
    return {
        "who": one.who,
        "reason": one.reason,
        "review": _review(review, review.author) if review else None,
    }
