"""A repository with a rubric, cases and sessions, and the gate run over it in this process."""

import asyncio
import copy
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from rubric_action.gate.evidence import BarNotCompared
from rubric_action.gate.model import NoBaseline
from rubric_action.laptop import read_rubric
from rubric_action.pipeline import Request, run
from rubric_action.report.model import Report, RunInfo
from rubric_action.report.stored import open_path
from rubric_action.rubric.model import Rubric

Json = dict[str, Any]

RULED: Json = {
    "version": 1,
    "cases": "eval/cases.jsonl",
    "agent": {"outputs": "eval/outputs.jsonl"},
    "rules": [{"id": "no-keys", "not_contains": "api_key"}],
    "slices": {"all": {"select": "all", "min_pass_rate": 0.5}},
}
"""Rules settle everything: no judge."""

JUDGED: Json = {
    "version": 1,
    "cases": "eval/cases.jsonl",
    "agent": {"outputs": "eval/outputs.jsonl", "concurrency": 4},
    "judge": {"provider": "openai", "model": "small", "timeout": "2s", "deadline": "4s"},
    "axes": {"tone": {"ask": "Is it polite?"}, "policy": {"ask": "Does it obey?", "pass": 0.8}},
    "slices": {"all": {"select": "all", "min": {"tone": 0.5, "policy": 0.5}}},
}
"""Two axes, graded by a model at a local endpoint."""

NOW = "2026-11-23T10:00:00Z"
NOT_COMPARED = BarNotCompared("no base rubric was given")


class Quiet:
    """No progress."""

    def start(self, total: int) -> None:
        """Say nothing."""

    def step(self, done: int) -> None:
        """Say nothing."""


@dataclass(slots=True)
class Workspace:
    """A checkout; `base_url` is where its judge lives."""

    root: Path
    base_url: str | None = None
    environ: Mapping[str, str] = field(default_factory=dict)

    def write(self, path: str, text: str) -> Path:
        """Write one file."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        return target

    def rubric(self, plain: Json, path: str = "eval/rubric.yaml", **changes: Any) -> None:
        """Write a rubric; `changes` replace whole top-level keys, None takes one away."""
        merged = {**copy.deepcopy(plain), **changes}
        kept = {key: value for key, value in merged.items() if value is not None}
        self.write(path, yaml.safe_dump(kept, sort_keys=False, allow_unicode=True))

    def cases(self, *cases: Json, path: str = "eval/cases.jsonl") -> None:
        """Write the cases."""
        self.write(path, lines(cases))

    def sessions(self, *sessions: Json, path: str = "eval/outputs.jsonl") -> None:
        """Write the sessions."""
        self.write(path, lines(sessions))

    def gate(self, results: str = "rubric-results", **given: Any) -> Report:
        """Run the gate; `given` is as of `request`."""
        return asyncio.run(run(self.request(results, **given)))

    def request(self, results: str = "rubric-results", **given: Any) -> Request:
        """What a run takes; `baseline` and `base` are paths, all else a field of `Request`."""
        baseline = given.pop("baseline", None)
        base = given.pop("base", None)
        created_at = given.pop("created_at", NOW)
        return Request(
            root=self.root,
            rubric=self.loaded(),
            results=self.root / results,
            run=RunInfo(created_at, sha="0123456789abcdef0123456789abcdef01234567"),
            environ=self.environ,
            base=self.loaded(base) if base else NOT_COMPARED,
            baseline=open_path(self.root / baseline) if baseline else NoBaseline("no baseline yet"),
            **{
                "progress": Quiet(),
                "judge_base_url": self.base_url,
                "clock": still(),
                **given,
            },
        )

    def loaded(self, path: str = "eval/rubric.yaml") -> Rubric:
        """The rubric as values."""
        return read_rubric(self.root / path, path)

    def summary(self, results: str = "rubric-results") -> Any:
        """`summary.json`."""
        return json.loads((self.root / results / "summary.json").read_text(encoding="utf-8"))

    def records(self, name: str, results: str = "rubric-results") -> list[Any]:
        """The records of a JSONL file of the results, without its header."""
        text = (self.root / results / name).read_text(encoding="utf-8")
        header, *records = [json.loads(line) for line in text.splitlines()]
        assert header.keys() == {"schema"}
        return records


def still() -> Callable[[], float]:
    """A clock that stands."""
    return lambda: 0.0


def lines(records: Sequence[object]) -> str:
    """JSONL."""
    return "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records)


def case(number: int, **fields: Any) -> Json:
    """A case of one turn, `c0` and so on."""
    return {"id": f"c{number}", "input": f"What about {number}?", **fields}


def session(number: int, output: str = "", **fields: Any) -> Json:
    """The session of a case."""
    return {"case": f"c{number}", "output": output or f"This is answer {number}.", **fields}
