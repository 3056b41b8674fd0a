from typing import get_args

import pytest

from rubric_action.grading.endpoint import KEY_VARIABLE, PROVIDER_KEYS
from rubric_action.grading.preflight import check_judge
from rubric_action.grading.providers import provider_for
from rubric_action.grading.providers.azure import API_VERSION
from rubric_action.rubric.load import load_rubric
from rubric_action.rubric.model import Provider
from tests.docs.pages import ROOT, between, fences, read, rows

PAGE = ROOT / "docs" / "judges.md"
REST = """
version: 1
cases: cases.jsonl
agent: {outputs: sessions.jsonl}
axes: {tone: {ask: Is it polite?}}
slices: {all: {select: all, min: {tone: 0.5}}}
"""
EXAMPLES = [fence.text for fence in fences(PAGE) if fence.language == "yaml"]


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_is_a_judge(example: str) -> None:
    """Each block of the page can be copied into a rubric and may start."""
    rubric = load_rubric(REST + example, "rubric.yaml")
    assert rubric.judge is not None
    check_judge(rubric, keys=["key"] * len(rubric.judge.models))


def test_every_provider_has_its_row() -> None:
    """With the address and the variable that it has by default, and no other."""
    table = rows(between(PAGE, "providers", "/providers"))
    told = {row[0].strip("`"): (row[3], row[4].strip("`")) for row in table}
    assert set(told) == set(get_args(Provider))
    for name, (address, variable) in told.items():
        own = None if name == "lexical" else provider_for(name).default_base_url
        assert address == f"`{own}`" if own else address.startswith("none")
        assert variable == PROVIDER_KEYS.get(name, "none")


def test_the_page_names_what_the_code_does() -> None:
    """The version that is added to an address, and the variable for any judge."""
    assert f"`{API_VERSION}`" in read(PAGE)
    assert f"`{KEY_VARIABLE}`" in read(PAGE)
