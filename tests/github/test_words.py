"""Whose word about a commit counts: tables of what other runs have said, newest first."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rubric_action.gate.model import Finding
from rubric_action.github.records import Status
from rubric_action.github.words import (
    MEASURED_SINCE,
    NEWER,
    Asks,
    Seal,
    Word,
    address,
    mark_of,
    measuring,
    why_not,
    word_of,
)

RUNS = "https://github.com/acme/support/actions/runs"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LIVE = (8, 12)
"""Runs that are not over."""


def status(told: str, at: datetime | None = None) -> Status:
    """`7/2 failure a again`: run, attempt, state; then what was found, if a verdict was reached."""
    run, state, *more = told.split()
    number, _, attempt = run.partition("/")
    found = [one for one in more if one != "again"]
    seal = Seal("0" * 64, found[0]) if found else None
    page = f"{RUNS}/{number}/attempts/{attempt or 1}"
    leads_to = address(page, seal, again="again" in more)
    return Status("rubric/gate", state, "", leads_to, created_at=at)


def asks(began: datetime | None = None) -> Asks:
    """What GitHub says of runs: when this attempt began, and which are under way."""
    return Asks(lambda: began, lambda run_id: run_id in LIVE)


def ask(ours: str, *said: str, signed: bool = False) -> str | None:
    """Why our status is not set after these, in the order of a listing."""
    return why_not(status(ours), map(status, said), asks(), signed=signed)


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("", Word(0, 0)),
        ("https://ci.example/build/7", Word(0, 0)),
        (f"{RUNS}/7", Word(7, 1)),
        (f"{RUNS}/7/attempts/2", Word(7, 2)),
        (f"{RUNS}/7?x", Word(0, 0)),
        (f"{RUNS}/7/attempts/2#results=ab", Word(7, 2, "ab")),
        (f"{RUNS}/7/attempts/2#results=ab&findings=cd", Word(7, 2, "ab", "cd")),
        (f"{RUNS}/7/attempts/2#results=ab&findings=cd&again", Word(7, 2, "ab", "cd", again=True)),
        (f"{RUNS}/7/attempts/2#again", Word(7, 2, again=True)),
    ],
)
def test_what_an_address_tells(url: str, word: Word) -> None:
    """Run and attempt, what is vouched for, and whether anything was measured."""
    assert word_of(Status("rubric/gate", "success", "", url)) == word


@pytest.mark.parametrize("seal", [None, Seal("ab", "cd")])
@pytest.mark.parametrize("again", [False, True])
def test_an_address_is_read_as_it_was_written(seal: Seal | None, *, again: bool) -> None:
    """Nothing of it is lost, and without anything to add it is the run's page."""
    url = address(f"{RUNS}/7/attempts/2", seal, again=again)
    told = ("ab", "cd") if seal else (None, None)
    assert word_of(Status("rubric/gate", "success", "", url)) == Word(
        7, 2, told[0], told[1], again=again
    )
    assert ("#" in url) is (seal is not None or again)


@pytest.mark.parametrize(
    ("ours", "said", "reason"),
    [
        ("10 pending", [], None),
        ("10 failure a", ["10 pending", "9 success b"], None),
        ("10 success a", ["9 failure b"], None),
        ("10 success a", ["10/2 pending"], NEWER),
        ("10/2 success a", ["10 failure b"], None),
        ("10 pending", ["12 success a"], NEWER),
        ("10 failure a", ["12 success b", "10 pending"], NEWER),
        ("10 failure a", ["12 pending", "10 pending"], NEWER),
        ("10 failure a", ["12 error", "10 pending"], NEWER),
        # A decision made anew on what was there before us.
        ("10 pending", ["12 success b again", "9 failure b"], None),
        ("10 failure a", ["12 success b again", "10 pending"], None),
        ("10 failure a", ["12 success b again", "9 failure b"], None),
        ("10 error", ["12 success b again", "10 pending"], None),
        ("10 success a", ["12 failure b again", "10 pending"], None),
        # ... and on what was measured after us.
        ("10 failure a", ["13 success b again", "12 failure b", "10 pending"], NEWER),
        ("10 success a", ["11 failure b again", "12 failure b", "10 pending"], NEWER),
        # A run of a low number that is run again, and began after us.
        ("12 success a", ["10/2 pending", "12 pending"], NEWER),
        ("12 failure a", ["10/2 failure b", "12 pending"], NEWER),
        ("12 failure a", ["12 pending", "10/2 failure b"], None),
        ("12 failure a", ["10/2 failure b", "9 success c"], None),
        ("12 failure a", ["10/2 failure b", "12 failure c", "9 success c"], None),
        # An older run that squeezed in between.
        ("12 failure a", ["10 success b", "12 pending"], None),
    ],
)
def test_a_measurement_has_the_word_over_what_was_measured_before(
    ours: str, said: list[str], reason: str | None
) -> None:
    """Only a later measurement stands against it, and never a decision on older results."""
    assert ask(ours, *said) == reason


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (["10 pending"], None),
        (["12 success a again", "10 pending"], None),
        (["12 failure a again", "10 pending"], NEWER),
        (["9 failure a again", "10 pending"], None),
        (["10 pending", "12 failure a again"], None),
    ],
)
def test_a_signature_found_by_a_measurement_may_have_been_taken_back(
    said: list[str], reason: str | None
) -> None:
    """Who decided anew while it measured, and found none, has read GitHub later."""
    assert ask("10 success a", *said, signed=True) == reason


