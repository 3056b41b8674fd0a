"""How often the valve is used, and what that says."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rubric_action.gate.override.usage import Decided, Usage, usage, week

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BAR = "slices.head.min.tone"


def signed(pull: int, days: float, **fields: Any) -> Decided:
    """An override that counted so many days ago."""
    told = {"by": "mona", "by_id": 11, "kinds": ("threshold",), "bars": (BAR,), **fields}
    return Decided(pull, NOW - timedelta(days=days), counts=True, of=(f"head-{pull}", 1, 1), **told)


def refused(pull: int, days: float) -> Decided:
    """A request that nobody's signature covered."""
    return Decided(pull, NOW - timedelta(days=days), counts=False)


def used(*days: float, most: int | None = None) -> Usage:
    """A pull request of its own for each of these days ago."""
    return usage([signed(n, ago) for n, ago in enumerate(days, start=1)], NOW, most)


def test_the_counts() -> None:
    """By quarter, week, kind, person and bar; the latest or the largest first."""
    decided = [
        signed(1, 100),
        signed(2, 20, kinds=("drop", "threshold"), bars=("regression.max_drop", BAR)),
        signed(3, 13, by="hubot", by_id=12),
        signed(4, 13),
        refused(4, 14),
        refused(5, 1),
    ]
    found = usage(decided, NOW)
    assert (found.signed, found.refused) == (4, 1)
    assert list(found.quarters.items()) == [("Q4 2026", 3), ("Q3 2026", 1)]
    assert list(found.weeks.items()) == [("2026-W46", 2), ("2026-W45", 1), ("2026-W33", 1)]
    assert list(found.kinds.items()) == [("threshold", 4), ("drop", 1)]
    assert list(found.people.items()) == [("mona", 3), ("hubot", 1)]
    assert list(found.bars.items()) == [(BAR, 4), ("regression.max_drop", 1)]


def test_a_decision_that_many_runs_tell_of_counts_once() -> None:
    """In the week in which it was first made; so does a pull request that is signed for twice."""
    again = [signed(1, 20), signed(1, 2), signed(1, 20)]
    assert usage(again, NOW).weeks == {"2026-W45": 1}
    twice = [signed(1, 0.1), Decided(1, NOW, counts=True, by="mona", of=("other", 2, 2))]
    assert usage(twice, NOW).weeks == {"2026-W48": 1}
    assert usage(twice, NOW).signed == 1


def test_people_are_accounts() -> None:
    """Who was renamed is one person, by the newest name; who is gone is one too."""
    decided = [signed(1, 9, by="lisa"), signed(2, 3), signed(3, 2, by=None, by_id=None)]
    assert usage(decided, NOW).people == {"mona": 2, "a deleted account": 1}
    nameless = [signed(1, 3, by_id=None)]
    assert usage(nameless, NOW).people == {"mona": 1}


@pytest.mark.parametrize(
    ("days", "most", "pattern"),
    [
        ((), None, "none"),
        ((100, 120), None, "none"),
        ((30, 5), None, "valve"),
        ((30, 20, 5), None, "often"),
        ((30, 20, 5), 4, "valve"),
        ((40, 30, 20, 12, 5), 4, "wrong"),
        ((5, 6), None, "valve"),
        ((5, 6, 12, 13), None, "wrong"),
        ((5, 6, 12, 13), 20, "wrong"),
        ((33, 34, 40, 41), None, "often"),
        ((1, 2, 3, 4, 5), 20, "valve"),
    ],
)
def test_the_pattern(days: Sequence[float], most: int | None, pattern: str) -> None:
    """Twice a quarter is the valve; twice a week, or past the rubric's number, is not."""
    assert used(*days, most=most).pattern == pattern


def test_what_it_says() -> None:
    """A wrong rubric is told plainly, with the bar to look at and what to do."""
    assert used().sentence == "0 pull requests shipped by override in Q4 2026"
    assert used(5).sentence == (
        "1 pull request shipped by override in Q4 2026: that is what the valve is for"
    )
    assert used(5, 20, 30).sentence == (
        "3 pull requests shipped by override in Q4 2026: before it becomes a habit, look at "
        f"`{BAR}`, signed away for 3 pull requests"
    )
    advice = (
        f"Most of all look at `{BAR}`, signed away for 4 pull requests: raise the agent, or lower "
        "the bar in a pull request of its own (`rubric-action suggest --allow-lower`)"
    )
    assert used(5, 6, 12, 13).sentence == (
        "the rubric does not match reality: in 2 of the last 4 weeks 2 pull requests or more "
        f"shipped by override. {advice}"
    )
    assert used(1, 9, 17, 25, most=3).sentence == (
        "the rubric does not match reality: 4 pull requests shipped by override in Q4 2026, and "
        f"the rubric allows for 3. {advice}"
    )


def test_only_what_is_recent_is_named() -> None:
    """The bar of last year is no advice for today; a record may name none."""
    decided = [signed(n, 300, bars=("old",)) for n in range(9)]
    decided += [signed(20, 5, bars=()), signed(21, 20, bars=()), signed(22, 30, bars=())]
    assert "look at what was signed for" in usage(decided, NOW).sentence


def test_weeks_are_those_of_iso() -> None:
    """The first days of January may belong to the last week of the old year, by UTC."""
    assert week(datetime(2027, 1, 2, tzinfo=UTC)) == "2026-W53"
