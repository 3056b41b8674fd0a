"""A whole gate over an agent behind an address, and over a Python function."""

from pathlib import Path
from typing import Any

import pytest

from rubric_action.agent.cost import usage_cost
from rubric_action.agent.model import Usage
from rubric_action.errors import InputError
from rubric_action.report.model import Report
from tests.agent.asking import nobody
from tests.fakes.agent import AgentServer, Asked, faults
from tests.fakes.judge import JudgeServer
from tests.pipeline.workspace import JUDGED, RULED, Json, Workspace, case

TRIALS = 3
MODEL = "gpt-4o-mini"
PRICE = usage_cost(Usage(MODEL, 1000, 100))
CEILINGS = {"latency_p95": "30s", "cost_per_session": 1}
DEEP = {"id": "deep", "turns": [{"user": "one"}, {"user": "two"}]}
FUNCTION = f"""\
async def answer(case):
    usage = {{"model": "{MODEL}", "input_tokens": 1000, "output_tokens": 100}}
    said = [turn["user"] for turn in case["turns"]]
    return {{"turns": [{{"output": f"You said {{one}}.", "usage": usage}} for one in said]}}
"""


def echo(asked: Asked) -> Json:
    """The words of the user, with what they cost."""
    usage = {"model": MODEL, "input_tokens": 1000, "output_tokens": 100}
    return {"data": [{"text": f"You said {asked.body['q']}."}], "usage": usage}


def chat(asked: Asked) -> Json:
    """A chat completion that says it back."""
    said = f"You said {asked.body['messages'][-1]['content']}."
    usage = {"prompt_tokens": 1000, "completion_tokens": 100}
    return {"model": MODEL, "choices": [{"message": {"content": said}}], "usage": usage}


