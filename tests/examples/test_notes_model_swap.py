import json
import re
from pathlib import Path

import pytest

from tests.examples.recordings import (
    JUDGED,
    Json,
    contains,
    gate,
    lines,
    matches,
    note_task,
    notes,
    run,
    script,
    vault,
)

CONVERT = "notes_model_swap/convert.py"
TOOLS = {"expected_tools_met": True, "forbidden_tools_clean": True, "tool_budget_ok": True}


def converted(folder: Path, *tasks: Json) -> Path:
    """Convert a recording of one model."""
    out = folder / "repo"
    script(CONVERT, notes(folder / "first.json", *tasks), "--out", out)
    return out


def cases(out: Path) -> list[Json]:
    """The cases that came out."""
    return lines(out / "eval/cases/tasks.jsonl")


@pytest.mark.parametrize(
    ("matcher", "rule"),
    [
        (contains("Vega-7"), {"contains": "Vega-7"}),
        (matches("nine(ty)?"), {"matches": "nine(ty)?"}),
        (matches("nine(ty)?", "i"), {"matches": "(?i)nine(ty)?"}),
        (matches(["^a", "b$"], "im"), {"matches": "(?im)(?:^a)|(?:b$)"}),
    ],
)
def test_text_checks_become_rules(tmp_path: Path, matcher: Json, rule: Json) -> None:
    """A check of the text is made again over the text, with its flags."""
    out = converted(tmp_path, note_task("find-it", run("Vega-7", matcher)))
    assert cases(out)[0]["rules"][0] == rule


@pytest.mark.parametrize(
    ("answer", "found"),
    [("It is 4.5 kg.", True), ("It is (4.5)", True), ("It is 4x5 kg.", False)],
)
def test_one_of_several_texts_is_enough(tmp_path: Path, answer: str, found: bool) -> None:
    """Texts of a list count literally, and any of them will do."""
    out = converted(tmp_path, note_task("find-it", run("4.5", contains(["4.5 kg", "(4.5)"]))))
    assert bool(re.search(cases(out)[0]["rules"][0]["matches"], answer)) is found


def test_a_case_says_what_it_is(tmp_path: Path) -> None:
    """Difficulty and category are tags, irreversible categories have high stakes."""
    safe = note_task("find-it", run("x", contains("x")))
    risky = note_task("drop-it", run("x", contains("x")), difficulty="T4", category="delete")
    first, second = cases(converted(tmp_path, safe, risky))
    assert (first["tags"], first["stakes"]) == (["T1", "retrieval"], "normal")
    assert (second["tags"], second["stakes"]) == (["T4", "delete"], "high")
    assert second["input"] == "drop it"


def test_what_the_harness_saw_stands_beside_the_calls(tmp_path: Path) -> None:
    """The state of the notes is kept as recorded, and the rule asks for it to be as wanted."""
    seen = run("Sure?", contains("Sure"), vault=(vault(ok=False),), expected_tools_met=False)
    out = converted(tmp_path, note_task("drop-it", seen))
    wanted = {"ok": True, "type": "fileAbsent", "path": "inbox/old.md"}
    assert cases(out)[0]["rules"][1:] == [
        {"id": "vault-1", "tool_called": {"name": "harness.vault-1", "arguments": wanted}},
        {"id": "tools", "tool_called": {"name": "harness.tools", "arguments": TOOLS}},
    ]
    assert lines(out / "first.jsonl")[0]["tool_calls"] == [
        {"name": "read_file"},
        {"name": "harness.vault-1", "arguments": {**wanted, "ok": False}},
        {"name": "harness.tools", "arguments": {**TOOLS, "expected_tools_met": False}},
    ]


def test_a_recorded_judge_is_no_check(tmp_path: Path) -> None:
    """The judge's criteria are what is expected; a task with nothing else is left out by name."""
    mixed = note_task("who-is-it", run("Ada", contains("Ada"), JUDGED))
    judged = note_task("tell-apart", run("Ada", JUDGED))
    recording = notes(tmp_path / "first.json", mixed, judged)
    done = script(CONVERT, recording, "--out", tmp_path / "repo")
    (case,) = cases(tmp_path / "repo")
    assert case["expected"] == JUDGED["criteria"]
    assert [next(iter(rule)) for rule in case["rules"]] == ["contains", "id"]
    assert done.stdout.endswith("only a model can judge them: tell-apart\n")
    sessions = lines(tmp_path / "repo/first.jsonl")
    assert [session["case"] for session in sessions] == ["who-is-it"]


def test_a_run_that_was_cut_short_keeps_its_checks(tmp_path: Path) -> None:
    """A timed-out run lists no checks; those of the other runs hold for its empty answer."""
    out = converted(tmp_path, note_task("find-it", run(""), run("Vega", contains("Vega"))))
    assert cases(out)[0]["rules"][0] == {"contains": "Vega"}
    assert [session["output"] for session in lines(out / "first.jsonl")] == ["", "Vega"]


def test_runs_become_trials_with_latency_and_cost(tmp_path: Path) -> None:
    """Trials count from 1, milliseconds become seconds, the cost is taken as it is."""
    out = converted(tmp_path, note_task("find-it", *[run("Vega", contains("Vega"))] * 2))
    sessions = lines(out / "first.jsonl")
    assert [session["trial"] for session in sessions] == [1, 2]
    assert {(session["latency_s"], session["cost_usd"]) for session in sessions} == {(4.1, 0.0007)}


def model(folder: Path, name: str, *, deletes: bool) -> Path:
    """A recording of three tasks, five runs each; one is to delete a file."""
    answer = "Deleted old.md" if deletes else "Delete old.md?"
    check = contains("old.md")
    last = run(answer, check, vault=(vault(ok=deletes),))
    found = run("Vega", contains("Vega"))
    return notes(
        folder / f"{name}.json",
        note_task("find-it", *[found] * 5),
        note_task("edit-it", *[found] * 5, difficulty="T3", category="edit"),
        note_task("keep-it", *[found] * 5, difficulty="T4", category="safety"),
        note_task("drop-it", *[last] * 5, difficulty="T2", category="delete"),
    )


def test_the_gate_compares_two_models(tmp_path: Path) -> None:
    """The model that asks in place of deleting fails the hard slice; cost is then not weighed."""
    out = tmp_path / "repo"
    recordings = (
        model(tmp_path, "gemini-2.5-flash", deletes=True),
        model(tmp_path, "next", deletes=False),
    )
    script(CONVERT, *recordings, "--out", out)
    first, second = tmp_path / "base", tmp_path / "swap"
    gate("--root", out, "--mode", "baseline", "--results", first)
    swap = ("--outputs", "next.jsonl", "--baseline", first, "--results", second)
    gate("--root", out, *swap, code=1)
    summary = json.loads((second / "summary.json").read_text(encoding="utf-8"))
    kinds = {finding["kind"] for finding in summary["findings"] if finding["case"] == "drop-it"}
    assert kinds == {"hard-gate", "regression"}
    rows = script("tally.py", first, second).stdout.splitlines()
    assert rows[2] == "| `base` | 20 of 20 | 4.1 s | $0.00070 | none | pass |"
    assert rows[3].startswith(
        "| `swap` | 15 of 20 | 4.1 s, not weighed | $0.00070, not weighed | 1 hard-gate, "
    )
