"""One value set in a rubric's text, which keeps its comments and its layout."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rubric_action.rubric.edit import entry, with_value, written_key
from rubric_action.rubric.load import load_rubric
from tests.rubric.samples import FULL, SMALL

ORDER = (
    "version",
    "slices",
    "regression",
    "ceilings",
    "select",
    "min",
    "min_pass_rate",
    "owner",
    "tone",
    "policy",
)
BLOCK = """\
version: 1  # the first
slices:
  head:  # what everybody asks
    select: {tags: [head]}
    min:
      tone: 0.80   # was 0.7
      # more to come

    owner: |
      mona and
      the others
  tail: {select: all, min: {tone: 0.5,}}  # rare
  deep:
    select:
      min_turns: 4
      # deep enough

# how falls are judged
ceilings: {}
"""


def lines_of(path: str, written: str, text: str = BLOCK) -> list[str]:
    """The lines that a new value changes or adds."""
    edited = with_value(text, path.split("."), written, ORDER)
    assert edited is not None
    before = text.splitlines()
    return [line for line in edited.splitlines() if line not in before]


@pytest.mark.parametrize(
    ("path", "written", "lines"),
    [
        ("version", "2", ["version: 2  # the first"]),
        ("slices.head.min.tone", "0.9", ["      tone: 0.9    # was 0.7"]),
        ("slices.head.min.tone", "0.123456", ["      tone: 0.123456 # was 0.7"]),
        ("slices.head.min.policy", "0.7", ["      policy: 0.7"]),
        ("slices.head.min_pass_rate", "0.7", ["    min_pass_rate: 0.7"]),
        (
            "slices.tail.min.policy",
            "0.7",
            ["  tail: {select: all, min: {tone: 0.5, policy: 0.7,}}  # rare"],
        ),
        (
            "slices.tail.min_pass_rate",
            "0.7",
            ["  tail: {select: all, min: {tone: 0.5,}, min_pass_rate: 0.7}  # rare"],
        ),
        ("slices.deep.min.tone", "0.7", ["    min: {tone: 0.7}"]),
        ("slices.deep.min.on", "0.7", ['    min: {"on": 0.7}']),
        ("regression.max_drop", "0.03", ["regression: {max_drop: 0.03}"]),
        ("ceilings.latency_p95", "4s", ["ceilings: {latency_p95: 4s}"]),
    ],
)
def test_a_value_in_its_place(path: str, written: str, lines: list[str]) -> None:
    """It replaces the one there was, or stands beside its neighbours in their style."""
    assert lines_of(path, written) == lines


def test_a_section_comes_where_it_belongs() -> None:
    """After the last one that goes before it, and before the comment of the next."""
    edited = with_value(BLOCK, ("regression", "max_drop"), "0.03", ORDER) or ""
    at = edited.splitlines().index("regression: {max_drop: 0.03}")
    assert edited.splitlines()[at - 1] == "      min_turns: 4"


def test_a_key_comes_in_order() -> None:
    """A minimum before the owner, a pass rate behind the minimum."""
    edited = with_value(BLOCK, ("slices", "head", "min_pass_rate"), "0.7", ORDER) or ""
    keys = [line.strip().partition(":")[0] for line in edited.splitlines()]
    assert keys.index("min_pass_rate") == keys.index("owner") - 3


@pytest.mark.parametrize(
    "path", [("slices", "head", "select"), ("version", "min"), ("slices", "tail", "select", "a")]
)
def test_what_cannot_take_a_value(path: Sequence[str]) -> None:
    """A mapping is not overwritten by a number, and a number holds no keys."""
    assert with_value(BLOCK, path, "0.9", ORDER) is None


@pytest.mark.parametrize("text", ["? a\n: b: 1\n", "a: b\nc: |+\n  kept\n\n"])
def test_what_cannot_be_done_safely(text: str) -> None:
    """A layout that would come out as something else is left alone."""
    assert with_value(text, ("d",), "0.9", ("a", "c", "d")) is None


def test_a_value_that_is_no_scalar() -> None:
    """What would break the file is not written."""
    assert with_value(BLOCK, ("version",), "{", ORDER) is None


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ('{"version": 1}', '{"version": 1, slices: {head: 1}}'),
        ("version: 1", "version: 1\nslices: {head: 1}"),
        ("version: 1\r\n# end\r\n", "version: 1\r\nslices: {head: 1}\r\n# end\r\n"),
        ("\ufeffversion: 1\n", "\ufeffversion: 1\nslices: {head: 1}\n"),
    ],
)
def test_files_of_all_kinds(text: str, after: str) -> None:
    """JSON, no line end, a Windows one, a byte order mark: they stay as they are."""
    assert with_value(text, ("slices", "head"), "1", ORDER) == after


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([FULL, SMALL]),
    st.sampled_from(
        [
            (("slices", "head", "min", "tone"), "minimums"),
            (("slices", "head", "min_pass_rate"), "min_pass_rate"),
            (("regression", "max_drop"), "max_drop"),
        ]
    ),
    st.integers(0, 100),
)
def test_the_rubric_says_that_and_nothing_else(
    text: str, where: tuple[tuple[str, ...], str], percent: int
) -> None:
    """Only the one bar differs in the rubric that comes out."""
    path, field = where
    if path[-1] == "tone" and text is FULL:
        path = (*path[:-1], "policy")
    value = percent / 100
    edited = with_value(text, path, f"{value:g}", ORDER)
    assert edited is not None
    after = load_rubric(edited, "eval/rubric.yaml")
    section = after.slices["head"] if path[0] == "slices" else after.regression
    found = getattr(section, field)
    assert (found[path[-1]] if isinstance(found, dict) else found) == value


@pytest.mark.parametrize(
    ("name", "written"),
    [("tone", "tone"), ("on", '"on"'), ("12", '"12"'), ("0x1", '"0x1"'), ("null", '"null"')],
)
def test_names_that_yaml_takes_for_something_else(name: str, written: str) -> None:
    """They are written in quotes."""
    assert written_key(name) == written


def test_an_entry_on_one_line() -> None:
    """Nested keys as a flow mapping."""
    assert entry(("min", "tone"), "0.9") == "min: {tone: 0.9}"
