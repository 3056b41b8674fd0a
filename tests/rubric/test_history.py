"""The bar over the commits of its file."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from rubric_action.rubric.history import Commit, Version, moves
from rubric_action.rubric.load import load_rubric
from tests.rubric.samples import FILE, SMALL

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
FIRST = SMALL.replace("ask: Is the answer kind?", "ask: Is the answer kind?, pass: 0.7") + (
    "regression: {max_drop: 0.03}\nceilings: {latency_p95: 4s}\n"
)


def history(*texts: str | None) -> list[Version]:
    """A version a day; None is one that is not valid."""
    return [
        Version(
            Commit(str(day), START + timedelta(days=day), ("mona",)),
            None if text is None else load_rubric(text, FILE),
            "" if text else "no valid rubric",
        )
        for day, text in enumerate(texts)
    ]


def told(versions: Sequence[Version]) -> list[tuple[str, str, str, str, str]]:
    """Commit, direction, key and values of each move."""
    return [
        (one.commit.sha, one.direction, one.change.key, one.change.before, one.change.after)
        for one in moves(versions)
    ]


def test_the_first_version_sets_its_bars() -> None:
    """Everything that it says and no default says already."""
    assert told(history(FIRST)) == [
        ("0", "set", "axes.tone.pass", "", "0.70"),
        ("0", "set", "slices.head.min.tone", "", "0.80"),
        ("0", "set", "regression.max_drop", "", "0.03"),
        ("0", "set", "ceilings.latency_p95", "", "4s"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "move"),
    [
        ("tone: 0.8", "tone: 0.7", ("lowered", "slices.head.min.tone", "0.80", "0.70")),
        ("tone: 0.8", "tone: 0.9", ("raised", "slices.head.min.tone", "0.80", "0.90")),
        ("4s", "5s", ("lowered", "ceilings.latency_p95", "4s", "5s")),
        ("4s", "3s", ("raised", "ceilings.latency_p95", "4s", "3s")),
        (
            "kind?",
            "nice?",
            ("changed", "axes.tone.ask", "Is the answer kind?", "Is the answer nice?"),
        ),
        ("ceilings: {latency_p95: 4s}", "", ("lowered", "ceilings.latency_p95", "4s", "")),
        (
            "{max_drop: 0.03}",
            "{max_drop: 0.03, confirm: 9}",
            ("lowered", "regression.confirm", "5", "9"),
        ),
        ("0.8}}", "0.8}, min_pass_rate: 0.5}", ("set", "slices.head.min_pass_rate", "", "0.50")),
    ],
)
def test_a_move(old: str, new: str, move: tuple[str, ...]) -> None:
    """Which way a bar goes, by the rule that makes `bar-lowered` a finding."""
    assert old in FIRST
    found = [one for one in told(history(FIRST, FIRST.replace(old, new))) if one[0] == "1"]
    assert found == [("1", *move)]


def test_a_slice_that_comes_and_goes() -> None:
    """It brings its bars, and takes them with it."""
    more = FIRST.replace(
        "slices:\n", "slices:\n  rare: {select: all, min: {tone: 0.5}, gate: hard}\n"
    )
    found = [one[1:] for one in told(history(FIRST, more, FIRST)) if one[0] != "0"]
    assert found == [
        ("set", "slices.rare", "", "a slice of all"),
        ("set", "slices.rare.gate", "", "hard"),
        ("set", "slices.rare.min.tone", "", "0.50"),
        ("lowered", "slices.rare", "a slice of all", ""),
        ("lowered", "slices.rare.gate", "hard", ""),
        ("lowered", "slices.rare.min.tone", "0.50", ""),
    ]


def test_a_version_that_is_not_valid_is_passed() -> None:
    """The next one is held against the last that was."""
    found = told(history(FIRST, None, FIRST.replace("tone: 0.8", "tone: 0.7")))
    assert found[-1] == ("2", "lowered", "slices.head.min.tone", "0.80", "0.70")
    assert {one[0] for one in found} == {"0", "2"}
    assert told(history(None)) == []


@pytest.mark.parametrize(
    ("subject", "pull"),
    [
        ("Lower the bar (#214)", 214),
        ("Merge pull request #7 from acme/branch", 7),
        ('Revert "Lower the bar (#214)" (#215)', 215),
        ('Revert "Lower the bar (#214)"', None),
        ("Lower the bar, see #214", None),
        ("Merge branch main (#)", None),
        ("", None),
    ],
)
def test_the_pull_request_of_a_commit(subject: str, pull: int | None) -> None:
    """As GitHub writes it for a merge and for a squash, and in no other place."""
    assert Commit("a", START, ("mona",), subject).pull == pull
