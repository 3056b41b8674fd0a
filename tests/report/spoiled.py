"""Reports with one hostile text in every place where foreign text appears."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rubric_action.gate.conviction import Tally
from rubric_action.gate.doubt import Doubt
from rubric_action.gate.evidence import BarNotCompared
from rubric_action.gate.model import NoBaseline
from rubric_action.report.model import GradingRun, Report
from rubric_action.report.recall_parts import OUTCOMES
from rubric_action.rubric.model import Approvers, OverridePolicy
from tests.fakes.judge import JudgeServer
from tests.pipeline.workspace import JUDGED, Workspace
from tests.report.signing import Conversation

MARKER = "FAILS"
SLICES = {"all": {"select": "all", "min": {"tone": 0.5, "policy": 0.5}, "min_pass_rate": 0.9}}


@dataclass(frozen=True, slots=True)
class Spoiled:
    """The reports of one text, by the name of what happened to the override."""

    text: str
    reports: dict[str, Report]


def spoil(text: str, root: Path, judge: JudgeServer) -> Spoiled:
    """Run the gate over the text as id, question, answer, reason, rule and session's error."""
    name = _as_name(text)
    judge.score = lambda *_: (0.2, text)
    workspace = Workspace(root, judge.base_url)
    workspace.rubric(
        JUDGED,
        slices=SLICES,
        rules=[{"id": _as_rule(text), "not_contains": MARKER, "axis": "tone"}],
    )
    _write(workspace, "eval/cases.jsonl", _cases(text, name))
    _write(workspace, "eval/outputs.jsonl", _sessions(text, name))
    failed = workspace.gate("failed")
    _write(
        workspace, "eval/outputs.jsonl", [{"case": name, "error": text if text.strip() else "x"}]
    )
    missing = workspace.gate("missing")
    told = dict(_outcomes(_with_more(failed, text), text))
    return Spoiled(text, told | {"missing": _with_more(missing, text)})


def _cases(text: str, name: str) -> list[dict[str, Any]]:
    turns = [{"user": text}, {"user": f"{text} again"}]
    tags = [text] if text.strip() else []
    return [{"id": name, "input": text, "tags": tags}, {"id": f"{name} 2", "turns": turns}]


def _sessions(text: str, name: str) -> list[dict[str, Any]]:
    turns = [{"output": text}, {"output": f"{text} {MARKER} {text}"}]
    return [{"case": name, "output": f"{text}{MARKER}"}, {"case": f"{name} 2", "turns": turns}]


def _with_more(report: Report, text: str) -> Report:
    """The text in the places that a single run does not fill, or our own texts do."""
    return replace(
        report,
        decision=replace(report.decision, doubts=tuple(_doubts(text))),
        broken=tuple(replace(one, answered_before=text) for one in report.broken),
        baseline=NoBaseline(text),
        bar=BarNotCompared(text),
        warnings=(text, f"`{text}`"),
        run=replace(report.run, url=text, graded=GradingRun(text, 1, text)),
    )


def _doubts(text: str) -> Iterator[Doubt]:
    """One of each outcome."""
    for outcome in OUTCOMES:
        yield Doubt(text, Tally(20, 20), Tally(1, 6), outcome)


def _outcomes(report: Report, text: str) -> Iterator[tuple[str, Report]]:
    """What can become of an override whose every word is the text."""
    policy = OverridePolicy(
        label=text,
        approvers=Approvers(permission="maintain"),
        allow=("threshold",),
        max_per_quarter=1,
    )
    told = _conversation(text)
    refused = {**told, "reviews": told["reviews"][:-1]}
    silent = {**told, "label": {**told["label"], "on": False}}
    unread = {"unreadable": text, "mend": text}
    for name, given in (
        ("signed", told),
        ("refused", refused),
        ("open", silent),
        ("unread", unread),
    ):
        decision = Conversation(given).sign(report.decision, policy)
        yield (
            name,
            replace(report, decision=decision, policy=replace(report.policy, override=policy)),
        )
    yield "laptop", report


def _conversation(text: str) -> dict[str, Any]:
    signer, other = text, f"{text} 2"
    return {
        "author": "dana",
        "label": {"on": True, "by": text, "at": 10},
        "reviews": [
            {"by": other, "at": 20, "body": f"override: {text}"},
            {"by": signer, "at": 30, "body": f"override: x {text}\n\n{text}"},
        ],
        "standings": {signer: {"role": "maintain"}, other: {"role": "read"}},
        "days_ago": [1],
    }


def _as_name(text: str) -> str:
    """As far as a case's id may hold it."""
    return _kept(text, lambda mark: ord(mark) >= 32 and mark not in "\u2028\u2029")[:150] or "blank"


def _as_rule(text: str) -> str:
    """As far as YAML may hold it."""
    return _kept(text, str.isprintable)[:100] or "blank"


def _kept(text: str, may: Callable[[str], bool]) -> str:
    kept = "".join(mark if may(mark) and not 0x7F <= ord(mark) <= 0x9F else " " for mark in text)
    return " ".join(kept.split())


def _write(workspace: Workspace, path: str, records: list[dict[str, Any]]) -> None:
    """JSONL in ASCII, so that every character gets through; half a pair is none, and refused."""
    text = "".join(f"{json.dumps(record)}\n" for record in records)
    workspace.write(path, re.sub(r"(?<!\\)\\ud83d(?!\\ud)", "?", text))
