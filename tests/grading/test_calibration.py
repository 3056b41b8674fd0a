"""Graded answers are read strictly, and held against the rubric's axes."""

import json
from pathlib import Path
from typing import Any

import pytest

from rubric_action.cases.model import ContextItem
from rubric_action.errors import InputError, Place
from rubric_action.grading.calibration import load_calibration

AXES = {"tone": None, "policy": None}
GOOD: dict[str, Any] = {
    "id": "c1",
    "input": "Where is my parcel?",
    "output": "On its way.",
    "context": ["Parcels take 3 days."],
    "expected": "It is on its way.",
    "grades": {"tone": 1, "policy": 0.5},
}


def written(folder: Path, *lines: object) -> Path:
    """The folder with a calibration file of these lines."""
    (folder / "people.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return folder


def test_a_graded_answer_is_read_whole(tmp_path: Path) -> None:
    """Every field reaches the item, with the line that it stands on."""
    (item,) = load_calibration(written(tmp_path, GOOD), "people.jsonl", AXES)
    assert (item.id, item.input, item.output) == ("c1", GOOD["input"], GOOD["output"])
    assert (item.expected, item.context) == (
        GOOD["expected"],
        (ContextItem("Parcels take 3 days."),),
    )
    assert item.grades == {"tone": 1, "policy": 0.5}
    assert item.place == Place("people.jsonl", 1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"grades": {"tnoe": 1}}, "Did you mean `tone`?"),
        ({"grades": {"tone": 1.5}}, "a number from 0 to 1"),
        ({"grades": {"tone": True}}, "a number from 0 to 1"),
        ({"grade": {}}, "Did you mean `grades`?"),
        ({"id": ""}, "an id"),
        ({"output": None}, "expected a text"),
    ],
)
def test_a_mistake_is_told_with_its_place(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    """Nothing is guessed: an unknown axis, a wrong score or an unknown key is refused."""
    with pytest.raises(InputError) as caught:
        load_calibration(written(tmp_path, GOOD | change), "people.jsonl", AXES)
    assert "people.jsonl:1" in str(caught.value)
    assert words in str(caught.value)


def test_all_mistakes_come_at_once(tmp_path: Path) -> None:
    """A second answer of the same id names the place of the first."""
    folder = written(tmp_path, GOOD, GOOD, GOOD | {"id": "c2", "grades": {"other": 1}})
    with pytest.raises(InputError) as caught:
        load_calibration(folder, "people.jsonl", AXES)
    places = [(problem.place.line, problem.what) for problem in caught.value.problems]
    assert places == [
        (2, "`c1` stands at people.jsonl:1 already"),
        (3, "unknown axis `other`"),
    ]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The same error as for cases and sessions."""
    with pytest.raises(InputError, match=r"people\.jsonl"):
        load_calibration(tmp_path, "people.jsonl", AXES)
