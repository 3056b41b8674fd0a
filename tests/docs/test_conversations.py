import json

import pytest

from rubric_action.cases.model import SimulatedUser
from rubric_action.cases.record import CASE, MOST_TURNS
from rubric_action.grading.lines import MOST_HEARD_CHARS, MOST_SAID_CHARS
from rubric_action.rubric.record import Record
from tests.docs.conftest import rubric_action
from tests.docs.pages import ROOT, between, marked, read, rows
from tests.grading.injections import INJECTIONS

PAGE = ROOT / "docs" / "conversations.md"
EXAMPLE = ROOT / "examples" / "conversations"


def test_the_rubric_is_the_example_s() -> None:
    """The page shows the file as it is."""
    assert marked(PAGE, "examples/conversations/axes.yaml") == read(EXAMPLE / "axes.yaml")


@pytest.mark.parametrize("kind", ["scripted", "simulated"])
def test_a_case_is_one_of_the_example_s(kind: str) -> None:
    """So is each case."""
    assert marked(PAGE, f"a {kind} case") in read(EXAMPLE / "cases.jsonl")


def test_the_example_is_valid() -> None:
    """Rubric and cases are read without a mistake and without a warning."""
    done = rubric_action("validate", "--root", EXAMPLE, "--rubric", "axes.yaml")
    assert (done.returncode, done.stderr) == (0, "")


def test_the_example_has_cases_of_both_kinds_for_every_axis() -> None:
    """Every axis has a script or a simulated user that can show its failure."""
    cases = [json.loads(line) for line in read(EXAMPLE / "cases.jsonl").splitlines()]
    assert {"turns" in case for case in cases} == {True, False}
    assert {tag for case in cases for tag in case["tags"]} == {
        "drift",
        "summary",
        "tool-state",
        "persona",
    }


def test_the_keys_of_a_simulated_user_are_those_that_are_read() -> None:
    """Each key stands in the table, with its default, and no other does."""
    [user] = [key.decoder for key in CASE.keys if key.name == "user"]
    assert isinstance(user, Record)
    plain = SimulatedUser("p", "g")
    told = {
        row[0].strip("`"): row[1:3] for row in rows(between(PAGE, "keys of user", "end of keys"))
    }
    assert set(told) == {key.name for key in user.keys}
    for key in user.keys:
        takes, default = told[key.name]
        assert takes == key.decoder.expected
        if key.required:
            assert default == "required"
        else:
            value = str(getattr(plain, key.name))
            assert default.strip("`").lower() == value.rstrip(".").lower()


def test_the_limits_are_those_that_hold() -> None:
    """What the page says in figures is what the code does."""
    page = " ".join(read(PAGE).split())
    assert f"from 1 to {MOST_TURNS}" in page
    assert f"at most {MOST_HEARD_CHARS:,} characters of each answer" in page
    assert f"at most {MOST_SAID_CHARS:,} characters" in page
    assert "more than 60 texts" in page
    assert len(INJECTIONS) > 60
