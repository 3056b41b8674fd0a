"""What a run leaves in its results folder, and what it doesn't."""

import base64
import json
import shlex
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from rubric_action.errors import InputError, ResultsUnwritable
from rubric_action.report.console import lines
from tests.fakes.judge import JudgeServer
from tests.pipeline.workspace import JUDGED, RULED, Workspace, session

SECRET = 'sk_live/9+x="Q7'
DISGUISED = {
    "plain": SECRET,
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64 of a header": base64.b64encode(f"user:{SECRET}".encode()).decode(),
    "url": quote(SECRET, safe=""),
    "json": json.dumps(SECRET),
    "json in json": json.dumps(json.dumps(SECRET)),
}
AGENT = """\
import json, sys
for text in sys.stdin:
    line = json.loads(text)
    print(json.dumps({"case": line["case"], "trial": line["trial"], "output": "Fine."}), flush=True)
"""


def texts(folder: Path) -> dict[str, str]:
    """Every file of a folder."""
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def command_of(workspace: Workspace, script: str) -> dict[str, str]:
    """The rubric's `agent` for a script."""
    path = workspace.write("agent.py", script)
    return {"command": f"{shlex.quote(sys.executable)} -S -E {shlex.quote(str(path))}"}


def test_files(judged: Workspace) -> None:
    """Every file is there, with its schema, and nothing unfinished beside it."""
    judged.gate()
    found = texts(judged.root / "rubric-results")
    schemas = {
        name: json.loads(text.splitlines()[0]) for name, text in found.items() if "l" in name[-1]
    }
    assert schemas == {
        "cases.jsonl": {"schema": "rubric-cases/1"},
        "sessions.jsonl": {"schema": "rubric-sessions/1"},
        "grades.jsonl": {"schema": "rubric-grades/1"},
        "audit.jsonl": {"schema": "rubric-audit/1"},
    }
    assert json.loads(found["summary.json"])["schema"] == "rubric-results/1"
    assert found["comment.md"].startswith("## 🟢 Ready to ship")
    assert len(found) == 6


def test_stale_verdict_is_taken_away_first(ruled: Workspace) -> None:
    """When a run starts, the verdict of the one before is gone: a kill leaves no green file."""
    ruled.gate()
    folder = ruled.root / "rubric-results"
    (folder / ".unfinished-cases.jsonl.x1").write_text("torn")
    (folder / "notes.txt").write_text("the user's own")
    ruled.rubric(RULED, agent={"command": "/no/such/agent"})
    report = ruled.gate()
    assert report.decision.verdict == "error"
    assert ruled.summary()["verdict"] == "error"
    assert not list(folder.glob(".unfinished-*"))
    assert (folder / "notes.txt").read_text() == "the user's own"


def test_agent_that_cannot_start(ruled: Workspace) -> None:
    """The results say why the agent was not there, and every case is missing, not passed."""
    ruled.rubric(RULED, agent={"command": "/no/such/agent"})
    ruled.gate()
    summary = ruled.summary()
    assert summary["slices"]["all"]["passed"] == 0
    assert "/no/such/agent" in summary["headline"] + summary["next_step"] + json.dumps(
        summary["findings"]
    )
    assert all(record["passed"] is None for record in ruled.records("cases.jsonl"))


def test_command_agent(ruled: Workspace) -> None:
    """A command answers, its sessions are kept, and its latency is measured."""
    ruled.rubric(RULED, agent=command_of(ruled, AGENT))
    report = ruled.gate()
    assert report.decision.verdict == "pass"
    assert report.spend.agent_sessions == 5
    kept = ruled.records("sessions.jsonl")
    assert [record["turns"][0]["output"] for record in kept] == ["Fine."] * 5
    assert ruled.summary()["ceilings"]["latency_p95_s"]["observed"] > 0


def test_outputs_in_place_of_the_agent(ruled: Workspace) -> None:
    """`--outputs` stands in for whatever agent the rubric names."""
    ruled.rubric(RULED, agent={"command": "/no/such/agent"})
    assert ruled.gate(outputs="eval/outputs.jsonl").decision.verdict == "pass"


