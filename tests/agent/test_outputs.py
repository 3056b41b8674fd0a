import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from rubric_action.agent.model import AgentTurn, Missing, Session
from rubric_action.agent.open import open_agent
from rubric_action.agent.outputs import MOST_SUGGESTED, OutputsAgent
from rubric_action.cases.case_set import CaseSet
from rubric_action.errors import InputError
from rubric_action.rubric.model import Agent, Command, Outputs
from tests.cases.samples import load, write_lines

AGENT = Agent(Outputs("out/outputs.jsonl"), trials=2)


@pytest.fixture
def cases(tmp_path: Path) -> CaseSet:
    """Two cases, of one turn and of two."""
    two = {"id": "deep", "turns": [{"user": "x"}, {"user": "y"}]}
    return load(tmp_path, {"id": "refund-1", "input": "Hi"}, two)


def opened(root: Path, cases: CaseSet, *lines: object) -> OutputsAgent:
    """Write the sessions and open them as the rubric's agent."""
    write_lines(root / "out/outputs.jsonl", *lines)
    agent = open_agent(AGENT, cases, root, {})
    assert isinstance(agent, OutputsAgent)
    return agent


def ask(agent: OutputsAgent, cases: CaseSet, *asked: tuple[str, int]) -> list[Session | Missing]:
    """Ask for trials of cases inside the agent's context."""

    async def run() -> list[Session | Missing]:
        async with agent:
            return [await agent.answer(cases.get(case), trial) for case, trial in asked]

    return asyncio.run(run())


def test_sessions_are_matched_by_case_and_trial(tmp_path: Path, cases: CaseSet) -> None:
    """Lines in any order find their case; what has no line, or an error, is Missing."""
    agent = opened(
        tmp_path,
        cases,
        {"case": "deep", "error": "out of memory"},
        {"case": "refund-1", "trial": 2, "output": "second"},
        {"case": "refund-1", "output": "first"},
        {"case": "deep", "trial": 2, "output": "only one"},
    )
    asked = [("refund-1", 1), ("refund-1", 2), ("refund-1", 3), ("deep", 1), ("deep", 2)]
    assert ask(agent, cases, *asked) == [
        Session("refund-1", 1, (AgentTurn("first"),)),
        Session("refund-1", 2, (AgentTurn("second"),)),
        Missing("refund-1", 3, "no session in out/outputs.jsonl"),
        Missing("deep", 1, "the agent reported an error: out of memory"),
        Missing("deep", 2, "the session has 1 turn, the case 2 turns"),
    ]


def test_all_trials_of_the_file_count(tmp_path: Path, cases: CaseSet) -> None:
    """More trials than the rubric asks for are used; fewer are asked for and found missing."""
    agent = opened(tmp_path, cases, *({"case": "deep", "trial": n, "turns": []} for n in (7, 3, 1)))
    assert agent.trials_of("deep") == (1, 2, 3, 7)
    assert agent.trials_of("refund-1") == (1, 2)


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        (
            [{"case": "refnd-1", "output": "x"}],
            "out/outputs.jsonl:1: `case`: no case is called `refnd-1`. Did you mean `refund-1`?",
        ),
        (
            [
                {"schema": "rubric-sessions/1"},
                {"case": "deep", "error": "x"},
                {"case": "deep", "trial": 1, "error": "x"},
            ],
            "out/outputs.jsonl:3: `trial`: case `deep` has its trial 1 at out/outputs.jsonl:2",
        ),
        ([{"schema": "rubric-sessions/2"}], "out/outputs.jsonl:1: the schema"),
        (["nonsense"], "out/outputs.jsonl:1:1: the line is not JSON"),
        ([{"case": "deep", "answer": "x"}], "out/outputs.jsonl:1: `answer`: unknown key"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_before_anything_runs(
    tmp_path: Path, cases: CaseSet, lines: list[Any], what: str
) -> None:
    """Unknown cases, duplicates and broken lines are input errors with their place."""
    with pytest.raises(InputError) as caught:
        opened(tmp_path, cases, *lines)
    assert str(caught.value).startswith(what)


def test_all_mistakes_of_the_file_come_at_once(tmp_path: Path, cases: CaseSet) -> None:
    """One error tells everything that is wrong with the sessions."""
    with pytest.raises(InputError) as caught:
        opened(tmp_path, cases, "{", {"case": "x", "output": ""}, {"output": 1})
    assert [problem.place.line for problem in caught.value.problems] == [1, 2, 3, 3]


def test_an_absent_file_is_an_input_error(tmp_path: Path, cases: CaseSet) -> None:
    """Sessions that are not there are no empty set of sessions."""
    with pytest.raises(InputError, match=r"out/outputs\.jsonl: there is no such file"):
        open_agent(AGENT, cases, tmp_path, {})


def test_an_empty_file_makes_every_case_missing(tmp_path: Path, cases: CaseSet) -> None:
    """No line, no session."""
    agent = opened(tmp_path, cases)
    assert ask(agent, cases, ("deep", 1)) == [Missing("deep", 1, "no session in out/outputs.jsonl")]


def test_outputs_named_by_the_caller_replace_the_agent(tmp_path: Path, cases: CaseSet) -> None:
    """`--outputs` wins over the rubric's command, which is not started."""
    write_lines(tmp_path / "other.jsonl", {"case": "refund-1", "output": "x"})
    agent = open_agent(Agent(Command("touch started")), cases, tmp_path, {}, "other.jsonl")
    assert isinstance(agent, OutputsAgent)
    [session] = ask(agent, cases, ("refund-1", 1))
    assert session == Session("refund-1", 1, (AgentTurn("x"),))
    assert not (tmp_path / "started").exists()


def test_a_file_that_changes_later_changes_nothing(tmp_path: Path, cases: CaseSet) -> None:
    """Sessions are read once; a rewrite while the judge works is not seen."""
    agent = opened(tmp_path, cases, {"case": "refund-1", "output": "before"})
    (tmp_path / "out/outputs.jsonl").write_text(json.dumps({"case": "refund-1", "output": "after"}))
    [session] = ask(agent, cases, ("refund-1", 1))
    assert session == Session("refund-1", 1, (AgentTurn("before"),))


def test_only_the_first_mistakes_have_a_suggestion(tmp_path: Path) -> None:
    """To look for what was meant takes long, and is not done for thousands of sessions."""
    ids = [f"case-{n}" for n in range(60)]
    cases = load(tmp_path, *({"id": each, "input": "q"} for each in ids))
    with pytest.raises(InputError) as caught:
        opened(tmp_path, cases, *({"case": f"a-{each}", "output": "x"} for each in ids))
    suggested = ["Did you mean" in problem.mend for problem in caught.value.problems]
    assert suggested == [True] * MOST_SUGGESTED + [False] * (len(suggested) - MOST_SUGGESTED)
    assert len(suggested) > MOST_SUGGESTED
