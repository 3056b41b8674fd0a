import json
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rubric_action.errors import InputError, ResultsUnwritable
from rubric_action.report.folder import ResultsFolder, clear_results
from rubric_action.report.redact import redactor
from tests.cli.process import environment

ROOT = Path(__file__).parents[2]
ABRUPT = """
import os, signal, sys
from pathlib import Path
from rubric_action.report.folder import ResultsFolder

def lines():
    yield '{"id": "half"}'
    os.kill(os.getpid(), signal.SIGKILL)

folder = ResultsFolder(Path(sys.argv[1]), str)
folder.write_lines("cases.jsonl", ['{"id": "whole"}'])
folder.write_lines("sessions.jsonl", lines())
folder.write_json("summary.json", {"verdict": "pass"})
"""
FULL = """
import resource, signal, sys
from pathlib import Path
from rubric_action.errors import ResultsUnwritable
from rubric_action.report.folder import ResultsFolder

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder = ResultsFolder(Path(sys.argv[1]), str)
folder.write("comment.md", "small")
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    folder.write_lines("cases.jsonl", ["x" * 1000] * 100)
except ResultsUnwritable as error:
    print(error)
    raise SystemExit(error.exit_code)
"""


def clean(text: str) -> str:
    """No secret to take out."""
    return text


def run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script over a folder in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", script, str(folder)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_files_appear_whole(tmp_path: Path) -> None:
    """A file that is there holds everything: header, lines, and the end of each."""
    folder = ResultsFolder(tmp_path / "deep/results", clean)
    folder.write_lines("cases.jsonl", ['{"id": "a"}', '{"id": "ü\u2028"}'])
    folder.write_json("summary.json", {"verdict": "pass", "name": "ü"})
    folder.write("comment.md", "fine\n")
    path = tmp_path / "deep/results"
    assert (path / "cases.jsonl").read_text("utf-8") == (
        '{"schema": "rubric-cases/1"}\n{"id": "a"}\n{"id": "ü\u2028"}\n'
    )
    assert json.loads((path / "summary.json").read_text("utf-8")) == {
        "verdict": "pass",
        "name": "ü",
    }
    assert sorted(each.name for each in path.iterdir()) == [
        "cases.jsonl",
        "comment.md",
        "summary.json",
    ]
    assert {each.stat().st_mode & 0o777 for each in path.iterdir()} == {0o644}


def test_half_a_character(tmp_path: Path) -> None:
    """A text that UTF-8 cannot hold is written with an escape, and loses nothing else."""
    folder = ResultsFolder(tmp_path, clean)
    folder.write("comment.md", "half \ud83d here")
    assert (tmp_path / "comment.md").read_text("utf-8") == "half \\ud83d here"


def test_killed_between_files(tmp_path: Path) -> None:
    """A kill in the middle leaves whole files and no summary; the next run tidies up."""
    done = run(ABRUPT, tmp_path / "results")
    assert done.returncode == -signal.SIGKILL
    names = {path.name for path in (tmp_path / "results").iterdir()}
    assert "cases.jsonl" in names
    assert not {"sessions.jsonl", "summary.json"} & names
    assert len(names) == 2
    ResultsFolder(tmp_path / "results", clean)
    assert list((tmp_path / "results").iterdir()) == []


def test_full_disk(tmp_path: Path) -> None:
    """Where a file cannot be written to its end, there is none, and the error says what to do."""
    done = run(FULL, tmp_path / "results")
    assert done.returncode == 3, done.stderr
    assert "cannot be written: File too large" in done.stdout
    assert "Free space" in done.stdout
    assert [path.name for path in (tmp_path / "results").iterdir()] == ["comment.md"]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_failing_source(tmp_path: Path) -> None:
    """An error while lines are made leaves the file of before, and nothing beside it."""
    folder = ResultsFolder(tmp_path, clean)
    folder.write_lines("cases.jsonl", ["{}"])

    def broken() -> Iterator[str]:
        yield "{}"
        raise RuntimeError("out of lines")

    with pytest.raises(RuntimeError, match="out of lines"):
        folder.write_lines("cases.jsonl", broken())
    assert [path.name for path in tmp_path.iterdir()] == ["cases.jsonl"]
    assert (tmp_path / "cases.jsonl").read_text().count("\n") == 2


