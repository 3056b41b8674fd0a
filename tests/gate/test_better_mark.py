"""A pass mark at which the judge agrees better with people."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from rubric_action.gate.better_mark import BetterMark, Pair, better_mark
from rubric_action.gate.statistics.agreement import Table, kappa

SCORES = st.sampled_from([0.0, 0.25, 0.5, 0.6, 0.75, 0.9, 1.0])
KIND: list[Pair] = [(0.6, 0.0)] * 12 + [(0.2, 0.0)] * 8 + [(0.9, 1.0)] * 20
"""A judge that gives .6 to what people fail."""


def agreement(pairs: list[Pair], mark: float, present: float) -> float:
    """Kappa of the judge at a mark with people at the present one; 0 where it is not defined."""
    found = kappa(Table.of((judge >= mark, person >= present) for judge, person in pairs))
    return found.value if found else 0.0


def test_a_mark_between_two_scores() -> None:
    """Where a higher mark sets the judge right, it is found, half-way between the scores."""
    found = better_mark(KIND, 0.5)
    assert found is not None
    assert (found.mark, found.kappa, found.sure) == (0.75, 1.0, True)
    assert found.before == pytest.approx(agreement(KIND, 0.5, 0.5))
    assert (found.better, found.worse) == (12, 0)
    assert found.chance == pytest.approx(stats.binom.sf(11, 12, 0.5))


def test_the_best_mark_is_kept() -> None:
    """Nothing is suggested where the present mark is as good as any."""
    assert better_mark(KIND, 0.7) is None
    assert better_mark(KIND, 0.9) is None


def test_a_few_answers_prove_nothing() -> None:
    """A better mark that three answers speak for may be luck."""
    pairs: list[Pair] = [(0.6, 0.0)] * 3 + [(0.2, 0.0)] * 8 + [(0.9, 1.0)] * 9
    found = better_mark(pairs, 0.5)
    assert found is not None
    assert (found.mark, found.better, found.sure) == (0.75, 3, False)
    assert found.chance == pytest.approx(0.125)


def test_many_marks_are_many_chances() -> None:
    """Where several were tried, the best of them has to be that much better."""
    pairs = [*KIND, *((score / 100, 1.0) for score in range(91, 99))]
    found, few = better_mark(pairs, 0.5), better_mark(KIND, 0.5)
    assert found is not None
    assert few is not None
    assert found.chance == pytest.approx(9 * few.chance)


def test_people_keep_their_word() -> None:
    """No mark is tried at which a grade of people would say something else.

    They pass .7 and fail .4, and the best mark for the judge alone would lie at .2.
    """
    pairs: list[Pair] = [(0.3, 0.7)] * 9 + [(0.1, 0.4)] * 9
    found = better_mark(pairs, 0.5)
    assert found is None
    wider: list[Pair] = [(0.48, 0.7)] * 9 + [(0.1, 0.4)] * 9
    moved = better_mark(wider, 0.5)
    assert moved is not None
    assert (moved.mark, moved.kappa) == (0.44, 1.0)


def test_close_scores_have_a_mark_between_them() -> None:
    """Two decimals are enough for a mark, unless the scores lie closer together."""
    pairs: list[Pair] = [(0.701, 0.0)] * 9 + [(0.704, 1.0)] * 9
    found = better_mark(pairs, 0.5)
    assert found is not None
    assert found.mark == pytest.approx(0.7025)


def test_nothing_to_compare() -> None:
    """No answer has no mark; nor have answers that people all pass, and the judge too."""
    assert better_mark([], 0.5) is None
    assert better_mark([(0.9, 1.0), (0.7, 1.0)], 0.5) is None
    assert better_mark([(0.4, 1.0), (0.7, 1.0)], 0.5) is None


@given(st.lists(st.tuples(SCORES, SCORES), max_size=40), SCORES)
def test_it_is_the_best_there_is(pairs: list[Pair], present: float) -> None:
    """Of all marks that divide the judge's scores and not what people said, none agrees better."""
    found = better_mark(pairs, present)
    said = [person >= present for _, person in pairs]
    marks = [mark / 100 for mark in range(1, 101)]
    others = [
        mark
        for mark in marks
        if [person >= mark for _, person in pairs] == said
        and len({judge >= mark for judge, _ in pairs}) == 2
    ]
    if found is None:
        if 0 < sum(said) < len(said):
            best = max((agreement(pairs, mark, present) for mark in others), default=-1.0)
            assert best <= agreement(pairs, present, present) + 1e-9
        return
    assert found.kappa == pytest.approx(agreement(pairs, found.mark, present))
    assert [person >= found.mark for _, person in pairs] == said
    assert all(agreement(pairs, mark, present) <= found.kappa + 1e-9 for mark in others)


def test_a_sound_mark_is_seldom_moved() -> None:
    """For a judge whose mark is right, a move is suggested about as often as chance may err."""
    chance = Random(3)  # noqa: S311
    moved = 0
    for _ in range(400):
        pairs = []
        for number in range(60):
            person = float(number % 2)
            noisy = person * 0.4 + 0.3 + chance.gauss(0, 0.15)
            pairs.append((min(1.0, max(0.0, round(noisy, 1))), person))
        found: BetterMark | None = better_mark(pairs, 0.5)
        moved += found is not None and found.sure
    assert moved / 400 <= 0.05
