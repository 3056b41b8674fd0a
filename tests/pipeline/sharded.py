"""A suite with something of everything, run in one go and in shards."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rubric_action.cases.shard import Shard
from rubric_action.merging import merge
from rubric_action.report.model import Report
from rubric_action.report.shard import ShardReport
from rubric_action.sharding import run_shard
from tests.fakes.judge import JudgeServer, faults
from tests.pipeline.workspace import JUDGED, Json, Workspace, case, session

COUNT = 24
RUBRIC: Json = {
    **JUDGED,
    "agent": {"outputs": "eval/outputs.jsonl", "trials": 2, "concurrency": 4},
    "rules": [{"id": "no-keys", "not_contains": "api_key"}],
    "slices": {
        "head": {"select": {"tags": ["head"]}, "min": {"tone": 0.95}, "min_pass_rate": 0.95},
        "high-stakes": {"select": {"stakes": "high"}, "gate": "hard"},
        "rest": {"select": {"not": {"tags": ["head"]}}, "min": {"policy": 0.5}, "max_drop": 0.01},
    },
    "ceilings": {"latency_p95": "2.1s", "cost_per_session": 0.5},
    "freshness": {"max_context_age": "30d"},
    "override": {"label": "ok", "approvers": {"users": ["mona"]}, "allow": ["threshold"]},
}


def suite() -> list[Json]:
    """Cases in three files' worth of order, of two slices, some of high stakes and weight."""
    return [
        case(
            number,
            tags=["head"] if number % 2 else [],
            stakes="high" if number % 7 == 3 else "normal",
            weight=1 + number % 3,
        )
        for number in range(COUNT)
    ]


def answers(changed: Mapping[int, str] = MappingProxyType({})) -> list[Json]:
    """Two trials of each case, with times, costs, contexts and tools; some answers are given."""
    told = []
    for number in range(COUNT):
        for trial in (1, 2):
            text = changed.get(number, f"This is answer {number}.") if trial == 2 else ""
            told.append(
                session(
                    number,
                    text or f"This is answer {number}, said first.",
                    trial=trial,
                    latency_s=number / 12,
                    cost_usd=None if number % 5 == 0 else 0.001 * number,
                    context=[{"text": f"Note {number}.", "source": f"{number}.md"}],
                    tool_calls=[{"name": "look", "arguments": {"n": number, "x": [1, 2.5, None]}}],
                )
            )
    return told


def both(number: int) -> list[Json]:
    """Two plain trials of a case."""
    return [session(number, trial=trial) for trial in (1, 2)]


def build(root: Path, judge: JudgeServer) -> Workspace:
    """The suite with a baseline in `before`, in which three cases fail now and then."""
    made = Workspace(root, judge.base_url)
    made.rubric(RUBRIC)
    made.cases(*suite())
    judge.score = grade
    made.sessions(*answers({5: "This is rude.", 6: "This is rude, too."}))
    made.gate("before")
    made.sessions(*answers())
    made.gate("again", baseline="before")
    return made


def grade(prompt: str, axis: str) -> Any:
    """Rude answers are of a bad tone; all others have no flaw."""
    return (0.25, f"It is rude about {axis}.") if "rude" in prompt and axis == "tone" else 1.0


def quiet(made: Workspace, _judge: JudgeServer) -> None:
    """Nothing has changed."""
    made.sessions(*answers())


def slow(made: Workspace, _judge: JudgeServer) -> None:
    """Good answers that take too long."""
    made.sessions(*({**one, "latency_s": 9 + one["latency_s"]} for one in answers()))


def broken(made: Workspace, _judge: JudgeServer) -> None:
    """Cases that passed are broken, two of them of high stakes; texts are old, and one undated."""
    told = answers({3: "This is rude.", 8: "Here is my api_key.", 9: "So rude.", 10: "Rude, rude."})
    for one in told[8:12]:
        one["context"] = [{"text": "Old.", "source": "old.md", "updated_at": "2026-01-01"}]
    made.sessions(*told)


def edited(made: Workspace, _judge: JudgeServer) -> None:
    """Cases are gone, edited and new, and so is a bar."""
    changed = [*suite()[:20], case(20, notes="same"), case(21, expected="other"), case(99)]
    made.cases(*changed)
    made.sessions(*(one for one in answers() if one["case"] not in {"c22", "c23"}), *both(99))
    slices = {**RUBRIC["slices"], "rest": {"select": {"not": {"tags": ["head"]}}, "gate": "hard"}}
    made.rubric(RUBRIC, slices=slices)


def undecided(made: Workspace, judge: JudgeServer) -> None:
    """A session is missing, and a reply is of no use."""
    made.sessions(*(one for one in answers({4: "Odd."}) if one["case"] != "c2"))
    judge.when(lambda prompt: "Odd." in prompt, faults.content("no JSON"))


CHANGES = (quiet, slow, broken, edited, undecided)


def shard(made: Workspace, index: int, of: int, folder: str = "", **given: Any) -> ShardReport:
    """Run one shard into a folder of its own."""
    request = made.request(folder or f"shards/{index}", **given)
    return asyncio.run(run_shard(request, Shard(index, of)))


def shards(made: Workspace, of: int, **given: Any) -> list[ShardReport]:
    """Run all of them."""
    return [shard(made, index, of, **given) for index in range(1, of + 1)]


def merged(
    made: Workspace, results: str = "merged", folders: Sequence[str] = ("shards",), **given: Any
) -> Report:
    """Join what lies in these folders."""
    return merge(made.request(results, **given), [made.root / one for one in folders])
