"""What a request to override came to, as records of the summary and of the audit."""

from datetime import UTC, datetime
from typing import Any

from rubric_action.gate.model import Finding
from rubric_action.gate.override.facts import LabelEvent, Moment
from rubric_action.gate.override.model import Override, Rejected


def signature_record(override: Override | None) -> dict[str, Any] | None:
    """Who signed for what; None where no signature counts."""
    signature = override.signature if override else None
    if signature is None:
        return None
    review = signature.review
    return {
        "by": signature.by.login,
        "id": signature.by.id,
        "reason": signature.reason,
        "standing": signature.standing,
        "review": {"id": review.id, "url": review.url, "at": instant(review.at)},
        "label": label_record(signature.label),
        "covered": [identity_record(finding) for finding in signature.covered],
    }


def outcome_record(override: Override | None) -> dict[str, Any] | None:
    """How it came out and why, whether a signature counts or not."""
    if override is None:
        return None
    return {
        "state": override.state,
        "sentence": override.sentence,
        "how": override.how,
        "steps": [
            {"name": step.name, "status": step.status, "sentence": step.sentence}
            for step in override.steps
        ],
        "label": label_record(override.label),
        "floor": floor_record(override.floor),
        "rejected": [_rejected(one) for one in override.rejected],
        "left": [identity_record(finding) for finding in override.left],
        "notes": list(override.notes),
        "warnings": list(override.warnings),
    }


def identity_record(finding: Finding) -> dict[str, Any]:
    """What makes it the same finding in another run; `key` tells changes of the bar apart."""
    return {
        "kind": finding.kind,
        "slice": finding.slice,
        "axis": finding.axis,
        "case": finding.case,
        "key": finding.key,
    }


def label_record(event: LabelEvent | None) -> dict[str, Any] | None:
    """Who set the label; `by` is null for a deleted account."""
    if event is None:
        return None
    return {
        "event_id": event.id,
        "by": event.actor.login if event.actor else None,
        "by_id": event.actor.id if event.actor else None,
        "at": instant(event.at),
    }


def floor_record(floor: Moment | None) -> dict[str, Any] | None:
    """The time after which all that counts had to happen, and what set it."""
    return None if floor is None else {"at": instant(floor.at), "what": floor.what}


def instant(at: datetime) -> str:
    """A time in ISO 8601, UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _rejected(one: Rejected) -> dict[str, Any]:
    url = one.review.url if one.review else ""
    return {"who": one.who, "reason": one.reason, "review_url": url or None}
