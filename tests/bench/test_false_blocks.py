"""The simulation of false blocks: its rules, its data, and that its promises hold."""

import json
import random
import xml.etree.ElementTree as ET
from collections import defaultdict
from pathlib import Path

import pytest

from bench.false_blocks import (
    RULES,
    SUITE,
    best_of_four,
    broken_promises,
    detected,
    gate,
    mcnemar_alone,
    naive,
    recorded,
    told,
    unchanged,
)
from bench.false_blocks_chart import chart

TRIALS = Path(__file__).parents[2] / "bench" / "trials.json"
RECORDINGS = Path(__file__).parents[3] / "shared" / "data"
AGENTS = recorded(TRIALS)


def row(runs: int, **changes: float) -> dict[str, float]:
    """A row of the table in which all promises hold."""
    shares = dict.fromkeys(RULES, 0.01)
    kept = {"gate extra": 0.05, "gate broken": 1.0, "gate weakened": 0.7}
    return {"runs": runs, **shares, **kept, **changes}


@pytest.mark.parametrize("rates", AGENTS.values(), ids=AGENTS)
def test_an_unchanged_agent_is_seldom_blocked(rates: list[float]) -> None:
    """With five runs of history, at most one pull request in twenty, for few more sessions."""
    blocked, extra = unchanged(gate, rates, SUITE, 5, 300)
    assert blocked <= 0.05
    assert extra <= 0.15
    assert unchanged(naive, rates, SUITE, 5, 100)[0] > 0.5


def test_what_broke_is_caught() -> None:
    """A case that always fails now, always; one that passes less often, with a long history."""
    assert detected(gate, 5, 0.0, 200) == 1.0
    assert detected(gate, 20, 0.3, 300) >= 0.6


def test_what_always_passes_blocks_nothing() -> None:
    """Under no rule, and no session is run again."""
    for rule in RULES.values():
        found = rule([1.0] * 9, [1.0] * 9, 5, random.Random(1))  # noqa: S311
        assert not found.blocked
    assert gate([1.0] * 9, [1.0] * 9, 5, random.Random(1)).extra == 0  # noqa: S311


def test_what_always_failed_blocks_nothing() -> None:
    """Nobody counts on it."""
    for rule in (gate, naive, best_of_four, mcnemar_alone):
        assert not rule([0.0] * 9, [0.0] * 9, 5, random.Random(1)).blocked  # noqa: S311


@pytest.mark.parametrize(
    ("rows", "promise"),
    [
        ([row(5)], None),
        ([row(1, gate=0.5), row(5)], None),
        ([row(5, gate=0.06)], "6.0% of unchanged pull requests blocked"),
        ([row(5, **{"gate extra": 0.2})], "20.0% more sessions"),
        ([row(5, **{"gate broken": 0.98})], "only 98.0% of broken cases"),
        ([row(5, **{"gate weakened": 0.5})], "only 50.0% of weakened cases"),
    ],
)
def test_a_broken_promise_is_told(rows: list[dict[str, float]], promise: str | None) -> None:
    """From five runs of history on."""
    found = broken_promises(rows)
    assert bool(found) == (promise is not None)
    assert promise is None or found[0].startswith(promise)


def test_the_table_and_the_chart_hold_every_rule() -> None:
    """One column and one line a rule; the chart is well-formed."""
    rows = [row(1), row(20)]
    assert all(f"blocked: {name}" in told(rows) for name in RULES)
    drawn = ET.fromstring(chart(rows, list(RULES)))  # noqa: S314 (our own)
    lines = [
        one for one in drawn.iter("{http://www.w3.org/2000/svg}path") if "L" in one.attrib["d"]
    ]
    assert len(lines) == len(RULES)


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not beside the repository")
def test_the_trials_are_those_that_were_recorded() -> None:
    """As their authors published them."""
    held = {name: agent["cases"] for name, agent in json.loads(TRIALS.read_text()).items()}
    airline: dict[str, str] = defaultdict(str)
    for session in json.loads((RECORDINGS / "tau-airline-gpt4o.json").read_text()):
        airline[str(session["task_id"])] += str(int(session["reward"] == 1))
    assert held["airline"] == dict(airline)
    for model in ("2.5-flash", "3.1-flash-lite"):
        told = json.loads((RECORDINGS / f"notes-agent-gemini-{model}.json").read_text())
        solved = {
            task["id"]: "".join(str(int(run["solved"])) for run in task["runs"])
            for task in told["tasks"]
        }
        assert held[f"notes-{model}"] == solved
