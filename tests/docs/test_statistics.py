"""What the page on statistics claims, worked out again."""

import re
from collections.abc import Callable
from itertools import pairwise

import pytest

from bench.false_blocks import HERE, RULES, RUNS, SIZES, SUITE, gate, percent, recorded, unchanged
from rubric_action.gate.conviction import Tally, Trial, convicted
from rubric_action.gate.statistics.agreement import Table, kappa
from rubric_action.gate.statistics.intervals import cases_to_prove, wilson
from rubric_action.gate.statistics.paired import mcnemar
from rubric_action.gate.statistics.power import flips_to_show, smallest_drop, smallest_shortfall
from rubric_action.gate.wording import likelihood
from rubric_action.report import view_doubts
from rubric_action.report.numbers import effect
from rubric_action.rubric.model import Regression
from tests.docs.pages import ROOT, between, read, rows

PAGE = ROOT / "docs" / "statistics.md"
TIMES = 2000
RULE = Regression()


def table(name: str, end: str) -> list[list[str]]:
    """The rows of one marked table."""
    found = rows(between(PAGE, name, f"end of {end}"))
    assert found
    return found


def shortfall(cases: int, bar: float) -> str:
    """As the comment would tell it."""
    found = smallest_shortfall(cases, bar)
    assert found is not None
    return effect(found)


def fall(cases: int) -> str:
    """The smallest fall that so many cases show, where their changes differ by 0.2."""
    found = smallest_drop(cases, 0.2, RULE.confidence)
    assert found is not None
    return effect(float(f"{found:.2g}"))


@pytest.mark.parametrize(
    ("name", "end", "worked_out"),
    [
        ("cases that prove a rate", "cases", lambda bar: [cases_to_prove(float(bar))]),
        (
            "shortfalls",
            "shortfalls",
            lambda cases: [shortfall(int(cases), bar) for bar in (0.8, 0.9, 0.95)],
        ),
        ("falls that are shown", "falls", lambda cases: [fall(int(cases))]),
    ],
)
def test_a_table(name: str, end: str, worked_out: Callable[[str], list[object]]) -> None:
    """Every row follows from its first cell."""
    for first, *others in table(name, end):
        assert others == [str(value) for value in worked_out(first)]


def test_mcnemar() -> None:
    """Its table, and the number of cases that have to break."""
    for broke, mended, chance in table("McNemar", "McNemar"):
        assert chance == f"{mcnemar(int(broke), int(mended)):.3f}"
    assert flips_to_show(RULE.confidence) == 5
    assert "Five cases have to break" in read(PAGE)


def test_convictions() -> None:
    """The chances, and bold where the gate convicts."""
    for history, *cells in table("convictions", "convictions"):
        past = Tally(*map(int, re.findall(r"\d+", history)))
        for passes, cell in enumerate(cells):
            trial = Trial(past, Tally(passes, 1 + RULE.confirm))
            assert cell.strip("*") == likelihood(trial.chance)
            assert [cell.startswith("**")] == list(convicted([trial], RULE.alpha))


def test_the_examples_in_the_text() -> None:
    """Wilson's interval, and the agreement that misleads."""
    low, high = wilson(33 / 40, 40) or (0, 0)
    assert (round(low, 2), round(high, 2)) == (0.68, 0.91)
    counts = Table(both=86, only_judge=4, only_person=9, neither=1)
    found = kappa(counts)
    assert found is not None
    assert (counts.agreement, round(found.value, 2)) == (0.87, 0.07)


def test_every_outcome_is_explained() -> None:
    """In the words that the comment uses."""
    text = read(PAGE)
    words = {*view_doubts.CALLED.values(), view_doubts.JUDGES_NOISE}
    assert all(f"\n| {word} | " in text for word in words)


@pytest.mark.parametrize("runs", [5, 20])
def test_the_measured_false_blocks(runs: int) -> None:
    """The gate's column is what the simulation gives; its promises hold in every row."""
    found = {int(row[0]): row for row in table("by history", "history")}
    agents = recorded(HERE / "trials.json").values()
    worked_out = [unchanged(gate, rates, SUITE, runs, TIMES) for rates in agents]
    assert found[runs][1] == percent(max(blocked for blocked, _ in worked_out))
    assert found[runs][1 + len(RULES)] == percent(max(extra for _, extra in worked_out))


def test_the_tables_of_the_simulation_are_whole() -> None:
    """With every length of history and every size of a suite that it goes through."""
    by_history = table("by history", "history")
    assert [int(row[0]) for row in by_history] == list(RUNS)
    assert [int(row[0]) for row in table("by size", "size")] == list(SIZES)
    shares = [float(row[1].strip("%")) for row in by_history]
    assert all(after < before for before, after in pairwise(shares[:4]))
    assert max(shares[RUNS.index(5) :]) <= 5


def test_the_chart_is_the_table_s() -> None:
    """The shares at the ends of its lines are those of the last row."""
    *_, last = table("by history", "history")
    chart = read(ROOT / "docs" / "img" / "false-blocks.svg")
    for rule, share in zip(RULES, last[1:], strict=False):
        assert f">{rule} {share}</text>" in chart
