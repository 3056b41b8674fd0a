import io
import struct
import warnings
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from rubric_action.errors import (
    BaselineUnreadable,
    InputError,
)
from rubric_action.report.stored import open_path, open_zip
from rubric_action.report.zipped import MOST_MEMBERS
from tests.report.folders import WHOLE, members, packed, read_all

Change = Callable[[Path], object]


def test_folder(finished: Path) -> None:
    """A folder is read back."""
    assert read_all(open_path(finished)) == WHOLE


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_zip(finished: Path, method: int) -> None:
    """A zip is read back without being extracted, whatever else lies in it."""
    others = {"../../summary.json": b"{}", "/etc/passwd": b"x", "sub/cases.jsonl": b"x", "x/": b""}
    stored = open_zip(packed({**others, **members(finished)}, method))
    assert read_all(stored) == WHOLE
    assert stored.folder is None
    assert isinstance(stored.replies(), bytes)


def test_embeddings(finished: Path) -> None:
    """They are a file or what a zip holds; what is too large to hold is left for a new request."""
    assert open_path(finished).vectors() is None
    assert open_zip(packed(members(finished))).vectors() is None
    (finished / "embeddings.jsonl").write_bytes(b"12345")
    assert open_path(finished).vectors(most=4) == finished / "embeddings.jsonl"
    zipped = open_zip(packed({**members(finished), "embeddings.jsonl": b"12345"}))
    assert zipped.vectors(most=5) == b"12345"
    assert zipped.vectors(most=4) is None


def test_zip_by_path(finished: Path, tmp_path: Path) -> None:
    """A zip on disk is read by its path."""
    path = tmp_path / "artifact.zip"
    path.write_bytes(packed(members(finished)))
    assert read_all(open_path(path)) == WHOLE
    assert sorted(each.name for each in tmp_path.iterdir()) == ["artifact.zip", "repo"]


def replaced(name: str, old: str, new: str) -> Change:
    """Change a text in a file of the folder."""

    def change(folder: Path) -> None:
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1))

    return change


def cut(name: str, part: float) -> Change:
    """Keep a part of a file."""

    def change(folder: Path) -> None:
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[: int(len(data) * part)])

    return change


def as_folder(name: str) -> Change:
    """Put a folder in the place of a file."""

    def change(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).mkdir()

    return change


DAMAGED = {
    "no summary": (lambda folder: (folder / "summary.json").unlink(), "it has no summary.json"),
    "no cases": (lambda folder: (folder / "cases.jsonl").unlink(), "it has no cases.jsonl"),
    "cut summary": (cut("summary.json", 0.5), "summary.json is not JSON"),
    "empty summary": (cut("summary.json", 0), "summary.json is not JSON"),
    "cut cases": (cut("cases.jsonl", 0.9), r"cases\.jsonl:4 is not JSON"),
    "empty cases": (cut("cases.jsonl", 0), "cases.jsonl is not JSON"),
    "cut sessions": (cut("sessions.jsonl", 0.9), r"sessions\.jsonl:4 is not JSON"),
    "newer summary": (
        replaced("summary.json", "rubric-results/1", "rubric-results/2"),
        "summary.json has the schema 'rubric-results/2'; this version reads rubric-results/1",
    ),
    "newer cases": (
        replaced("cases.jsonl", "rubric-cases/1", "rubric-cases/2"),
        "this version reads rubric-cases/1",
    ),
    "version zero": (replaced("summary.json", "results/1", "results/0"), "results/0"),
    "no number": (replaced("summary.json", "results/1", "results/¹"), "reads rubric-results/1"),
    "long number": (
        replaced("summary.json", "results/1", "results/" + "9" * 9000),
        "reads rubric-results/1",
    ),
    "another family": (replaced("summary.json", "rubric-results", "junit"), "junit/1"),
    "no header": (replaced("cases.jsonl", '{"schema": "rubric-cases/1"}\n', ""), "schema None"),
    "no object": (lambda folder: (folder / "summary.json").write_text("[1]"), "not an object"),
    "not a number": (
        replaced("cases.jsonl", '"latency_s": 1.5', '"latency_s": NaN'),
        "NaN is no number",
    ),
    "infinity": (replaced("summary.json", '"seconds": 0.0', '"seconds": Infinity'), "Infinity"),
    "no record": (replaced("cases.jsonl", '"passed": true', '"passed": 1'), "is not a record"),
    "deep": (
        lambda folder: (folder / "summary.json").write_text("[" * 100_000),
        "is not JSON",
    ),
    "binary": (lambda folder: (folder / "summary.json").write_bytes(b"\xff\xfe\0"), "not JSON"),
    "a folder for a file": (as_folder("cases.jsonl"), "directory"),
}


