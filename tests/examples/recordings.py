"""Small recordings in the shapes that the converters read, and how to run the examples on them.

The airline's follow `historical_trajectories/gpt-4o-airline.json` of sierra-research/tau-bench
(MIT), the notes' follow `evals/baselines/` of allenhutchison/obsidian-gemini (MIT): same keys, own
words and numbers.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

Json = dict[str, Any]

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
ENVIRON = {**os.environ, "PYTHONPATH": str(ROOT)}

CANCEL = {"name": "cancel_reservation", "kwargs": {"reservation_id": "QX11ZZ"}}
LOOK_UP = {"name": "get_reservation_details", "kwargs": {"reservation_id": "QX11ZZ"}}


def script(name: str, *arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a script of the examples, as a reader would."""
    return _run(sys.executable, EXAMPLES / name, *arguments, code=code)


def gate(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the gate, as a reader would."""
    return _run(sys.executable, "-P", "-m", "rubric_action", "gate", *arguments, code=code)


def _run(*command: object, code: int) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, env=ENVIRON, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def lines(path: Path) -> list[Json]:
    """The objects of a JSONL file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def task(*actions: Json, outputs: tuple[str, ...] = ()) -> Json:
    """A task of the airline: what the simulated user wants, and what should happen."""
    return {
        "user_id": "ada_moss_1",
        "instruction": "You are ada_moss_1 and want out of your trip.",
        "actions": list(actions),
        "outputs": list(outputs),
    }


def call(name: str, answer: str, **arguments: Any) -> list[Json]:
    """The agent's call of a tool and the tool's answer."""
    function = {"name": name, "arguments": json.dumps(arguments)}
    asked = {"id": f"call_{name}", "type": "function", "function": function}
    return [
        {"role": "assistant", "content": None, "tool_calls": [asked]},
        {"role": "tool", "tool_call_id": f"call_{name}", "name": name, "content": answer},
    ]


def conversation(task_id: int, trial: int, of: Json, *messages: Json, reward: float = 1.0) -> Json:
    """A recorded trial: the user opens, the agent answers and acts, the user ends it."""
    opening = [
        {"role": "system", "content": "# Airline policy"},
        {"role": "user", "content": "Hello, please help."},
        {"role": "assistant", "content": "Which reservation is it?"},
    ]
    ending = [
        {"role": "assistant", "content": "Done."},
        {"role": "user", "content": "Thanks. ###STOP###"},
    ]
    return {
        "task_id": task_id,
        "trial": trial,
        "reward": reward,
        "info": {"task": of},
        "traj": [*opening, *messages, *ending],
    }


def airline(path: Path, *conversations: Json) -> Path:
    """Write a recording of the airline's agent."""
    path.write_text(json.dumps(conversations), encoding="utf-8")
    return path


def run(answer: str, *matchers: Json, vault: tuple[Json, ...] = (), **details: Any) -> Json:
    """One recorded run of a task of the notes' agent."""
    return {
        "response_text": answer,
        "solved": True,
        "metrics": {"duration_ms": 4100, "cost_usd": 0.0007, "tool_list": ["read_file"]},
        "solve_details": {
            "matcher_details": list(matchers),
            "vault_assertion_details": list(vault),
            "expected_tools_met": True,
            "forbidden_tools_clean": True,
            "tool_budget_ok": True,
            **details,
        },
    }


def contains(value: str | list[str], *, verdict: bool = True) -> Json:
    """A recorded check: the answer holds this text, or one of these."""
    return {"type": "contains", "value": value, "verdict": verdict}


def matches(value: str | list[str], flags: str | None = None) -> Json:
    """A recorded check: the answer matches this pattern, or one of these."""
    return {"type": "regex", "value": value, "flags": flags, "verdict": True}


JUDGED: Json = {"type": "judge", "criteria": "The answer names both people.", "verdict": True}


def vault(*, ok: bool) -> Json:
    """What the harness recorded of one file after the run."""
    return {"type": "fileAbsent", "path": "inbox/old.md", "ok": ok, "reason": "as seen"}


def note_task(name: str, *runs: Json, difficulty: str = "T1", category: str = "retrieval") -> Json:
    """A task of the notes' agent with its recorded runs."""
    return {"id": name, "difficulty": difficulty, "category": category, "runs": list(runs)}


def notes(path: Path, *tasks: Json) -> Path:
    """Write a recording of the notes' agent on the model that the file is named after."""
    path.write_text(json.dumps({"model": path.stem, "tasks": tasks}), encoding="utf-8")
    return path