MEASURING = f"the verdict follows from the run that measures now, {RUNS}/8/attempts/1"


@pytest.mark.parametrize(
    ("ours", "said", "reason"),
    [
        ("11 success a again", ["10 failure a"], None),
        ("11 success a again", ["9 success a again", "10 failure a"], None),
        ("11 success a again", ["12 failure a again", "10 failure a"], NEWER),
        ("11 success a again", ["8 pending", "7 failure a"], MEASURING),
        ("11 error again", ["8 pending", "7 failure a"], MEASURING),
        ("8 success a again", ["8 pending", "7 failure a"], None),
        # A run that was lost, and one that nobody knows.
        ("11 success a again", ["10 pending", "7 failure a"], None),
        ("11 success a again", ["0 pending", "7 failure a"], None),
        # What was measured since, and found something else.
        ("11 success a again", ["10 failure b", "9 failure a"], MEASURED_SINCE),
        ("11 failure a again", ["10 success b", "9 failure a"], MEASURED_SINCE),
        ("11 success a again", ["14 failure b", "9 failure a"], MEASURED_SINCE),
        ("11 success a again", ["10 failure a", "9 failure a"], None),
        ("11 success a again", ["14 failure a", "9 failure a"], None),
        ("11 success a again", ["10 error", "9 failure a"], None),
        ("11 error again", ["10 success b"], None),
        ("11 success a again", [], None),
    ],
)
def test_a_decision_on_older_results_gives_way_to_measurements(
    ours: str, said: list[str], reason: str | None
) -> None:
    """Those under way, and those that found something else, whatever the numbers of their runs."""
    assert ask(ours, *said) == reason


@pytest.mark.parametrize("ours", ["10/2 failure a", "10/2 failure a again"])
@pytest.mark.parametrize(("minutes", "reason"), [(-1, None), (0, NEWER), (1, NEWER)])
def test_what_was_said_before_an_attempt_began_is_not_newer(
    ours: str, minutes: int, reason: str | None
) -> None:
    """A run that is run again has a low number and is late all the same."""
    kind = " again" if "again" in ours else ""
    there = status(f"12 failure a{kind}", NOON + timedelta(minutes=minutes))
    assert why_not(status(ours), [there], asks(NOON), signed=False) == reason
    unknown = replace(there, created_at=None)
    assert why_not(status(ours), [unknown], asks(NOON), signed=False) == NEWER


@pytest.mark.parametrize(
    ("said", "run"),
    [
        ([], None),
        (["8 pending"], 8),
        (["9 success a again", "8 pending"], 8),
        (["8 failure a", "8 pending"], None),
        (["10 error", "8 pending"], None),
        (["9 pending"], None),
        (["9 pending", "8 pending"], 8),
        (["12 pending"], None),
        (["0 pending"], None),
    ],
)
def test_who_measures_now(said: list[str], run: int | None) -> None:
    """Another run whose `pending` nobody has answered, as long as that run is not over."""
    told = measuring(map(status, said), 12, lambda run_id: run_id in LIVE)
    assert told == (f"{RUNS}/{run}/attempts/1" if run else None)


def test_nobody_is_asked_about_runs_without_need() -> None:
    """GitHub's requests are counted."""

    def never(*_: object) -> Iterator[None]:
        raise AssertionError

    silent = Asks(never, never)  # type: ignore[arg-type]
    said = [status("9 success a again"), status("9 failure a")]
    for ours in ("10 success a again", "10 failure b", "9/2 success a"):
        assert why_not(status(ours), said, silent, signed=True) is None


SLOW = Finding("latency", "fail", "too slow", observed=4.2)
LOW = Finding("threshold", "fail", "too low", slice="head", axis="tone", observed=0.7)
CHANGED = Finding("bar-lowered", "fail", "head asks for 0.7", slice="head", key="slices.head.min")


def test_the_same_findings_have_the_same_mark() -> None:
    """In any order, however they are told, and whoever may sign for them."""
    told = replace(LOW, sentence="head is too low", overridable=True, overridden=True)
    assert mark_of([SLOW, LOW]) == mark_of([told, SLOW])
    assert len(mark_of([])) == 16


@pytest.mark.parametrize(
    "other",
    [
        (),
        (LOW, LOW),
        (LOW, SLOW),
        (replace(LOW, kind="drop"),),
        (replace(LOW, severity="warn"),),
        (replace(LOW, slice="tail"),),
        (replace(LOW, axis=None),),
        (replace(LOW, case="refund"),),
        (replace(LOW, observed=0.6),),
        (replace(LOW, observed=None),),
        (replace(LOW, key="slices.head.min"),),
    ],
)
def test_other_findings_have_another_mark(other: tuple[Finding, ...]) -> None:
    """What makes a finding another one, or a worse one, is all in it."""
    assert mark_of([LOW]) != mark_of(other)


def test_changes_of_a_rubric_are_told_apart_by_their_sentences() -> None:
    """They share kind, slice and axis, and have no value."""
    assert mark_of([CHANGED]) != mark_of([replace(CHANGED, sentence="head asks for 0.6")])
