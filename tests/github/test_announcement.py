import json
from collections.abc import Mapping

import pytest

from rubric_action.errors import (
    CannotDecide,
    InputError,
    Interrupted,
    Place,
    Problem,
    RubricActionError,
)
from rubric_action.gate.model import Finding, Verdict
from rubric_action.gate.override.model import Override
from rubric_action.github.announcement import MOST_PROBLEMS, of_error, of_report
from tests.github.reports import report_of
from tests.report.hostile import HOSTILE
from tests.report.rendered import UNSEEN, render
from tests.report.states import granted, refused, report_with

PROBLEM = Problem(Place("eval/rubric.yaml", 3, 5), "expected a number", "Write 0.8.", "axes.tone")


@pytest.mark.parametrize(
    ("verdict", "green"), [("pass", True), ("overridden", True), ("fail", False), ("error", False)]
)
def test_only_what_may_ship_is_green(verdict: Verdict, green: bool) -> None:
    """The output `passed` and the announcement agree."""
    made = of_report(report_of(verdict=verdict), "rubric-results")
    assert made.green is green
    assert made.outputs["passed"] == str(green).lower()
    assert made.outputs["verdict"] == verdict


def test_the_outputs_of_a_run() -> None:
    """Numbers are plain, findings are JSON as in summary.json."""
    findings = [Finding("regression", "fail", "It broke", case="a"), Finding("drop", "fail", "x")]
    report = report_of(findings, judge_calls=37, judge_cost_usd=0.02)
    outputs = of_report(report, "rubric-results").outputs
    assert outputs["regressions"] == "1"
    assert (outputs["judge-calls"], outputs["judge-cost-usd"]) == ("37", "0.020000")
    assert [one["kind"] for one in json.loads(outputs["findings"])] == ["regression", "drop"]
    assert outputs["results"] == "rubric-results"


def test_an_unknown_cost_is_empty_and_not_zero() -> None:
    """Nobody adds up what is not known."""
    assert of_report(report_of(judge_cost_usd=None), "r").outputs["judge-cost-usd"] == ""


def test_a_run_and_an_error_have_the_same_outputs() -> None:
    """A later step may read each of them whatever happened."""
    names = of_report(report_of(), "r").outputs.keys()
    assert of_error(InputError(PROBLEM)).outputs.keys() == names


@pytest.mark.parametrize(
    ("error", "headline"),
    [
        (InputError(PROBLEM), "No verdict: the input has a mistake, `eval/rubric.yaml:3:5` first"),
        (InputError(PROBLEM, PROBLEM), "No verdict: the input has 2 mistakes"),
        (CannotDecide("GitHub is down.", "Wait."), "No verdict: GitHub is down."),
        (Interrupted("The run was interrupted."), "No verdict: The run was interrupted."),
    ],
)
def test_an_error_is_never_green(error: RubricActionError, headline: str) -> None:
    """It says in one sentence that there is no verdict, and why."""
    made = of_error(error)
    assert made.headline.startswith(headline)
    assert not made.green
    assert made.outputs["verdict"] == "error"


def test_the_comment_of_an_error_names_every_mistake() -> None:
    """Place, key, what is wrong and the mend, each on its line."""
    text = of_error(InputError(PROBLEM, PROBLEM)).markdown(60_000)
    assert text.count("- <code>eval/rubric.yaml:3:5</code> <code>axes.tone</code>") == 2
    assert text.count("expected a number") == 2
    assert "**Do next:**" in text


def test_many_mistakes_are_counted() -> None:
    """The comment lists so many; the rest is in the log."""
    text = of_error(InputError(*[PROBLEM] * (MOST_PROBLEMS + 7))).markdown(60_000)
    assert "and 7 more" in text


@pytest.mark.parametrize("room", [60_000, 5_000, 400])
def test_the_comment_of_an_error_fits(room: int) -> None:
    """It is cut between lines, and the verdict stays."""
    error = InputError(*[Problem(Place("x" * 3_000), "<" * 9_000, "&" * 9_000)] * 60)
    text = of_error(error).markdown(room)
    assert len(text) <= room


@pytest.mark.parametrize("hostile", [*HOSTILE.values()], ids=[*HOSTILE])
def test_what_an_error_quotes_is_inert(hostile: str) -> None:
    """A rubric's text in an error message is as foreign as an answer."""
    place = Place("eval/rubric.yaml", 1)
    problems = [
        Problem(place, f"found the text {hostile}", f"Write `{hostile}`.", hostile),
        Problem(Place(hostile), hostile, hostile, hostile),
    ]
    for error in (InputError(*problems), CannotDecide(hostile, hostile)):
        shown = render(of_error(error).markdown(60_000))
        assert shown.tags <= {"h2", "p", "strong", "ul", "li", "code", "span"}
        assert shown.shape.count(("h2", ())) == 1
        assert shown.found() == {}
        assert not UNSEEN.search(shown.text)


def test_an_override_is_told_by_the_status_and_the_outputs() -> None:
    """Who signed, and why, is the durable word on an overridden head."""
    report = report_with(granted("the hours hold from Monday"))
    made = of_report(report, "r")
    assert made.headline == "overridden by @mona: the hours hold from Monday"
    assert made.outputs["overridden-by"] == "mona"
    assert (made.outputs["verdict"], made.outputs["passed"]) == ("overridden", "true")
    assert [one["overridden"] for one in json.loads(made.outputs["findings"])] == [True, True]


@pytest.mark.parametrize("override", [None, refused()])
def test_without_a_signature_nobody_overrode(override: Override | None) -> None:
    """A request that was refused leaves status and outputs as they were measured."""
    made = of_report(report_with(override), "r")
    assert made.headline == "Measured as fail"
    assert made.outputs["overridden-by"] == ""
    assert made.outputs["passed"] == "false"


def test_the_report_is_printed_within_the_room() -> None:
    """The same report serves the comment and the larger summary."""
    findings = [Finding("threshold", "fail", f"Finding {n} " + "x" * 400) for n in range(900)]
    made = of_report(report_of(findings), "r")
    sizes: Mapping[int, int] = {room: len(made.markdown(room)) for room in (64_000, 4_000)}
    assert all(size <= room for room, size in sizes.items())
    assert "The headline of a fail" in made.markdown(4_000)
