import pytest

from rubric_action.gate.history import RUNS_KEPT, carried, committed, flaky
from rubric_action.gate.model import History
from tests.gate.builders import missing, past, result

COMMIT = 0.75


@pytest.mark.parametrize(
    ("history", "hard", "promoted", "expected"),
    [
        (past(0, 0), False, False, False),
        (past(0, 0), True, True, False),
        (past(1, 1), False, False, True),
        (past(0, 1), False, False, False),
        (past(0, 5), True, False, False),
        (past(0, 5), False, True, False),
        (past(1, 9), False, False, False),
        (past(1, 9), True, False, True),
        (past(1, 9), False, True, True),
        (past(5, 6), False, False, True),
        (past(4, 5), False, False, False),
        (past(8, 10), False, False, True),
        (past(7, 9), False, False, False),
        (History(((1, 1), (0, 1)), committed=True), False, False, True),
        (History(committed=True), False, False, True),
    ],
)
def test_the_team_counts_on_a_case_that_earned_it(
    history: History, hard: bool, promoted: bool, expected: bool
) -> None:
    """All passes, (1 + s) / (2 + n) >= 0.75, or one pass where it is hard, promoted or kept."""
    case = result(history=history, promoted=promoted)
    assert committed(case, hard, COMMIT) is expected


@pytest.mark.parametrize(
    ("history", "hard", "commit", "expected"),
    [
        (past(0, 0), False, COMMIT, False),
        (past(3, 3), False, COMMIT, False),
        (past(0, 3), False, COMMIT, False),
        (past(1, 3), False, COMMIT, True),
        (past(1, 3), True, COMMIT, False),
        (past(1, 3), False, 0.4, False),
        (past(8, 10), False, COMMIT, False),
        (History(((1, 3),), committed=True), False, COMMIT, False),
    ],
)
def test_a_flaky_case_has_both_outcomes_and_is_not_counted_on(
    history: History, hard: bool, commit: float, expected: bool
) -> None:
    """What is committed is never called flaky, nor what always fails."""
    assert flaky(result(history=history), hard, commit) is expected


@pytest.mark.parametrize(
    ("trials", "expected"), [((1.0,), (1, 1)), ((0.0,), (0, 1)), ((1.0, 0.0, 1.0), (2, 3))]
)
def test_a_run_adds_all_its_trials(trials: tuple[float, ...], expected: tuple[int, int]) -> None:
    """History counts every trial, with or without a past."""
    now = result("a", *trials)
    assert carried(now, None, was_committed=False).runs == (expected,)
    then = result(history=past(4, 5))
    assert carried(now, then, was_committed=True).runs == ((4, 5), expected)


def test_only_the_newest_runs_are_kept() -> None:
    """The oldest run falls out when there are twenty."""
    then = result(history=History(tuple((1, run) for run in range(1, RUNS_KEPT + 1))))
    runs = carried(result("a", 0.0), then, was_committed=True).runs
    assert len(runs) == RUNS_KEPT
    assert (runs[0], runs[-1]) == ((1, 2), (0, 1))


@pytest.mark.parametrize("was_committed", [True, False])
def test_an_edit_restarts_the_counts_and_keeps_the_commitment(was_committed: bool) -> None:
    """A case of other content has no past, but is counted on if it was."""
    then = result(history=past(9, 9), fingerprint="old")
    history = carried(result(fingerprint="new"), then, was_committed)
    assert history == History(((1, 1),), committed=was_committed)


def test_a_run_that_decided_nothing_adds_nothing() -> None:
    """A missing case keeps the history it had, and none where it had none."""
    assert carried(missing(), result(history=past(4, 5)), was_committed=True) == past(4, 5)
    assert carried(missing(), None, was_committed=False) == History()