@pytest.mark.parametrize("disguise", DISGUISED.values(), ids=DISGUISED.keys())
def test_no_secret_anywhere(judged: Workspace, judge_server: JudgeServer, disguise: str) -> None:
    """A secret that the agent and the judge repeat is in no file, nor on the terminal."""
    judged.environ = {"SERVICE_TOKEN": SECRET, "MAX_TOKENS": "100000"}
    judged.rubric(JUDGED, slices={"all": {"select": "all", "gate": "hard"}})
    said = f"The key is {disguise}, use it."
    call = {"name": "open", "arguments": {"header": said, said: 1}}
    usage = {"model": "small", "input_tokens": 100000, "output_tokens": 5}
    told = {"output": said, "tool_calls": [call], "context": [said], "usage": usage}
    judged.sessions({"case": "c0", "turns": [told]}, *(session(n) for n in range(1, 5)))
    judge_server.score = lambda prompt, _axis: (0.0, said) if "The key" in prompt else 1.0
    report = judged.gate()
    everything = "\n".join([*texts(judged.root / "rubric-results").values(), *lines(report)])
    for form in DISGUISED.values():
        assert form not in everything
        assert form.replace('"', '\\"') not in everything
    assert everything.count("[redacted]") >= 6
    [turn] = judged.records("sessions.jsonl")[0]["turns"]
    assert turn["usage"]["input_tokens"] == 100000
    judged.gate(results="again", baseline="rubric-results")


def test_judge_key_is_a_secret(judged: Workspace, judge_server: JudgeServer) -> None:
    """The judge's key is taken out even where no variable names it."""
    judge_server.key = "judge-key-of-mine"
    judged.sessions(*(session(n, "My key is judge-key-of-mine.") for n in range(5)))
    judged.gate(judge_keys=("judge-key-of-mine",))
    found = texts(judged.root / "rubric-results")
    assert "judge-key-of-mine" not in "".join(found.values())
    assert "My key is [redacted]." in found["sessions.jsonl"]
    assert all(asked.key == "judge-key-of-mine" for asked in judge_server.requests)


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        pytest.param(lambda w: w.write("eval/cases.jsonl", "{"), "not JSON", id="cases"),
        pytest.param(lambda w: w.sessions(session(9)), "no case is called", id="sessions"),
        pytest.param(
            lambda w: w.rubric(JUDGED, judge={"provider": "openai", "model": "m"}),
            "there is no key",
            id="no key",
        ),
        pytest.param(
            lambda w: w.rubric(RULED, agent={"http": {"url": "http://0.0.0.0:1"}}),
            "nobody is asked at the address",
            id="agent",
        ),
    ],
)
def test_wrong_input_leaves_nothing(ruled: Workspace, spoil: Any, complaint: str) -> None:
    """What is wrong with the input is said before the results folder is touched."""
    spoil(ruled)
    with pytest.raises(InputError, match=complaint):
        ruled.gate()
    assert not (ruled.root / "rubric-results").exists()


@pytest.mark.parametrize("obstacle", ["file", "link", "folder"])
def test_unwritable_results(ruled: Workspace, obstacle: str) -> None:
    """Results that cannot be written end in an error that names the folder and the mend."""
    target = ruled.root / "rubric-results"
    if obstacle == "file":
        target.write_text("in the way")
    elif obstacle == "link":
        (ruled.root / "elsewhere").mkdir()
        target.symlink_to(ruled.root / "elsewhere")
    else:
        (target / "summary.json" / "in the way").mkdir(parents=True)
    with pytest.raises(ResultsUnwritable, match="rubric-results") as raised:
        ruled.gate()
    assert raised.value.exit_code == 3
    assert raised.value.mend
    elsewhere = ruled.root / "elsewhere"
    assert not elsewhere.exists() or not any(elsewhere.iterdir())


def test_run_facts(judged: Workspace) -> None:
    """The summary says which commit, which rubric, which judge, and what it cost."""
    judged.gate()
    summary = judged.summary()
    assert summary["run"]["created_at"] == "2026-11-23T10:00:00Z"
    assert summary["run"]["sha"] == "0123456789abcdef0123456789abcdef01234567"
    assert summary["run"]["rubric_digest"].startswith("sha256:")
    assert summary["judge"]["provider"] == "openai"
    assert summary["judge"]["model"] == "small"
    spend = summary["spend"]
    assert (spend["judge_calls"], spend["agent_sessions"]) == (5, 5)
    assert spend["input_tokens"] > spend["output_tokens"] > 0
    assert spend["judge_cost_usd"] is None
