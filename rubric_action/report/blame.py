"""Who moved the bar, and who overrode it, with what was measured meanwhile; also as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from rubric_action.gate.model import Ceiling, SliceSummary
from rubric_action.gate.override.usage import Usage
from rubric_action.report.override_record import instant
from rubric_action.rubric.history import Commit, Move, Version

SCHEMA: Final = "rubric-blame/1"


@dataclass(frozen=True, slots=True)
class Scores:
    """What a run measured, to be told beside the bars of its time."""

    sha: str | None
    at: datetime
    slices: Mapping[str, SliceSummary]
    ceilings: tuple[Ceiling, ...] = ()


@dataclass(frozen=True, slots=True)
class Scored:
    """What a bar was held against: by a run of the very commit, or else by the first one after."""

    value: float
    at: datetime
    same_commit: bool


@dataclass(frozen=True, slots=True)
class Reign:
    """A move, and what was measured while its bar stood; None where no run of that time tells."""

    move: Move
    scored: Scored | None = None


@dataclass(frozen=True, slots=True)
class Blame:
    """The moves of every bar, oldest first, and the overrides; `usage` None where none is known."""

    rubric: str
    versions: tuple[Version, ...]
    moves: tuple[Move, ...]
    scores: tuple[Scores, ...] = ()
    usage: Usage | None = None
    notes: tuple[str, ...] = ()


def reigns(moves: Sequence[Move], scores: Sequence[Scores]) -> list[Reign]:
    """The moves, oldest first, each with a score of the time until the same bar moved again."""
    found: list[Reign] = []
    until: dict[str, datetime] = {}
    for move in reversed(moves):
        found.append(Reign(move, _scored(move, until.get(move.change.key), scores)))
        until[move.change.key] = move.commit.at
    return found[::-1]


def _scored(move: Move, until: datetime | None, scores: Sequence[Scores]) -> Scored | None:
    commit = move.commit
    known = [
        Scored(value, one.at, one.sha == commit.sha)
        for one in scores
        if (value := _value(move, one)) is not None
        and (one.sha == commit.sha or (commit.at <= one.at and (until is None or one.at < until)))
    ]
    return min(known, key=lambda one: (not one.same_commit, one.at), default=None)


def _value(move: Move, scores: Scores) -> float | None:
    change = move.change
    field = change.key.rpartition(".")[2]
    if field in ("latency_p95", "cost_per_session"):
        kind = "latency" if field == "latency_p95" else "cost"
        same = (one for one in scores.ceilings if (one.kind, one.slice) == (kind, change.slice))
        return next((one.observed for one in same), None)
    part = scores.slices.get(change.slice or "")
    if part is None:
        return None
    if change.key == f"slices.{change.slice}.min_pass_rate":
        return part.pass_rate
    axis = part.axes.get(change.axis or "")
    return axis.mean if axis else None


def as_json(blame: Blame) -> dict[str, Any]:
    """The whole history for a machine."""
    return {
        "schema": SCHEMA,
        "rubric": blame.rubric,
        "versions": [
            _commit(one.commit) | {"valid": one.rubric is not None, "trouble": one.trouble or None}
            for one in blame.versions
        ],
        "moves": [_reign(one) for one in reigns(blame.moves, blame.scores)],
        "overrides": None if blame.usage is None else _usage(blame.usage),
        "notes": list(blame.notes),
    }


def _commit(commit: Commit) -> dict[str, Any]:
    return {
        "commit": commit.sha,
        "at": instant(commit.at),
        "who": list(commit.who),
        "pull": commit.pull,
        "subject": commit.subject,
    }


def _reign(reign: Reign) -> dict[str, Any]:
    change, commit, found = reign.move.change, reign.move.commit, reign.scored
    return {
        "key": change.key,
        "direction": reign.move.direction,
        "before": change.before or None,
        "after": change.after or None,
        "commit": commit.sha,
        "at": instant(commit.at),
        "who": list(commit.who),
        "pull": commit.pull,
        "scored": found
        and {"value": found.value, "at": instant(found.at), "same_commit": found.same_commit},
    }


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "signed": usage.signed,
        "refused": usage.refused,
        "by_quarter": dict(usage.quarters),
        "by_week": dict(usage.weeks),
        "by_kind": dict(usage.kinds),
        "by_person": dict(usage.people),
        "by_bar": dict(usage.bars),
        "pattern": usage.pattern,
        "sentence": usage.sentence,
    }
