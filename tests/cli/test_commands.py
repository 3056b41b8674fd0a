"""Each command as its users meet it."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.process import TIMEOUT_S, command, environment, rubric_action
from tests.pipeline.workspace import RULED, Workspace, session

BAD = "api_key=1"
HELP = {
    "gate": ["--baseline", "--base-rubric", "--max-judge-cost", "--fresh", "jq .verdict"],
    "merge": ["--baseline", "--base-rubric", "shards/1 shards/2", "a folder that holds them all"],
    "validate": ["pre-commit", "rubric-action validate"],
    "report": ["--format", "--out", "rubric-action report rubric-results"],
    "demo": ["--into", "offline"],
    "suggest": ["--out", "--apply", "--allow-lower", "--all", "jq .suggestions"],
    "blame": ["--since", "--results", "--audit", "--ledger", "jq .overrides"],
}


def test_gate_passes(ruled: Workspace) -> None:
    """A passing gate exits 0, tells the verdict first, and says where the results are."""
    done = rubric_action("gate", cwd=ruled.root)
    assert done.code == 0
    assert done.out.startswith("PASS  Ready to ship: 5 cases graded")
    assert "graded 5 of 5" in done.err
    assert "results in rubric-results" in done.err
    assert {path.name for path in (ruled.root / "rubric-results").iterdir()} >= {
        "summary.json",
        "cases.jsonl",
        "sessions.jsonl",
        "grades.jsonl",
        "comment.md",
    }


def test_gate_for_machines(ruled: Workspace) -> None:
    """With `--json` standard output is the summary and nothing else; 1 is a fail."""
    ruled.sessions(*(session(n, f"{BAD} ##[group]\n::error::é") for n in range(5)))
    done = rubric_action("gate", "--json", cwd=ruled.root, env={"GITHUB_ACTIONS": "true"})
    assert done.code == 1
    assert json.loads(done.out) == ruled.summary()
    assert done.out.count("\n") == 1
    assert "##[" not in done.out + done.err
    assert "FAIL  Not ready to ship" in done.err


def test_nothing_foreign_commands_the_runner(ruled: Workspace) -> None:
    """What agents and cases say is no workflow command, in the verdict or the report."""
    rubric = {**RULED, "slices": {"all": {"select": "all", "gate": "hard"}}}
    ruled.rubric(rubric)
    ruled.sessions(
        *(session(n, f"{BAD}\n::error::x\r::stop-commands::y\n##[error]z") for n in range(5))
    )
    runner = {"GITHUB_ACTIONS": "true"}
    gated = rubric_action("gate", cwd=ruled.root, env=runner)
    reported = rubric_action("report", "rubric-results", cwd=ruled.root, env=runner)
    assert (gated.code, reported.code) == (1, 0)
    for line in (gated.out + gated.err + reported.out).splitlines():
        assert not line.lstrip().startswith("::")
        assert "##[" not in line


def test_baseline_mode(ruled: Workspace) -> None:
    """A baseline run records its failure and exits 0; the same run as a gate exits 1."""
    ruled.sessions(*(session(n, BAD) for n in range(5)))
    done = rubric_action("gate", "--mode", "baseline", cwd=ruled.root)
    assert done.code == 0
    assert ruled.summary()["verdict"] == "fail"
    assert ruled.summary()["run"]["mode"] == "baseline"
    assert rubric_action("gate", cwd=ruled.root).code == 1


def test_gate_of_another_folder(ruled: Workspace, tmp_path: Path) -> None:
    """`--root` is where the rubric's paths start from; results go where one stands or says."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = rubric_action("gate", "--root", ruled.root, "--results", "here", cwd=elsewhere)
    assert done.code == 0
    assert (elsewhere / "here/summary.json").exists()


def test_error_exits_3(ruled: Workspace) -> None:
    """A case that was never answered is no verdict: 3, with results that say so."""
    ruled.sessions(session(0))
    done = rubric_action("gate", cwd=ruled.root)
    assert done.code == 3
    assert done.out.startswith("ERROR  No verdict: 4 cases have no session")
    assert ruled.summary()["verdict"] == "error"


