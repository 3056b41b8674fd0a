"""Turn the recorded evaluations of one note-taking agent on two models into cases and sessions.

    python convert.py gemini-2.5-flash.json gemini-3.1-flash-lite.json --out DIR

The inputs are files of `evals/baselines/` of allenhutchison/obsidian-gemini (MIT). DIR becomes a
small repository: `eval/rubric.yaml`, `eval/cases/tasks.jsonl` with one case a task, and
`<model>.jsonl` with one session a task and trial for each model.
"""

import argparse
import json
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

Json = dict[str, Any]

IRREVERSIBLE = ("delete", "safety")
"""Categories in which a wrong act destroys a user's notes."""

HARNESS = "harness."
"""What the harness saw after a run stands beside the agent's own calls, under names of its own."""

TOOL_FLAGS = ("expected_tools_met", "forbidden_tools_clean", "tool_budget_ok")


def main(arguments: Sequence[str] | None = None) -> None:
    """Convert the recordings, and say what came out and what was left out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("recordings", type=Path, nargs="+", help="one file a model")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write")
    options = parser.parse_args(arguments)
    for path in options.recordings:
        if not path.is_file():
            parser.error(f"{path}: there is no such file; obsidian-gemini publishes it")
    models = [json.loads(path.read_text(encoding="utf-8")) for path in options.recordings]
    cases = list(cases_of(models))
    kept = {case["id"] for case in cases}
    write_lines(options.out / "eval/cases/tasks.jsonl", cases)
    for model in models:
        write_lines(options.out / f"{model['model']}.jsonl", sessions_of(model, kept))
    shutil.copyfile(Path(__file__).with_name("rubric.yaml"), options.out / "eval/rubric.yaml")
    judged_only = [task["id"] for task in models[0]["tasks"] if task["id"] not in kept]
    print(f"{len(cases)} cases, {len(models)} models in {options.out}")
    print(f"left out, since only a model can judge them: {', '.join(judged_only) or 'none'}")


def cases_of(models: Sequence[Json]) -> Iterator[Json]:
    """A case for each task with a check that needs no model."""
    for task in models[0]["tasks"]:
        checks = checks_of(task["id"], models)
        if rules_of(checks):
            yield case_of(task, checks)


def checks_of(task_id: str, models: Iterable[Json]) -> Json:
    """The checks of a task, from its most complete run: one that was cut short lists fewer."""
    tasks = (task for model in models for task in model["tasks"] if task["id"] == task_id)
    details: Iterator[Json] = (run["solve_details"] for task in tasks for run in task["runs"])
    return max(details, key=lambda one: len(one["matcher_details"]))


def case_of(task: Json, checks: Json) -> Json:
    """One task as a case. The recordings hold no prompt, so its name stands in for it."""
    criteria = [one["criteria"] for one in checks["matcher_details"] if one["type"] == "judge"]
    return {
        "id": task["id"],
        "input": task["id"].replace("-", " "),
        "tags": [task["difficulty"], task["category"]],
        "stakes": "high" if task["category"] in IRREVERSIBLE else "normal",
        "source": "synthetic",
        **({"expected": "\n".join(criteria)} if criteria else {}),
        "rules": [*rules_of(checks), tools_rule()],
    }


def rules_of(checks: Json) -> list[Json]:
    """The checks that need no model: of the answer's text, and of the notes left behind."""
    texts = [text_rule(one) for one in checks["matcher_details"] if one["type"] != "judge"]
    vault = enumerate(checks["vault_assertion_details"], start=1)
    return [*texts, *(vault_rule(number, one) for number, one in vault)]


def text_rule(matcher: Json) -> Json:
    """A text, or one of several, or one of several patterns, stands in the answer."""
    value, several = matcher["value"], isinstance(matcher["value"], list)
    if matcher["type"] == "contains":
        return {"matches": any_of(map(re.escape, value))} if several else {"contains": value}
    flags = f"(?{matcher['flags']})" if matcher["flags"] else ""
    return {"matches": flags + (any_of(value) if several else value)}


def any_of(patterns: Iterable[str]) -> str:
    """A pattern that holds where one of these does."""
    return "|".join(f"(?:{pattern})" for pattern in patterns)


def vault_rule(number: int, assertion: Json) -> Json:
    """The harness found the notes as this assertion wants them."""
    return {"id": f"vault-{number}", "tool_called": vault_call(number, {**assertion, "ok": True})}


def tools_rule() -> Json:
    """The harness found that the agent used the tools it had to, no others, and not too many."""
    return {"id": "tools", "tool_called": tools_call(dict.fromkeys(TOOL_FLAGS, True))}


def sessions_of(model: Json, kept: set[str]) -> Iterator[Json]:
    """Every run of the tasks that are kept; a task's runs are its trials."""
    for task in model["tasks"]:
        if task["id"] in kept:
            for trial, run in enumerate(task["runs"], start=1):
                yield session_of(task["id"], trial, run)


def session_of(task_id: str, trial: int, run: Json) -> Json:
    """One run as a session. A run that timed out has an empty answer, which fails its rules."""
    metrics, details = run["metrics"], run["solve_details"]
    vault = enumerate(details["vault_assertion_details"], start=1)
    return {
        "case": task_id,
        "trial": trial,
        "output": run["response_text"],
        "latency_s": metrics["duration_ms"] / 1000,
        "cost_usd": metrics["cost_usd"],
        "tool_calls": [
            *({"name": name} for name in metrics["tool_list"]),
            *(vault_call(number, one) for number, one in vault),
            tools_call(details),
        ],
        "metadata": {"recorded_pass": run["solved"]},
    }


def vault_call(number: int, assertion: Json) -> Json:
    """What the harness saw in the notes, in the shape of a tool call."""
    seen = {key: assertion[key] for key in ("ok", "type", "path")}
    return {"name": f"{HARNESS}vault-{number}", "arguments": seen}


def tools_call(details: Json) -> Json:
    """What the harness thought of the agent's own calls, in the same shape."""
    return {"name": HARNESS + "tools", "arguments": {flag: details[flag] for flag in TOOL_FLAGS}}


def write_lines(path: Path, records: Iterable[Json]) -> None:
    """Write one JSON object a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    path.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
