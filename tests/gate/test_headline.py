from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rubric_action.errors import Place
from rubric_action.gate.evidence import Policy, Stopped
from rubric_action.gate.headline import MANY, ORDER, headline, next_step
from rubric_action.gate.model import Finding, Kind, NoBaseline, Severity, Verdict
from rubric_action.gate.wording import LONGEST_SENTENCE, apart, clip
from tests.gate.builders import NO_BASELINE, baseline, evidence, override, result

COMPARED = evidence(result(), before=baseline(result()))
ERRORS = ("missing", "ungraded", "baseline", "judge-unreliable")
PLACE = Place("eval/cases.jsonl", 14)


def finding(kind: Kind, number: int = 0, **fields: Any) -> Finding:
    """A finding of this kind as the gate makes it, with names that differ by number."""
    usual: Severity = "error" if kind in ERRORS else "fail"
    case = {"case": f"case-{number}", "place": PLACE}
    tone = {"slice": f"slice-{number}", "axis": "tone"}
    named: dict[Kind, dict[str, Any]] = {
        "missing": case,
        "ungraded": case,
        "hard-gate": {**case, "slice": "crit"},
        "regression": case,
        "freshness": case,
        "case-removed": {"case": f"case-{number}"},
        "threshold": tone,
        "drop": tone,
        "judge-unreliable": {"axis": f"axis-{number}"},
        "bar-lowered": {"key": f"slices.head.min.axis-{number}"},
        "latency": {"slice": f"slice-{number}"},
        "cost": {"slice": f"slice-{number}"},
    }
    sentence = f"`slices.head.min.axis-{number}` goes from 0.90 to 0.80"
    told = {"severity": usual, "sentence": sentence, **named.get(kind, {}), **fields}
    return Finding(kind, **told)


def said(*findings: Finding) -> tuple[str, str]:
    """Headline and next step of a run with these findings."""
    errors = any(one.severity == "error" for one in findings)
    verdict: Verdict = "error" if errors else "fail"
    return headline(verdict, findings, COMPARED), next_step(verdict, findings, COMPARED)


@pytest.mark.parametrize(
    ("kind", "first", "then"),
    [
        ("missing", "No verdict: `case-0` has no session",
         "See why the agent gave no answer to `case-0` (`eval/cases.jsonl:14`), then run again."),
        ("ungraded", "No verdict: `case-0` could not be graded",
         "See why `case-0` (`eval/cases.jsonl:14`) could not be graded, then run again."),
        ("judge-unreliable", "No verdict: the judge disagrees with people",
         "Calibrate the judge before its grades decide anything."),
        ("hard-gate", "Not ready to ship: `case-0` fails in the hard slice `crit`",
         "Fix `case-0` (`eval/cases.jsonl:14`) first: every case of a hard slice has to pass."),
        ("regression", "Not ready to ship: `case-0` used to pass and fails now",
         "Fix `case-0` (`eval/cases.jsonl:14`) first: it used to pass."),
        ("case-removed", "Not ready to ship: `case-0` counts and is gone",
         "Put `case-0` back into the cases."),
        ("bar-lowered",
         "Not ready to ship: the bar is lowered: `slices.head.min.axis-0` goes from 0.90 to 0.80",
         "Put `slices.head.min.axis-0` back as it was, or move the bar in a change of its own."),
        ("threshold", "Not ready to ship: `slice-0` is below its minimum on `tone`",
         "Look at the lowest cases of slice `slice-0` first."),
        ("drop", "Not ready to ship: `slice-0` fell on `tone`",
         "Look at the cases that fell most of slice `slice-0` first."),
        ("freshness", "Not ready to ship: `case-0` leans on what is out of date",
         "Refresh what `case-0` (`eval/cases.jsonl:14`) leans on, or check that it still holds."),
        ("latency", "Not ready to ship: latency is over its ceiling in `slice-0`",
         "Look at the slowest sessions of slice `slice-0` first."),
        ("cost", "Not ready to ship: cost is over its ceiling in `slice-0`",
         "Look at the dearest sessions of slice `slice-0` first."),
    ],
)  # fmt: skip
def test_each_kind_has_a_headline_and_a_next_step(kind: Kind, first: str, then: str) -> None:
    """One finding is told by its names."""
    assert said(finding(kind)) == (first, then)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("missing", "3 cases have no session"),
        ("ungraded", "3 cases could not be graded"),
        ("judge-unreliable", "the judge disagrees with people on 3 axes"),
        ("hard-gate", "3 cases of a hard slice fail"),
        ("regression", "3 cases that used to pass fail now"),
        ("case-removed", "3 cases that count are gone"),
        ("bar-lowered", "the bar is lowered in 3 places"),
        ("threshold", "3 minimums are not met"),
        ("drop", "3 scores fell by more than allowed"),
        ("freshness", "3 cases lean on what is out of date"),
        ("latency", "latency is over 3 ceilings"),
        ("cost", "cost is over 3 ceilings"),
    ],
)
def test_several_of_a_kind_are_counted(kind: Kind, reason: str) -> None:
    """Many findings of a kind are one reason with their number."""
    first, _ = said(*(finding(kind, number) for number in range(3)))
    assert first.endswith(f": {reason}")


