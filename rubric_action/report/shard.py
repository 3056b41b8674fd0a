"""`summary.json` of a shard: what it graded, and nothing that anybody could take for a verdict."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from rubric_action.cases.plain import plain
from rubric_action.cases.shard import Shard
from rubric_action.gate.evidence import Stopped
from rubric_action.grading.model import Spend
from rubric_action.report import numbers
from rubric_action.report.console import spent
from rubric_action.report.escape import clip, visible
from rubric_action.report.judge_record import judge_from, judge_record
from rubric_action.report.model import JudgeInfo, RunInfo
from rubric_action.report.recall_parts import run_from, spend_from
from rubric_action.report.stored import PART, VERSION
from rubric_action.report.typed import Record, as_object, items, need, optional, text, whole

SCHEMA: Final = f"{PART}/{VERSION}"
MOST_TOLD: Final = 500
"""Characters of a sentence; why a shard was cut short is another job's word."""


@dataclass(frozen=True, slots=True)
class ShardReport:
    """A shard that is through. It holds `cases` of the suite's `total`.

    `suite` is the digest of all cases, `digest` the rubric's. `judge_model` and `outputs` are what
    was said over the rubric, None for nothing. `undecided` counts cases that are missing or
    ungraded.
    """

    shard: Shard
    run: RunInfo
    digest: str
    suite: str
    cases: int
    total: int
    failed: int
    undecided: int
    judge: JudgeInfo | None
    judge_model: str | None
    outputs: str | None
    spend: Spend
    stopped: Stopped | None
    warnings: tuple[str, ...]


def shard_summary(report: ShardReport) -> dict[str, Any]:
    """The whole of the shard's `summary.json`, in its order."""
    return {
        "schema": SCHEMA,
        "shard": asdict(report.shard),
        "cases": {
            "count": report.cases,
            "of": report.total,
            "failed": report.failed,
            "undecided": report.undecided,
            "digest": report.suite,
        },
        "stopped": report.stopped and plain(report.stopped),
        "spend": asdict(report.spend),
        "judge": report.judge and judge_record(report.judge),
        "judge_model": report.judge_model,
        "outputs": report.outputs,
        "warnings": list(report.warnings),
        "run": asdict(report.run) | {"rubric_digest": report.digest},
    }


def shard_from(summary: Mapping[str, Any]) -> ShardReport:
    """What `shard_summary` wrote; ValueError where it did not."""
    cases, run = need(summary, "cases", as_object), need(summary, "run", as_object)
    return ShardReport(
        shard=need(summary, "shard", _shard),
        run=run_from(run),
        digest=need(run, "rubric_digest", text),
        suite=need(cases, "digest", text),
        cases=need(cases, "count", whole),
        total=need(cases, "of", whole),
        failed=need(cases, "failed", whole),
        undecided=need(cases, "undecided", whole),
        judge=need(summary, "judge", optional(judge_from)),
        judge_model=need(summary, "judge_model", optional(text)),
        outputs=need(summary, "outputs", optional(text)),
        spend=need(summary, "spend", spend_from),
        stopped=need(summary, "stopped", optional(_stopped)),
        warnings=need(summary, "warnings", items(text)),
    )


def lines(report: ShardReport) -> Iterator[str]:
    """A shard on a terminal or in a log; whatever is foreign in it is on one line and visible."""
    graded = numbers.count(report.cases - report.undecided, "case")
    of = f" of {report.cases:,}" if report.undecided else ""
    if report.stopped:
        told = f"{report.stopped.cause} {report.stopped.mend}".rstrip()
        yield f"{report.shard} was cut short, {graded}{of} graded: {_line(told)}"
    else:
        yield f"{report.shard}: {graded}{of} graded, {report.failed:,} failed; merge decides"
    for warning in report.warnings:
        yield f"warning: {_line(warning)}"
    yield spent(report.spend, report.run.seconds)


def _shard(value: Record) -> Shard:
    index, of = need(value, "index", whole), need(value, "of", whole)
    if not 1 <= index <= of:
        raise ValueError(f"{index} of {of} is no part")
    return Shard(index, of)


def _stopped(value: Record) -> Stopped:
    return Stopped(need(value, "cause", text)[:MOST_TOLD], need(value, "mend", text)[:MOST_TOLD])


def _line(told: str) -> str:
    return clip(" ".join(visible(told).split()), MOST_TOLD)
