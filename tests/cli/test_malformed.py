"""Files with a mistake: exit 2 at once, with the place and the mend, and nothing is spent."""

import json
import resource
from pathlib import Path

import pytest

from tests.cli.process import Done, rubric_action
from tests.fakes.judge import JudgeServer
from tests.pipeline.workspace import Workspace, case, lines, session

CPU_S = 1.0
TRIES = 3

RUBRIC = """\
version: 1
cases: eval/cases.jsonl
agent: {outputs: eval/outputs.jsonl}
judge: {provider: openai, model: small}
axes:
  tone: {ask: Is it polite?, pass: 0.5}
slices:
  all: {select: all, min: {tone: 0.5}}
"""
CASES = lines([case(n) for n in range(3)])
SESSIONS = lines([session(n) for n in range(3)])
R, C, S = "eval/rubric.yaml", "eval/cases.jsonl", "eval/outputs.jsonl"

MALFORMED: dict[str, tuple[str, str | bytes, str, str]] = {
    # the rubric
    "tab": (R, RUBRIC.replace("  tone:", "\ttone:"), f"{R}:6:1", "Indent with spaces"),
    "open bracket": (R, RUBRIC + "ceilings: {", f"{R}:10:1", "Close what"),
    "unknown key": (R, RUBRIC + "celings: {}", f"{R}:9:1", "Did you mean"),
    "unknown axis": (
        R,
        RUBRIC.replace("min: {tone", "min: {tune"),
        f"{R}:8",
        "Did you mean `tone`",
    ),
    "duplicate key": (R, RUBRIC + "version: 1\n", f"{R}:9:1", "1"),
    "alias": (R, RUBRIC + "ceilings: *x\n", f"{R}:9", "alias"),
    "tag": (R, RUBRIC + "rules: !!python/object:os.system []\n", f"{R}:9", "tag"),
    "not a number": (
        R,
        RUBRIC.replace("pass: 0.5", "pass: .nan"),
        f"{R}:6:36",
        "a plain decimal number",
    ),
    "threshold over 1": (R, RUBRIC.replace("tone: 0.5", "tone: 95"), f"{R}:8", "from 0 to 1"),
    "no unit": (R, RUBRIC + "ceilings: {latency_p95: 4}\n", f"{R}:9", "unit"),
    "wrong type": (R, RUBRIC.replace("version: 1", "version: one"), f"{R}:1", "version"),
    "no slices": (R, RUBRIC[: RUBRIC.index("slices")], f"{R}:", "slices"),
    "no bar": (R, RUBRIC.replace(", min: {tone: 0.5}", ""), f"{R}:8", "min"),
    "two agents": (
        R,
        RUBRIC.replace("outputs: eval/outputs.jsonl", "outputs: a, command: b"),
        f"{R}:3",
        "command",
    ),
    "bad pattern": (R, RUBRIC + "rules: [{matches: '('}]\n", f"{R}:9", "matches"),
    "empty slice": (R, RUBRIC.replace("select: all", "select: {tags: [x]}"), f"{R}:8", "Loosen"),
    "no match": (R, RUBRIC.replace(C, "eval/*.txt"), f"{R}:2", "matches no file"),
    "not text": (R, b"version: 1\n\xff\xfe\n", f"{R}:", "UTF-8"),
    "a list": (R, "- version: 1\n", f"{R}:1", "version"),
    "empty": (R, "", f"{R}:1", "version"),
    "deep": (R, RUBRIC + "rules: " + "[" * 5000 + "\n", f"{R}:9", "deep"),
    "judge over http": (
        R,
        RUBRIC.replace("model: small", "model: small, base_url: 'http://judge.example'"),
        f"{R}:4",
        "https",
    ),
    "no key": (R, RUBRIC, f"{R}:4", "RUBRIC_JUDGE_API_KEY"),
    # the cases
    "case is no JSON": (C, CASES + "{'id': 'c9'}\n", f"{C}:4:2", "one JSON object a line"),
    "case is a list": (C, CASES + "[]\n", f"{C}:4", "one JSON object a line"),
    "duplicate id": (C, CASES + json.dumps(case(1)) + "\n", f"{C}:4", f"{C}:2"),
    "no input": (C, CASES + '{"id": "c9"}\n', f"{C}:4", "input"),
    "unknown field": (C, CASES + '{"id": "c9", "inptu": "x"}\n', f"{C}:4", "Did you mean"),
    "case with NUL": (C, CASES.encode() + b'{"id": "c9\0"}\n', f"{C}:4", "NUL"),
    "case is cut": (C, CASES[:-20], f"{C}:3", "JSON"),
    "no case": (C, "\n", f"{R}:2", "hold no case"),
    "wrong stakes": (C, CASES + json.dumps(case(9, stakes="hihg")) + "\n", f"{C}:4", "`high`"),
    # the sessions
    "unknown case": (
        S,
        SESSIONS + json.dumps(session(7)) + "\n",
        f"{S}:4",
        "Drop the session, or add the case",
    ),
    "twice": (S, SESSIONS + json.dumps(session(1)) + "\n", f"{S}:4", f"{S}:2"),
    "no answer": (S, SESSIONS + '{"case": "c1", "trial": 2}\n', f"{S}:4", "`output`"),
    "session is cut": (S, SESSIONS[:-9], f"{S}:3", "JSON"),
    "infinite cost": (
        S,
        '{"case": "c0", "output": "x", "cost_usd": Infinity}\n',
        f"{S}:1",
        "finite",
    ),
}