@pytest.mark.parametrize(("damage", "complaint"), DAMAGED.values(), ids=DAMAGED.keys())
def test_damaged_folder(finished: Path, damage: Change, complaint: str) -> None:
    """What is missing, cut, newer or no record is an error that says where, and what to do."""
    damage(finished)
    with pytest.raises(BaselineUnreadable, match=complaint) as raised:
        read_all(open_path(finished))
    assert str(finished) in str(raised.value)
    assert raised.value.mend


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [DAMAGED[name] for name in DAMAGED if name != "a folder for a file"],
    ids=[name for name in DAMAGED if name != "a folder for a file"],
)
def test_damaged_zip(finished: Path, damage: Change, complaint: str) -> None:
    """The same damage in an artifact is the same error."""
    damage(finished)
    with pytest.raises(BaselineUnreadable, match=complaint):
        read_all(open_zip(packed(members(finished))))


def test_every_cut_of_a_zip(finished: Path) -> None:
    """However much of the artifact is lost, it is an error and never a crash."""
    data = packed(members(finished))
    for size in range(0, len(data), 97):
        with pytest.raises(BaselineUnreadable):
            read_all(open_zip(data[:size]))


def test_flipped_bytes(finished: Path) -> None:
    """A bit that flipped is found by the checksum, or harms nothing that is read.

    In a file's name it makes another file of it, as if this one had never been there.
    """
    data = bytearray(packed(members(finished)))
    for at in range(0, len(data), 61):
        data[at] ^= 0x55
        with suppress(BaselineUnreadable):
            told = read_all(open_zip(bytes(data)))
            assert told == WHOLE or "sessions.jsonl" not in names(bytes(data))
        data[at] ^= 0x55


def names(data: bytes) -> list[str]:
    """The names of a zip's members."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.namelist()


def test_zip_bomb(finished: Path) -> None:
    """A member that inflates a thousandfold is refused before it is opened."""
    bomb = packed({**members(finished), "cases.jsonl": b" " * (64 << 20)})
    with pytest.raises(BaselineUnreadable, match="inflates from"):
        open_zip(bomb)


def test_lying_size(finished: Path) -> None:
    """A size that the archive claims is not believed."""
    files = members(finished)
    data = bytearray(packed({"summary.json": files["summary.json"], **files}))
    entry = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, entry + 24, 1)
    with pytest.raises(BaselineUnreadable):
        read_all(open_zip(bytes(data)))


def test_thousands_of_members(finished: Path) -> None:
    """An archive of more files than a run could leave is refused."""
    many = {f"{number}.txt": b"" for number in range(MOST_MEMBERS)}
    with pytest.raises(BaselineUnreadable, match="members"):
        open_zip(packed({**members(finished), **many}))


def test_duplicate_members(finished: Path) -> None:
    """Two members of one name are refused: readers differ on which one counts."""
    buffer = io.BytesIO(packed(members(finished)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(buffer, "a") as archive:
            archive.writestr("summary.json", b'{"schema": "rubric-results/1", "verdict": "pass"}')
    with pytest.raises(BaselineUnreadable, match="twice"):
        open_zip(buffer.getvalue())


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip at all", b"PK\x05\x06" + b"\0" * 18])
def test_no_zip(data: bytes) -> None:
    """Bytes that are no zip, or an empty one, are an error."""
    with pytest.raises(BaselineUnreadable):
        open_zip(data)


def test_nothing_there(tmp_path: Path) -> None:
    """A path that does not exist is the user's mistake, and is told with its mend."""
    with pytest.raises(InputError, match="no such results folder or zip") as raised:
        open_path(tmp_path / "nowhere")
    [problem] = raised.value.problems
    assert problem.key == "baseline"
    assert "leave the baseline out" in problem.mend
