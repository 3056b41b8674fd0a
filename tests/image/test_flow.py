"""The built image through a repository's first baseline and its first broken pull request."""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.action.stage import Job, Stage, cases
from tests.fakes.github import GithubServer
from tests.fakes.judge import JudgeServer
from tests.image.runner import Image

pytestmark = pytest.mark.image

KEY = "judge-key-0123456789"
RUBRIC = """\
version: 1
cases: eval/cases.jsonl
agent: {command: "python3 agent.py"}
judge: {provider: openai, model: small, base_url: "%s", prices: {input: 1, output: 1}}
axes:
  tone: {ask: Is the answer polite?, pass: 0.5}
slices:
  head: {select: all, min: {tone: 0.5}}
  high-stakes: {select: {stakes: high}, gate: hard}
"""
AGENT = '''\
import json, os, pathlib, sys

ANSWER = "This is about {name}."

def spied():
    """Whatever an agent could get hold of beside its own work."""
    found = [f"uid {os.getuid()}", *sorted(os.environ)]
    for process in pathlib.Path("/proc").glob("[0-9]*/environ"):
        try:
            found.append(process.read_bytes().decode(errors="replace"))
        except OSError:
            pass
    for target in ("/github/job/output", "rubric-results/summary.json", "eval/cases.jsonl"):
        try:
            pathlib.Path(target).write_text("verdict=pass")
            found.append("wrote " + target)
        except OSError:
            pass
    return found

for line in sys.stdin:
    case = json.loads(line)
    answer = ANSWER.format(name=case["turns"][0]["user"].split()[1].rstrip("?"))
    said = {"case": case["case"], "trial": case["trial"], "turns": [{"output": answer}]}
    if case["case"] == "greeting":
        said["turns"][0]["tool_calls"] = [{"name": "spy", "arguments": {"found": spied()}}]
    print(json.dumps(said), flush=True)
'''


@pytest.fixture
def stage(github_server: GithubServer, image: Image, tmp_path: Path) -> Stage:
    """A repository whose runner starts the built image."""
    return Stage(github_server, tmp_path, start=container(image))


def container(image: Image) -> Callable[[Job], subprocess.Popen[str]]:
    """Start a job in the image: its folder mounted, its paths as the container sees them."""

    def start(job: Job) -> subprocess.Popen[str]:
        inside = {
            name: value.replace(f"{job.folder}/workspace", "/github/workspace").replace(
                str(job.folder), "/github/job"
            )
            for name, value in job.environ.items()
            if name not in ("PATH", "HOME") and not name.startswith("COVERAGE_")
        }
        command = [
            *(image.engine, "run", "--rm", "--network=host", "--workdir=/github/workspace"),
            f"--volume={job.folder}:/github/job",
            f"--volume={job.folder}/workspace:/github/workspace",
            *(f"--env={name}={value}" for name, value in inside.items()),
            image.name,
        ]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    return start


def test_a_baseline_and_a_broken_pull_request(stage: Stage, judge_server: JudgeServer) -> None:
    """The push leaves a baseline; the pull request that breaks a high-stakes case is blocked."""
    files = {
        "eval/rubric.yaml": RUBRIC % judge_server.base_url,
        "eval/cases.jsonl": cases(),
        "agent.py": AGENT,
    }
    stage.push(files)
    started = time.monotonic()
    first = stage.main_run(inputs={"judge-api-key": KEY})
    assert first.exit_code == 0, first.log
    assert first.outputs["verdict"] == "pass"
    to_judge = judge_server.requests[0].at - started
    print(f"\ncontainer start to first judge request: {to_judge:.2f} s")  # noqa: T201 (a figure to read)

    pull = stage.change({"agent.py": AGENT.replace("This is about {name}.", "Who knows?")})
    asked = len(judge_server.requests)
    blocked = stage.gate(pull, inputs={"judge-api-key": KEY})
    assert blocked.exit_code == 1, blocked.log
    assert blocked.outputs["verdict"] == "fail"
    # The hard case stands as it is; each of the four others is run five times again.
    assert len(judge_server.requests) - asked == 5 + 4 * 5
    state = stage.status(pull.head_sha)
    assert state is not None
    assert state[0] == "failure"
    (comment,) = pull.comments
    assert "refund" in comment.body.splitlines()[0]
    summary = json.loads((blocked.results / "summary.json").read_text())
    assert summary["baseline"]["sha"] == stage.repo.branches["main"]
    assert {"hard-gate", "regression"} <= {one["kind"] for one in summary["findings"]}


def test_the_agent_gets_nothing_and_can_write_nothing(
    stage: Stage, judge_server: JudgeServer
) -> None:
    """The agent runs as a user of its own: no token, no key, no file of the runner or the gate."""
    stage.push(
        {
            "eval/rubric.yaml": RUBRIC % judge_server.base_url,
            "eval/cases.jsonl": cases(),
            "agent.py": AGENT,
        }
    )
    step = stage.main_run(inputs={"judge-api-key": KEY})
    assert step.outputs["verdict"] == "pass", step.log
    sessions = (step.results / "sessions.jsonl").read_text().splitlines()[1:]
    spied = next(json.loads(line) for line in sessions if "spy" in line)
    (call,) = spied["turns"][0]["tool_calls"]
    uid, *rest = call["arguments"]["found"]
    assert uid == "uid 10001"
    seen = "\n".join(rest)
    assert "GITHUB" not in seen
    assert "INPUT_" not in seen
    assert "wrote" not in seen
    assert KEY not in seen
    assert stage.token.value not in seen
