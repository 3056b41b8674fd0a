"""Who graded, and how far people agree with it, as `summary.json` holds it; and read back."""

from dataclasses import asdict
from typing import Any

from rubric_action.gate.reliability import Reliability
from rubric_action.gate.statistics.agreement import Table
from rubric_action.report.model import JudgeInfo
from rubric_action.report.typed import Record, as_object, may, need, number, optional, text, whole


def judge_record(judge: JudgeInfo) -> dict[str, Any]:
    """The record; `canaries` is null where the judge was not watched."""
    return {
        "provider": judge.provider,
        "model": judge.model,
        "agreement": judge.agreement,
        "canaries": judge.reliability and _canaries(judge.reliability),
        "fingerprint": judge.fingerprint,
    }


def _canaries(reliability: Reliability) -> dict[str, Any]:
    found = reliability.agreement
    return {
        "answers": reliability.answers,
        "grades": reliability.table.n,
        "interval": found and list(found.interval),
        "counts": asdict(reliability.table),
        "ungraded": reliability.ungraded,
        "cause": reliability.cause,
    }


def judge_from(value: Any) -> JudgeInfo:
    """Who graded; an older record knows nothing of canaries. ValueError where it is no record."""
    return JudgeInfo(
        provider=need(value, "provider", text),
        model=need(value, "model", text),
        agreement=need(value, "agreement", optional(number)),
        fingerprint=need(value, "fingerprint", text),
        reliability=may(value, "canaries", optional(_reliability), None),
    )


def _reliability(value: Record) -> Reliability:
    return Reliability(
        table=need(value, "counts", _table),
        answers=need(value, "answers", whole),
        ungraded=need(value, "ungraded", whole),
        cause=need(value, "cause", optional(text)),
    )


def _table(value: Any) -> Table:
    counts = as_object(value)
    return Table(
        both=need(counts, "both", whole),
        only_judge=need(counts, "only_judge", whole),
        only_person=need(counts, "only_person", whole),
        neither=need(counts, "neither", whole),
    )
