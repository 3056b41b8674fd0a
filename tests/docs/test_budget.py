from rubric_action.grading.estimate import text_tokens
from rubric_action.report.plan import Plan, Sessions, as_json
from tests.docs.pages import ROOT, read, rows

BUDGET = ROOT / "docs" / "budget.md"


def section(begin: str, end: str) -> str:
    """The part of the page between two marks."""
    return read(BUDGET).partition(begin)[2].partition(end)[0]


def test_the_fields_of_a_plan() -> None:
    """Each field of the JSON has its row, in its order."""
    table = section("<!-- fields of a plan -->", "<!-- end of fields -->")
    told = [name.strip("`") for row in rows(table) for name in row[0].split(", ")]
    assert told == list(as_json(Plan(0, Sessions())))


def test_the_characters_of_a_token() -> None:
    """The table tells what the estimate counts by."""
    samples = ("a", "1", "{", "é", "ж", "λ", "क", "한", "中")
    table = rows(section("## How tokens are estimated", "## The limit"))
    for (_, told), sample in zip(table, samples, strict=True):
        assert abs(1 / text_tokens(sample) - float(told)) <= 0.051, sample