@pytest.mark.parametrize(
    ("file", "content", "place", "word"), MALFORMED.values(), ids=MALFORMED.keys()
)
def test_malformed(
    file: str,
    content: str | bytes,
    place: str,
    word: str,
    tmp_path: Path,
    judge_server: JudgeServer,
) -> None:
    """The mistake is told with its place and its mend, in under a second, and nobody is asked."""
    workspace = Workspace(tmp_path)
    for name, text in ((R, RUBRIC), (C, CASES), (S, SESSIONS)):
        workspace.write(name, text)
    data = content if isinstance(content, bytes) else content.encode()
    (tmp_path / file).write_bytes(data)
    wants_key = word == "RUBRIC_JUDGE_API_KEY"
    env = {} if wants_key else {"RUBRIC_JUDGE_API_KEY": "k-0123456789"}
    url = () if wants_key else ("--judge-base-url", judge_server.base_url)
    args = ["gate", *(() if place.startswith(f"{R}:4") else url)]

    done, cpu_s = measured(args, tmp_path, env)
    assert done.code == 2
    assert done.out == ""
    [first, *_] = done.err.splitlines()
    assert first.startswith(f"error: {place}")
    assert word in done.err
    assert cpu_s < CPU_S
    assert judge_server.requests == []
    assert not (tmp_path / "rubric-results").exists()


def measured(args: list[str], cwd: Path, env: dict[str, str]) -> tuple[Done, float]:
    """The run and its CPU time in seconds, the least of some tries where the machine is busy."""
    before = cpu_of_children()
    done = rubric_action(*args, cwd=cwd, env=env)
    least = cpu_of_children() - before
    for _ in range(TRIES):
        if least < CPU_S:
            break
        before = cpu_of_children()
        rubric_action(*args, cwd=cwd, env=env)
        least = min(least, cpu_of_children() - before)
    return done, least


def cpu_of_children() -> float:
    """Seconds of CPU that finished processes of ours took so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_all_at_once(tmp_path: Path) -> None:
    """All mistakes of a file are told in one run, in the order of their lines."""
    workspace = Workspace(tmp_path)
    workspace.write(R, RUBRIC.replace("pass: 0.5", "pass: 5").replace("version: 1", "version: 9"))
    done = rubric_action("gate", cwd=tmp_path)
    assert done.code == 2
    assert [line.split()[1].split(":")[1] for line in done.err.splitlines()[:2]] == ["1", "6"]
    assert "2 mistakes; nothing was spent." in done.err


def test_validate_finds_the_same(tmp_path: Path) -> None:
    """`validate` tells the same mistakes in the same words, and needs no key and no sessions."""
    workspace = Workspace(tmp_path)
    workspace.write(R, RUBRIC + "celings: {}")
    assert rubric_action("validate", cwd=tmp_path) == rubric_action("gate", cwd=tmp_path)
    workspace.write(R, RUBRIC)
    workspace.write(C, CASES)
    done = rubric_action("validate", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "eval/rubric.yaml: 1 axis, 1 slice, valid",
        "eval/cases.jsonl: 3 cases, valid",
    ]


def test_annotations(tmp_path: Path) -> None:
    """In a workflow every mistake is an annotation on its line; no foreign text is a command."""
    workspace = Workspace(tmp_path)
    workspace.write(R, RUBRIC)
    workspace.write(C, CASES + '{"id": "c9", "::error::x\\n::stop-commands::y ##[group]": 1}\n')
    done = rubric_action(
        "gate", cwd=tmp_path, env={"GITHUB_ACTIONS": "true", "OPENAI_API_KEY": "k-123456"}
    )
    assert done.code == 2
    annotations = done.out.splitlines()
    assert annotations
    assert all(line.startswith(f"::error file={C},line=4::") for line in annotations)
    for line in done.err.splitlines():
        assert not line.lstrip().startswith("::")
        assert "##[" not in line


def test_no_annotations_beside_json(tmp_path: Path) -> None:
    """With `--json` standard output stays a machine's, whatever went wrong."""
    Workspace(tmp_path).write(R, "version: 2\n")
    done = rubric_action("gate", "--json", cwd=tmp_path, env={"GITHUB_ACTIONS": "true"})
    assert (done.code, done.out) == (2, "")
    assert f"::error file={R},line=1" in done.err
