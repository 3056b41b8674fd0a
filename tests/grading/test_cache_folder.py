import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rubric_action.grading.cache import KIND
from rubric_action.grading.cache_files import MOST_LINE_BYTES, SCHEMA, CacheFiles
from rubric_action.grading.cache_folder import CacheFolder
from tests.grading.cached import a_line, files, found, kept
from tests.grading.samples import KEY


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The cache folder; it is not there yet."""
    return tmp_path / "cache" / "rubric"


def test_the_next_run_finds_what_this_one_kept(folder: Path) -> None:
    """The same bytes come back; what was never kept is not there."""
    line = a_line("k1", grades={"tone": "é"})
    kept(folder, line, a_line("k2"))
    with CacheFolder(folder, KIND, KEY) as cache:
        assert cache.get("k1") == line
        assert cache.get("k3") is None
        assert cache.warnings == ()


def test_a_folder_that_is_not_there_is_empty(folder: Path) -> None:
    """It is made for the first line that is kept, and not before."""
    assert found(folder, "k") == ([False], ())
    assert not folder.exists()


def test_the_newest_line_counts(folder: Path) -> None:
    """Within a run, and from run to run."""
    kept(folder, a_line("k", n=1), a_line("k", n=2))
    kept(folder, a_line("k", n=3), a_line("j", n=1), a_line("j", n=2))
    with CacheFolder(folder, KIND, KEY) as cache:
        assert cache.get("k") == a_line("k", n=3)
        assert cache.get("j") == a_line("j", n=2)


def test_another_key_finds_nothing(folder: Path) -> None:
    """Whoever has not the secret can make no line that is used, and the user is told."""
    kept(folder, a_line("k"), secret="another")
    hits, (warning,) = found(folder, "k")
    assert hits == [False]
    assert warning == (
        f"1 entries of the cache folder `{folder}` were not used: they were written with another "
        "key, or changed since."
    )


def test_kinds_do_not_mix(folder: Path) -> None:
    """A line of another kind is not found, even if somebody renames its file."""
    with CacheFolder(folder, "vectors", KEY) as cache:
        cache.put("k", a_line("k"))
    assert found(folder, "k") == ([False], ())
    (path,) = folder.glob("vectors-*.jsonl")
    path.rename(folder / path.name.replace("vectors", KIND))
    hits, warnings = found(folder, "k")
    assert hits == [False]
    assert "changed since" in warnings[0]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"score":0', b'"score":1'),
        (b'"key":"k1"', b'"key":"k3"'),
        (b'"mac":"', b'"mac":"0'),
        (b"}\n", b',"grades":{"tone":1}}\n'),
    ],
)
def test_a_changed_line_is_not_there(folder: Path, before: bytes, after: bytes) -> None:
    """Whatever is changed in a line, its code no longer fits; other lines are used."""
    kept(folder, a_line("k1", score=0), a_line("k2", score=0))
    (path,) = files(folder)
    header, first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(header + first.replace(before, after, 1) + second)
    hits, warnings = found(folder, "k1", "k2", "k3")
    assert hits == [False, True, False]
    assert len(warnings) == 1


def test_the_secret_is_nowhere_in_the_folder(folder: Path) -> None:
    """Who finds the folder does not find the key."""
    kept(folder, a_line("k"))
    assert all(KEY.encode() not in path.read_bytes() for path in folder.iterdir())


@pytest.mark.parametrize("cut", [1, 20, 70])
def test_a_torn_line_is_passed_over(folder: Path, cut: int) -> None:
    """A run that was killed while it wrote leaves its whole lines, and nobody is warned of it."""
    kept(folder, a_line("k1"), a_line("k2"))
    (path,) = files(folder)
    os.truncate(path, path.stat().st_size - cut)
    assert found(folder, "k1", "k2") == ([True, False], ())


def test_damaged_lines_are_told_once(folder: Path) -> None:
    """Lines that are none are counted, and the others are used."""
    kept(folder, a_line("k1"), a_line("k2"))
    (path,) = files(folder)
    header, first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(header + first + b"garbage\n" + b'{"mac":"short","key":"k"}\n' + second)
    hits, warnings = found(folder, "k1", "k2")
    assert hits == [True, True]
    assert warnings == (
        f"2 lines of the cache folder `{folder}` cannot be read, and were not used.",
    )


def test_strange_files_are_left_alone(folder: Path, tmp_path: Path) -> None:
    """Files of a newer version, pipes, links and others' files do not disturb, and stay."""
    kept(folder, a_line("k"))
    name = f"{KIND}-00000002-{'0' * 15}"
    (folder / f"{name}1.jsonl").write_bytes(b'{"schema": "rubric-cache/2"}\n' + a_line("j"))
    os.mkfifo(folder / f"{name}2.jsonl")
    (tmp_path / "elsewhere").write_bytes(SCHEMA)
    (folder / f"{name}3.jsonl").symlink_to(tmp_path / "elsewhere")
    (folder / f"{name}4.jsonl").write_bytes(b"")
    (folder / f"{name}5.jsonl").mkdir()
    (folder / "README").write_text("mine")
    assert found(folder, "k", "j") == ([True, False], ())
    kept(folder, a_line("l"))
    assert len(files(folder)) == 7
    assert found(folder, "k", "l") == ([True, True], ())


