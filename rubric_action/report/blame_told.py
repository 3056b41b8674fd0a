"""Who moved the bar, and who overrode it, on a terminal or in a log."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from rubric_action.gate.override.usage import Usage
from rubric_action.report import numbers
from rubric_action.report.blame import Blame, Reign, reigns
from rubric_action.report.escape import clip, visible
from rubric_action.rubric.bar_change import BarChange
from rubric_action.rubric.history import Commit, Move

LONGEST: Final = 48
"""Characters of a value that a line shows."""
MOST_ROWS: Final = 6
"""Entries of a table of overrides that are shown; JSON has them all."""
SHORT_SHA: Final = 7


def lines(blame: Blame) -> Iterator[str]:
    """Plain text, a line at a time: what to know first, then each bar, then the overrides."""
    yield _head(blame)
    if blame.usage:
        yield f"overrides: {_line(blame.usage.sentence, 500)}"
    yield from _bars(blame)
    skipped = [one for one in blame.versions if one.trouble]
    if skipped:
        yield ""
        yield "skipped"
        yield from _aligned((*_about(one.commit), _line(one.trouble, 200)) for one in skipped)
    if blame.usage and (blame.usage.signed or blame.usage.refused):
        yield ""
        yield from _overrides(blame.usage)
    if blame.notes:
        yield ""
    yield from (f"note: {_line(note, 200)}" for note in blame.notes)


def _head(blame: Blame) -> str:
    versions = blame.versions
    first, last = (_day(one.commit.at) for one in (versions[0], versions[-1]))
    days = first if first == last else f"{first} to {last}"
    counts = {
        word: sum(one.direction == word for one in blame.moves)
        for word in ("lowered", "raised", "changed")
    }
    moved = ", ".join(f"{word} {numbers.count(n, 'time')}" for word, n in counts.items() if n)
    return f"{_line(blame.rubric)}: {numbers.count(len(versions), 'commit')}, {days}; " + (
        moved or "no bar was moved"
    )


def _bars(blame: Blame) -> Iterator[str]:
    """The bars that moved, the latest first, each with its moves; then those that never did."""
    by_key: dict[str, list[Reign]] = {}
    for one in reigns(blame.moves, blame.scores):
        by_key.setdefault(one.move.change.key, []).insert(0, one)
    moved = [all_ for all_ in by_key.values() if any(r.move.direction != "set" for r in all_)]
    for rows in sorted(moved, key=lambda rows: rows[0].move.commit.at, reverse=True):
        change = rows[0].move.change
        yield ""
        yield f"{_line(change.key, 100)}  {_line(change.after) or 'gone'}"
        yield from _aligned(map(_row, rows))
    still = [all_[0] for all_ in by_key.values() if all_ not in moved]
    if still:
        yield ""
        yield "set once"
        yield from _aligned((_line(one.move.change.key, 100), *_row(one)) for one in still)


def _row(reign: Reign) -> tuple[str, ...]:
    move, found = reign.move, reign.scored
    day, sha, pull, who = _about(move.commit)
    told = "" if found is None else f"scored {_shown(move, found.value)}"
    if found and not found.same_commit:
        told += f" ({_day(found.at)})"
    return day, sha, pull, _went(move.change), move.direction, who, told


def _went(change: BarChange) -> str:
    if max(len(change.before), len(change.after)) > LONGEST or change.before == change.after:
        return "another text"
    before, after = (_line(value) for value in (change.before, change.after))
    return f"{before} -> {after or 'gone'}" if before else after


def _shown(move: Move, value: float) -> str:
    field = move.change.key.rpartition(".")[2]
    if field == "latency_p95":
        return numbers.seconds(value)
    return numbers.dollars(value) if field == "cost_per_session" else numbers.score(value)


def _about(commit: Commit) -> tuple[str, str, str, str]:
    pull = f"#{commit.pull}" if commit.pull else "-"
    return _day(commit.at), commit.sha[:SHORT_SHA], pull, _line(", ".join(commit.who))


def _overrides(usage: Usage) -> Iterator[str]:
    signed = numbers.count(usage.signed, "pull request")
    asked = f", {usage.refused:,} asked in vain" if usage.refused else ""
    yield f"overrides: {signed} signed{asked}"
    tables = (
        ("by quarter", usage.quarters),
        ("by week", usage.weeks),
        ("by kind", usage.kinds),
        ("by person", usage.people),
        ("by bar", usage.bars),
    )
    for name, counts in tables:
        if counts:
            shown = [f"{_line(key)} {n:,}" for key, n in islice(counts.items(), MOST_ROWS)]
            more = f", and {len(counts) - MOST_ROWS} more" if len(counts) > MOST_ROWS else ""
            yield f"  {name:<11}{', '.join(shown)}{more}"


def _aligned(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()


def _day(at: datetime) -> str:
    return at.astimezone(UTC).date().isoformat()


def _line(text: str, most: int = LONGEST) -> str:
    return clip(" ".join(visible(text).split()), most)
