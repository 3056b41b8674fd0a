"""The lexical judge on the shipped example agent, before and after the change it is shown on."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import rubric_action
from rubric_action.grading.lexical import DEFAULT_BY_AXIS, METHODS, Material, Measure

DEMO = Path(rubric_action.__file__).with_name("demo")
BROKEN = "refund-002"
Scores = dict[str, dict[str, float]]


def cases() -> list[dict[str, Any]]:
    """The shipped cases, in the order of their files."""
    files = sorted((DEMO / "eval" / "cases").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


def turns(case: dict[str, Any]) -> list[dict[str, str]]:
    """The user's turns of a case."""
    return case.get("turns") or [{"user": case["input"]}]


def sessions(version: str) -> dict[str, Any]:
    """What the agent answers to all cases, by case id."""
    asked = [
        {"case": case["id"], "trial": 1, "turns": turns(case), "context": case.get("context", [])}
        for case in cases()
    ]
    command = [sys.executable, str(DEMO / "agent.py"), "--version", version]
    lines = "\n".join(map(json.dumps, asked))
    run = subprocess.run(command, input=lines, text=True, capture_output=True, check=True)
    return {session["case"]: session for session in map(json.loads, run.stdout.splitlines())}


def scores(version: str) -> Scores:
    """The scores of all cases by case id and axis."""
    answered = sessions(version)
    return {case["id"]: _graded(case, answered[case["id"]]["turns"]) for case in cases()}


def _graded(case: dict[str, Any], answers: list[dict[str, Any]]) -> dict[str, float]:
    material = Material(
        tuple(turn["user"] for turn in turns(case)),
        tuple(answer["output"] for answer in answers),
        tuple(item["text"] for answer in answers for item in answer["context"]),
        case["expected"],
        tuple(case["facts"]),
    )
    found = {axis: METHODS[method](material) for axis, method in DEFAULT_BY_AXIS.items()}
    return {axis: one.score for axis, one in found.items() if isinstance(one, Measure)}


@pytest.fixture(scope="module")
def before() -> Scores:
    """The scores of the agent on the default branch."""
    return scores("before")


@pytest.fixture(scope="module")
def after() -> Scores:
    """The scores of the agent under review."""
    return scores("after")


def mean(found: Scores, axis: str) -> float:
    """The mean of an axis over all cases."""
    return sum(by_axis[axis] for by_axis in found.values()) / len(found)


def test_every_axis_of_every_case_can_be_graded(before: Scores, after: Scores) -> None:
    """Each case has the material that its axes need."""
    assert len(before) >= 60
    for found in (*before.values(), *after.values()):
        assert found.keys() == DEFAULT_BY_AXIS.keys()


def test_every_high_stakes_case_decides_rightly_before(before: Scores) -> None:
    """The agent on the default branch holds the policy where it matters."""
    stakes = [case["id"] for case in cases() if case.get("stakes") == "high"]
    assert len(stakes) >= 15
    assert {case: before[case]["policy"] for case in stakes} == dict.fromkeys(stakes, 1.0)


def test_the_change_breaks_one_refund_case(before: Scores, after: Scores) -> None:
    """A friendlier answer to a return that is one day late promises what the policy denies."""
    broken = [case for case in before if before[case]["policy"] > 0 and not after[case]["policy"]]
    assert broken == [BROKEN]


@pytest.mark.parametrize("axis", ["completeness", "helpfulness"])
def test_the_change_raises_the_averages(before: Scores, after: Scores, axis: str) -> None:
    """By its averages the change looks like a win, which is why averages don't decide."""
    assert mean(after, axis) > mean(before, axis) + 0.01


def test_the_agent_is_deterministic_but_for_its_clock() -> None:
    """Two runs of one version answer alike."""
    one, two = sessions("after"), sessions("after")
    for session in (*one.values(), *two.values()):
        for turn in session["turns"]:
            assert turn.pop("latency_s") >= 0
    assert one == two
