"""`gate --plan` as its users meet it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.process import rubric_action
from tests.fakes.judge import JudgeServer
from tests.pipeline.planned import suite
from tests.pipeline.workspace import Workspace

CALLS = 5


@pytest.fixture
def judge() -> Iterator[JudgeServer]:
    """A judge that counts who asks it."""
    with JudgeServer() as server:
        yield server


@pytest.fixture
def judged(tmp_path: Path, judge: JudgeServer) -> Workspace:
    """Five cases that a judge at a known price grades."""
    made = Workspace(tmp_path, judge.base_url)
    suite(made)
    return made


def gate(judged: Workspace, *more: str) -> tuple[str, ...]:
    """The arguments of a run."""
    return ("gate", "--judge-base-url", str(judged.base_url), *more)


def test_a_plan_is_told(judged: Workspace, judge: JudgeServer) -> None:
    """A plan exits 0, says what a run would take, asks nobody and leaves nothing behind."""
    before = sorted(judged.root.rglob("*"))
    done = rubric_action(*gate(judged, "--plan", "--max-judge-cost", "1"), cwd=judged.root)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"PLAN  {CALLS} judge calls, about $0.00")
    assert "  limit     $1.00: the run fits in it" in done.out
    assert judge.requests == []
    assert sorted(judged.root.rglob("*")) == before


def test_a_plan_for_machines(judged: Workspace) -> None:
    """With `--json` standard output is the plan and nothing else, and the run bears it out."""
    done = rubric_action(*gate(judged, "--plan", "--json"), cwd=judged.root)
    assert done.code == 0
    plain = json.loads(done.out)
    assert (plain["schema"], done.out.count("\n")) == ("rubric-plan/1", 1)
    assert done.err.startswith("PLAN  ")
    assert rubric_action(*gate(judged), cwd=judged.root).code == 0
    spend = judged.summary()["spend"]
    assert spend["judge_calls"] == plain["spend"]["judge_calls"] == CALLS
    assert spend["input_tokens"] == pytest.approx(plain["spend"]["input_tokens"], rel=0.1)


def test_a_plan_of_a_part(judged: Workspace) -> None:
    """A shard's plan is about its cases."""
    done = rubric_action(*gate(judged, "--plan", "--shard", "1/2"), cwd=judged.root)
    assert done.out.startswith("PLAN  3 judge calls")


def test_what_does_not_fit_is_no_failure(judged: Workspace) -> None:
    """A plan that breaks the limit is a plan: it says so, and exits 0."""
    done = rubric_action(*gate(judged, "--plan", "--max-judge-cost", "0.0001"), cwd=judged.root)
    assert done.code == 0
    assert "  limit     $0.0001: the run would stop before its end" in done.out


def test_wrong_input_exits_2(judged: Workspace, judge: JudgeServer) -> None:
    """What the run would refuse is refused before anything is counted."""
    done = rubric_action(*gate(judged, "--plan", "--outputs", "nowhere.jsonl"), cwd=judged.root)
    assert (done.code, done.out) == (2, "")
    assert "nowhere.jsonl" in done.err
    assert judge.requests == []
