"""Strict JSONL, streamed: one object a line, every mistake of the file with its line.

The files come from agents, traces and pull requests, so no line is trusted to be short, flat,
UTF-8 or JSON. Memory follows the longest line, never the file.
"""

import codecs
import itertools
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Never

from rubric_action.errors import InputError, Place, Problem

MAX_LINE_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 64
SHOWN_PROBLEMS = 50

_ONE_OBJECT = 'Write one JSON object a line: {"key": "value", ...}.'


@dataclass(frozen=True, slots=True)
class Row:
    """One object of a file, the bytes it was read from, and where it stands."""

    place: Place
    value: dict[str, Any]
    raw: bytes

    def locate(self, _: object) -> Place:
        """Where any key of the object stands: on the same line."""
        return self.place


@dataclass(slots=True)
class Problems:
    """The mistakes found so far; past `SHOWN_PROBLEMS` they are only counted."""

    shown: list[Problem] = field(default_factory=list)
    more: int = 0

    def add(self, *problems: Problem) -> None:
        """Keep the problems, or count them when enough are kept."""
        room = SHOWN_PROBLEMS - len(self.shown)
        self.shown.extend(problems[:room])
        self.more += len(problems[room:])

    def raise_any(self) -> None:
        """Raise one InputError that holds them all; do nothing when there are none."""
        if not self.shown:
            return
        rest = Problem(self.shown[-1].place, f"and {self.more} more", "Mend these first.")
        raise InputError(*self.shown, *([rest] if self.more else []))


def read_rows(path: Path, name: str, schema: str, problems: Problems) -> Iterator[Row]:
    """Yield the good lines of a file and add a problem for each bad one.

    `name` is what messages call the file. A first line `{"schema": "<schema>/1"}` is optional.
    A line over `MAX_LINE_BYTES` ends the reading: what follows it is not looked for.
    """
    try:
        file = open_file(path, name)
    except InputError as error:
        problems.add(*error.problems)
        return
    with file:
        for number, raw in _lines(file):
            place = Place(name, number)
            try:
                value = parse_object(raw, place)
                header = number == 1 and value.keys() == {"schema"}
                if header:
                    check_schema(value["schema"], schema, place)
            except InputError as error:
                problems.add(*error.problems)
                if len(raw) > MAX_LINE_BYTES:
                    return
                continue
            if not header:
                yield Row(place, value, raw)


def open_file(path: Path, name: str) -> BinaryIO:
    """Open a regular file; InputError for anything else, so that no pipe can hold the run up."""
    try:
        if path.exists() and not path.is_file():
            raise _refusal(Place(name), "this is not a regular file", "Name a file.")
        return path.open("rb")
    except FileNotFoundError:
        what, mend = "there is no such file", "Mend the path, or make the file first."
        raise _refusal(Place(name), what, mend) from None
    except OSError as error:
        what = f"the file cannot be read: {error.strerror}"
        raise _refusal(Place(name), what, "Mend its rights.") from None


def parse_object(raw: bytes, place: Place) -> dict[str, Any]:
    """Parse one line that has to be a JSON object; anything else is an InputError."""
    if len(raw) > MAX_LINE_BYTES:
        what = f"the line is longer than {MAX_LINE_BYTES // 2**20} MiB"
        raise _refusal(place, what, "Split it, or leave out what nobody grades.")
    if b"\0" in raw:
        raise _refusal(place, "the line holds a NUL byte", "Save the file as UTF-8 text.")
    try:
        value = _DECODER.decode(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        what = f"byte {error.start + 1} of the line is not UTF-8"
        raise _refusal(place, what, "Save the file as UTF-8.") from None
    except json.JSONDecodeError as error:
        at = Place(place.file, place.line, error.colno)
        raise _refusal(at, f"the line is not JSON: {error.msg}", _ONE_OBJECT) from None
    except RecursionError:
        raise _too_deep(place) from None
    except ValueError as error:
        raise _refusal(place, str(error), "Write it as plain, finite JSON.") from None
    if not isinstance(value, dict):
        raise _refusal(place, f"the line holds {_KINDS[type(value)]}, not an object", _ONE_OBJECT)
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise _too_deep(place)
    if _SURROGATE.search(raw):
        _check_characters(value, place)
    return value


def check_schema(found: object, wanted: str, place: Place) -> None:
    """Refuse a schema other than version 1 of the wanted one."""
    if found != f"{wanted}/1":
        what = f"the schema {json.dumps(found)[:80]} is not known"
        raise _refusal(place, what, f"This version reads `{wanted}/1`; upgrade Rubric Action.")


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    number = 0
    while raw := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if number == 1:
            raw = raw.removeprefix(codecs.BOM_UTF8)
        if not raw.isspace() and raw:
            yield number, raw


def _refusal(place: Place, what: str, mend: str) -> InputError:
    return InputError(Problem(place, what, mend))


def _too_deep(place: Place) -> InputError:
    what = f"the line nests deeper than {MAX_DEPTH} levels"
    return _refusal(place, what, "Flatten it, or keep the deep part as a string.")


def _check_characters(value: dict[str, Any], place: Place) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        what = "a \\u escape is half of a surrogate pair, which is no character"
        raise _refusal(place, what, "Write the character itself, or both halves.") from None


def _depth(value: object) -> int:
    level, depth = [value], 0
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        inner = (item.values() if isinstance(item, dict) else item for item in level)
        level = list(itertools.chain.from_iterable(inner))
    return depth


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {json.dumps(twice)[:80]} stands twice in one object")
    return value


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text[:20]} is too large")
    return number


def _no_constant(text: str) -> Never:
    raise ValueError(f"{text} is not a JSON number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=_finite, parse_constant=_no_constant
)
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_KINDS = {
    list: "a list",
    str: "a string",
    int: "a number",
    float: "a number",
    bool: "true or false",
    type(None): "null",
}
