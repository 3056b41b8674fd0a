import fcntl
from pathlib import Path

import pytest

from rubric_action.grading.cache import KIND
from rubric_action.grading.cache_files import SCHEMA, CacheFiles
from rubric_action.grading.cache_folder import MOST_FILES, CacheFolder
from tests.grading.cached import a_line, files, found, kept
from tests.grading.samples import KEY


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The cache folder; it is not there yet."""
    return tmp_path / "cache" / "rubric"


def test_many_runs_leave_few_files(folder: Path) -> None:
    """Every run adds a file; before they are many they are made one, and no line is lost."""
    for number in range(3 * MOST_FILES):
        kept(folder, a_line(f"k{number}"), a_line("newest", n=number))
        assert len(files(folder)) <= MOST_FILES + 1
    with CacheFolder(folder, KIND, KEY) as cache:
        assert all(cache.get(f"k{number}") for number in range(3 * MOST_FILES))
        assert cache.get("newest") == a_line("newest", n=3 * MOST_FILES - 1)


def test_a_run_that_only_reads_adds_nothing(folder: Path) -> None:
    """A folder that is carried from run to run does not change without need."""
    kept(folder, a_line("k"))
    before = {path: path.read_bytes() for path in folder.iterdir()}
    found(folder, "k")
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_tidying_up_leaves_a_living_runs_file_alone(folder: Path) -> None:
    """A run that is still writing loses nothing, and goes on reading what is made one."""
    kept(folder, a_line("old1"))
    kept(folder, a_line("old2"))
    with CacheFolder(folder, KIND, KEY) as alive:
        alive.put("k1", a_line("k1"))
        CacheFiles(folder, KIND).tidy(1, 10**9)
        assert len(files(folder)) == 2
        alive.put("k2", a_line("k2"))
        assert alive.get("old1") is not None
    assert found(folder, "old1", "old2", "k1", "k2") == ([True] * 4, ())


def test_who_comes_second_leaves_tidying_up_to_the_first(folder: Path) -> None:
    """Two runs that end together do not write the same lines twice."""
    kept(folder, a_line("k1"))
    kept(folder, a_line("k2"))
    with (folder / f"{KIND}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        CacheFiles(folder, KIND).tidy(0, 10**9)
        assert len(files(folder)) == 2
    CacheFiles(folder, KIND).tidy(0, 10**9)
    assert len(files(folder)) == 1


def test_the_oldest_lines_go_first(folder: Path) -> None:
    """A folder over its size is cut to three quarters of it, by what was kept longest ago."""
    for run in range(4):
        kept(folder, *(a_line(f"k{run * 10 + number:02}") for number in range(10)))
    sizes = [path.stat().st_size for path in files(folder)]
    CacheFiles(folder, KIND).tidy(100, sum(sizes) - 1)
    hits, _ = found(folder, *(f"k{number:02}" for number in range(40)))
    assert hits == sorted(hits)
    assert 28 <= sum(hits) <= 31
    (path,) = files(folder)
    assert path.stat().st_size <= sum(sizes) * 3 // 4 + len(SCHEMA)


def test_only_so_many_files_are_read(folder: Path) -> None:
    """A folder that somebody fills with files takes no more than it should, the newest first."""
    kept(folder, a_line("old"))
    for number in range(2, 100):
        name = f"{KIND}-{number:08}-{number:016x}.jsonl"
        (folder / name).write_bytes(SCHEMA)
    opened = CacheFiles(folder, KIND).open()
    assert len(opened) == 64
    for file in opened:
        file.close()
    assert found(folder, "old") == ([False], ())
