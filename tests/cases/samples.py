"""A small rubric and files of cases, for the tests of cases and agents."""

import json
from pathlib import Path
from typing import Any

import pytest

from rubric_action.cases.case_set import CaseSet
from rubric_action.cases.load import load_cases
from rubric_action.errors import InputError, Place, Problem
from rubric_action.rubric.model import (
    Agent,
    Axis,
    Judge,
    JudgeModel,
    Outputs,
    Rubric,
    Selector,
    Slice,
)

PLACES = {
    key: Place("eval/rubric.yaml", line)
    for line, key in enumerate(
        ["cases", "cases[0]", "cases[1]", "slices.all.select", "slices.all.min.tone"],
        start=1,
    )
}


def rubric(**fields: Any) -> Rubric:
    """A rubric with one axis and one hard slice of all cases; `fields` override it."""
    return Rubric(
        **{
            "cases": ("*.jsonl",),
            "agent": Agent(Outputs("outputs.jsonl")),
            "slices": {"all": Slice("all", Selector(), hard=True)},
            "axes": {"tone": Axis("tone", "Is it polite?")},
            "judge": Judge((JudgeModel("lexical"),)),
            "places": PLACES,
            **fields,
        }
    )


def write_lines(path: Path, *values: object) -> Path:
    """Write values as JSONL, texts and bytes as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(_line(value) + b"\n" for value in values))
    return path


def _line(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    return (value if isinstance(value, str) else json.dumps(value)).encode()


def load(root: Path, *cases: object, **fields: Any) -> CaseSet:
    """Write the cases into one file under root and load them."""
    write_lines(root / "cases.jsonl", *cases)
    return load_cases(rubric(**fields), root)


def refused(root: Path, *cases: object, **fields: Any) -> list[str]:
    """Load cases that are refused, and say what is wrong with them."""
    with pytest.raises(InputError) as caught:
        load(root, *cases, **fields)
    assert all(problem.mend for problem in caught.value.problems)
    return said(caught.value.problems)


def said(problems: tuple[Problem, ...]) -> list[str]:
    """Each problem as place, key and what is wrong, without the mend."""
    return [f"{each.place}: {each.key}: {each.what}" for each in problems]
