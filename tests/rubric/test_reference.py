import re
from pathlib import Path

from rubric_action.rubric.kinds import OVERRIDABLE, SETTABLE
from rubric_action.rubric.load import load_rubric
from rubric_action.rubric.reference import key_tables, with_tables

REFERENCE = Path(__file__).parents[2] / "docs" / "rubric.md"


def test_the_tables_are_the_declaration_s() -> None:
    """`python -m rubric_action.rubric.reference docs/rubric.md` was run after the last change."""
    text = REFERENCE.read_text(encoding="utf-8")
    assert with_tables(text) == text


def test_every_table_stands_in_the_reference() -> None:
    """No section of the rubric is left out."""
    text = REFERENCE.read_text(encoding="utf-8")
    shown = re.findall(r"<!-- keys of (.+?) -->", text)
    assert sorted(shown) == sorted(key_tables())


def test_every_key_of_a_table_has_a_meaning() -> None:
    """A row names the key, what it takes, its default and what it means."""
    for table in key_tables().values():
        for row in table.splitlines()[2:]:
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]]
            assert len(cells) == 4
            assert all(cells), row


def test_every_kind_of_finding_is_named_with_its_default() -> None:
    """The table of kinds is whole, and says which may be overridden."""
    text = REFERENCE.read_text(encoding="utf-8")
    rows = dict(
        re.findall(r"^\| `([a-z-]+)` \| (?:error|fail) \| (yes|no) \|$", text, re.MULTILINE)
    )
    assert rows == {kind: "yes" if kind in OVERRIDABLE else "no" for kind in SETTABLE}


def test_the_examples_load() -> None:
    """Every rubric that the reference shows whole is one that the loader takes."""
    text = REFERENCE.read_text(encoding="utf-8")
    examples = [
        each for each in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "version:" in each
    ]
    assert examples
    for example in examples:
        load_rubric(example, "docs/rubric.md")
