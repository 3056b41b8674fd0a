import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rubric_action.grading.embedding_cache import SCHEMA, VectorJournal
from rubric_action.grading.similarity import vector
from rubric_action.report.stored import EMBEDDINGS
from tests.docs.pages import RESULTS, ROOT, between, read, rows, spans

TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "number": (int, float),
    "whole number": (int,),
    "flag": (bool,),
    "list": (list,),
    "object": (dict,),
    "any object": (dict,),
    "null": (type(None),),
}
FILES = ("summary.json", "cases.jsonl", "sessions.jsonl", "grades.jsonl", "audit.jsonl")

Field = tuple[str, Any]


def documented(name: str) -> dict[str, list[str]]:
    """The fields of one file, each with the types that it may have."""
    table = between(RESULTS, f"fields of {name}", "end of fields")
    return {
        row[0].strip("`"): row[1].replace("true or false", "flag").split(" or ")
        for row in rows(table)
    }


def records(folder: Path, name: str) -> list[Any]:
    """The objects that a file holds; in JSONL those below the line that names the schema."""
    text = read(folder / name)
    if name.endswith(".json"):
        return [json.loads(text)]
    return [json.loads(line) for line in text.splitlines()[1:]]


def fields(value: Any, path: str, known: dict[str, list[str]]) -> Iterator[Field]:
    """Every field below a value by its documented path; `<name>` is any name, `[]` any item."""
    if isinstance(value, list):
        for item in value:
            yield from fields(item, f"{path}[]", known)
    elif isinstance(value, dict) and known.get(path) != ["any object"]:
        for name, below in value.items():
            at = _documented_path(path, name, known)
            if at in known or not at.endswith("<name>"):
                yield at, below
            yield from fields(below, at, known)


def _documented_path(path: str, name: str, known: dict[str, list[str]]) -> str:
    """The field's own path, or that of any name where the page tells no name."""
    own, any_name = (f"{path}.{part}".removeprefix(".") for part in (name, "<name>"))
    named = any(each == any_name or each.startswith(f"{any_name}.") for each in known)
    return any_name if own not in known and named else own


def found(name: str, folders: Iterable[Path]) -> list[Field]:
    """Every field of that file in any of the folders."""
    known = documented(name)
    return [
        field
        for folder in folders
        for record in records(folder, name)
        for field in fields(record, "", known)
    ]


@pytest.fixture(scope="session")
def all_results(
    demo_results: tuple[Path, ...],
    judged_results: tuple[Path, ...],
    signed_results: tuple[Path, ...],
    held_results: Path,
) -> tuple[Path, ...]:
    """Five real runs, passing and failing, by rules alone and by a model; one decided again."""
    return (*demo_results, *judged_results, *signed_results, held_results)


@pytest.mark.parametrize("name", FILES)
def test_the_fields_are_those_of_a_run(name: str, all_results: tuple[Path, ...]) -> None:
    """A run writes each documented field somewhere, and none that is not documented."""
    written = {path for path, _ in found(name, all_results)}
    assert written == set(documented(name))


@pytest.mark.parametrize("name", FILES)
def test_the_types_are_those_of_a_run(name: str, all_results: tuple[Path, ...]) -> None:
    """A field has the type that its row tells; `null` only where the row says so."""
    known = documented(name)
    for path, value in found(name, all_results):
        allowed = tuple(one for word in known[path] for one in TYPES[word])
        assert isinstance(value, allowed), f"{path}: {value!r}"
        assert isinstance(value, bool) <= ("flag" in known[path]), path


@pytest.mark.parametrize("name", ["summary.json", "cases.jsonl", "audit.jsonl"])
def test_the_shipped_schemas_hold(name: str, all_results: tuple[Path, ...]) -> None:
    """Real runs are valid under the JSON Schemas that the page names."""
    (path,) = [span for span in spans(RESULTS) if span.endswith(f"{Path(name).stem}.schema.json")]
    validator = Draft202012Validator(json.loads(read(ROOT / path)))
    for folder in all_results:
        for record in records(folder, name):
            validator.validate(record)


@pytest.mark.parametrize("name", FILES)
def test_the_schema_is_the_one_told(name: str, demo_results: tuple[Path, ...]) -> None:
    """The page names the schema that the file's first object names."""
    first = read(demo_results[0] / name)
    first = first if name == "summary.json" else first.splitlines()[0]
    section = read(RESULTS).partition(f"## {name}\n")[2].partition("\n## ")[0]
    assert f"Schema `{json.loads(first)['schema']}`." in section


def test_the_table_of_files_is_whole(judged_results: tuple[Path, ...]) -> None:
    """A run leaves the files that the page lists, and no others."""
    table = between(RESULTS, "files", "end of files")
    told = {row[0].partition("`")[2].partition("`")[0] for row in rows(table)}
    assert told - {EMBEDDINGS} == {path.name for path in judged_results[1].iterdir()}


def test_the_file_of_embeddings(tmp_path: Path) -> None:
    """It is made where a rule compares texts, with the schema and the fields that are told."""
    with VectorJournal(tmp_path / EMBEDDINGS) as kept:
        kept.put("k", vector([1.0]))
    [record] = records(tmp_path, EMBEDDINGS)
    assert {name: ["text"] for name in record} == documented(EMBEDDINGS)
    assert all(isinstance(value, str) for value in record.values())
    section = read(RESULTS).partition(f"## {EMBEDDINGS}\n")[2].partition("\n## ")[0]
    assert f"Schema `{SCHEMA}`." in section


def test_the_comment_is_printed_by_the_report(demo_results: tuple[Path, ...]) -> None:
    """`comment.md` opens with the headline that the summary holds, and stays under the limit."""
    comment = read(demo_results[1] / "comment.md")
    headline = json.loads(read(demo_results[1] / "summary.json"))["headline"]
    assert comment.startswith("## ")
    assert headline.partition(":")[0] in comment.splitlines()[0]
    assert len(comment) < 65_536
