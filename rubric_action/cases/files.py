"""The files that the rubric's globs name, and the cases written in them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rubric_action.cases.globbing import MOST_VISITED, matches
from rubric_action.cases.jsonl import Problems, open_file, read_rows
from rubric_action.errors import InputError, Place, Problem
from rubric_action.rubric.problems import Locate, describe
from rubric_action.rubric.problems import Path as KeyPath
from rubric_action.rubric.source import MAX_BYTES, Document, decode_text, read_yaml

SCHEMA: Final = "rubric-cases"
JSONL: Final = frozenset({".jsonl", ".ndjson"})
YAML: Final = frozenset({".yaml", ".yml"})


@dataclass(frozen=True, slots=True)
class Written:
    """A case as it is written: its value, also as JSON, and where it and its keys stand."""

    value: Any
    raw: bytes
    place: Place
    locate: Locate
    scalars: Mapping[KeyPath, str] | None = None


def find_files(
    root: Path, pattern: str, place: Place, most_visited: int = MOST_VISITED
) -> list[Path]:
    """List the files under root that a glob matches, sorted; InputError when it is no use.

    No match, a match outside root (by `..`, an absolute path or a link), a link that leads nowhere
    and a glob that looks at more than `most_visited` entries are refused. A wildcard does not go
    into a folder that is a link: links can make endless paths out of one folder.
    """
    if ".." in Path(pattern).parts or Path(pattern).is_absolute():
        raise _refusal(place, f"the glob `{pattern}` leaves the repository", _RELATIVE)
    try:
        files = sorted(matches(root, pattern, most_visited))
    except (ValueError, OSError) as error:
        raise _refusal(place, f"the glob `{pattern}` does not work: {error}", _RELATIVE) from None
    if not files:
        mend = "Mend the glob; it counts from the root of the repository."
        raise _refusal(place, f"the glob `{pattern}` matches no file", mend)
    top = root.resolve()
    for path in files:
        if not path.resolve().is_relative_to(top):
            what = f"`{path.relative_to(root).as_posix()}` is a link that leaves the repository"
            raise _refusal(place, what, "Put the file itself there.")
    return files


def read_file(path: Path, name: str, problems: Problems) -> Iterator[Written]:
    """Yield the cases of a JSONL file or a YAML list, by suffix, and note what is no case."""
    if path.suffix in JSONL:
        for row in read_rows(path, name, SCHEMA, problems):
            yield Written(row.value, row.raw, row.place, row.locate)
    elif path.suffix in YAML:
        try:
            yield from _read_list(path, name)
        except InputError as error:
            problems.add(*error.problems)
    else:
        what = f"a file that ends in `{path.suffix}` is not read"
        problems.add(Problem(Place(name), what, "Write cases as `.jsonl`, or a list as `.yaml`."))


def _read_list(path: Path, name: str) -> Iterator[Written]:
    with open_file(path, name) as file:
        document = read_yaml(decode_text(file.read(MAX_BYTES + 1), name), name)
    if not isinstance(document.value, list):
        what = f"expected a list of cases, found {describe(document.value)}"
        raise InputError(Problem(document.locate(()), what, "Begin each case with `- id: ...`."))
    scalars: dict[int, dict[KeyPath, str]] = {}
    for at, text in document.written.items():
        scalars.setdefault(int(at[0]), {})[at[1:]] = text
    for n, value in enumerate(document.value):
        raw = json.dumps(value).encode()
        yield Written(value, raw, document.locate((n,)), _below(document, n), scalars.get(n))


def _below(document: Document, n: int) -> Locate:
    return lambda path: document.locate((n, *path))


_RELATIVE = "Write it from the root of the repository, such as `eval/cases/**/*.jsonl`."


def _refusal(place: Place, what: str, mend: str) -> InputError:
    return InputError(Problem(place, what, mend, "cases"))
