"""Turn recorded conversations of tau-bench's airline agent into cases and sessions.

    python convert.py gpt-4o-airline.json --out DIR

The input is `historical_trajectories/gpt-4o-airline.json` of sierra-research/tau-bench (MIT). DIR
becomes a small repository: `eval/rubric.yaml`, `eval/cases/tasks.jsonl` with one case a task, and
`trial-<n>.jsonl` with one session a task for each trial in the recording.
"""

import argparse
import json
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

Json = dict[str, Any]

WRITING_TOOLS = (
    "book_reservation",
    "cancel_reservation",
    "send_certificate",
    "update_reservation_baggages",
    "update_reservation_flights",
    "update_reservation_passengers",
)
"""The tools that change a booking or move money; all others only look things up or talk."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Convert one recording, and say what came out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("recording", type=Path, help="gpt-4o-airline.json")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write")
    options = parser.parse_args(arguments)
    if not options.recording.is_file():
        parser.error(f"{options.recording}: there is no such file; tau-bench publishes it")
    sessions = json.loads(options.recording.read_text(encoding="utf-8"))
    tasks = {one["task_id"]: one["info"]["task"] for one in sessions}
    trials = by_trial(sessions)
    write_lines(
        options.out / "eval/cases/tasks.jsonl", (case_of(*each) for each in sorted(tasks.items()))
    )
    for number, recorded in sorted(trials.items()):
        write_lines(options.out / f"trial-{number}.jsonl", map(session_of, recorded))
    shutil.copyfile(Path(__file__).with_name("rubric.yaml"), options.out / "eval/rubric.yaml")
    print(f"{len(tasks)} cases, {len(trials)} trials, {len(sessions)} sessions in {options.out}")


def by_trial(sessions: Iterable[Json]) -> dict[int, list[Json]]:
    """The recorded sessions of each trial, in the order of their tasks."""
    trials: defaultdict[int, list[Json]] = defaultdict(list)
    for one in sorted(sessions, key=lambda one: (one["trial"], one["task_id"])):
        trials[one["trial"]].append(one)
    return trials


def case_of(task_id: int, task: Json) -> Json:
    """One task as a case of one turn: what the simulated user was told to get done."""
    expected = [action for action in task["actions"] if action["name"] in WRITING_TOOLS]
    return {
        "id": case_id(task_id),
        "input": task["instruction"],
        "tags": sorted({tag_of(action["name"]) for action in expected}) or ["no-change"],
        "stakes": "normal" if expected else "high",
        "source": "synthetic",
        "rules": [*done(expected), *nothing_else(expected), *told(task["outputs"])],
    }


def case_id(task_id: int) -> str:
    """The name of a task's case: `airline-07`."""
    return f"airline-{task_id:02}"


def tag_of(tool: str) -> str:
    """The first word of a tool's name: `book`, `cancel`, `send` or `update`."""
    return tool.partition("_")[0]


def done(expected: Iterable[Json]) -> Iterator[Json]:
    """Every change that the task asks for is made, with exactly these arguments."""
    for action in expected:
        yield {"tool_called": {"name": action["name"], "arguments": action["kwargs"]}}


def nothing_else(expected: Iterable[Json]) -> Iterator[Json]:
    """No writing tool that the task has no use for changes anything.

    That is sound because sessions hold only the calls that took effect, see `calls_of`. A second,
    wrong call of a tool that the task does need goes unseen.
    """
    needed = {action["name"] for action in expected}
    for name in WRITING_TOOLS:
        if name not in needed:
            yield {"id": f"no-{name}", "tool_not_called": {"name": name}}


def told(outputs: Iterable[str]) -> Iterator[Json]:
    """The agent tells the user these numbers, with or without thousands separators."""
    for number in outputs:
        yield {"matches": r"(?<!\d)" + ",?".join(number) + r"(?!\d)"}


def session_of(recorded: Json) -> Json:
    """One conversation as a session of one turn: all that the agent said, all that it did.

    Each trial's simulated user words its turns differently, so turns cannot be those of the case.
    """
    said = [m["content"] for m in recorded["traj"] if m["role"] == "assistant" and m["content"]]
    return {
        "case": case_id(recorded["task_id"]),
        "output": "\n\n".join(said),
        "tool_calls": list(calls_of(recorded["traj"])),
        "metadata": {"recorded_pass": recorded["reward"] == 1},
    }


def calls_of(messages: Iterable[Json]) -> Iterator[Json]:
    """The tool calls that took effect: those that a tool refused have changed nothing."""
    asked: dict[str, Json] = {}
    for message in messages:
        for call in message.get("tool_calls") or ():
            asked[call["id"]] = call["function"]
        if message["role"] == "tool" and not message["content"].startswith("Error"):
            call = asked[message["tool_call_id"]]
            yield {"name": call["name"], "arguments": json.loads(call["arguments"])}


def write_lines(path: Path, records: Iterable[Json]) -> None:
    """Write one JSON object a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    path.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
