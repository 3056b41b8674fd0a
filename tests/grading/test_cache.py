import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from rubric_action.errors import BaselineUnreadable, CannotDecide, ResultsUnwritable
from rubric_action.grading.answers import TokenUsage
from rubric_action.grading.cache import KIND, SCHEMA, Reply, ReplyJournal
from rubric_action.grading.cache_folder import CacheFolder
from rubric_action.grading.model import Line, Scored
from tests.grading.cached import a_line, files, kept
from tests.grading.samples import KEY

REPLY = Reply({"tone": Scored(0.5, "fair — enough")}, "m-2026", TokenUsage(7, 3))
OTHER = Reply({"tone": Scored(1.0, "fine")}, "m-2026", None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the replies go; the folder is not there yet."""
    return tmp_path / "results" / "grades.jsonl"


def lines(path: Path) -> list[dict[str, object]]:
    """The file, line by line."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def stored(path: Path, **replies: Reply) -> Path:
    """The file after a run that was told these replies."""
    with ReplyJournal(path) as journal:
        for key, reply in replies.items():
            journal.put(key, reply)
    return path


def test_what_is_put_is_got(path: Path) -> None:
    """In the same run and in the next one; the folder is made, the first line is the schema."""
    with ReplyJournal(path) as journal:
        assert journal.get("k") is None
        journal.put("k", REPLY)
        assert journal.get("k") == REPLY
    assert lines(path)[0] == {"schema": SCHEMA}
    assert lines(path)[1]["key"] == "k"
    with ReplyJournal(path) as journal:
        assert journal.get("k") == REPLY
        assert len(journal) == 1


def test_the_newest_reply_counts(path: Path) -> None:
    """A reply that was asked for afresh replaces the older one, also for the next run."""
    stored(path, k=REPLY)
    with ReplyJournal(path) as journal:
        journal.put("k", OTHER)
        assert journal.get("k") == OTHER
    with ReplyJournal(path) as journal:
        assert journal.get("k") == OTHER


@pytest.mark.parametrize("as_bytes", [True, False])
def test_a_reply_of_the_baseline_travels_on(path: Path, tmp_path: Path, as_bytes: bool) -> None:
    """It is read from the other file, and copied into the own one, once."""
    other = stored(tmp_path / "baseline.jsonl", k=REPLY, unused=OTHER)
    with ReplyJournal(path, [other.read_bytes() if as_bytes else other]) as journal:
        assert journal.get("k") == REPLY
        assert journal.get("k") == REPLY
    assert [line.get("key") for line in lines(path)] == [None, "k"]


def test_the_own_file_comes_first(path: Path, tmp_path: Path) -> None:
    """What this run was told afresh is not overruled by the baseline."""
    other = stored(tmp_path / "baseline.jsonl", k=REPLY)
    stored(path, k=OTHER)
    with ReplyJournal(path, [other]) as journal:
        assert journal.get("k") == OTHER


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_torn_last_line_is_cut_off(path: Path, cut: int) -> None:
    """Whatever part of it is missing, the lines before it are kept and writing goes on."""
    stored(path, a=REPLY, b=OTHER)
    os.truncate(path, path.stat().st_size - cut)
    with ReplyJournal(path) as journal:
        assert journal.get("a") == REPLY
        assert journal.get("b") is None
        journal.put("c", OTHER)
    assert [line.get("key") for line in lines(path)] == [None, "a", "c"]


@pytest.mark.parametrize("header", [b"", b'{"sche', b'{"schema": "rubric-grades/1"}'])
def test_a_torn_first_line_starts_anew(path: Path, header: bytes) -> None:
    """A run that was killed before its first reply leaves no obstacle."""
    path.parent.mkdir()
    path.write_bytes(header)
    with ReplyJournal(path) as journal:
        journal.put("k", REPLY)
    with ReplyJournal(path) as journal:
        assert journal.get("k") == REPLY


def test_a_torn_last_line_of_the_baseline_is_passed_over(path: Path, tmp_path: Path) -> None:
    """The baseline is never written to, and its whole lines are used."""
    other = stored(tmp_path / "baseline.jsonl", a=REPLY, b=OTHER)
    torn = other.read_bytes()[:-5]
    with ReplyJournal(path, [torn]) as journal:
        assert journal.get("a") == REPLY
        assert journal.get("b") is None


HEADER = json.dumps({"schema": SCHEMA}) + "\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"schema": "rubric-grades/2"}\n', "rubric-grades/2"),
        ("{}\n", "None"),
        ("<html>\n", "None"),
        (HEADER + "nonsense\n" + HEADER, "line 2"),
        (HEADER + '{"key": 5}\n', "line 2"),
        (HEADER + "[1]\n", "line 2"),
    ],
)
def test_files_that_are_refused(path: Path, tmp_path: Path, text: str, told: str) -> None:
    """A newer schema or a line that is none is an error that names file and mend, never a miss."""
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(ResultsUnwritable, match=told) as caught:
        ReplyJournal(path)
    assert str(path) in str(caught.value)
    assert "Delete it" in caught.value.mend
    with pytest.raises(BaselineUnreadable, match=told):
        ReplyJournal(tmp_path / "own.jsonl", [text.encode()])
    with pytest.raises(BaselineUnreadable, match=told):
        ReplyJournal(tmp_path / "own.jsonl", [path])


