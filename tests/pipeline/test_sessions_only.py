"""The half without secrets, and that the other half can go on from what it leaves."""

import asyncio
import json
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from rubric_action.errors import AgentUnavailable, InputError
from rubric_action.sessions_only import Ran, SessionsRequest, run_sessions
from tests.agent.scripts import LOOP
from tests.fakes.judge import JudgeServer
from tests.pipeline.workspace import JUDGED, RULED, Json, Quiet, Workspace

ANSWER = "say(line, output=f\"{user} Trial {line['trial']}.\")"
CRASH = 'sys.exit("no more") if line["case"] == "c1" else say(line, output="Yes.")'
RICH = """\
say(line, turns=[{"output": "a\\u00e9\\nb", "latency_s": 0.5, "cost_usd": 0.01,
    "context": [{"text": "t", "source": "s.md"}, "plain"],
    "tool_calls": [{"name": "search", "arguments": {"q": [1, None]}}],
    "usage": {"model": "m", "input_tokens": 1, "output_tokens": 2}}])
"""


def unmeasured(sessions: list[Any]) -> list[Any]:
    """The sessions without a latency that the clock measured."""
    return [
        one | {"turns": [turn | {"latency_s": None} for turn in one["turns"]]} for one in sessions
    ]


def agent(workspace: Workspace, body: str, **fields: Any) -> Json:
    """The rubric's `agent` for a script with this body."""
    text = LOOP + "".join(f"    {line}\n" for line in body.splitlines())
    path = workspace.write("agent.py", text)
    command = f"{shlex.quote(sys.executable)} -S -E {shlex.quote(str(path))}"
    return {"command": command, "timeout": "10s", "concurrency": 2, **fields}


def ran(workspace: Workspace, **given: Any) -> Ran:
    """Run the sessions alone."""
    request = SessionsRequest(
        root=workspace.root,
        rubric=workspace.loaded(),
        results=workspace.root / "rubric-results",
        environ=workspace.environ,
        progress=Quiet(),
        **given,
    )
    return asyncio.run(run_sessions(request))


def file(workspace: Workspace) -> Path:
    """What is left."""
    return workspace.root / "rubric-results" / "sessions.jsonl"


def test_every_session_is_kept_in_order(ruled: Workspace) -> None:
    """The file names its schema, and has every trial of every case, however they were finished."""
    ruled.rubric({**JUDGED, "agent": agent(ruled, ANSWER, trials=2)})
    assert ran(ruled) == Ran(sessions=10, missing=0)
    first, *lines = file(ruled).read_text().splitlines()
    assert json.loads(first) == {"schema": "rubric-sessions/1"}
    told = [(one["case"], one["trial"]) for one in map(json.loads, lines)]
    assert told == [(f"c{n}", trial) for n in range(5) for trial in (1, 2)]


def test_nothing_else_is_written(ruled: Workspace) -> None:
    """Nothing is graded, so nothing reads as a verdict."""
    ruled.rubric({**JUDGED, "agent": agent(ruled, ANSWER)})
    ran(ruled)
    assert [one.name for one in file(ruled).parent.iterdir()] == ["sessions.jsonl"]


def test_no_judge_is_asked_and_no_key_is_needed(
    judged: Workspace, judge_server: JudgeServer
) -> None:
    """A rubric with a judge is run like any other."""
    assert ran(judged) == Ran(sessions=5, missing=0)
    assert judge_server.requests == []


def test_a_session_that_is_missing_keeps_its_error(ruled: Workspace) -> None:
    """The run goes on, and whoever grades learns why the session is missing."""
    ruled.rubric({**JUDGED, "agent": agent(ruled, CRASH, concurrency=1)})
    assert ran(ruled) == Ran(sessions=4, missing=1)
    [line] = [one for one in ruled.records("sessions.jsonl") if "error" in one]
    assert (line["case"], line["trial"]) == ("c1", 1)
    assert "no more" in line["error"]


@pytest.mark.parametrize("body", [ANSWER, CRASH, RICH])
def test_the_gate_judges_them_like_those_of_the_agent_itself(ruled: Workspace, body: str) -> None:
    """What is graded, and what it costs, is the same by either way."""
    plain = {"agent": agent(ruled, body, concurrency=1), "ceilings": {"cost_per_session": 1}}
    ruled.rubric({**RULED, **plain})
    straight = ruled.gate("straight")
    ran(ruled)
    file(ruled).rename(ruled.root / "handed-over.jsonl")
    handed = ruled.gate("handed", outputs=str(ruled.root / "handed-over.jsonl"))
    assert handed.decision.verdict == straight.decision.verdict
    assert [one.kind for one in handed.decision.findings] == [
        one.kind for one in straight.decision.findings
    ]
    assert handed.cases == straight.cases == 5
    graded = [ruled.records("sessions.jsonl", each) for each in ("straight", "handed")]
    assert unmeasured(graded[0]) == unmeasured(graded[1]) != []


def test_a_file_of_sessions_is_checked_and_handed_on(ruled: Workspace) -> None:
    """A step of the user's own may have made them."""
    assert ran(ruled) == Ran(sessions=5, missing=0)
    assert [one["case"] for one in ruled.records("sessions.jsonl")] == [f"c{n}" for n in range(5)]


def test_another_file_may_be_named(ruled: Workspace) -> None:
    """The input `outputs` comes before the rubric's agent."""
    ruled.sessions({"case": "c0", "error": "down"}, path="other.jsonl")
    assert ran(ruled, outputs="other.jsonl") == Ran(sessions=0, missing=5)
    told = [one["error"] for one in ruled.records("sessions.jsonl")]
    assert told == ["the agent reported an error: down", *["no session in other.jsonl"] * 4]


def test_wrong_input_ends_before_anything_runs(ruled: Workspace) -> None:
    """There is no file, and no agent was started."""
    ruled.rubric({**JUDGED, "agent": agent(ruled, f"open('started', 'w')\n{ANSWER}")})
    ruled.write("eval/cases.jsonl", "nonsense\n")
    with pytest.raises(InputError, match=r"eval/cases\.jsonl:1"):
        ran(ruled)
    assert not file(ruled).exists()
    assert not (ruled.root / "started").exists()


def test_an_agent_that_cannot_be_started_is_an_error(ruled: Workspace) -> None:
    """The job is red, and the file says the same of every session."""
    ruled.rubric({**JUDGED, "agent": {"command": "no-such-program", "concurrency": 1}})
    with pytest.raises(AgentUnavailable, match="no-such-program"):
        ran(ruled)
    lines = ruled.records("sessions.jsonl")
    assert len(lines) == 5
    assert all(line["error"] for line in lines)


def test_the_workflow_may_set_how_many_run_at_once(ruled: Workspace) -> None:
    """One process at a time answers all cases, in their order."""
    body = "open('order', 'a').write(line['case']); " + ANSWER
    ruled.rubric({**JUDGED, "agent": agent(ruled, body, concurrency=4)})
    ran(ruled, concurrency=1)
    assert (ruled.root / "order").read_text() == "c0c1c2c3c4"


def test_secrets_are_cut_out(ruled: Workspace) -> None:
    """What the run was given is not handed on, wherever the agent found it."""
    ruled.environ = {"INPUT_GITHUB-TOKEN": "ghs_0123456789abcdef"}
    ruled.sessions(*({"case": f"c{n}", "output": "ghs_0123456789abcdef"} for n in range(5)))
    ran(ruled)
    assert "ghs_0123456789abcdef" not in file(ruled).read_text()
