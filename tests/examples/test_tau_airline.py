import re
from pathlib import Path

import pytest

from tests.examples.recordings import (
    CANCEL,
    LOOK_UP,
    Json,
    airline,
    call,
    conversation,
    gate,
    lines,
    script,
    task,
)

CONVERT = "tau_airline/convert.py"
WRITING = {
    "book_reservation",
    "cancel_reservation",
    "send_certificate",
    "update_reservation_baggages",
    "update_reservation_flights",
    "update_reservation_passengers",
}


def converted(folder: Path, *conversations: Json) -> Path:
    """Convert a recording of these conversations."""
    out = folder / "repo"
    script(CONVERT, airline(folder / "recording.json", *conversations), "--out", out)
    return out


def case_of(folder: Path, of: Json) -> Json:
    """Convert a recording of one conversation, and read its case."""
    return lines(converted(folder, conversation(7, 0, of)) / "eval/cases/tasks.jsonl")[0]


def test_expected_changes_become_rules(tmp_path: Path) -> None:
    """Every change is a rule with its arguments; a look-up, which changes nothing, is none."""
    case = case_of(tmp_path, task(LOOK_UP, CANCEL))
    called = [rule["tool_called"] for rule in case["rules"] if "tool_called" in rule]
    assert called == [{"name": "cancel_reservation", "arguments": {"reservation_id": "QX11ZZ"}}]
    assert case["id"] == "airline-07"
    assert (case["tags"], case["stakes"]) == (["cancel"], "normal")


@pytest.mark.parametrize(
    ("of", "forbidden"),
    [
        (task(CANCEL), WRITING - {"cancel_reservation"}),
        (task(LOOK_UP), WRITING),
        (task(), WRITING),
    ],
)
def test_other_changes_are_forbidden(tmp_path: Path, of: Json, forbidden: set[str]) -> None:
    """A writing tool that the task has no use for may not be called."""
    rules = case_of(tmp_path, of)["rules"]
    names = {rule["tool_not_called"]["name"] for rule in rules if "tool_not_called" in rule}
    assert names == forbidden


def test_a_task_without_a_change_has_high_stakes(tmp_path: Path) -> None:
    """Where the policy forbids what the user wants, the case says so."""
    case = case_of(tmp_path, task(LOOK_UP))
    assert (case["tags"], case["stakes"]) == (["no-change"], "high")


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("You saved 23553 dollars.", True),
        ("You saved $23,553.", True),
        ("You saved $123,553.", False),
        ("You saved $235530.", False),
        ("You saved money.", False),
    ],
)
def test_numbers_are_found_as_people_write_them(tmp_path: Path, said: str, found: bool) -> None:
    """A number that the user has to be told counts with or without separators, and only whole."""
    rules = case_of(tmp_path, task(outputs=("23553",)))["rules"]
    (pattern,) = (rule["matches"] for rule in rules if "matches" in rule)
    assert bool(re.search(pattern, said)) is found


def test_a_session_is_what_the_agent_said_and_did(tmp_path: Path) -> None:
    """All of the agent's messages are the answer; calls that a tool refused are left out."""
    messages = [
        *call("book_reservation", "Error: not enough seats", flight="HAT1"),
        *call("cancel_reservation", '{"status": "cancelled"}', reservation_id="QX11ZZ"),
    ]
    out = converted(tmp_path, conversation(7, 0, task(CANCEL), *messages, reward=0.0))
    assert lines(out / "trial-0.jsonl") == [
        {
            "case": "airline-07",
            "output": "Which reservation is it?\n\nDone.",
            "tool_calls": [
                {"name": "cancel_reservation", "arguments": {"reservation_id": "QX11ZZ"}}
            ],
            "metadata": {"recorded_pass": False},
        }
    ]


def test_each_trial_has_its_own_file(tmp_path: Path) -> None:
    """Trials come apart and tasks in order, whatever the order of the recording."""
    order = [(2, 1), (1, 0), (1, 1), (2, 0)]
    out = converted(tmp_path, *(conversation(*each, task()) for each in order))
    for trial in (0, 1):
        cases = [session["case"] for session in lines(out / f"trial-{trial}.jsonl")]
        assert cases == ["airline-01", "airline-02"]


def test_the_gate_compares_two_trials(tmp_path: Path) -> None:
    """A change that one trial made and the next did not is a regression; all agree on it."""
    cancelled = call("cancel_reservation", "{}", reservation_id="QX11ZZ")
    out = converted(
        tmp_path,
        conversation(1, 0, task(CANCEL), *cancelled),
        conversation(2, 0, task()),
        conversation(1, 1, task(CANCEL), reward=0.0),
        conversation(2, 1, task()),
    )
    first, second = tmp_path / "base", tmp_path / "next"
    shared = ("--root", out, "--outputs")
    gate(*shared, "trial-0.jsonl", "--mode", "baseline", "--results", first)
    gate(*shared, "trial-1.jsonl", "--baseline", first, "--results", second, code=1)
    pairs = (out / "trial-0.jsonl", first, out / "trial-1.jsonl", second)
    assert script("agreement.py", *pairs).stdout.startswith("4 of 4 sessions agree")
    rows = script("tally.py", first, second).stdout.splitlines()
    assert rows[2] == "| `base` | 2 of 2 | - | - | none | pass |"
    assert "1 regression" in rows[3]
    assert rows[3].startswith("| `next` | 1 of 2 |")
    assert rows[3].endswith("| fail |")


@pytest.mark.parametrize(
    ("cancels", "reward", "counts"),
    [
        (True, 1.0, (2, 0, 0)),
        (False, 0.0, (2, 0, 0)),
        (True, 0.0, (1, 1, 0)),
        (False, 1.0, (1, 0, 1)),
    ],
)
def test_disagreement_is_counted_by_its_kind(
    tmp_path: Path, cancels: bool, reward: float, counts: tuple[int, int, int]
) -> None:
    """A session that passes here and failed there is told from one the other way round."""
    calls = call("cancel_reservation", "{}", reservation_id="QX11ZZ") if cancels else []
    first = conversation(1, 0, task(CANCEL), *calls, reward=reward)
    out = converted(tmp_path, first, conversation(2, 0, task()))
    results = tmp_path / "base"
    gate("--root", out, "--mode", "baseline", "--results", results)
    said = script("agreement.py", out / "trial-0.jsonl", results).stdout
    assert said == (
        f"{counts[0]} of 2 sessions agree with their own evaluation\n"
        f"{counts[1]} passes here, failed there\n"
        f"{counts[2]} fails here, passed there\n"
    )


def test_a_recording_that_is_not_there(tmp_path: Path) -> None:
    """The converter names the path and says who has the file."""
    done = script(CONVERT, tmp_path / "gone.json", "--out", tmp_path / "repo", code=2)
    assert "gone.json: there is no such file; tau-bench publishes it" in done.stderr
    assert not (tmp_path / "repo").exists()