def test_unwritable_results_exit_3(ruled: Workspace) -> None:
    """Results that cannot be kept are an error with a mend, and no verdict is told."""
    (ruled.root / "rubric-results").write_text("in the way")
    done = rubric_action("gate", cwd=ruled.root)
    assert (done.code, done.out) == (3, "")
    assert "rubric-results cannot be written" in done.err
    assert "--results" in done.err


def test_unreadable_baseline_exits_3(ruled: Workspace) -> None:
    """A baseline that is there and broken is an error; one that is not there a wrong input."""
    ruled.write("old/summary.json", "{")
    broken = rubric_action("gate", "--baseline", "old", cwd=ruled.root)
    assert broken.code == 3
    assert "old cannot be read: summary.json is not JSON" in broken.err
    absent = rubric_action("gate", "--baseline", "nowhere", cwd=ruled.root)
    assert absent.code == 2
    assert "there is no such results folder or zip" in absent.err
    assert not (ruled.root / "rubric-results").exists()


def test_results_may_not_be_the_baseline(ruled: Workspace) -> None:
    """The baseline is not overwritten by the run that is compared with it."""
    assert rubric_action("gate", cwd=ruled.root).code == 0
    before = (ruled.root / "rubric-results/summary.json").read_bytes()
    done = rubric_action("gate", "--baseline", "./rubric-results", cwd=ruled.root)
    assert done.code == 2
    assert "a folder of their own" in done.err
    assert (ruled.root / "rubric-results/summary.json").read_bytes() == before


def test_report(ruled: Workspace) -> None:
    """`report` prints the comment of a folder or a zip, or writes it to a file."""
    rubric_action("gate", cwd=ruled.root)
    comment = (ruled.root / "rubric-results/comment.md").read_text("utf-8")
    shutil.make_archive(str(ruled.root / "artifact"), "zip", ruled.root / "rubric-results")
    for source in ("rubric-results", "artifact.zip"):
        done = rubric_action("report", source, cwd=ruled.root)
        assert (done.code, done.out) == (0, comment)
    done = rubric_action("report", "rubric-results", "--out", "report.md", cwd=ruled.root)
    assert (done.code, done.out) == (0, "")
    assert (ruled.root / "report.md").read_text("utf-8") == comment


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["report", "nowhere"], 2, "no such results folder"),
        (["report", "empty"], 3, "it has no summary.json"),
        (["report", "eval/rubric.yaml"], 3, "it is not a zip"),
        (["report"], 2, "Missing argument 'FOLDER'"),
        (["report", "rubric-results", "--format", "pdf"], 2, "'pdf' is not 'md'"),
        (["report", "rubric-results", "--out", "no/such/folder.md"], 2, "cannot be written"),
        (["gate", "--basline", "x"], 2, "Did you mean '--baseline'"),
        (["gate", "--concurrency", "0"], 2, "not in the range"),
        (["gate", "--concurrency", "many"], 2, "not a valid integer"),
        (["gate", "--max-judge-cost", "nan"], 2, "a number of USD"),
        (["gate", "--max-judge-cost", "inf"], 2, "a number of USD"),
        (["gate", "--mode", "check"], 2, "'gate', 'baseline'"),
        (["gate", "more"], 2, "unexpected extra argument"),
        (["gate", "--rubric", "nowhere.yaml"], 2, "there is no such file"),
        (["gate", "--rubric", "eval"], 2, "not a regular file"),
        (["gate", "--base-rubric", "nowhere.yaml"], 2, "there is no such file"),
        (["gate", "--outputs", "nowhere.jsonl"], 2, "there is no such file"),
        (["validate", "--rubric", "nowhere.yaml"], 2, "rubric-action demo"),
        (["demo", "--into", "eval"], 2, "it is there already"),
        (["gat"], 2, "Did you mean"),
        (["--versoin"], 2, "--version"),
    ],
)
def test_usage(ruled: Workspace, arguments: list[str], code: int, words: str) -> None:
    """A wrong call ends in its exit code, says what is wrong, and leaves no results."""
    (ruled.root / "empty").mkdir()
    if "--out" in arguments:
        ruled.gate()
    done = rubric_action(*arguments, cwd=ruled.root)
    assert done.code == code, done.err
    assert done.out == ""
    assert words in done.err
    assert "--out" in arguments or not (ruled.root / "rubric-results").exists()


