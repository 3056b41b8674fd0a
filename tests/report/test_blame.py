"""The history of the bar as it is told."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rubric_action.gate.model import AxisSummary, Ceiling, SliceSummary
from rubric_action.gate.override.usage import Decided, usage
from rubric_action.report.blame import Blame, Scores, as_json, reigns
from rubric_action.report.blame_told import lines
from rubric_action.rubric.bar_change import change
from rubric_action.rubric.history import Commit, Direction, Move, Version

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
TONE = "slices.head.min.tone"


def commit(day: int, subject: str = "", who: Sequence[str] = ("Mona Lisa",)) -> Commit:
    """A commit of this day of the history."""
    return Commit(f"{day:040x}", START + timedelta(days=day), tuple(who), subject)


def move(
    at: Commit, direction: Direction, before: str, after: str, key: str = TONE, **of: Any
) -> Move:
    """A bar that moved; by default the minimum of `head` on `tone`."""
    where = of or {"slice_": "head", "axis": "tone"}
    return Move(at, change(key, before, after, direction == "lowered", **where), direction)


FIRST, RAISED = commit(0), commit(90, "Raise the bar (#120)", ("Hubot",))
LOWERED = commit(250, "Merge pull request #214 from acme/x", ("Dana", "Ev\x1bil\n"))
MOVES = (
    move(FIRST, "set", "", "0.90"),
    move(FIRST, "set", "", "0.03", "regression.max_drop", slice_=None),
    move(RAISED, "raised", "0.90", "0.92"),
    move(LOWERED, "lowered", "0.92", "0.88"),
)
SKIPPED = Version(commit(100, "(#121)", ("Hubot",)), None, "no valid rubric: here:4:1: bad")
VERSIONS = (Version(FIRST, None), Version(RAISED, None), SKIPPED, Version(LOWERED, None))


def scores(day: int, tone: float | None, sha: str | None = None) -> Scores:
    """What a run of this day measured."""
    head = SliceSummary(
        "head", 40, 30, 0, 0.75, None, axes={"tone": AxisSummary(tone, 40)} if tone else {}
    )
    slow = Ceiling("latency", None, 3.1, 4.0, 40, 40)
    dear = Ceiling("cost", "head", 0.004, 0.08, 40, 40)
    return Scores(sha, START + timedelta(days=day), {"head": head}, (slow, dear))


def test_blame_at_first_sight() -> None:
    """How often the bar moved, then each bar with the latest move first, and what never did."""
    told = Blame("eval/rubric.yaml", VERSIONS, MOVES, (scores(95, 0.95), scores(251, 0.89)))
    assert list(lines(told)) == [
        "eval/rubric.yaml: 4 commits, 2026-03-02 to 2026-11-07; lowered 1 time, raised 1 time",
        "",
        "slices.head.min.tone  0.88",
        (
            "  2026-11-07  0000000  #214  0.92 -> 0.88  lowered  Dana, Ev⟨U+001B⟩il  "
            "scored 0.89 (2026-11-08)"
        ),
        (
            "  2026-05-31  0000000  #120  0.90 -> 0.92  raised   Hubot               "
            "scored 0.95 (2026-06-05)"
        ),
        "  2026-03-02  0000000  -     0.90          set      Mona Lisa",
        "",
        "set once",
        "  regression.max_drop  2026-03-02  0000000  -  0.03  set  Mona Lisa",
        "",
        "skipped",
        "  2026-06-10  0000000  #121  Hubot  no valid rubric: here:4:1: bad",
    ]


def test_a_bar_that_is_gone_and_one_that_is_long() -> None:
    """What was taken away is told so; a long text is only said to be another."""
    gone = move(LOWERED, "lowered", "0.90", "")
    long = move(LOWERED, "changed", "a" * 60, "b" * 130, "axes.tone.ask", axis="tone")
    told = list(lines(Blame("r", VERSIONS[:1], (gone, long))))
    assert told[0] == "r: 1 commit, 2026-03-02; lowered 1 time, changed 1 time"
    assert told[2] == "slices.head.min.tone  gone"
    assert "0.90 -> gone  lowered" in told[3]
    assert told[5].startswith("axes.tone.ask  bbb")
    assert "another text" in told[6]


def test_nothing_moved() -> None:
    """Bars that were set once are no news."""
    told = list(lines(Blame("r", VERSIONS[:1], MOVES[:2])))
    assert told[0] == "r: 1 commit, 2026-03-02; no bar was moved"
    assert told[2] == "set once"
    assert list(lines(Blame("r", VERSIONS[:1], ()))) == [told[0]]


@pytest.mark.parametrize(
    ("runs", "value", "same"),
    [
        ([], None, None),
        ([scores(5, 0.9)], 0.9, False),
        ([scores(8, 0.8), scores(5, 0.9)], 0.9, False),
        ([scores(5, 0.9), scores(80, 0.8, FIRST.sha)], 0.8, True),
        ([scores(200, 0.7, FIRST.sha)], 0.7, True),
        ([scores(95, 0.9)], None, None),
        ([scores(-3, 0.9)], None, None),
        ([scores(5, None)], None, None),
    ],
)
def test_which_score_a_bar_was_held_against(
    runs: Sequence[Scores], value: float | None, same: bool | None
) -> None:
    """That of its own commit, else the first of its time; none of the time before or after it."""
    first = reigns(MOVES, runs)[0].scored
    assert (first and first.value) == value
    assert (first and first.same_commit) == same


@pytest.mark.parametrize(
    ("key", "of", "shown"),
    [
        ("slices.head.min_pass_rate", {"slice_": "head"}, "scored 0.75 (2026-03-03)"),
        ("ceilings.latency_p95", {"slice_": None}, "scored 3.1 s (2026-03-03)"),
        ("slices.head.cost_per_session", {"slice_": "head"}, "scored $0.004 (2026-03-03)"),
        ("slices.head.latency_p95", {"slice_": "head"}, "Mona Lisa"),
        ("slices.tail.min.tone", {"slice_": "tail", "axis": "tone"}, "Mona Lisa"),
        ("axes.tone.pass", {"axis": "tone"}, "Mona Lisa"),
    ],
)
def test_scores_of_every_kind_of_bar(key: str, of: dict[str, Any], shown: str) -> None:
    """A pass rate, a ceiling, a slice's ceiling; nothing beside a bar that has no score."""
    moved = move(FIRST, "set", "", "0.5", key, **of)
    (*_, row) = lines(Blame("r", VERSIONS[:1], (moved,), (scores(1, 0.9),)))
    assert row.endswith(shown)