def asked_as_messages(body: Json) -> Json:
    """A request for a whole session, answered with one."""
    return {"turns": [{"output": f"You said {turn['user']}."} for turn in body["turns"]]}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Three cases of one turn and one of two."""
    made = Workspace(tmp_path)
    made.cases(*(case(n) for n in range(3)), DEEP)
    return made


def gate(workspace: Workspace, agent: Json, **changes: Any) -> Report:
    """Run the gate over three trials of every case."""
    agent = {"timeout": "5s", "trials": TRIALS, **agent}
    workspace.rubric(RULED, agent=agent, ceilings=CEILINGS, **changes)
    return workspace.gate()


def check(workspace: Workspace, report: Report, *, priced: bool = True) -> None:
    """All is there that the agent told, and what was measured, down to the summary."""
    assert report.decision.verdict == "pass"
    assert workspace.summary()["spend"]["agent_sessions"] == 4 * TRIALS
    ceilings = workspace.summary()["ceilings"]
    assert 0 < ceilings["latency_p95_s"]["observed"] < 5
    cost = ceilings["cost_per_session_usd"]["observed"]
    assert PRICE is not None
    # A mean over four sessions, of which one has two turns.
    assert cost == (pytest.approx(PRICE * 5 / 4) if priced else None)
    sessions = workspace.records("sessions.jsonl")
    assert [(one["case"], one["trial"]) for one in sessions] == [
        (id_, trial) for id_ in ("c0", "c1", "c2", "deep") for trial in range(1, TRIALS + 1)
    ]
    turns = [turn for one in sessions for turn in one["turns"]]
    assert [turn["output"] for turn in turns[-2:]] == ["You said one.", "You said two."]
    assert all(turn["latency_s"] > 0 for turn in turns)
    usage = {"model": MODEL, "input_tokens": 1000, "output_tokens": 100}
    assert all(turn.get("usage") == (usage if priced else None) for turn in turns)
    cases = workspace.records("cases.jsonl")
    assert all(one["latency_s"] > 0 and len(one["trials"]) == TRIALS for one in cases)


def test_an_api_of_its_own_form(workspace: Workspace) -> None:
    """By a template and a path: a request a turn, in every trial."""
    with AgentServer(echo) as agent:
        http = {"url": agent.url, "body": {"q": "{{input}}"}, "output": "data[0].text"}
        check(workspace, gate(workspace, {"http": http}))
        assert len(agent.requests) == 5 * TRIALS


def test_a_chat_completion(workspace: Workspace) -> None:
    """Usage is priced by the model that the reply names."""
    with AgentServer(chat) as agent:
        check(workspace, gate(workspace, {"http": {"url": agent.url, "openai": True}}))
        assert len(agent.requests) == 5 * TRIALS


def test_an_api_that_answers_with_sessions(workspace: Workspace) -> None:
    """A request a case; a cost that nobody tells is unknown."""
    with AgentServer(lambda asked: asked_as_messages(asked.body)) as agent:
        check(workspace, gate(workspace, {"http": {"url": agent.url}}), priced=False)
        assert len(agent.requests) == 4 * TRIALS


def test_a_python_function(workspace: Workspace) -> None:
    """A module of the workspace, in processes of its own."""
    workspace.write("support/agent.py", FUNCTION)
    agent = {"python": "support.agent:answer", "concurrency": 2, "timeout": "10s"}
    check(workspace, gate(workspace, agent))


def test_trouble_on_the_way_is_not_seen_in_the_verdict(workspace: Workspace) -> None:
    """Resets, throttles and errors are retried."""
    with AgentServer(echo) as agent:
        agent.queue(faults.reset(), faults.status(503), faults.status(429), faults.truncated())
        http = {"url": agent.url, "body": {"q": "{{input}}"}, "output": "data[0].text"}
        check(workspace, gate(workspace, {"http": http}))


def test_a_case_without_an_answer_is_an_error(workspace: Workspace) -> None:
    """It is missing, with its cause, and the others are graded."""
    with AgentServer(lambda asked: {} if asked.body["case"] == "c1" else {"a": "Yes."}) as agent:
        report = gate(workspace, {"http": {"url": agent.url, "output": "a"}})
    assert report.decision.verdict == "error"
    [found] = [one for one in report.decision.findings if one.kind == "missing"]
    assert found.case == "c1"
    [record] = [one for one in workspace.records("cases.jsonl") if one["passed"] is None]
    assert record["cause"].startswith("the reply has nothing at `a`; it begins `{}`")


@pytest.mark.parametrize(
    ("agent", "cause"),
    [
        ({"http": {"url": "http://127.0.0.1:1/"}, "timeout": "500ms"}, "Nobody is reached at"),
        ({"python": "support.nowhere:answer"}, "there is no module `support`"),
    ],
)
def test_no_agent_is_one_error(workspace: Workspace, agent: Json, cause: str) -> None:
    """The run stops early, and its folder says why."""
    if "http" in agent:
        agent["http"]["url"] = f"http://127.0.0.1:{nobody()}/"
    report = gate(workspace, agent)
    assert report.decision.verdict == "error"
    assert cause in workspace.summary()["headline"] + str(workspace.summary()["findings"])


def test_wrong_input_ends_before_the_judge_is_asked(
    workspace: Workspace, judge_server: JudgeServer
) -> None:
    """A placeholder that nobody knows costs nothing, and writes no folder."""
    http = {"url": "http://localhost:1/", "body": {"q": "{{imput}}"}, "output": "a"}
    workspace.rubric(JUDGED, agent={"http": http})
    workspace.base_url = judge_server.base_url
    with pytest.raises(
        InputError, match=r"eval/rubric.yaml:\d+:\d+: `agent\.http\.body\.q`: `{{im"
    ):
        workspace.gate()
    assert judge_server.requests == []
    assert not (workspace.root / "rubric-results").exists()


def test_a_key_of_the_agent_is_in_no_file(workspace: Workspace) -> None:
    """Neither what is sent nor what comes back of it."""
    workspace.environ = {"SUPPORT_LOGIN": "correct-horse-battery"}
    with AgentServer(lambda asked: {"a": f"You are {asked.headers['authorization']}"}) as agent:
        http = {
            "url": agent.url,
            "output": "a",
            "headers": {"Authorization": "Basic ${SUPPORT_LOGIN}"},
        }
        gate(workspace, {"http": http, "env": ["SUPPORT_LOGIN"]})
        assert agent.requests[0].headers["authorization"] == "Basic correct-horse-battery"
    files = [file for file in (workspace.root / "rubric-results").iterdir() if file.is_file()]
    assert not any(b"correct-horse" in file.read_bytes() for file in files)
    assert "You are Basic ***" in (workspace.root / "rubric-results/sessions.jsonl").read_text()
