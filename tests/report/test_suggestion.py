"""Suggested bars as they are told."""

from dataclasses import replace

from rubric_action.gate.suggestion.model import Suggestion
from rubric_action.gate.suggestion.rounding import write_seconds, write_share, write_usd
from rubric_action.report.suggestion import ByHand, Source, Suggested, as_json, lines

HEAD = ("slices", "head", "min", "tone")
STRICTER = Suggestion(
    HEAD, 0.8, 0.91, "40 cases prove 0.91 at most", write_share, (0.99, 1.0), change="stricter"
)
SHORT = Suggestion(
    (*HEAD[:3], "policy"),
    0.9,
    None,
    "the newest run falls short; 3 runs of 40 cases: 0.7 leaves room",
    write_share,
    (0.85, 0.85),
    short=True,
    change="short",
)
DROP = Suggestion(
    ("regression", "max_drop"), None, None, "needs two runs of the same cases", write_share
)
LATENCY = Suggestion(
    ("ceilings", "latency_p95"),
    4.0,
    3.9,
    "1.25 x the highest of 2 runs",
    write_seconds,
    (2.9, 3.1),
    floor=False,
    change="stricter",
)
COST = Suggestion(
    ("ceilings", "cost_per_session"), None, 0.0063, "1.25 x the highest of 2 runs", write_usd,
    (0.004, 0.005), floor=False, change="new",
)  # fmt: skip
RUNS = (
    Source("runs/1", "2026-11-20T10:00:00Z", "a" * 40, 40),
    Source("runs/2", "2026-11-23T10:00:00Z", None, 40),
)
TOLD = Suggested("eval/rubric.yaml", RUNS, (STRICTER, SHORT, DROP, LATENCY, COST), "--- a\n+++ b\n")


def test_suggestions_at_first_sight() -> None:
    """What there is to do in the first line, then each bar with its evidence, aligned."""
    assert list(lines(TOLD)) == [
        "2 runs of 40 cases, 2026-11-20 to 2026-11-23: 1 new, 2 stricter, 1 not met now.",
        "",
        "  bar                        now  seen              suggested        why",
        (
            "  slices.head.min.tone       0.8  0.99 to 1.00      0.91 (stricter)  "
            "40 cases prove 0.91 at most"
        ),
        (
            "  slices.head.min.policy     0.9  0.85              not met          "
            "the newest run falls short; 3 runs of 40 cases: 0.7 leaves room"
        ),
        (
            "  regression.max_drop        -    -                 -                "
            "needs two runs of the same cases"
        ),
        (
            "  ceilings.latency_p95       4s   2.9 s to 3.1 s    3.9s (stricter)  "
            "1.25 x the highest of 2 runs"
        ),
        (
            "  ceilings.cost_per_session  -    $0.004 to $0.005  0.0063 (new)     "
            "1.25 x the highest of 2 runs"
        ),
        "",
        "An unchanged agent falls below a suggested minimum in 1 run of 20, or fewer.",
    ]


def test_nothing_to_change() -> None:
    """A bar that is right stays as it is, which is told of one day's run."""
    kept = replace(STRICTER, suggested=None, change="kept")
    told = list(lines(Suggested("eval/rubric.yaml", RUNS[:1], (kept,), "")))
    assert told[0] == "1 run of 40 cases, 2026-11-20: the bar stays as it is."
    assert "  kept  " in told[3]
    assert told[-1] == ""


def test_what_is_left_to_people() -> None:
    """Notes, and lines that go in by hand; what is foreign in them shows and commands nothing."""
    by_hand = (ByHand("tone: 0.9", "`slices.a\x1b.min` (eval/rubric.yaml:12:5)"),)
    told = list(lines(replace(TOLD, by_hand=by_hand, notes=("one run left\nout",))))
    assert told[-2:] == [
        "note: one run left out",
        "by hand: put `tone: 0.9` into `slices.a⟨U+001B⟩.min` (eval/rubric.yaml:12:5)",
    ]


def test_suggestions_for_machines() -> None:
    """Everything, with the patch."""
    told = as_json(replace(TOLD, by_hand=(ByHand("tone: 0.9", "there"),), notes=("n",)))
    assert told["schema"] == "rubric-suggestion/1"
    assert told["patch"] == "--- a\n+++ b\n"
    assert told["runs"][0] == {
        "name": "runs/1",
        "created_at": "2026-11-20T10:00:00Z",
        "sha": "a" * 40,
        "cases": 40,
    }
    assert told["suggestions"][0] == {
        "key": "slices.head.min.tone",
        "change": "stricter",
        "now": 0.8,
        "suggested": 0.91,
        "written": "0.91",
        "observed": [0.99, 1.0],
        "why": "40 cases prove 0.91 at most",
    }
    assert told["suggestions"][1]["written"] is None
    assert told["by_hand"] == [{"line": "tone: 0.9", "where": "there"}]
    assert told["notes"] == ["n"]