def test_the_two_weightiest_reasons_are_told() -> None:
    """Hard failures come before averages; what is left out is counted."""
    kinds: tuple[Kind, ...] = ("drop", "threshold", "case-removed", "hard-gate")
    first, then = said(*(finding(kind) for kind in kinds))
    assert first == (
        "Not ready to ship: `case-0` fails in the hard slice `crit` and `case-0` counts and is "
        "gone, and 2 more kinds of finding"
    )
    assert then.startswith("Fix `case-0`")
    assert said(finding("threshold"), finding("drop"), finding("cost"))[0].endswith(
        ", and 1 more kind of finding"
    )


def test_a_case_is_not_counted_twice() -> None:
    """A hard failure that is a regression too is told once, in two hard slices as well."""
    twice = [finding("hard-gate"), finding("hard-gate", slice="other"), finding("regression")]
    assert said(*twice)[0] == "Not ready to ship: `case-0` fails in the hard slice `crit`"


def test_errors_speak_before_failures() -> None:
    """Where the run decided nothing its failures are not the news."""
    first, then = said(finding("hard-gate"), finding("missing"))
    assert first == "No verdict: `case-0` has no session"
    assert then.startswith("See why the agent gave no answer to `case-0`")


def test_what_was_signed_for_is_not_the_news() -> None:
    """Of a failure with an override that does not cover it all, the rest is told."""
    first, then = said(finding("hard-gate", overridden=True), finding("threshold"))
    assert first == "Not ready to ship: `slice-0` is below its minimum on `tone`"
    assert then == "Look at the lowest cases of slice `slice-0` first."


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("threshold", "`slice-0` passes too few cases"), ("drop", "`slice-0` passes fewer cases")],
)
def test_a_pass_rate_is_told_as_one(kind: Kind, reason: str) -> None:
    """A finding without an axis is about how many cases pass."""
    assert said(finding(kind, axis=None))[0] == f"Not ready to ship: {reason}"


def test_a_case_that_is_made_easier_lowers_the_bar() -> None:
    """It is told by the case, not by a key."""
    assert said(finding("bar-lowered", case="a", key=None)) == (
        "Not ready to ship: `a` is held to less than before",
        "Put `a` back as it was, or move the bar in a change of its own.",
    )


@pytest.mark.parametrize(
    ("stopped", "first", "then"),
    [
        (
            Stopped("The judge refused the key (HTTP 401).", "Set RUBRIC_JUDGE_API_KEY."),
            "No verdict: The judge refused the key (HTTP 401)",
            "Set RUBRIC_JUDGE_API_KEY.",
        ),
        (
            Stopped("The agent died."),
            "No verdict: The agent died",
            "Run again: what was paid for is kept.",
        ),
    ],
)
def test_a_run_cut_short_tells_cause_and_mend(stopped: Stopped, first: str, then: str) -> None:
    """The cause is the headline, what to do about it the next step."""
    cut = evidence(result(), stopped=stopped)
    findings = [Finding("ungraded", "error", stopped.cause), finding("missing")]
    assert headline("error", findings, cut) == first
    assert next_step("error", findings, cut) == then


def test_a_required_baseline_is_asked_for() -> None:
    """The reason why there is none is in the headline."""
    none = NoBaseline("no baseline yet", required=True)
    sentence = "a baseline is required: no baseline yet"
    findings = [Finding("baseline", "error", sentence)]
    wanting = evidence(result(), before=none)
    assert headline("error", findings, wanting) == f"No verdict: {sentence}"
    assert next_step("error", findings, wanting).startswith("Run the gate on the default branch")


