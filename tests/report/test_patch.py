"""A patch, taken by git itself."""

import subprocess
from pathlib import Path

import pytest

from rubric_action.report.patch import patch

BEFORE = "".join(f"line {n}\n" for n in range(30))


@pytest.mark.parametrize("name", ["eval/rubric.yaml", "my eval/ru bric.yaml", 'a "b"\\\té.yaml'])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (BEFORE, BEFORE.replace("line 3\n", "line three\n").replace("line 29", "last")),
        ("a: 1", "a: 2"),
        ("a: 1", "a: 2\n"),
        ("a: 1\n", "a: 1\nb: 2"),
        ("a: 1\r\nb: 2\r\n", "a: 3\r\nb: 2\r\nc: 4\r\n"),
        ("\ufeffa: 1\u2028\x0b\x85x\n", "\ufeffa: 2\u2028\x0b\x85x\n"),
        ("", "a: 1\n"),
    ],
)
def test_git_applies_it(tmp_path: Path, name: str, before: str, after: str) -> None:
    """Whatever the lines end in, and whatever the file is called."""
    file, diff = tmp_path / name, tmp_path / "bar.patch"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(before.encode())
    diff.write_bytes(patch(before, after, name).encode())
    done = subprocess.run(
        ["git", "apply", diff.name], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert file.read_bytes().decode() == after


def test_nothing_differs() -> None:
    """No patch at all."""
    assert patch(BEFORE, BEFORE, "a") == ""


def test_a_patch_as_people_read_it() -> None:
    """The names from the root, the lines around, what goes and what comes."""
    assert patch("a: 1\nb: 2\n", "a: 1\nb: 3\n", "eval/rubric.yaml") == (
        "--- a/eval/rubric.yaml\n+++ b/eval/rubric.yaml\n@@ -1,2 +1,2 @@\n a: 1\n-b: 2\n+b: 3\n"
    )
