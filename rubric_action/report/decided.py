"""Lines of `audit.jsonl` read back as decisions, from a results folder or the ledger's file."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from rubric_action.gate.override.usage import Decided
from rubric_action.report.stored import VERSION
from rubric_action.report.typed import (
    Record,
    as_object,
    flag,
    items,
    moment,
    need,
    optional,
    text,
    whole,
)

SCHEMA: Final = f"rubric-audit/{VERSION}"


def records(data: bytes) -> Iterator[Mapping[str, Any]]:
    """The records of a ledger's file; ValueError, with the line, where it is none."""
    header, *lines = data.splitlines() or [b""]
    if _object(header, 1).get("schema") != SCHEMA:
        raise ValueError(f"line 1 has to be {json.dumps({'schema': SCHEMA})}")
    for number, line in enumerate(lines, start=2):
        yield _object(line, number)


def decided(record: Record) -> Decided:
    """What a record tells; ValueError where it is none."""
    label, review = (need(record, name, optional(as_object)) for name in ("label", "review"))
    covered = need(record, "covered", items(as_object))
    return Decided(
        pull=need(record, "pull", whole),
        at=need(record, "at", moment),
        counts=need(record, "counts", flag),
        by=need(review, "by", optional(text)) if review else None,
        by_id=need(review, "by_id", optional(whole)) if review else None,
        kinds=tuple(dict.fromkeys(need(one, "kind", text) for one in covered)),
        bars=tuple(dict.fromkeys(map(_bar, covered))),
        of=(
            need(record, "head", optional(text)),
            need(label, "event_id", whole) if label else None,
            need(review, "id", whole) if review else None,
        ),
    )


def _bar(finding: Record) -> str:
    """The rubric's key that a finding breaks; or else what it is about."""
    key = need(finding, "key", optional(text))
    about = (finding.get(name) for name in ("kind", "slice", "axis", "case"))
    return key or " ".join(str(one) for one in about if one)


def _object(line: bytes, number: int) -> Mapping[str, Any]:
    try:
        return as_object(json.loads(line))
    except (ValueError, RecursionError):
        raise ValueError(f"line {number} is no JSON object") from None
