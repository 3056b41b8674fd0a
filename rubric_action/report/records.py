"""Values to and from the lines of the results folder's JSONL files."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rubric_action.agent.model import AgentTurn, Session, ToolCall, Usage
from rubric_action.cases.fingerprint import CaseBar
from rubric_action.cases.model import ContextItem
from rubric_action.errors import Place
from rubric_action.gate.model import AxisScore, CaseResult, History, TrialResult
from rubric_action.grading.model import RuleOutcome

Record = Mapping[str, Any]


def case_record(case: CaseResult) -> dict[str, Any]:
    """A line of `cases.jsonl`."""
    return {
        "id": case.id,
        "slices": list(case.slices),
        "passed": case.passed,
        "cause": case.cause,
        "missing": case.missing,
        "axes": {name: asdict(score) for name, score in case.axes.items()},
        "rules": [asdict(rule) for rule in case.rules],
        "trials": [asdict(trial) for trial in case.trials],
        "latency_s": case.latency_s,
        "cost_usd": case.cost_usd,
        "history": {
            "passes": case.history.passes,
            "trials": case.history.trials,
            "runs": [list(run) for run in case.history.runs],
            "committed": case.history.committed,
        },
        "fingerprint": case.fingerprint,
        "bar": case.bar.as_json(),
        "promoted": case.promoted,
        "weight": case.weight,
        "stale": list(case.stale),
        "place": {"file": case.place.file, "line": case.place.line},
    }


def case_from(record: Record) -> CaseResult:
    """What `case_record` wrote; KeyError, TypeError or ValueError where it did not."""
    history, place = record["history"], record["place"]
    return CaseResult(
        id=record["id"],
        slices=tuple(record["slices"]),
        passed=record["passed"],
        cause=record["cause"],
        missing=record["missing"],
        axes={name: AxisScore(**score) for name, score in record["axes"].items()},
        rules=tuple(RuleOutcome(**rule) for rule in record["rules"]),
        trials=tuple(TrialResult(**trial) for trial in record["trials"]),
        latency_s=record["latency_s"],
        cost_usd=record["cost_usd"],
        history=History(
            tuple((passes, trials) for passes, trials in history["runs"]), history["committed"]
        ),
        fingerprint=record["fingerprint"],
        bar=CaseBar.from_json(record["bar"]),
        promoted=record["promoted"],
        weight=record["weight"],
        stale=tuple(record["stale"]),
        place=Place(place["file"], place["line"]),
    )


def session_record(session: Session) -> dict[str, Any]:
    """A line of `sessions.jsonl`: what was graded."""
    return asdict(session)


def session_from(record: Record) -> Session:
    """What `session_record` wrote; KeyError, TypeError or ValueError where it did not."""
    return Session(
        record["case"], record["trial"], tuple(_turn(turn) for turn in record["turns"])
    )


def _turn(record: Record) -> AgentTurn:
    return AgentTurn(
        output=record["output"],
        latency_s=record["latency_s"],
        context=tuple(ContextItem(**item) for item in record["context"]),
        tool_calls=tuple(ToolCall(**call) for call in record["tool_calls"]),
        usage=Usage(**record["usage"]) if record["usage"] else None,
        cost_usd=record["cost_usd"],
    )
