"""Results that take little room are the results that were put in."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from rubric_action.gate.model import CaseResult, History, TrialResult
from rubric_action.report.packed import HELD_WHOLE, PackedCases, PackedResults
from tests.report.test_records import CASES

A_CASE = CaseResult("a", ("head",), True, (TrialResult(1, True),))
B_CASE = replace(A_CASE, id="b", passed=False)


@settings(max_examples=20, deadline=None)
@given(st.lists(CASES, max_size=4))
def test_every_field_comes_back(cases: list[CaseResult]) -> None:
    """By position and by id, whatever stands in the fields, held whole or packed."""
    few = [replace(A_CASE, id=f"first-{n}") for n in range(HELD_WHOLE)]
    for before in ([], few):
        results = PackedResults(len(before) + len(cases))
        for position, case in enumerate([*before, *cases]):
            results.put(position, case)
        first = len(before)
        assert list(results)[first:] == cases
        assert [results.at(first + number) for number in range(len(cases))] == cases
        by_id = {case.id: case for case in cases}
        packed = PackedCases([*before, *cases])
        assert {name: packed[name] for name in by_id} == by_id
        assert list(packed)[first:] == list(by_id)


def test_a_long_history_with_large_numbers_comes_back() -> None:
    """Counts above a byte are kept, as a stored file may hold them."""
    for runs in (((255, 255),), ((10**12, 10**15), (0, 1))):
        case = replace(A_CASE, history=History(runs, committed=True))
        few = (replace(A_CASE, id=f"first-{n}") for n in range(HELD_WHOLE))
        assert PackedCases([*few, case])["a"] == case


def test_what_is_not_there_yet_is_left_out() -> None:
    """A run that was cut short has results for some of its cases."""
    results = PackedResults(3)
    assert not results
    results.put(2, B_CASE)
    results.put(0, A_CASE)
    assert (len(results), results[1], results[:1]) == (2, B_CASE, (A_CASE,))
    assert results.at(1) is None
    assert list(results) == [A_CASE, B_CASE]


def test_cases_are_a_mapping() -> None:
    """As many as there are ids, each to be asked for; the last of an id counts."""
    cases = PackedCases([A_CASE, B_CASE, replace(A_CASE, passed=None)])
    assert len(cases) == 2
    assert "b" in cases
    assert "c" not in cases
    assert cases["a"].passed is None
    assert cases.get("c") is None
