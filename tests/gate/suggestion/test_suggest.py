"""Bars that runs can carry, from results as a gate leaves them."""

from collections.abc import Sequence
from typing import Any

import pytest

from rubric_action.cases.fingerprint import CaseBar
from rubric_action.gate.model import AxisScore, CaseResult, History, TrialResult
from rubric_action.gate.suggestion.model import Suggestion
from rubric_action.gate.suggestion.observed import Run, run_of
from rubric_action.gate.suggestion.suggest import suggest
from rubric_action.rubric.model import Axis, Ceilings, Regression, Rubric
from tests.gate.builders import part, result, rubric

TONE_AND_FIT = {"tone": Axis("tone", "Is it polite?"), "fit": Axis("fit", "Does it fit?")}


def run(scores: Sequence[float], of: Rubric, **fields: Any) -> Run:
    """A run whose cases have these scores on `tone`, a trial each."""
    cases = [result(f"c{n}", score, **fields) for n, score in enumerate(scores)]
    return run_of("runs/1", "2026-11-23T10:00:00Z", of, cases)


def told(of: Rubric, *runs: Run, **options: bool) -> dict[str, Suggestion]:
    """The suggestions by their key."""
    return {one.key: one for one in suggest(of, runs, **options)}


def alternating(
    run_number: int, cases: int = 50, good: float = 1.0, bad: float = 0.5
) -> list[float]:
    """Every fifth case is good in every other run."""
    return [bad if n % 5 == 0 and (n + run_number) % 2 else good for n in range(cases)]


def test_a_bar_with_room_of_several_runs() -> None:
    """The more runs of one agent, the closer the bar comes to what they show; below all of it."""
    of = rubric(part(tone=0.1))
    runs = [run(alternating(n, 200), of) for n in range(8)]
    found = [told(of, *runs[:count])["slices.all.min.tone"] for count in (1, 2, 8)]
    values = [one.suggested or 0 for one in found]
    assert values == sorted(values)
    assert values[0] < values[2] <= min(found[2].observed) == pytest.approx(0.95)
    assert [one.change for one in found] == ["stricter"] * 3
    assert "1 run of 200 cases: " in found[0].why
    assert "more runs need less" in found[0].why
    assert found[2].why == f"8 runs of 200 cases: {values[2]:g} leaves room"


def test_a_perfect_slice_is_bounded_by_its_size() -> None:
    """So many cases prove no more, however often they pass."""
    of = rubric(part(tone=0.1))
    runs = [run([1.0] * 40, of) for _ in range(20)]
    (found, *_) = suggest(of, runs)
    assert found.suggested == 0.91
    assert found.why == "40 cases prove 0.91 at most"


def test_a_thin_slice_says_so() -> None:
    """Five cases prove little; the suggestion is no higher than that."""
    of = rubric(part(tone=0.1))
    found = told(of, *(run([1.0] * 5, of) for _ in range(50)))["slices.all.min.tone"]
    assert found.suggested == 0.56
    assert found.why == "thin: 5 cases prove 0.56 at most"


def test_quiet_runs_leave_room_for_a_case() -> None:
    """An agent that answers the same every time may still lose a case."""
    of = rubric(part(tone=0.1))
    scores = [1.0] * 30 + [0.0] * 20
    found = told(of, *(run(scores, of) for _ in range(60)))["slices.all.min.tone"]
    assert found.suggested == 0.58
    assert found.why == "room for one of 50 cases"


def test_one_case_proves_nothing() -> None:
    """No bar is made of a single case."""
    of = rubric(part(tone=0.1))
    found = told(of, run([1.0], of))["slices.all.min.tone"]
    assert (found.suggested, found.change) == (None, "kept")


def test_an_agent_that_changed_between_the_runs() -> None:
    """Runs that differ by more than chance are told as such, and bound little."""
    of = rubric(part(tone=0.6))
    runs = [run([level + n % 3 / 100 for n in range(60)], of) for level in (0.7, 0.8, 0.9)]
    found = told(of, *runs)["slices.all.min.tone"]
    assert found.change == "kept"
    assert "differ by more than chance" in found.why


