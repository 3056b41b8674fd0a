"""Answers that people graded, and judges that agree with them or do not."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from tests.pipeline.workspace import JUDGED, Json, Workspace, lines

FILE = "eval/people.jsonl"
WATCHED: Json = {**JUDGED["judge"], "calibration": FILE}
_NUMBER = re.compile(r"Graded answer (\d+)\.")

Score = Callable[[str, str], float]


def graded(number: int, **grades: float) -> Json:
    """An answer that people graded; the even ones pass on both axes by default."""
    by_default = {"tone": number % 2 == 0, "policy": number % 2 == 0}
    return {
        "id": f"g{number}",
        "input": f"Question {number}?",
        "output": f"Graded answer {number}.",
        "grades": {name: float(one) for name, one in (grades or by_default).items()},
    }


def watch(workspace: Workspace, answers: Sequence[Json], **judge: Any) -> None:
    """Write the answers, and a rubric that holds its judge against them."""
    workspace.write(FILE, lines(answers))
    workspace.rubric(JUDGED, judge={**WATCHED, **judge})


def number_of(prompt: str) -> int | None:
    """The number of the graded answer that a request is about; None for any other request."""
    found = _NUMBER.search(prompt)
    return int(found[1]) if found else None


def agreeing(*wrong: int) -> Score:
    """A judge that gives what people gave, but for these answers; everything else passes."""

    def score(prompt: str, _axis: str) -> float:
        number = number_of(prompt)
        if number is None:
            return 1.0
        return float((number % 2 == 0) is not (number in wrong))

    return score
