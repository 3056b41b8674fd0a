"""The judge against people, as a terminal and a machine are told."""

import json
from collections.abc import Sequence

import pytest

from rubric_action.gate.calibrated import AxisCalibration, Calibration, Marked
from rubric_action.grading.model import Spend
from rubric_action.report.calibration import MOST_SHOWN, SCHEMA, as_json, lines

HOSTILE = "fine\x1b[31m\n::error::no \u202eyes\u200b"


def axis(
    *counts: tuple[int, float, float], ungraded: Sequence[str] = (), reason: str = "because"
) -> AxisCalibration:
    """So many answers each, with a judge's score and a person's grade."""
    marked = tuple(
        Marked(f"a{number}", person, judge, reason, "The answer.")
        for number, (judge, person) in enumerate(
            (judge, person) for count, judge, person in counts for _ in range(count)
        )
    )
    return AxisCalibration("tone", 0.5, 0.6, marked, tuple(ungraded))


def told(*axes: AxisCalibration, spend: Spend | None = None) -> str:
    """The whole text."""
    found = Calibration("p.jsonl", 1234, "small", axes, spend or Spend(3, 4, 0.5))
    return "\n".join(lines(found))


def test_the_frame() -> None:
    """What was held against people, on what, and what that took."""
    first, *_, last = told(axis()).splitlines()
    assert first == "CALIBRATION  small against people, on 1,234 answers of p.jsonl"
    assert last == "3 judge calls and 4 from cache, $0.50"


def test_an_axis_without_a_grade() -> None:
    """Nothing is counted where nothing could be graded, or nobody had."""
    only = "  ERR  tone  kappa unknown, needs 0.6\n       1 answer could not be graded: `a`: cut\n"
    assert only in told(axis(ungraded=["`a`: cut"]))
    assert "  -    tone\n       people graded no answer on it\n\n" in told(axis())


def test_people_of_one_mind() -> None:
    """What can't be divided by is not told."""
    text = told(axis((9, 1.0, 1.0)))
    assert "sensitivity 1.00 [0.70, 1.00]; bias +0.00 [-0.30, +0.30]" in text
    assert "specificity" not in text
    assert "pass mark" not in text
    assert "people would pass" not in text


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (axis((9, 1, 1), (1, 0, 1), (10, 0, 0)), "people would pass about 89%"),
        (axis((9, 1, 1), (9, 0, 0)), "people would pass about 80%"),
        (axis((5, 0.9, 1), (5, 0.8, 0)), None),
        (axis((5, 0.1, 1), (5, 0.8, 0)), None),
    ],
)
def test_what_a_pass_rate_stands_for(found: AxisCalibration, words: str | None) -> None:
    """By the judge's errors; a judge no better than a coin stands for nothing."""
    text = told(found)
    assert words in text if words else "people would pass" not in text


def test_few_disagreements_are_shown() -> None:
    """The furthest apart; how many more there are is told, and the JSON has all."""
    found = axis((MOST_SHOWN + 2, 0.9, 0.0), (1, 0.6, 0.4))
    text = told(found)
    assert text.count("people 0.00, the judge 0.90") == MOST_SHOWN
    assert "    and 3 more\n" in text
    plain = as_json(Calibration("p.jsonl", 13, "small", (found,), Spend()))
    assert len(plain["axes"]["tone"]["disagreements"]) == MOST_SHOWN + 3
    assert told(axis((1, 1, 0))).count("more") == 0


def test_what_is_foreign_stays_on_its_line() -> None:
    """No escape, line break or hidden sign of a reason or an answer gets through."""
    text = told(axis((1, 1.0, 0.0), reason=HOSTILE))
    assert "      judge   fine⟨U+001B⟩[31m ::error::no ⟨U+202E⟩yes⟨U+200B⟩\n" in text
    assert told(axis((1, 1.0, 0.0), reason="")).count("      judge   (empty)\n") == 1


def test_the_record_is_plain_json() -> None:
    """Unknown is null, and nothing else is in it than JSON has."""
    found = Calibration("p.jsonl", 9, "small", (axis((9, 1.0, 1.0)), axis()), Spend())
    plain = as_json(found)
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert plain["schema"] == SCHEMA
    tone = plain["axes"]["tone"]
    assert tone["standing"] == "absent"
    unknown = {name for name, value in tone.items() if value is None}
    assert unknown >= {"kappa", "kappa_interval", "sensitivity", "bias", "agreement"}
