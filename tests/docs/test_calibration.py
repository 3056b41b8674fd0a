"""What the page on calibration shows is what is so."""

import json
from pathlib import Path
from random import Random

import pytest

from rubric_action.gate.calibrated import AxisCalibration, Calibration, Marked
from rubric_action.gate.reliability import ROUNDS, in_doubt
from rubric_action.gate.statistics.agreement import Table, kappa
from rubric_action.gate.statistics.sequential import NEAR_A_MARK
from rubric_action.grading.calibration import ITEM, load_calibration
from rubric_action.grading.model import Spend
from rubric_action.report.calibration import lines
from tests.docs.pages import ROOT, between, fences, marked, read, rows

PAGE = ROOT / "docs" / "calibration.md"
RUNS = 1_500
CANARIES = 12
MINIMUM = 0.6


def test_the_graded_answers_load(tmp_path: Path) -> None:
    """The lines of the example are lines of a calibration file, with every field that there is."""
    (tmp_path / "people.jsonl").write_text(marked(PAGE, "graded answers"), encoding="utf-8")
    axes = {"faithfulness": None, "policy": None}
    assert len(load_calibration(tmp_path, "people.jsonl", axes)) == 2
    shown = {
        name for line in marked(PAGE, "graded answers").splitlines() for name in json.loads(line)
    }
    assert shown == {key.name for key in ITEM.keys}
    assert all(f"`{name}`" in read(PAGE) for name in shown)


def test_what_it_prints() -> None:
    """The example is what such a judge is told, its disagreements and its bill aside."""
    counts = ((53, 1, 1), (3, 1, 0), (7, 0, 1), (57, 0, 0))
    answers = tuple(
        Marked("a", person, judge, "", "") for count, judge, person in counts for _ in range(count)
    )
    axis = AxisCalibration("policy", 1.0, MINIMUM, answers)
    found = Calibration("eval/calibration.jsonl", 120, "gpt-5-mini", (axis,), Spend())
    whole = "\n".join(lines(found))
    assert marked(PAGE, "what it prints").rstrip() == whole.partition("\n\n  policy:")[0]


def run(chance: Random, errors: float, axes: int) -> tuple[bool, int]:
    """One run's canaries: whether the judge is found unreliable, and after how many answers."""
    pairs: list[tuple[bool, bool]] = []
    answers = 0
    for _ in range(ROUNDS):
        for number in range(answers, answers + CANARIES):
            shared = chance.random()
            for axis in range(axes):
                person = (number + axis) % 2 == 0
                luck = shared if chance.random() < 0.5 else chance.random()
                pairs.append((person is not (luck < errors), person))
        answers += CANARIES
        if not in_doubt(Table.of(pairs), MINIMUM):
            break
    found = kappa(Table.of(pairs))
    return found is not None and found.value < MINIMUM, answers


@pytest.mark.parametrize("row", rows(between(PAGE, "how often", "/how often")), ids=lambda r: r[0])
def test_how_often_a_judge_is_accused(row: list[str]) -> None:
    """The table's shares and numbers of answers, simulated anew."""
    true, *cells = row
    for axes, cell in zip((1, 2, 4), cells, strict=True):
        chance = Random(11)  # noqa: S311
        outcomes = [run(chance, (1 - float(true)) / 2, axes) for _ in range(RUNS)]
        share, answers = cell.split(" %, ")
        accused = sum(found for found, _ in outcomes) / RUNS
        assert 100 * accused == pytest.approx(float(share), abs=4 if 1 < float(share) < 99 else 1)
        assert sum(count for _, count in outcomes) / RUNS == pytest.approx(float(answers), abs=2.0)


RATES = {"never": 0.0, "always": 1.0}


@pytest.mark.parametrize("row", rows(between(PAGE, "samples", "/samples")), ids=lambda r: r[0])
def test_what_sampling_takes(row: list[str]) -> None:
    """The table's shares and numbers of samples, simulated anew."""
    told, share, samples = row
    rate = RATES[told] if told in RATES else int(told.split()[0]) / 10
    chance = Random(13)  # noqa: S311
    fails = used = 0
    for _ in range(RUNS):
        below = count = 0
        while (state := NEAR_A_MARK.state(below, count)) == "open":
            below += chance.random() < rate
            count += 1
        fails += state == "fails"
        used += count
    assert 100 * fails / RUNS == pytest.approx(float(share.split()[0]), abs=4)
    assert used / RUNS == pytest.approx(float(samples), abs=0.3)


def test_the_keys_are_those_of_the_rubric() -> None:
    """The defaults in the first example are those of the reference."""
    (example,) = [one.text for one in fences(PAGE) if one.language == "yaml"]
    reference = read(ROOT / "docs" / "rubric.md")
    for line in example.splitlines()[4:]:
        name, value = line.partition("#")[0].split(":")
        assert f"| `{name.strip()}` |" in reference
        assert f"| `{value.strip()}` |" in reference
