import re

from rubric_action import errors
from rubric_action.errors import RubricActionError
from tests.docs.pages import ARCHITECTURE, PAGES, README, ROOT, name_of, read, rows, spans

MODULE = re.compile(r"[\w/]+\.py")
PACKAGE = ROOT / "rubric_action"


def leaves(error: type[RubricActionError]) -> set[type[RubricActionError]]:
    """An error and all below it."""
    below = [leaves(one) for one in error.__subclasses__() if one.__module__ == errors.__name__]
    return {error}.union(*below)


def test_every_module_that_the_docs_name_exists() -> None:
    """A path in code style leads to a file of the package, or of the repository."""
    ours = [page for page in PAGES if page.parent.name in ("docs", "decisions")]
    for page in ours:
        for span in spans(page):
            if MODULE.fullmatch(span) and span != "agent.py":
                known = (PACKAGE / span).is_file() or (ROOT / span).is_file()
                assert known, f"{name_of(page)}: {span}"


def test_every_room_has_its_row() -> None:
    """The table of rooms is the list of packages, and the picture draws them in its order."""
    table = read(ARCHITECTURE).partition("## Rooms")[2].partition("##")[0]
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    rooms = [row[0].strip("`") for row in rows(table)]
    assert set(rooms) == packages
    assert " ──► ".join(rooms) in table


def test_every_error_has_its_exit_code() -> None:
    """The table of errors is the tree of `errors.py`."""
    table = read(ARCHITECTURE).partition("## Errors")[2].partition("##")[0]
    told = {row[0].strip("`"): int(row[1]) for row in rows(table)}
    tree = leaves(RubricActionError) - {RubricActionError}
    assert told == {error.__name__: error.exit_code for error in tree}


def test_every_exit_code_is_told() -> None:
    """The README names the codes that a run can end with, and no others."""
    codes = {value for name, value in vars(errors).items() if name.startswith("EXIT_")}
    section = read(README).partition("## How the verdict is made")[2].partition("\n## ")[0]
    in_table = [code for row in rows(section) for code in re.findall(r"\d+", row[2])]
    in_prose = re.findall(r"exit code (\d+)", section) + re.findall(r"(\d+) is a run", section)
    assert {int(code) for code in in_table + in_prose} == codes


def test_the_decisions_are_numbered_and_short() -> None:
    """Each record opens with its number, which no other has, and is read in a minute."""
    records = [page for page in PAGES if page.parent.name == "decisions"]
    numbers = [int(page.name[:4]) for page in records]
    assert len(set(numbers)) == len(numbers) > 0
    for page, number in zip(records, numbers, strict=True):
        text = read(page)
        assert text.startswith(f"# {number}. "), page.name
        assert len(text.split()) < 300, page.name