def test_no_bar_gets_lower_unasked() -> None:
    """A bar above what the runs carry stays; it gets looser only if that is allowed."""
    of = rubric(part(tone=0.97))
    runs = [run(alternating(n, 60), of) for n in range(3)]
    kept = told(of, *runs)["slices.all.min.tone"]
    assert (kept.change, kept.suggested) == ("short", None)
    assert kept.why.startswith("the newest run falls short; ")
    looser = told(of, *runs, allow_lower=True)["slices.all.min.tone"]
    assert looser.change == "looser"
    assert looser.suggested is not None
    assert looser.suggested < 0.97


def test_a_bar_that_holds_is_kept() -> None:
    """It is no finding, though it has less room than chance takes."""
    of = rubric(part(tone=0.93))
    found = told(of, *(run(alternating(n, 60), of) for n in range(3)))["slices.all.min.tone"]
    assert (found.change, found.suggested, found.now) == ("kept", None, 0.93)


def test_a_bar_that_is_right_stays() -> None:
    """Nothing is suggested where it stands there already."""
    of = rubric(part(tone=0.91))
    found = told(of, *(run([1.0] * 40, of) for _ in range(20)), allow_lower=True)
    assert found["slices.all.min.tone"].change == "kept"


def test_slices_without_a_bar_get_one() -> None:
    """On every axis; in a rubric without axes, on the pass rate. It says that they only inform."""
    of = rubric(part(informational=True), axes=TONE_AND_FIT)
    cases = [result(f"c{n}", {"tone": 1.0, "fit": 0.9}) for n in range(40)]
    found = told(of, run_of("r", "2026-11-23T10:00:00Z", of, cases))
    assert [one.change for one in found.values()][:2] == ["new", "new"]
    assert found["slices.all.min.fit"].why.endswith("the slice still only informs")
    ruled = rubric(part(informational=True), axes={})
    rated = told(ruled, run([1.0] * 40, ruled))
    assert rated["slices.all.min_pass_rate"].change == "new"


def test_which_slices_are_held_to_what() -> None:
    """Bars that are there, and no others; `all_axes` takes every axis, of hard slices too."""
    of = rubric(
        part("all", tone=0.5),
        part("hard", hard=True),
        part("rate", min_pass_rate=0.5),
        axes=TONE_AND_FIT,
    )
    slices = ("all", "hard", "rate")
    cases = [result(f"c{n}", {"tone": 1.0, "fit": 0.9}, slices=slices) for n in range(40)]
    runs = (run_of("r", "2026-11-23T10:00:00Z", of, cases),)
    bars = [key for key in told(of, *runs) if key.startswith("slices")]
    assert bars == ["slices.all.min.tone", "slices.rate.min_pass_rate"]
    every = [key for key in told(of, *runs, all_axes=True) if key.startswith("slices")]
    assert every == [
        "slices.all.min.tone",
        "slices.all.min.fit",
        "slices.hard.min.tone",
        "slices.hard.min.fit",
        "slices.rate.min.tone",
        "slices.rate.min.fit",
        "slices.rate.min_pass_rate",
    ]


def test_more_bars_need_more_room_each() -> None:
    """All of them together are to hold, so that each of many has to be safer than one alone."""
    few = rubric(part(tone=0.1))
    many = rubric(part(tone=0.1), *(part(f"s{n}", tone=0.1) for n in range(20)))
    names = tuple(many.slices)
    found = [
        told(of, *(run(alternating(n, 200), of, slices=names) for n in range(3)))
        for of in (few, many)
    ]
    values = [one["slices.all.min.tone"].suggested or 0 for one in found]
    assert values[0] > values[1]