def test_help() -> None:
    """The front page names every command, the way in, and the exit codes."""
    done = rubric_action("--help")
    assert done.code == 0
    assert all(name in done.out for name in HELP)
    assert "rubric-action demo" in " ".join(done.out.split())
    assert "130 interrupted" in " ".join(done.out.split())
    assert rubric_action("--version").out.startswith("rubric-action, version ")


@pytest.mark.parametrize(("name", "words"), HELP.items())
def test_help_teaches(name: str, words: list[str]) -> None:
    """The help of each command has examples, each on a line of its own, and the exit codes."""
    done = rubric_action(name, "-h")
    assert done.code == 0
    said = " ".join(done.out.split())
    for word in [*words, "Examples:", "2 the input is wrong", "130 interrupted"]:
        assert word in said
    examples = done.out[done.out.index("Examples:") :].split("\n\n")[0].splitlines()[1:]
    assert examples
    assert all(line.strip().startswith(f"rubric-action {name}") for line in examples)


def test_demo(tmp_path: Path) -> None:
    """The demo passes on main, fails on the change, and says what to do next; twice as well."""
    for _ in range(2):
        done = rubric_action("demo", cwd=tmp_path, env=dict(os.environ) | {"COLUMNS": "100"})
        assert done.code == 0, done.err
        assert "main, the agent as it is: Ready to ship" in done.out
        assert "FAIL  Not ready to ship: `refund-002`" in done.out
        assert "Next, in your own repository" in done.out
    demo = tmp_path / "rubric-demo"
    summaries = [
        json.loads((demo / name / "summary.json").read_text())
        for name in ("results-main", "results-pull-request")
    ]
    assert [summary["verdict"] for summary in summaries] == ["pass", "fail"]
    assert summaries[0]["cases"]["count"] >= 60
    assert summaries[1]["spend"]["judge_calls"] == 0
    assert rubric_action("validate", cwd=demo).code == 0


def test_interrupted_by_the_keyboard(ruled: Workspace) -> None:
    """SIGINT ends with 130 and a sentence, and the agent is dead with us."""
    done, agent = interrupt(ruled, signal.SIGINT)
    assert done.returncode == 130
    assert "Interrupted" in done.stderr
    assert "Traceback" not in done.stderr
    assert not Path(f"/proc/{agent}").exists()


def interrupt(workspace: Workspace, number: signal.Signals) -> tuple[Any, int]:
    """Send a signal to a gate that waits for its agent; gives how it ended and the agent's id."""
    script = "import os, time; open('pid.tmp', 'w').write(str(os.getpid())); "
    script += "os.replace('pid.tmp', 'pid'); time.sleep(60)"
    workspace.write("agent.py", script)
    workspace.rubric(RULED, agent={"command": "python3 -S -E agent.py", "concurrency": 1})
    process = subprocess.Popen(
        command("gate"),
        cwd=workspace.root,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    ends = time.monotonic() + TIMEOUT_S
    while not (workspace.root / "pid").exists():
        assert time.monotonic() < ends
        time.sleep(0.01)
    process.send_signal(number)
    out, err = process.communicate(timeout=TIMEOUT_S)
    done = subprocess.CompletedProcess(process.args, process.returncode, out, err)
    return done, int((workspace.root / "pid").read_text())


def test_reader_that_leaves(ruled: Workspace) -> None:
    """When nobody reads standard output any more, the run ends with a code of ours."""
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.Popen(
        command("gate", "--json"),
        cwd=ruled.root,
        env=environment(),
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writer)
    _, err = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 3
    assert "Traceback" not in err
    assert "Exception" not in err


def test_any_encoding(ruled: Workspace) -> None:
    """A terminal that knows only ASCII is no reason to fail."""
    ruled.sessions(*(session(n, f"{BAD} größer 日本") for n in range(5)))
    ruled.rubric({**RULED, "slices": {"all": {"select": "all", "gate": "hard"}}})
    env = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    done = rubric_action("gate", cwd=ruled.root, env=env)
    assert done.code == 1, done.err
    assert "FAIL" in done.out
