"""What the canaries say of a judge."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random

import pytest
from scipy import stats

from rubric_action.errors import Place
from rubric_action.gate.model import Finding
from rubric_action.gate.reliability import (
    ROUNDS,
    Reliability,
    clear,
    in_doubt,
    luck,
    unreliable,
)
from rubric_action.gate.statistics.agreement import Table, kappa
from rubric_action.rubric.model import Judge, JudgeModel, Rubric
from tests.gate.builders import rubric

MINIMUM = 0.6
ALIKE = Table(both=6, neither=6)
COIN = Table(both=9, only_judge=9, only_person=9, neither=9)


def judged(minimum: float = MINIMUM, places: Mapping[str, Place] | None = None) -> Rubric:
    """A rubric whose judge is watched."""
    judge = Judge((JudgeModel("openai", "small"),), calibration="p", min_agreement=minimum)
    return rubric(judge=judge, places=places or {})


def found(reliability: Reliability | None, minimum: float = MINIMUM) -> list[Finding]:
    """The findings about a judge."""
    return list(unreliable(reliability, judged(minimum)))


def test_a_judge_that_agrees_is_reliable() -> None:
    """Nothing is found, and the step says what agreement rests on."""
    sound = Reliability(ALIKE, answers=6)
    assert found(sound) == []
    told = "the judge agrees with people: kappa 1.00 [0.52, 1.00] on 12 grades of 6 answers"
    assert clear(sound) == ("pass", told)


def test_a_judge_that_was_not_watched() -> None:
    """Nothing is found, and it is told."""
    assert found(None) == []
    assert list(unreliable(Reliability(COIN), replace(judged(), judge=None))) == []
    assert clear(None) == ("info", "the judge was not held against people")


def test_a_judge_that_disagrees_is_unreliable() -> None:
    """An error, with kappa, its interval, what it rests on and what is needed."""
    (one,) = found(Reliability(COIN, answers=18))
    assert (one.kind, one.severity, one.required) == ("judge-unreliable", "error", MINIMUM)
    assert one.observed == pytest.approx(0)
    assert one.interval == pytest.approx((-0.327, 0.327), abs=0.001)
    assert one.sentence == (
        "the judge agrees too little with people: kappa 0.00 [-0.33, 0.33] on 36 grades of "
        "18 answers, needs 0.6"
    )


def test_a_near_miss_shows_as_one() -> None:
    """Agreement that rounds to what is needed is told with more decimals."""
    table = Table(both=40, only_judge=10, only_person=10, neither=40)
    (one,) = found(Reliability(table, answers=100), minimum=0.6001)
    assert "kappa 0.6000 [" in one.sentence
    assert "needs 0.6001" in one.sentence


@pytest.mark.parametrize(
    ("reliability", "why"),
    [
        (Reliability(cause="the key is refused"), "the key is refused"),
        (Reliability(), "no answer was graded"),
        (Reliability(Table(both=5, only_person=2), answers=7), "people passed all of 7 grades"),
        (Reliability(Table(neither=1), answers=1), "people failed all of 1 grade"),
    ],
)
def test_agreement_that_is_not_known_is_told(reliability: Reliability, why: str) -> None:
    """A warning: it is neither good nor bad, and not passed over."""
    (one,) = found(reliability)
    assert (one.kind, one.severity, one.observed) == ("judge-unreliable", "warn", None)
    assert one.sentence == f"how far the judge agrees with people is not known: {why}"
    assert reliability.agreement is None


def test_missing_grades_are_counted() -> None:
    """They are no disagreement, and are told."""
    (one,) = found(Reliability(COIN, answers=18, ungraded=3, cause="refused"))
    assert "on 36 grades of 18 answers, 3 more could not be had" in one.sentence


@pytest.mark.parametrize(
    ("written", "key"),
    [
        (("judge.min_agreement", "judge.calibration"), "judge.min_agreement"),
        (("judge.calibration",), "judge.calibration"),
        ((), None),
    ],
)
def test_the_key_that_asks_for_it(written: tuple[str, ...], key: str | None) -> None:
    """The finding points at the rubric's line, the one on agreement where it is written."""
    places = {name: Place("rubric.yaml", 7) for name in written}
    for reliability in (Reliability(COIN), Reliability()):
        (one,) = unreliable(reliability, judged(places=places))
        assert one.key == key


@pytest.mark.parametrize("minimum", [0.2, 0.6, 0.8])
@pytest.mark.parametrize("table", [Table(5, 2, 1, 4), Table(20, 1, 6, 30), Table(9, 9, 9, 9)])
def test_luck_is_binomial(table: Table, minimum: float) -> None:
    """The chance of so many disagreements at the very minimum, by SciPy."""
    n, differ = table.n, table.only_judge + table.only_person
    agreement = kappa(table)
    assert agreement is not None
    by_chance = differ / n / (1 - agreement.value)
    expected = stats.binom.sf(differ - 1, n, min(1.0, (1 - minimum) * by_chance))
    assert luck(table, minimum) == pytest.approx(expected, abs=1e-9)


def test_a_minimum_of_one_forgives_nothing() -> None:
    """One disagreement is one too many."""
    assert not in_doubt(ALIKE, 1.0)
    assert not in_doubt(Table(both=6, only_judge=1, neither=6), 1.0)
    assert found(Reliability(Table(both=6, only_judge=1, neither=6)), minimum=1.0)


@pytest.mark.parametrize(
    ("table", "doubtful"),
    [
        (ALIKE, False),
        (Table(), False),
        (Table(both=12), False),
        (Table(both=5, only_judge=1, only_person=1, neither=5), False),
        (Table(both=4, only_judge=2, only_person=2, neither=4), True),
        (Table(both=6, only_judge=6), False),
        (Table(both=2, only_judge=2), True),
        (Table(both=3, only_judge=3, only_person=3, neither=3), False),
    ],
)
def test_when_more_answers_are_needed(table: Table, doubtful: bool) -> None:
    """Below the minimum, while bad luck explains it; not where people say one and the same."""
    assert in_doubt(table, MINIMUM) is doubtful


def alarm(chance: Random, errors: float, axes: int, answers: int = 12) -> tuple[bool, int]:
    """Whether a judge that errs so often is found unreliable, and after how many answers."""
    pairs: list[tuple[bool, bool]] = []
    while len(pairs) < ROUNDS * answers * axes:
        for number in range(answers * axes):
            person = number % 2 == 0
            pairs.append((person is not (chance.random() < errors), person))
        if not in_doubt(Table.of(pairs), MINIMUM):
            break
    return bool(found(Reliability(Table.of(pairs)))), len(pairs) // axes


@pytest.mark.parametrize("axes", [1, 3])
@pytest.mark.parametrize(
    ("kappa_", "least", "most"), [(0.9, 0.0, 0.002), (0.8, 0.0, 0.01), (0.2, 0.9, 1), (0, 0.97, 1)]
)
def test_how_often_a_judge_is_found_unreliable(
    kappa_: float, least: float, most: float, axes: int
) -> None:
    """A judge that agrees well hardly ever is, one that does not nearly always; in few answers."""
    chance = Random(20)  # noqa: S311
    outcomes = [alarm(chance, (1 - kappa_) / 2, axes) for _ in range(1500)]
    assert least <= sum(alarmed for alarmed, _ in outcomes) / 1500 <= most
    answers = sum(count for _, count in outcomes) / 1500
    assert answers < (15 if kappa_ >= 0.8 else 28)