def test_what_no_run_measured() -> None:
    """Bars of slices and axes that the newest run knows nothing of are told and stay."""
    of = rubric(
        part(tone=0.5), part("new", tone=0.8, min_pass_rate=0.7), part("idle", informational=True)
    )
    found = told(of, run([1.0] * 30, of))
    why = "the newest run measured nothing of it"
    for key, change in (
        ("slices.new.min.tone", "kept"),
        ("slices.new.min_pass_rate", "kept"),
        ("slices.idle", "none"),
    ):
        assert (found[key].change, found[key].why) == (change, why)


def test_cases_of_one_conversation_are_one() -> None:
    """Forty cases cut from eight traces prove what eight do."""
    of = rubric(part(tone=0.1))
    cases = [result(f"c{n}", 1.0, cluster=f"trace {n % 8}") for n in range(40)]
    found = told(of, *[run_of("r", "2026-11-23T10:00:00Z", of, cases)] * 20)
    one = found["slices.all.min.tone"]
    assert one.suggested == 0.67
    assert one.why == "thin: 40 cases of 8 conversations or traces prove 0.67 at most"


def test_an_edited_case_counts_anew() -> None:
    """A run that asked something else under the same id is no evidence for what is asked now."""
    of = rubric(part(tone=0.1))
    old = run([0.0] * 30, of, fingerprint="old")
    new = run([1.0] * 30, of, fingerprint="new")
    found = told(of, old, new)["slices.all.min.tone"]
    assert found.observed == (1.0,)


def test_an_axis_that_is_new() -> None:
    """An earlier run that did not grade it is no evidence of it."""
    of = rubric(part(tone=0.1), axes=TONE_AND_FIT)
    old = run_of("old", "2026-11-22T10:00:00Z", of, [result("a", {"fit": 1.0})])
    new = run_of("new", "2026-11-23T10:00:00Z", of, [result("a", {"fit": 1.0, "tone": 0.5})])
    assert told(of, old, new)["slices.all.min.tone"].observed == (0.5,)


def test_cases_of_weight_zero_count_for_nothing() -> None:
    """They are no evidence of a mean that leaves them out."""
    of = rubric(part(tone=0.1))
    cases = [result("heavy", 1.0), result("light", 0.0, weight=0.0), result("more", 1.0)]
    found = told(of, run_of("r", "2026-11-23T10:00:00Z", of, cases))["slices.all.min.tone"]
    assert found.observed == (1.0,)


def test_the_pass_rate_is_by_today_s_marks() -> None:
    """A raised mark is applied to the stored scores."""
    strict = rubric(part(min_pass_rate=0.1), axes={"tone": Axis("tone", "?", pass_mark=0.9)})
    found = told(strict, run([0.8] * 10 + [1.0] * 30, strict))["slices.all.min_pass_rate"]
    assert found.observed == (0.75,)


def test_histories_stand_in_for_runs() -> None:
    """One run whose cases have a past tells of the pass rate in many, one that is young of few."""
    of = rubric(part(min_pass_rate=0.1))
    young = told(of, _with_past(of, 1))["slices.all.min_pass_rate"]
    old = told(of, _with_past(of, 12))["slices.all.min_pass_rate"]
    assert young.why.startswith("1 run of 60 cases: ")
    assert old.why.startswith("12 runs in the history of 60 cases: ")
    assert (old.suggested or 0) > (young.suggested or 0)