def test_no_case_at_all_points_at_the_rubric() -> None:
    """There is no case to look at, so the globs are."""
    findings = [Finding("ungraded", "error", "there is no case to decide on")]
    assert headline("error", findings, COMPARED) == "No verdict: there is no case to decide on"
    assert next_step("error", findings, COMPARED).startswith("Check that the rubric's `cases`")


@pytest.mark.parametrize(
    ("warnings", "first", "then"),
    [
        (0, "Ready to ship: 1 case graded, every bar holds", "Nothing to do."),
        (1, "Ready to ship: 1 case graded, nothing blocks, 1 warning to read",
         "Nothing has to be done; read the warnings before merging."),
        (2, "Ready to ship: 1 case graded, nothing blocks, 2 warnings to read",
         "Nothing has to be done; read the warnings before merging."),
    ],
)  # fmt: skip
def test_a_pass_claims_no_more_than_it_may(warnings: int, first: str, then: str) -> None:
    """With warnings not every bar holds."""
    findings = [finding("threshold", severity="warn") for _ in range(warnings)]
    assert headline("pass", findings, COMPARED) == first
    assert next_step("pass", findings, COMPARED) == then


def test_a_pass_with_kinds_turned_off_does_not_claim_that_every_bar_holds() -> None:
    """What was not counted is not said to hold."""
    off = evidence(result(), before=baseline(result()), policy=Policy({"drop": "off"}))
    assert headline("pass", [], off) == "Ready to ship: 1 case graded, nothing that counts fails"


def test_a_pass_without_a_baseline_says_that_nothing_was_compared() -> None:
    """The first run is not mistaken for a comparison."""
    assert "no baseline" in next_step("pass", [], evidence(result(), before=NO_BASELINE))


NAMES = st.text(min_size=1, max_size=400)


@settings(deadline=None)
@given(st.permutations(ORDER), NAMES, NAMES, NAMES)
@example(ORDER, "c" * 4000, "s" * 4000, "a" * 4000)
@example(ORDER, "line\nbreak\r\n", "`", "x")
def test_both_stay_one_short_line_whatever_the_names(
    kinds: list[Kind], case: str, slice_: str, axis: str
) -> None:
    """However long ids, slices, axes, keys, paths and labels are, both fit in a status line."""
    names: dict[str, Any] = {"slice": slice_, "axis": axis, "key": f"slices.{slice_}.min.{axis}"}
    place = Place(case, 3)
    policy = Policy({}, override(*kinds, label=slice_))
    for count in (1, 2, len(kinds)):
        fails = [
            Finding(kind, "fail", case, case=named, place=place, overridable=True, **names)
            for kind in kinds[:count]
            for named in [None if kind == "bar-lowered" else case]
            if kind not in ERRORS
        ] or [Finding("cost", "fail", case, **names)]
        wordy = evidence(result(), policy=policy)
        for text in (headline("fail", fails, wordy), next_step("fail", fails, wordy)):
            assert 0 < len(text) <= LONGEST_SENTENCE
            assert len(text.splitlines()) == 1


@pytest.mark.parametrize("kind", ORDER)
def test_ten_thousand_findings_are_no_trouble(kind: Kind) -> None:
    """The number is told, the names are not."""
    findings = [finding(kind, number) for number in range(10_000)]
    first, then = said(*findings)
    assert MANY[kind].format(n=10_000) in first or kind == "baseline"
    assert max(len(first), len(then)) <= LONGEST_SENTENCE


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        ("short", 5, "short"),
        ("a b\n c", 60, "a b c"),
        ("refunds/2026/customer-017", 16, "refunds/20…r-017"),
        ("x" * 500, 14, "xxxxxxxxx…xxxx"),
    ],
)
def test_a_long_name_loses_its_middle(text: str, most: int, expected: str) -> None:
    """Both ends tell names apart."""
    assert clip(text, most) == expected


@pytest.mark.parametrize(
    ("value", "bar", "expected"),
    [(0.7, 0.92, "0.700"), (0.92, 0.92, "0.92"), (0.91999, 0.92, "0.91999"), (0.9, 0.5, "0.900")],
)
def test_a_value_is_told_apart_from_its_bar(value: float, bar: float, expected: str) -> None:
    """As many decimals as it takes, and no more."""
    assert apart(value, bar) == expected
