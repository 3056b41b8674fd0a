import time
from pathlib import Path

import pytest

from rubric_action.cases.files import find_files
from rubric_action.cases.globbing import matches
from rubric_action.errors import InputError, Place

FILES = (
    "a.jsonl",
    "b.yaml",
    "d/a.jsonl",
    "d/e/a.jsonl",
    "d/e/f/c.jsonl",
    ".h/a.jsonl",
    "[x]/q.jsonl",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small tree of files."""
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


@pytest.mark.parametrize(
    "pattern",
    [
        "*.jsonl",
        "a.jsonl",
        "none.jsonl",
        "none/*.jsonl",
        "a.jsonl/*",
        "**/*.jsonl",
        "**/a.jsonl",
        "**/**/a.jsonl",
        "d/**/*.jsonl",
        "d/**/e/*.jsonl",
        "*/*.jsonl",
        "*/*/?.jsonl",
        "[a-d].*",
        "[!a].*",
        "[[]x]/*",
        "./d/*.jsonl",
        "d/e/f/c.jsonl",
        "**",
        "d",
        "*",
    ],
)
def test_it_finds_what_a_glob_finds(root: Path, pattern: str) -> None:
    """Without links the files are those that Python's own glob finds."""
    assert matches(root, pattern) == {path for path in root.glob(pattern) if path.is_file()}


def test_links(root: Path) -> None:
    """A wildcard leads to links to files and not into linked folders; a link that is named is."""
    (root / "linked").symlink_to("d")
    (root / "link.jsonl").symlink_to("a.jsonl")
    (root / "gone.jsonl").symlink_to("nowhere")
    found = {path.relative_to(root).as_posix() for path in matches(root, "*/a.jsonl")}
    assert found == {"d/a.jsonl", ".h/a.jsonl"}
    assert matches(root, "linked/a.jsonl") == {root / "linked/a.jsonl"}
    assert matches(root, "l*.jsonl") == {root / "link.jsonl"}
    assert matches(root, "gone.jsonl") == {root / "gone.jsonl"}


def test_links_that_multiply(root: Path) -> None:
    """Twenty links to their own folder do not make 20^8 paths."""
    for number in range(20):
        (root / "d" / f"l{number}").symlink_to(".")
    started = time.monotonic()
    assert matches(root, "d/*/*/*/*/*/*/*/*/x.jsonl") == set()
    assert matches(root, "d/" + "**/" * 12 + "c.jsonl") == {root / "d/e/f/c.jsonl"}
    assert time.monotonic() - started < 2


def test_too_much_to_look_at(root: Path) -> None:
    """A glob that looks at more than the limit is an input error at its place."""
    place = Place("eval/rubric.yaml", 2)
    assert find_files(root, "*.jsonl", place, most_visited=5) == [root / "a.jsonl"]
    with pytest.raises(InputError, match="looks at more than 5 files and folders") as caught:
        find_files(root, "**/*.jsonl", place, most_visited=5)
    assert caught.value.problems[0].place == place


@pytest.mark.parametrize(("pattern", "why"), [("", "is empty"), ("d/**.jsonl", "stand alone")])
def test_patterns_that_are_none(root: Path, pattern: str, why: str) -> None:
    """They are refused, and never match nothing in silence."""
    with pytest.raises(ValueError, match=why):
        matches(root, pattern)
