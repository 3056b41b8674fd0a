import time
from typing import Any

import pytest

from rubric_action.errors import InputError, Place
from rubric_action.rubric.build import MAX_DEPTH
from rubric_action.rubric.problems import KEY
from rubric_action.rubric.source import MAX_BYTES, decode_text, read_yaml


def refusals(text: str) -> list[str]:
    """What is wrong with a text, as the user reads it."""
    with pytest.raises(InputError) as caught:
        read_yaml(text, "r.yaml")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1", {"a": 1}),
        ("a: -2.5e3", {"a": -2500.0}),
        ("a: .5", {"a": 0.5}),
        ("a: 5.", {"a": 5.0}),
        ("a: +0", {"a": 0}),
        ("a: yes\nb: Off", {"a": True, "b": False}),
        ("a: ~\nb:\nc: NULL", {"a": None, "b": None, "c": None}),
        ("a: 'no'\nb: \"1\"", {"a": "no", "b": "1"}),
        ("a: 2026-03-31", {"a": "2026-03-31"}),
        ("a: 1.2.3\nb: -x\nc: +\nd: y", {"a": "1.2.3", "b": "-x", "c": "+", "d": "y"}),
        ("a: |\n  two\n  lines\n", {"a": "two\nlines\n"}),
        ("- [a, {b: c}]\n- d", [["a", {"b": "c"}], "d"]),
        ("\ufeffa: 1", {"a": 1}),
        ("---\na: 1\n...\n", {"a": 1}),
        ("# nothing", None),
        ("", None),
    ],
)
def test_values(text: str, value: Any) -> None:
    """YAML becomes plain values; dates stay texts."""
    read = read_yaml(text, "r.yaml").value
    assert read == value
    assert repr(read) == repr(value)


def test_places_of_keys_and_values() -> None:
    """Every key and every value has its line and column; a mapping stands where its key does."""
    document = read_yaml("a:\n  b: [x,\n    no]\n", "r.yaml")
    assert document.places == {
        (): Place("r.yaml", 1, 1),
        ("a", KEY): Place("r.yaml", 1, 1),
        ("a",): Place("r.yaml", 1, 1),
        ("a", "b", KEY): Place("r.yaml", 2, 3),
        ("a", "b"): Place("r.yaml", 2, 3),
        ("a", "b", 0): Place("r.yaml", 2, 7),
        ("a", "b", 1): Place("r.yaml", 3, 5),
    }
    assert document.written == {("a", "b", 1): "no"}


def test_a_path_without_a_place_stands_where_the_next_thing_around_it_does() -> None:
    """What is missing is reported where it should have been."""
    document = read_yaml("x: 1\na:\n  b: 1\n", "r.yaml")
    assert document.locate(("a", "c", 3)) == Place("r.yaml", 2, 1)
    assert read_yaml("", "r.yaml").locate(("a",)) == Place("r.yaml", 1, 1)


def test_columns_count_characters() -> None:
    """A letter outside ASCII is one column, as editors count."""
    assert read_yaml("ä: [é, x]", "r.yaml").places["ä", 1] == Place("r.yaml", 1, 8)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("a: *x", "1:4", "an alias, `*x`"),
        ("a: &x 1", "1:4", "an anchor, `&x`"),
        ("a: &x [1]", "1:4", "an anchor"),
        ("a: !!python/object:os.system x", "1:4", "a tag, `!!python/object:os.system`"),
        ("a: ! x", "1:4", "a tag"),
        ("a: {<<: {b: 1}}", "1:5", "a merge key"),
        ("a: 1\nb: 2\na: 3", "3:1", "a second time, first on line 1"),
        ("a: 1\n---\nb: 2", "2:1", "a second document"),
        ("a: .nan", "1:4", "not a finite number"),
        ("a: -.INF", "1:4", "not a finite number"),
        ("a: 1e999", "1:4", "larger than any finite number"),
        ("a: 010", "1:4", "another base"),
        ("a: 0x1F", "1:4", "another base"),
        ("a: 1:30", "1:4", "base 60"),
        ("a: 1_000", "1:4", "a number to some YAML readers"),
        (f"a: {'9' * 65}", "1:4", "more than 64 characters"),
        ("no: 1", "1:1", "found the boolean `no`"),
        ("12: 1", "1:1", "found the number `12`"),
        ("a: {~: 1}", "1:5", "found nothing (`~`)"),
        ("? [a]\n: 1", "1:3", "another kind of node"),
        ("a: 'x", "1:6", "Close the quotes"),
        ('a: "\\d"', "1:5", "write `\\` as `\\\\`"),
        ("a: [1, 2\nb: 3", "2:2", "Close what `[` or `{` opened"),
        ("ask: is it so: yes", "1:14", "Put a value that holds `: ` in quotes"),
        ("cases: **/*.jsonl", "1:9", "starts with `*` has to stand in quotes"),
        ("a: @b", "1:4", "has to stand in quotes"),
        ("a:\n\tb: 1", "2:1", "Indent with spaces"),
        ("  a: 1\n b: 2", "2:2", "Check the indentation"),
        ("a: \0", "1:4", "a NUL"),
        ("a: 1\nb: \x1b[31m", "2:4", "U+001B"),
        ("a: \ud800", "1:4", "U+D800"),
        ("%FOO\n--- a", "1:5", "not YAML"),
    ],
)
def test_refused(text: str, place: str, words: str) -> None:
    """What a rubric has no use for is refused with its place."""
    [refusal] = refusals(text)
    assert refusal.startswith(f"r.yaml:{place}: ")
    assert words in refusal


def test_everything_is_refused_at_once() -> None:
    """Reading goes on after a mistake that leaves the rest readable."""
    found = refusals("a: &x 1\nb: *x\nc: .inf\nd: 010\ne: 'open\n")
    assert [line.split(":")[1] for line in found] == ["1", "2", "3", "4", "6"]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{a: " * 100_000,
        "- " * 100_000,
        "? " * 100_000,
        "a: [" + "[], " * 50_000,
        "a" * MAX_BYTES + "a",
        "&a [" + ", ".join(["*a"] * 100_000),
    ],
)
def test_hostile_shapes_end_quickly(text: str) -> None:
    """Depth, size and references are limited before they cost anything."""
    start = time.perf_counter()
    assert refusals(text)
    assert time.perf_counter() - start < 3


def test_the_depth_limit_is_exact() -> None:
    """`MAX_DEPTH` levels are read, one more is not."""
    read_yaml("[" * MAX_DEPTH + "]" * MAX_DEPTH, "r.yaml")
    assert "nested deeper" in refusals("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))[0]


def test_the_size_limit_counts_bytes() -> None:
    """A text within the limit in characters may be over it in bytes."""
    assert "more than 1048576" in refusals("# " + "é" * (MAX_BYTES // 2))[0]


def test_numeric_keys_where_they_are_allowed() -> None:
    """Numbers may be keys where the caller says so, and stay as written."""
    document = read_yaml("a: {1: x, 0.5: y}", "r.yaml", numeric_keys=lambda path: path == ("a",))
    assert document.value == {"a": {"1": "x", "0.5": "y"}}


def test_bytes_are_utf8() -> None:
    """A file that is not UTF-8 is refused with line and column; a byte order mark is dropped."""
    assert decode_text(b"\xef\xbb\xbfa: 1", "r.yaml") == "a: 1"
    with pytest.raises(InputError, match=r"r\.yaml:2:4: this byte is not UTF-8"):
        decode_text(b"a: 1\nb: \xff", "r.yaml")
    with pytest.raises(InputError, match="more than"):
        decode_text(b"a" * (MAX_BYTES + 1), "r.yaml")
