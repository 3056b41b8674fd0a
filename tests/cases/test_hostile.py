"""Any bytes at all, and any JSON at all, end in values or in problems with a place."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rubric_action.cases.fingerprint import case_bar, fingerprint
from rubric_action.cases.jsonl import SHOWN_PROBLEMS, Problems, parse_object, read_rows
from rubric_action.cases.model import Case
from rubric_action.cases.record import CASE, read_case
from rubric_action.errors import Place
from rubric_action.rubric.problems import Found

PLACE = Place("cases.jsonl", 7)
QUICK = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
CASE_KEYS = st.sampled_from([key.name for key in CASE.keys])


@QUICK
@given(st.lists(st.binary(max_size=40) | JSON.map(lambda value: json.dumps(value).encode())))
def test_every_line_is_a_row_or_a_problem(tmp_path: Path, lines: list[bytes]) -> None:
    """No line is skipped, counted twice, or able to raise anything."""
    path = tmp_path / "a"
    path.write_bytes(b"\n".join(lines))
    written = [line for line in path.read_bytes().split(b"\n") if line and not line.isspace()]
    problems = Problems()
    rows = list(read_rows(path, "a", "things", problems))
    assert len(rows) + len(problems.shown) + problems.more >= len(written) - 1
    assert len(rows) + len(problems.shown) + problems.more <= len(written)
    assert len(problems.shown) <= SHOWN_PROBLEMS


@QUICK
@given(st.dictionaries(CASE_KEYS | st.text(), JSON, max_size=6))
def test_any_object_is_a_case_or_has_problems(value: dict[str, object]) -> None:
    """A case that is read can be digested; one that is not says why, with its place."""
    found = Found(lambda _: PLACE)
    case = read_case(value, found, PLACE)
    if case is None:
        assert found.problems
        assert {problem.place for problem in found.problems} == {PLACE}
        assert all(problem.what and problem.mend for problem in found.problems)
    else:
        assert isinstance(case, Case)
        assert not found.problems
        assert fingerprint(case).startswith("sha256:")
        assert case_bar(case).lost_rules(case_bar(case)) == ()


@pytest.mark.parametrize(
    "text", ["{{ 7 * 7 }}", "{% raw %}", "${{ secrets.KEY }}", "$(id)", "<!--"]
)
def test_template_and_shell_syntax_is_only_text(text: str) -> None:
    """What stands in a case is data, wherever it stands."""
    written = {
        "id": text,
        "input": text,
        "expected": text,
        "facts": [text],
        "metadata": {"k": text},
    }
    found = Found(lambda _: PLACE)
    case = read_case(parse_object(json.dumps(written).encode(), PLACE), found, PLACE)
    assert case is not None
    assert (case.id, case.turns[0].user, case.expected) == (text, text, text)
    assert (case.facts, case.metadata) == ((text,), {"k": text})
