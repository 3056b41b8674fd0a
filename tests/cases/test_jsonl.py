import os
import tracemalloc
from pathlib import Path

import pytest

from rubric_action.cases.jsonl import MAX_DEPTH, MAX_LINE_BYTES, SHOWN_PROBLEMS, Problems, read_rows
from rubric_action.errors import InputError, Place
from tests.cases.samples import write_lines


def read(path: Path) -> tuple[list[object], Problems]:
    """Read a file of the schema `things`."""
    problems = Problems()
    rows = list(read_rows(path, "things.jsonl", "things", problems))
    return [(row.place.line, row.value) for row in rows], problems


def test_good_lines_come_with_their_line_numbers(tmp_path: Path) -> None:
    """Blank lines, a BOM, CRLF and a missing last newline are tolerated; lines count from 1."""
    path = tmp_path / "a"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}\r\n\n  \n{"b": "\xc3\xa9"}')
    rows, problems = read(path)
    assert rows == [(1, {"a": 1}), (4, {"b": "é"})]
    assert not problems.shown


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b"{", "the line is not JSON"),
        (b'{"a": 1} {"b": 2}', "the line is not JSON"),
        (b"::error::no", "the line is not JSON"),
        (b"[1]", "the line holds a list, not an object"),
        (b'"text"', "the line holds a string, not an object"),
        (b"12", "the line holds a number, not an object"),
        (b"null", "the line holds null, not an object"),
        (b"true", "the line holds true or false, not an object"),
        (b'{"a": "\0"}', "the line holds a NUL byte"),
        (b'{"a": "\xff"}', "byte 8 of the line is not UTF-8"),
        (b'{"a": "\xed\xa0\x80"}', "byte 8 of the line is not UTF-8"),
        (b'{"a": NaN}', "NaN is not a JSON number"),
        (b'{"a": -Infinity}', "-Infinity is not a JSON number"),
        (b'{"a": 1e999}', "the number 1e999 is too large"),
        (b'{"a": 1, "a": 2}', 'the key "a" stands twice in one object'),
        (b'{"a": {"b": 1, "b": 1}}', 'the key "b" stands twice in one object'),
        (b'{"a": "\\ud800"}', "a \\u escape is half of a surrogate pair, which is no character"),
        (b'{"a": ' + b"9" * 5000 + b"}", "Exceeds the limit"),
        (b'{"a": ' * 100_000, f"the line nests deeper than {MAX_DEPTH} levels"),
        (
            b'{"a": ' + b"[" * 64 + b"]" * 64 + b"}",
            f"the line nests deeper than {MAX_DEPTH} levels",
        ),
    ],
)
def test_a_bad_line_is_one_problem_with_its_line(tmp_path: Path, line: bytes, what: str) -> None:
    """Whatever is wrong with a line, its neighbours are still read."""
    rows, problems = read(write_lines(tmp_path / "a", {"n": 1}, line, {"n": 3}))
    assert rows == [(1, {"n": 1}), (3, {"n": 3})]
    [problem] = problems.shown
    assert (problem.place.file, problem.place.line) == ("things.jsonl", 2)
    assert problem.what.startswith(what)
    assert problem.mend


@pytest.mark.parametrize(
    "line",
    [
        '{"a": ' + "[" * 63 + "]" * 63 + "}",
        '{"a": "' + "[" * 1000 + '"}',
        '{"a": "\\ud83d\\ude00"}',
    ],
)
def test_lines_that_only_look_hostile_are_read(tmp_path: Path, line: str) -> None:
    """Brackets in a string, a full surrogate pair and depth at the limit are fine."""
    rows, problems = read(write_lines(tmp_path / "a", line))
    assert (len(rows), problems.shown) == (1, [])


def test_a_line_of_a_gigabyte_is_refused_without_being_read(tmp_path: Path) -> None:
    """An oversized line ends the reading, and memory stays near the line's limit."""
    path = tmp_path / "a"
    with path.open("wb") as file:
        file.write(b'{"n": 1}\n{"a": "')
        file.truncate(2**30)
    tracemalloc.start()
    rows, problems = read(path)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert rows == [(1, {"n": 1})]
    assert [str(each.place) for each in problems.shown] == ["things.jsonl:2"]
    assert problems.shown[0].what == f"the line is longer than {MAX_LINE_BYTES // 2**20} MiB"
    assert peak_bytes < 4 * MAX_LINE_BYTES


@pytest.mark.parametrize("first", ["things/2", "things", "others/1", 7, None])
def test_another_schema_is_refused(tmp_path: Path, first: object) -> None:
    """A newer or unknown schema in the first line is a problem that says what is read."""
    _, problems = read(write_lines(tmp_path / "a", {"schema": first}, {"n": 1}))
    [problem] = problems.shown
    assert problem.place == Place("things.jsonl", 1)
    assert "`things/1`" in problem.mend


def test_the_schema_line_is_no_row(tmp_path: Path) -> None:
    """Our own schema is accepted in the first line, and is data anywhere else."""
    header = {"schema": "things/1"}
    rows, problems = read(write_lines(tmp_path / "a", header, {"n": 1}, header))
    assert rows == [(2, {"n": 1}), (3, header)]
    assert not problems.shown


def test_many_problems_are_counted_past_the_limit(tmp_path: Path) -> None:
    """The first mistakes are shown in full, the rest as one line that counts them."""
    _, problems = read(write_lines(tmp_path / "a", *["{"] * (SHOWN_PROBLEMS + 7)))
    with pytest.raises(InputError) as caught:
        problems.raise_any()
    assert len(caught.value.problems) == SHOWN_PROBLEMS + 1
    assert caught.value.problems[-1].what == "and 7 more"


def test_no_problem_raises_nothing() -> None:
    """Without problems the check passes."""
    Problems().raise_any()


def test_what_is_no_readable_file_is_refused(tmp_path: Path) -> None:
    """An absent file, a folder and a pipe are problems; none of them holds the run up."""
    os.mkfifo(tmp_path / "pipe")
    found = []
    for name in ("absent", ".", "pipe"):
        rows, problems = read(tmp_path / name)
        assert rows == []
        found += [problem.what for problem in problems.shown]
    regular = "this is not a regular file"
    assert found == ["there is no such file", regular, regular]