@pytest.mark.parametrize(
    "change",
    [
        {"grades": {"tone": {"score": 2, "reason": "r"}}},
        {"grades": {"tone": {"score": True, "reason": "r"}}},
        {"grades": {"tone": {"score": "1", "reason": "r"}}},
        {"grades": {"tone": {"score": 1}}},
        {"grades": {"tone": {"score": 1, "reason": 5}}},
        {"grades": []},
        {"usage": {"tokens": 1}},
    ],
)
def test_a_forged_or_broken_reply_is_no_grade(path: Path, change: dict[str, object]) -> None:
    """A stored reply is read as strictly as one that comes from the judge."""
    stored(path, k=REPLY)
    first, record = path.read_text().splitlines()
    path.write_text(f"{first}\n{json.dumps(json.loads(record) | change)}\n")
    with ReplyJournal(path) as journal, pytest.raises(CannotDecide):
        journal.get("k")


def test_threads_do_not_interleave(path: Path) -> None:
    """Replies put by many threads at once stand each on a line of its own."""
    with ReplyJournal(path) as journal:

        def put(start: int) -> None:
            for number in range(start, start + 50):
                journal.put(str(number), REPLY)
                assert journal.get(str(number)) == REPLY

        threads = [threading.Thread(target=put, args=(n * 50,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len({line["key"] for line in lines(path)[1:]}) == 400


KILLED = """
import os, signal, sys
from pathlib import Path
from rubric_action.grading.cache import Reply, ReplyJournal
from rubric_action.grading.model import Line, Scored
from tests.grading.cached import a_line, files, kept
from tests.grading.samples import KEY
journal = ReplyJournal(Path(sys.argv[1]))
for number in range(20):
    journal.put(str(number), Reply({"tone": Scored(1.0, "r" * 5000)}, "m"))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_run_loses_no_reply(path: Path) -> None:
    """Twenty replies are there after SIGKILL, without a close."""
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    with ReplyJournal(path) as journal:
        assert len(journal) == 20
        assert journal.get("19") == Reply({"tone": Scored(1.0, "r" * 5000)}, "m")


FULL = """
import resource, sys
from pathlib import Path
from rubric_action.errors import ResultsUnwritable
from rubric_action.grading.cache import Reply, ReplyJournal
from rubric_action.grading.model import Line, Scored
from tests.grading.cached import a_line, files, kept
from tests.grading.samples import KEY
journal = ReplyJournal(Path(sys.argv[1]))
journal.put("small", Reply({"tone": Scored(1.0, "r")}, "m"))
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    journal.put("large", Reply({"tone": Scored(1.0, "r" * 5000)}, "m"))
except ResultsUnwritable as error:
    print(error)
journal.close()
"""


def test_a_full_disk_is_said(path: Path) -> None:
    """What cannot be written is an error with its mend, and leaves no half line."""
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path)], check=True, capture_output=True, text=True
    )
    assert "cannot be written" in done.stdout
    assert "Free some space" in done.stdout
    assert [line.get("key") for line in lines(path)] == [None, "small"]


def test_only_ordinary_files_are_written(tmp_path: Path) -> None:
    """A pipe that a checkout brings does not hang the run."""
    os.mkfifo(tmp_path / "grades.jsonl")
    with pytest.raises(ResultsUnwritable, match="no ordinary file"):
        ReplyJournal(tmp_path / "grades.jsonl")


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A file where the folder should be is an error of the results."""
    (tmp_path / "results").write_text("")
    with pytest.raises(ResultsUnwritable, match="cannot be written"):
        ReplyJournal(tmp_path / "results" / "grades.jsonl")


def test_a_link_in_the_results_is_not_followed(tmp_path: Path) -> None:
    """A link that a checkout brings does not make us write elsewhere."""
    (tmp_path / "grades.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ResultsUnwritable):
        ReplyJournal(tmp_path / "grades.jsonl")
    assert not (tmp_path / "elsewhere").exists()


def test_an_absent_baseline_file_is_said(path: Path, tmp_path: Path) -> None:
    """A path that was named and is not there is no empty cache."""
    with pytest.raises(BaselineUnreadable, match="No such file"):
        ReplyJournal(path, [tmp_path / "absent.jsonl"])


def test_closing_twice_is_harmless(path: Path) -> None:
    """The second close finds nothing to do."""
    journal = ReplyJournal(path)
    journal.close()
    journal.close()
    assert path.exists()


def test_a_reply_comes_from_the_folder_and_goes_there(tmp_path: Path) -> None:
    """A later run finds it without its results, and holds it in its own results from then on."""
    talk = Reply({}, "m-2026", line=Line("And then?"))
    with (
        CacheFolder(tmp_path / "kept", KIND, KEY) as cache,
        ReplyJournal(tmp_path / "1" / "grades.jsonl", folder=cache) as journal,
    ):
        journal.put("k1", REPLY)
        journal.put("k2", talk)
    second = tmp_path / "2" / "grades.jsonl"
    with (
        CacheFolder(tmp_path / "kept", KIND, KEY) as cache,
        ReplyJournal(second, folder=cache) as journal,
    ):
        assert journal.get("k1") == REPLY
        assert journal.get("k2") == talk
        assert journal.get("k3") is None
    with ReplyJournal(second) as journal:
        assert journal.get("k1") == REPLY
    assert len(files(tmp_path / "kept")) == 1


def test_what_was_asked_afresh_replaces_what_is_in_the_folder(tmp_path: Path) -> None:
    """The newest reply of a key counts for the next run."""
    for number, reply in enumerate([REPLY, OTHER]):
        path = tmp_path / str(number) / "grades.jsonl"
        with (
            CacheFolder(tmp_path / "kept", KIND, KEY) as cache,
            ReplyJournal(path, folder=cache) as journal,
        ):
            journal.put("k", reply)
    with (
        CacheFolder(tmp_path / "kept", KIND, KEY) as cache,
        ReplyJournal(tmp_path / "grades.jsonl", folder=cache) as journal,
    ):
        assert journal.get("k") == OTHER


def test_a_signed_line_of_another_shape_is_no_reply(tmp_path: Path) -> None:
    """A line of an older version breaks no run: it is asked for again."""
    kept(tmp_path / "kept", a_line("k", grades={"tone": {"score": 7}}, model="m", usage=None))
    with (
        CacheFolder(tmp_path / "kept", KIND, KEY) as cache,
        ReplyJournal(tmp_path / "grades.jsonl", folder=cache) as journal,
    ):
        assert journal.get("k") is None