def _with_past(of: Rubric, runs: int) -> Run:
    """Sixty cases, of which each tenth fails in every third run."""
    cases = []
    for n in range(60):
        fails = (n % 10 == 0 and (back + n // 10) % 3 == 0 for back in reversed(range(runs)))
        past = tuple((int(not one), 1) for one in fails)
        cases.append(result(f"c{n}", float(past[-1][0]), history=History(past)))
    return run_of("r", "2026-11-23T10:00:00Z", of, cases)


def test_the_drop_that_slices_can_tell() -> None:
    """Half of the slices and axes can tell it from noise; without a second trial none can."""
    of = rubric(part(tone=0.5), regression=Regression(max_drop=None))
    alone = told(of, run(alternating(0), of))["regression.max_drop"]
    assert (alone.change, alone.suggested) == ("none", None)
    assert alone.why == "needs two runs of the same cases, or several trials"
    runs = [run(alternating(n), of) for n in range(4)]
    found = told(of, *runs)["regression.max_drop"]
    assert found.change == "new"
    assert found.suggested is not None
    assert 0.05 < found.suggested < 0.15
    assert found.why.startswith("half of 1 slice and axis can tell ")


@pytest.mark.parametrize(
    ("now", "allowed", "change"),
    [(0.5, False, "stricter"), (0.02, False, "kept"), (0.02, True, "looser")],
)
def test_a_drop_that_is_there(now: float, allowed: bool, change: str) -> None:
    """A wide one gets narrower; one below the noise stays unless it may get wider."""
    of = rubric(part(tone=0.5, max_drop=now), regression=Regression(max_drop=now))
    runs = [run(alternating(n), of) for n in range(4)]
    found = told(of, *runs, allow_lower=allowed)
    assert found["regression.max_drop"].change == change
    assert found["slices.all.max_drop"].change == change


def test_a_drop_is_never_less_than_a_case() -> None:
    """Runs without noise do not make every single case a trend."""
    of = rubric(part(tone=0.5), regression=Regression(max_drop=0.2))
    found = told(of, *(run([1.0] * 20, of) for _ in range(3)))["regression.max_drop"]
    assert found.suggested == 0.05


def test_ceilings_leave_a_quarter() -> None:
    """A quarter above the highest run, with two digits; slices with ceilings get theirs."""
    of = rubric(part(tone=0.1, latency_p95_s=9.0), ceilings=Ceilings(latency_p95_s=2.0))
    runs = [_timed(of, seconds, usd) for seconds, usd in ((3.1, 0.004), (2.9, 0.005))]
    found = told(of, *runs)
    written = {
        key: one.suggested and one.write(one.suggested)
        for key, one in found.items()
        if key.endswith(("latency_p95", "cost_per_session"))
    }
    assert written == {
        "slices.all.latency_p95": "3.9s",
        "ceilings.latency_p95": None,
        "ceilings.cost_per_session": "0.0063",
    }
    assert found["ceilings.latency_p95"].change == "short"
    assert found["ceilings.cost_per_session"].why == "1.25 x the highest of 2 runs"
    assert told(of, *runs, allow_lower=True)["ceilings.latency_p95"].suggested == 3.9


def test_ceilings_of_what_is_not_known() -> None:
    """An unknown quantity bounds nothing, one of 0 neither; a part of it is told to be one."""
    of = rubric(part(tone=0.1), ceilings=Ceilings(cost_per_session_usd=0.08))
    unknown = told(of, _timed(of, None, None))
    assert unknown["ceilings.latency_p95"].why == "unknown in the newest run"
    assert unknown["ceilings.latency_p95"].change == "none"
    assert unknown["ceilings.cost_per_session"].change == "kept"
    free = told(of, _timed(of, 0.001, 0.0))
    assert free["ceilings.cost_per_session"].why == "nothing to bound"
    assert free["ceilings.latency_p95"].suggested == 0.1
    partly = told(of, _timed(of, 1.0, None, known=3))
    assert partly["ceilings.latency_p95"].why.endswith("not all of it known in 1 run")


def _timed(of: Rubric, seconds: float | None, usd: float | None, known: int = 30) -> Run:
    cases = []
    for n in range(30):
        took, cost = (seconds, usd) if n < known else (None, None)
        trial = TrialResult(1, True, {"tone": 1.0}, latency_s=took, cost_usd=cost)
        cases.append(
            CaseResult(
                f"c{n}",
                ("all",),
                True,
                (trial,),
                {"tone": AxisScore(1.0, True)},
                latency_s=took,
                cost_usd=cost,
                bar=CaseBar("normal"),
            )
        )
    return run_of("r", "2026-11-23T10:00:00Z", of, cases)
