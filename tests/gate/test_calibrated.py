"""The judge against people on one axis, in numbers and in a sentence."""

import pytest

from rubric_action.gate.calibrated import AxisCalibration, Marked, Standing
from rubric_action.gate.statistics.agreement import Table, share_interval

MARK = 0.5
WORDS = ("because", "the answer")


def given(*counts: tuple[int, float, float], ungraded: tuple[str, ...] = ()) -> AxisCalibration:
    """So many answers each, with a judge's score and a person's grade."""
    marked = [(judge, person) for count, judge, person in counts for _ in range(count)]
    return AxisCalibration(
        "tone",
        MARK,
        0.6,
        tuple(
            Marked(f"a{number:03}", person, judge, *WORDS)
            for number, (judge, person) in enumerate(marked)
        ),
        ungraded,
    )


def counted(both: int, only_judge: int, only_person: int, neither: int) -> AxisCalibration:
    """Answers by who passed them, with grades of 0 and 1."""
    return given((both, 1, 1), (only_judge, 1, 0), (only_person, 0, 1), (neither, 0, 0))


@pytest.mark.parametrize(
    ("axis", "standing", "meaning"),
    [
        (counted(40, 2, 2, 40), "reached", "agreement is above 0.6, beyond doubt"),
        (
            counted(9, 1, 1, 9),
            "reached",
            "agreement reaches 0.6, which may be good luck: 20 answers are few",
        ),
        (
            counted(40, 1, 2, 5),
            "reached",
            "agreement reaches 0.6, which may be good luck: people failed only 6 of 48",
        ),
        (
            counted(5, 1, 2, 40),
            "reached",
            "agreement reaches 0.6, which may be good luck: people passed only 7 of 48",
        ),
        (
            counted(8, 3, 2, 7),
            "below",
            "agreement is below 0.6, which may be bad luck: 20 answers are few",
        ),
        (counted(30, 15, 15, 30), "below", "agreement is below 0.6"),
        (counted(9, 9, 9, 9), "below", "agreement is no better than chance"),
        (
            counted(30, 15, 0, 5),
            "below",
            "agreement is below 0.6; the judge is too kind by 0.30",
        ),
        (
            given((20, 0.7, 1), (20, 0.2, 0.4)),
            "reached",
            "agreement is above 0.6, beyond doubt; the judge is too strict by 0.25",
        ),
        (
            counted(7, 0, 0, 0),
            "unknown",
            "people passed all 7, so that agreement tells nothing: add answers that they fail",
        ),
        (
            counted(0, 2, 0, 5),
            "unknown",
            "people failed all 7, so that agreement tells nothing: add answers that they pass",
        ),
        (counted(0, 0, 0, 0), "absent", "people graded no answer on it"),
        (given(ungraded=("`a`: cut",)), "unknown", "1 answer could not be graded: `a`: cut"),
        (
            given((40, 1, 1), (40, 0, 0), ungraded=("`a`: cut", "`b`: late")),
            "unknown",
            "agreement is above 0.6, beyond doubt; 2 answers could not be graded: `a`: cut",
        ),
        (
            given((9, 1, 0), (9, 0, 1), ungraded=("`a`: cut",)),
            "below",
            "agreement is no better than chance; 1 answer could not be graded: `a`: cut",
        ),
    ],
)
def test_what_the_numbers_mean(axis: AxisCalibration, standing: Standing, meaning: str) -> None:
    """Whether the judge reaches what is asked, how sure that is, and where it leans."""
    assert (axis.standing, axis.meaning) == (standing, meaning)


def test_passing_is_reaching_the_mark() -> None:
    """For the judge's score as for a person's grade."""
    axis = given((3, 0.5, 0.5), (2, 0.51, 0.49), (1, 0.49, 1.0))
    assert axis.table == Table(both=3, only_judge=2, only_person=1)
    assert axis.sensitivity_interval == share_interval(3, 1)
    assert axis.specificity_interval == share_interval(0, 2)
    assert axis.kappa is not None
    assert axis.kappa.value < 0


def test_one_sided_people_have_no_kappa() -> None:
    """Neither is a mark suggested by what people said of all alike."""
    axis = given((4, 0.9, 1), (4, 0.1, 1))
    assert (axis.kappa, axis.better) == (None, None)


def test_a_better_mark_is_found() -> None:
    """From the same answers."""
    axis = given((12, 0.6, 0.0), (8, 0.2, 0.0), (20, 0.9, 1.0))
    assert axis.better is not None
    assert (axis.better.mark, axis.better.sure) == (0.75, True)


def test_the_worst_disagreements_come_first() -> None:
    """By the distance between the two; answers that both pass are none, however far apart."""
    axis = given((1, 0.5, 1.0), (1, 0.4, 0.6), (2, 0.9, 0.0), (1, 0.3, 1.0), (1, 0.1, 0.4))
    assert [one.id for one in axis.disagreements] == ["a002", "a003", "a004", "a001"]