def test_endless_lines_are_not_read(folder: Path) -> None:
    """A file with one line for ever takes no memory; a line that long is never written."""
    kept(folder, a_line("k"))
    (path,) = files(folder)
    with path.open("ab") as file:
        file.truncate(64 * MOST_LINE_BYTES)
    assert found(folder, "k") == ([True], ())
    with CacheFolder(folder, KIND, KEY) as cache:
        cache.put("long", a_line("long", text="x" * MOST_LINE_BYTES))
    assert len(files(folder)) == 1


def test_a_path_that_is_no_folder_is_told(tmp_path: Path) -> None:
    """The run goes on without, and says so once."""
    (tmp_path / "cache").write_text("")
    with CacheFolder(tmp_path / "cache", KIND, KEY) as cache:
        assert cache.get("k") is None
        cache.put("k", a_line("k"))
        cache.put("k", a_line("k"))
    (warning,) = cache.warnings
    assert warning == (
        f"Not all that was paid for is kept in the cache folder `{tmp_path / 'cache'}`: "
        "Not a directory."
    )


def test_trouble_that_comes_later_is_told(folder: Path) -> None:
    """A folder that somebody replaces, and a lock that is none, break no run."""
    with CacheFolder(folder, KIND, KEY) as cache:
        folder.parent.mkdir()
        folder.write_text("")
        cache.put("k", a_line("k"))
    assert "File exists" in cache.warnings[0]
    folder.unlink()
    (folder / f"{KIND}.lock").mkdir(parents=True)
    with CacheFolder(folder, KIND, KEY) as cache:
        cache.put("k", a_line("k"))
    assert "Is a directory" in cache.warnings[0]
    assert found(folder, "k") == ([True], ())


WRITER = """
import json, os, resource, signal, sys
from pathlib import Path
from rubric_action.grading.cache_folder import CacheFolder
folder, name, how = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
cache = CacheFolder(folder, "grades", "sk-test-0123456789abcdef")
if how == "full":
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
print("ready", flush=True)
sys.stdin.readline()
for number in range(200):
    key = f"{name}{number}"
    line = json.dumps({"key": key, "text": "x" * 200}, separators=(",", ":")).encode() + b"\\n"
    cache.put(key, line)
if how == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
cache.close()
print(*cache.warnings)
"""


def writer(folder: Path, name: str, how: str = "well") -> "subprocess.Popen[str]":
    """A process that opens the folder, and keeps 200 lines as soon as it is told to."""
    command = [sys.executable, "-c", WRITER, str(folder), name, how]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def test_two_writers_at_once(folder: Path) -> None:
    """Two processes fill the same folder at the same time: every line of both is found."""
    writers = [writer(folder, name) for name in ("a", "b")]
    for one in writers:
        assert one.stdin
        one.stdin.write("go\n")
        one.stdin.flush()
    assert [one.communicate()[0] for one in writers] == ["\n", "\n"]
    keys = [f"{name}{number}" for name in ("a", "b") for number in range(200)]
    assert found(folder, *keys) == ([True] * 400, ())


def test_a_killed_run_keeps_what_it_wrote(folder: Path) -> None:
    """No close is needed, and the lock of the dead does not last."""
    process = writer(folder, "a", "killed")
    process.communicate("go\n")
    assert process.returncode == -signal.SIGKILL
    assert found(folder, "a0", "a199") == ([True, True], ())
    CacheFiles(folder, KIND).tidy(0, 10**9)
    assert found(folder, "a0", "a199") == ([True, True], ())


def test_a_full_disk_is_told(folder: Path) -> None:
    """What fitted is kept, the run goes on, and nobody reads half a line."""
    told, _ = writer(folder, "a", "full").communicate("go\n")
    assert "Not all that was paid for is kept" in told
    hits, warnings = found(folder, *(f"a{number}" for number in range(200)))
    assert 0 < sum(hits) < 200
    assert hits == sorted(hits, reverse=True)
    assert warnings == ()