def test_verdict_of_before_is_gone(tmp_path: Path) -> None:
    """Starting a run takes the verdict of the last one away, and keeps the paid replies."""
    folder = ResultsFolder(tmp_path, clean)
    told = ("summary.json", "cases.jsonl", "sessions.jsonl", "audit.jsonl")
    for name in (*told, "comment.md", "grades.jsonl", "embeddings.jsonl"):
        folder.write(name, '{"schema": "rubric-anything/1"}')
    (tmp_path / "mine.txt").write_text("x")
    ResultsFolder(tmp_path, clean)
    kept = ["embeddings.jsonl", "grades.jsonl", "mine.txt"]
    assert sorted(path.name for path in tmp_path.iterdir()) == kept
    ResultsFolder(tmp_path, clean, resume=False)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_link_is_refused(tmp_path: Path) -> None:
    """A link could lead the results anywhere."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "results").symlink_to("elsewhere")
    with pytest.raises(ResultsUnwritable, match="is a link"):
        ResultsFolder(tmp_path / "results", clean)


def test_a_link_inside_is_replaced(tmp_path: Path) -> None:
    """A link that lies where a file goes is replaced, and what it leads to is left alone."""
    target = tmp_path / "target"
    target.write_text("precious")
    folder = ResultsFolder(tmp_path / "results", clean)
    (tmp_path / "results/comment.md").symlink_to(target)
    folder.write("comment.md", "ours")
    assert target.read_text() == "precious"
    assert (tmp_path / "results/comment.md").read_text() == "ours"
    assert not (tmp_path / "results/comment.md").is_symlink()


def test_no_rights() -> None:
    """A place where nobody may write is an error too, for root as well."""
    with pytest.raises(ResultsUnwritable, match="/proc/results cannot be written"):
        ResultsFolder(Path("/proc/results"), clean)


@pytest.mark.parametrize("shape", ["folder", "file", "link", "dangling", "nothing"])
def test_nothing_of_before_is_left(tmp_path: Path, shape: str) -> None:
    """Whatever stands in the folder's place goes, and what links lead to is left alone."""
    results, target = tmp_path / "results", tmp_path / "target"
    target.mkdir()
    (target / "precious").write_text("x")
    if shape == "folder":
        (results / "deep").mkdir(parents=True)
        (results / "deep/audit.jsonl").write_text("forged")
        (results / "link").symlink_to(target)
    elif shape == "file":
        results.write_text("forged")
    elif shape != "nothing":
        results.symlink_to(target if shape == "link" else "nowhere")
    clear_results(results)
    assert [path.name for path in tmp_path.iterdir()] == ["target"]
    assert (target / "precious").read_text() == "x"


def test_what_cannot_be_taken_away_is_an_error() -> None:
    """A run does not start over what it could not clear, not even as root."""
    with pytest.raises(ResultsUnwritable, match="/proc/self/status cannot be written"):
        clear_results(Path("/proc/self/status"))


def test_secrets_stay_out(tmp_path: Path) -> None:
    """Every way of writing takes secrets out, and JSON stays JSON."""
    folder = ResultsFolder(tmp_path, redactor(["hunter22"]))
    folder.write("comment.md", "it is hunter22")
    folder.write_json("summary.json", {"a": ["hunter22"], "n": 22})
    folder.write_lines("cases.jsonl", ['{"id": "hunter22", "n": 22}'])
    assert (tmp_path / "comment.md").read_text() == "it is [redacted]"
    assert json.loads((tmp_path / "summary.json").read_text()) == {"a": ["[redacted]"], "n": 22}
    assert (tmp_path / "cases.jsonl").read_text().splitlines()[1] == '{"id": "[redacted]", "n": 22}'


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("cases.jsonl", '{"id": "refund-1", "input": "Hi"}\n', "no run of the gate wrote"),
        ("summary.json", "{}", "no run of the gate wrote"),
        ("grades.jsonl", '{"name": "mona", "grade": 1}\n', "no run of the gate wrote"),
        ("audit.jsonl", '{"at": "2026-11-23", "by": "mona"}\n', "no run of the gate wrote"),
        ("comment.md", "# Mine", "no run of the gate wrote"),
    ],
)
def test_files_of_somebody_else_are_never_replaced(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    """`--results eval` would otherwise cost the user the cases."""
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=said):
        ResultsFolder(tmp_path, str)
    assert (tmp_path / name).read_text() == text


def test_no_room(tmp_path: Path) -> None:
    """A file in the folder's place is an error that names the folder."""
    (tmp_path / "results").write_text("in the way")
    with pytest.raises(ResultsUnwritable, match=r"results cannot be written: File exists"):
        ResultsFolder(tmp_path / "results", clean)


def test_our_own_folder_is_used_again(tmp_path: Path) -> None:
    """After a finished run, after a killed one, and beside files that we don't write."""
    first = ResultsFolder(tmp_path, str)
    first.write_lines("cases.jsonl", [])
    first.write("comment.md", "red")
    first.write_json("summary.json", {"schema": "rubric-results/1"})
    (tmp_path / "notes.txt").write_text("mine")
    ResultsFolder(tmp_path, str)
    for name in ("grades.jsonl", "embeddings.jsonl"):
        (tmp_path / name).write_bytes(b'{"sch')
    ResultsFolder(tmp_path, str)
    assert (tmp_path / "notes.txt").read_text() == "mine"
