"""Values to and from the lines of the results folder's JSONL files."""

from typing import Any

from rubric_action.agent.model import AgentTurn, Session, ToolCall, Usage
from rubric_action.cases.fingerprint import CaseBar
from rubric_action.cases.model import ContextItem
from rubric_action.cases.plain import plain
from rubric_action.errors import Place
from rubric_action.gate.model import AxisScore, CaseResult, Confirmation, History, TrialResult
from rubric_action.grading.model import RuleOutcome
from rubric_action.report.typed import (
    Record,
    amount,
    as_object,
    by_name,
    flag,
    items,
    optional,
    share,
    text,
    whole,
)


def case_record(case: CaseResult) -> dict[str, Any]:
    """A line of `cases.jsonl`."""
    return {
        "id": case.id,
        "slices": list(case.slices),
        "passed": case.passed,
        "cause": case.cause,
        "missing": case.missing,
        "axes": {name: _axis_record(score) for name, score in case.axes.items()},
        "rules": [plain(rule) for rule in case.rules],
        "trials": [_trial_record(trial) for trial in case.trials],
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
        "confirmation": case.confirmation and plain(case.confirmation),
        "cluster": case.cluster,
    }


def case_from(record: Record) -> CaseResult:
    """What `case_record` wrote; KeyError, TypeError or ValueError where it did not."""
    place, trials = record["place"], items(_trial)(record["trials"])
    passed = optional(flag)(record["passed"])
    if passed is not None and not trials:
        raise ValueError("a case cannot be decided without a trial")
    return CaseResult(
        id=text(record["id"]),
        slices=items(text)(record["slices"]),
        passed=passed,
        cause=optional(text)(record["cause"]),
        missing=flag(record["missing"]),
        axes=by_name(_axis)(record["axes"]),
        rules=items(_rule)(record["rules"]),
        trials=trials,
        latency_s=optional(amount)(record["latency_s"]),
        cost_usd=optional(amount)(record["cost_usd"]),
        history=_history(record["history"]),
        fingerprint=text(record["fingerprint"]),
        bar=CaseBar.from_json(record["bar"]),
        promoted=flag(record["promoted"]),
        weight=amount(record["weight"]),
        stale=items(text)(record["stale"]),
        place=Place(text(place["file"]), optional(whole)(place["line"])),
        confirmation=optional(_confirmation)(record.get("confirmation")),
        cluster=optional(text)(record.get("cluster")),
    )


def session_record(session: Session) -> dict[str, Any]:
    """A line of `sessions.jsonl`: what was graded."""
    return {
        "case": session.case,
        "trial": session.trial,
        "turns": [_turn_record(turn) for turn in session.turns],
    }


def _axis_record(score: AxisScore) -> dict[str, Any]:
    return {"score": score.score, "passed": score.passed, "reason": score.reason}


def _trial_record(trial: TrialResult) -> dict[str, Any]:
    return {
        "trial": trial.trial,
        "passed": trial.passed,
        "scores": trial.scores,
        "rules_passed": trial.rules_passed,
        "latency_s": trial.latency_s,
        "cost_usd": trial.cost_usd,
        "cause": trial.cause,
    }


def _turn_record(turn: AgentTurn) -> dict[str, Any]:
    record = {
        "output": turn.output,
        "latency_s": turn.latency_s,
        "context": [_given(item) for item in turn.context],
        "tool_calls": [plain(call) for call in turn.tool_calls],
        "usage": turn.usage and plain(turn.usage),
        "cost_usd": turn.cost_usd,
    }
    if turn.user is not None:  # else said by the case's script
        record["user"] = turn.user
    return record


def _given(item: ContextItem) -> dict[str, Any]:
    """A context item with only the keys that it has, as a file of outputs may hold it."""
    return {name: value for name, value in plain(item).items() if value is not None}


def session_from(record: Record) -> Session:
    """What `session_record` wrote; KeyError, TypeError or ValueError where it did not."""
    return Session(text(record["case"]), whole(record["trial"]), items(_turn)(record["turns"]))


def _axis(value: Record) -> AxisScore:
    return AxisScore(share(value["score"]), flag(value["passed"]), text(value["reason"]))


def _rule(value: Record) -> RuleOutcome:
    return RuleOutcome(
        id=text(value["id"]),
        passed=flag(value["passed"]),
        detail=text(value["detail"]),
        axis=optional(text)(value["axis"]),
        error=flag(value["error"]),
    )


def _trial(value: Record) -> TrialResult:
    return TrialResult(
        trial=whole(value["trial"]),
        passed=optional(flag)(value["passed"]),
        scores=by_name(share)(value["scores"]),
        rules_passed=flag(value["rules_passed"]),
        latency_s=optional(amount)(value["latency_s"]),
        cost_usd=optional(amount)(value["cost_usd"]),
        cause=optional(text)(value["cause"]),
    )


def _confirmation(value: Record) -> Confirmation:
    return Confirmation(
        items(flag)(value["trials"]),
        optional(flag)(value["regrade"]),
        optional(text)(value["cause"]),
    )


def _history(value: Record) -> History:
    return History(items(_run)(value["runs"]), flag(value["committed"]))


def _run(value: Any) -> tuple[int, int]:
    passes, trials = items(whole)(value)
    if passes > trials:
        raise ValueError(f"{passes} passes of {trials} trials cannot be")
    return passes, trials


def _turn(value: Record) -> AgentTurn:
    return AgentTurn(
        output=text(value["output"]),
        latency_s=optional(amount)(value["latency_s"]),
        context=items(_context)(value["context"]),
        tool_calls=items(_call)(value["tool_calls"]),
        usage=optional(_usage)(value["usage"]),
        cost_usd=optional(amount)(value["cost_usd"]),
        user=optional(text)(value.get("user")),
    )


def _context(value: Record) -> ContextItem:
    source, updated_at = (
        optional(text)(value.get("source")),
        optional(text)(value.get("updated_at")),
    )
    return ContextItem(text(value["text"]), source, updated_at)


def _call(value: Record) -> ToolCall:
    return ToolCall(text(value["name"]), as_object(value["arguments"]))


def _usage(value: Record) -> Usage:
    tokens = whole(value["input_tokens"]), whole(value["output_tokens"])
    return Usage(text(value["model"]), *tokens)
