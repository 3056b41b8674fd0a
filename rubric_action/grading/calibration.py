"""Answers that people graded, to hold the judge against."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from rubric_action.cases.jsonl import Problems, Row, read_rows
from rubric_action.cases.model import ContextItem
from rubric_action.cases.record import CONTEXT, ID, SAID
from rubric_action.errors import InputError, Place, Problem
from rubric_action.rubric.decode import Number, decode
from rubric_action.rubric.problems import suggestion
from rubric_action.rubric.record import Key, Record
from rubric_action.rubric.shapes import MapOf

SCHEMA = "rubric-calibration"


@dataclass(frozen=True, slots=True)
class Item:
    """One answer with the grades that a person gave it, 0 to 1 an axis."""

    id: str
    input: str
    output: str
    grades: Mapping[str, float]
    context: tuple[ContextItem, ...] = ()
    expected: str | None = None
    place: Place = Place("")


ITEM: Final[Record[Item]] = Record(
    Item,
    (
        Key("id", ID, "its name", required=True),
        Key("input", SAID, "what the user said", required=True),
        Key("output", SAID, "what was answered", required=True),
        Key("context", CONTEXT, "what the answer may lean on"),
        Key("expected", SAID, "the answer that a person would give"),
        Key(
            "grades",
            MapOf(Number(0, 1), "grades from 0 to 1, an axis each"),
            "what a person gave it",
            required=True,
        ),
    ),
    expected="a graded answer (an object)",
)


def load_calibration(root: Path, name: str, axes: Mapping[str, object]) -> tuple[Item, ...]:
    """Every graded answer of the file; one InputError holds all its mistakes."""
    items: dict[str, Item] = {}
    problems = Problems()
    for row in read_rows(root / name, name, SCHEMA, problems):
        try:
            item = _item(row, axes)
        except InputError as error:
            problems.add(*error.problems)
            continue
        if item.id in items:
            what = f"`{item.id}` stands at {items[item.id].place} already"
            problems.add(Problem(row.place, what, "Give each answer an id of its own.", "id"))
        items.setdefault(item.id, item)
    problems.raise_any()
    return tuple(items.values())


def _item(row: Row, axes: Mapping[str, object]) -> Item:
    item = decode(ITEM, row.value, lambda _: row.place)
    for axis in item.grades:
        if axis not in axes:
            mend = suggestion(axis, axes, "axes")
            raise InputError(Problem(row.place, f"unknown axis `{axis}`", mend, "grades"))
    return replace(item, place=row.place)