def test_a_score_of_the_very_commit() -> None:
    """It needs no date."""
    (*_, row) = lines(Blame("r", VERSIONS[:1], MOVES[:1], (scores(9, 0.9, FIRST.sha),)))
    assert row.endswith("scored 0.90")


def test_overrides() -> None:
    """What they say of the rubric stands on top, how often and by whom below."""
    signed = [
        Decided(
            n, START - timedelta(days=7 * n), True, "mona", n, ("threshold",), (f"bar {n}",),
            of=(str(n), 1, 1),
        )
        for n in range(9)
    ]  # fmt: skip
    used = usage([*signed, Decided(99, START, counts=False)], START)
    told = list(lines(Blame("r", VERSIONS[:1], (), usage=used, notes=("the clone is shallow",))))
    assert told == [
        "r: 1 commit, 2026-03-02; no bar was moved",
        (
            "overrides: 9 pull requests shipped by override in Q1 2026: before it becomes a habit, "
            "look at `bar 8`, signed away for 1 pull request"
        ),
        "",
        "overrides: 9 pull requests signed, 1 asked in vain",
        "  by quarter Q1 2026 9",
        (
            "  by week    2026-W10 1, 2026-W09 1, 2026-W08 1, 2026-W07 1, 2026-W06 1, 2026-W05 1, "
            "and 3 more"
        ),
        "  by kind    threshold 9",
        "  by person  mona 9",
        "  by bar     bar 8 1, bar 7 1, bar 6 1, bar 5 1, bar 4 1, bar 3 1, and 3 more",
        "",
        "note: the clone is shallow",
    ]


def test_requests_that_nobody_signed() -> None:
    """They are told, without tables that would be empty."""
    asked = usage([Decided(9, START, counts=False)], START)
    told = list(lines(Blame("r", VERSIONS[:1], (), usage=asked)))
    assert told[2:] == ["", "overrides: 0 pull requests signed, 1 asked in vain"]


def test_no_override_is_on_record() -> None:
    """A record without any is told in its one sentence."""
    told = list(lines(Blame("r", VERSIONS[:1], (), usage=usage([], START))))
    assert told[1:] == ["overrides: 0 pull requests shipped by override in Q1 2026"]


def test_blame_for_machines() -> None:
    """Every commit, every move with its score, and the overrides; null where none is known."""
    told = as_json(Blame("r", VERSIONS, MOVES, (scores(251, 0.89),), notes=("n",)))
    assert told["schema"] == "rubric-blame/1"
    assert told["versions"][2] == {
        "commit": f"{100:040x}",
        "at": "2026-06-10T10:00:00Z",
        "who": ["Hubot"],
        "pull": 121,
        "subject": "(#121)",
        "valid": False,
        "trouble": "no valid rubric: here:4:1: bad",
    }
    assert told["moves"][-1] == {
        "key": TONE,
        "direction": "lowered",
        "before": "0.92",
        "after": "0.88",
        "commit": f"{250:040x}",
        "at": "2026-11-07T10:00:00Z",
        "who": ["Dana", "Ev\x1bil\n"],
        "pull": 214,
        "scored": {"value": 0.89, "at": "2026-11-08T10:00:00Z", "same_commit": False},
    }
    assert told["moves"][0]["before"] is None
    assert told["overrides"] is None
    assert as_json(Blame("r", VERSIONS, (), usage=usage([], START)))["overrides"] == {
        "signed": 0,
        "refused": 0,
        "by_quarter": {},
        "by_week": {},
        "by_kind": {},
        "by_person": {},
        "by_bar": {},
        "pattern": "none",
        "sentence": "0 pull requests shipped by override in Q1 2026",
    }
