"""How the valve is used over time: how often, for what, by whom, and what that says of the rubric.

Pull requests are counted, not signatures: one that is signed for twice ships once.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from rubric_action.gate.override.quarter import quarter
from rubric_action.gate.wording import counted, named

Pattern = Literal["none", "valve", "often", "wrong"]

MANY_A_WEEK: Final = 2
"""So many pull requests in a week are a week in which the valve stood open."""
WEEKS: Final = 4
"""The weeks up to now that are looked at."""
OPEN_WEEKS: Final = 2
"""So many of them with the valve open mean that the rubric is wrong."""
FEW_A_QUARTER: Final = 2
"""So many pull requests in a quarter are what the valve is for, if the rubric sets no number."""
RECENT: Final = timedelta(weeks=13)
"""How far back the bar that is signed away most is looked for."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision about a request: whether a signature counted, whose, and for what.

    `by` is None for a refusal, and for an account that is gone; `bars` are the rubric's keys that
    were signed away, or what else tells the findings apart. `of` is what was decided on, its head,
    the label's event and the review: many runs may tell of one decision.
    """

    pull: int
    at: datetime
    counts: bool
    by: str | None = None
    by_id: int | None = None
    kinds: tuple[str, ...] = ()
    bars: tuple[str, ...] = ()
    of: tuple[str | None, int | None, int | None] = (None, None, None)


@dataclass(frozen=True, slots=True)
class Usage:
    """Counts of pull requests, each table with its largest or latest first."""

    signed: int
    refused: int
    quarters: Mapping[str, int]
    weeks: Mapping[str, int]
    kinds: Mapping[str, int]
    people: Mapping[str, int]
    bars: Mapping[str, int]
    pattern: Pattern
    sentence: str


def usage(decided: Sequence[Decided], now: datetime, most: int | None = None) -> Usage:
    """Count the decisions up to now; `most` is what the rubric allows for in a quarter.

    `refused` counts the pull requests for which somebody asked and nobody's signature ever counted.
    """
    used = _once(one for one in decided if one.counts)
    shipped = {one.pull for one in used}
    newest_first = list(reversed(used))
    pattern = _pattern(used, now, most)
    return Usage(
        signed=len(shipped),
        refused=len({one.pull for one in decided} - shipped),
        quarters=_counted(newest_first, lambda one: (quarter(one.at),)),
        weeks=_counted(newest_first, lambda one: (week(one.at),)),
        kinds=_largest(_counted(used, lambda one: one.kinds)),
        people=_largest(_counted(used, _person(used))),
        bars=_largest(_counted(used, lambda one: one.bars)),
        pattern=pattern,
        sentence=_sentence(pattern, used, now, most),
    )


def week(at: datetime) -> str:
    """The week of a time as ISO 8601 counts them, in UTC: `2026-W47`."""
    year, number, _ = at.astimezone(UTC).isocalendar()
    return f"{year}-W{number:02}"


def _once(decided: Iterable[Decided]) -> list[Decided]:
    """Each decision as it was first made, oldest first."""
    first: dict[object, Decided] = {}
    for one in sorted(decided, key=lambda one: one.at):
        first.setdefault((one.pull, one.of), one)
    return list(first.values())


def _counted(used: Iterable[Decided], told: Callable[[Decided], Iterable[str]]) -> dict[str, int]:
    """How many pull requests each name stands for, in the order of the names' first use."""
    pulls: dict[str, set[int]] = {}
    for one in used:
        for name in told(one):
            pulls.setdefault(name, set()).add(one.pull)
    return {name: len(each) for name, each in pulls.items()}


def _largest(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(Counter(counts).most_common())


def _person(used: Iterable[Decided]) -> Callable[[Decided], tuple[str]]:
    """The name of who signed: the newest one of an account, which may have been renamed."""
    newest = {one.by_id: one.by for one in used if one.by_id is not None}

    def name(one: Decided) -> tuple[str]:
        newer = newest.get(one.by_id) if one.by_id is not None else None
        return (newer or one.by or "a deleted account",)

    return name


def _pattern(used: Sequence[Decided], now: datetime, most: int | None) -> Pattern:
    count = _in_quarter(used, now)
    if _open_weeks(used, now) >= OPEN_WEEKS or (most is not None and count > most):
        return "wrong"
    if not count:
        return "none"
    return "valve" if count <= (FEW_A_QUARTER if most is None else most) else "often"


def _in_quarter(used: Sequence[Decided], now: datetime) -> int:
    return len({one.pull for one in used if quarter(one.at) == quarter(now)})


def _open_weeks(used: Sequence[Decided], now: datetime) -> int:
    """Of the last weeks, each seven days up to now, those with many pull requests."""
    found = 0
    for back in range(WEEKS):
        end = now - timedelta(weeks=back)
        pulls = {one.pull for one in used if end - timedelta(weeks=1) < one.at <= end}
        found += len(pulls) >= MANY_A_WEEK
    return found


def _sentence(pattern: Pattern, used: Sequence[Decided], now: datetime, most: int | None) -> str:
    count, here = _in_quarter(used, now), quarter(now)
    shipped = f"{counted(count, 'pull request')} shipped by override in {here}"
    if pattern in ("none", "valve"):
        return shipped if pattern == "none" else f"{shipped}: that is what the valve is for"
    bar = _signed_away(used, now)
    if pattern == "often":
        return f"{shipped}: before it becomes a habit, look at {bar}"
    weeks = _open_weeks(used, now)
    told = (
        f"in {weeks} of the last {WEEKS} weeks {MANY_A_WEEK} pull requests or more shipped by "
        "override"
        if weeks >= OPEN_WEEKS
        else f"{shipped}, and the rubric allows for {most}"
    )
    return (
        f"the rubric does not match reality: {told}. Most of all look at {bar}: raise the agent, "
        "or lower the bar in a pull request of its own (`rubric-action suggest --allow-lower`)"
    )


def _signed_away(used: Sequence[Decided], now: datetime) -> str:
    recent = [one for one in used if now - RECENT < one.at <= now]
    bars = _largest(_counted(recent, lambda one: one.bars))
    if not bars:
        return "what was signed for"
    bar, count = next(iter(bars.items()))
    return f"{named(bar)}, signed away for {counted(count, 'pull request')}"
