import pytest

from rubric_action.errors import GitHubFailed, InputError, Place, Problem
from rubric_action.gate.model import Finding, Kind, Severity
from rubric_action.github.annotations import MOST_SENTENCES, of_error, of_report
from tests.github.reports import report_of

CASE = Place("eval/cases.jsonl", 3, 1)
BAR_KEY = "slices.head.min_pass_rate"


def finding(
    kind: Kind = "hard-gate",
    severity: Severity = "fail",
    sentence: str = "It fails",
    place: Place | None = CASE,
    key: str | None = None,
    *,
    overridden: bool = False,
) -> Finding:
    """A finding at a case's line."""
    return Finding(kind, severity, sentence, place=place, key=key, overridden=overridden)


def test_a_finding_stands_at_the_case_and_at_the_bar() -> None:
    """The failing case's line and the rubric's line that it broke are both annotated."""
    made = of_report(report_of([finding(key=BAR_KEY)]))
    places = [str(one.place) for one in made]
    assert places[0] == "eval/cases.jsonl:3:1"
    assert places[1].startswith("eval/rubric.yaml:")


def test_findings_of_one_line_are_one_annotation() -> None:
    """Ten thousand cases under one bar make one annotation at the bar, which counts them."""
    many = [
        finding(sentence=f"Case {n} fails", place=Place("c.jsonl", n, 1), key=BAR_KEY)
        for n in range(1, 101)
    ]
    made = of_report(report_of(many))
    (bar,) = [one for one in made if one.place and one.place.file == "eval/rubric.yaml"]
    assert len(made) == 101
    assert bar.message.startswith("Case 1 fails\nCase 2 fails")
    assert f"... and {100 - MOST_SENTENCES} more." in bar.message


@pytest.mark.parametrize(
    ("severity", "overridden", "level"),
    [
        ("fail", False, "error"),
        ("error", False, "error"),
        ("warn", False, "warning"),
        ("fail", True, "warning"),
    ],
)
def test_the_level_is_what_the_finding_comes_to(
    severity: Severity, overridden: bool, level: str
) -> None:
    """What does not block is a warning."""
    (made,) = of_report(report_of([finding(severity=severity, overridden=overridden)]))
    assert made.level == level


def test_errors_stand_before_warnings() -> None:
    """The limit cuts what matters least."""
    made = of_report(report_of([finding(severity="warn"), finding(place=Place("b.jsonl", 1))]))
    assert [one.level for one in made] == ["error", "warning"]


def test_the_title_names_the_kinds() -> None:
    """Each kind once, in the order of the findings."""
    two = [finding("hard-gate"), finding("regression"), finding("hard-gate")]
    (made,) = of_report(report_of(two))
    assert made.title == "hard-gate, regression"


def test_the_title_says_what_was_signed_for() -> None:
    """A reader of the file sees that somebody answers for it."""
    (made,) = of_report(report_of([finding("threshold", overridden=True)]))
    assert (made.level, made.title) == ("warning", "threshold (signed for)")


@pytest.mark.parametrize("place", [None, Place("")])
def test_a_finding_without_a_place_has_no_annotation(place: Place | None) -> None:
    """It stands in the comment, the summary and the log."""
    assert of_report(report_of([finding(place=place)])) == []


def test_each_problem_is_an_annotation() -> None:
    """A rubric with three mistakes has three annotations, at their lines."""
    problems = [Problem(Place("r.yaml", n, 2), "is wrong", "Mend it.", "a.b") for n in (1, 2, 3)]
    made = of_error(InputError(*problems), problems)
    assert [one.place and one.place.line for one in made] == [1, 2, 3]
    assert made[0].message == "`a.b`: is wrong. Mend it."


def test_a_problem_that_no_file_holds_names_its_place_in_words() -> None:
    """An input of the step stands in no file of the checkout."""
    problem = Problem(Place("the step's `with:`"), "is wrong", "Mend it.", "mode")
    (made,) = of_error(InputError(problem), [problem])
    assert made.message.startswith("the step's `with:`: `mode`: is wrong")


def test_an_error_without_problems_is_one_annotation() -> None:
    """Cause and mend stand in one sentence."""
    (made,) = of_error(GitHubFailed("GitHub is down.", "Run it again."), ())
    assert (made.level, made.message) == ("error", "GitHub is down. Run it again.")
