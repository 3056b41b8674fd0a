"""The project's pages, and what is to be found in them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
RESULTS = ROOT / "docs" / "results.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"

PAGES = (
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "examples" / "README.md",
)

_FENCE = re.compile(
    r"^(?:<!-- (?P<mark>[^\n]+?) -->\n\n)?```(?P<language>[\w-]*)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
_SPAN = re.compile(r"`[^`\n]+`")
_HEAD = re.compile(r"^\|.*\|\n(?=\|[-:| ]+\|$)", re.MULTILINE)
_ROW = re.compile(r"^\| (.+) \|$", re.MULTILINE)


class Fence(NamedTuple):
    """A fenced block: the comment right above it, its language and its text."""

    mark: str | None
    language: str
    text: str


def read(page: Path) -> str:
    """The text of a page."""
    return page.read_text(encoding="utf-8")


def fences(page: Path) -> Iterator[Fence]:
    """Every fenced block of a page."""
    for match in _FENCE.finditer(read(page)):
        yield Fence(match["mark"], match["language"], match["text"])


def marked(page: Path, mark: str) -> str:
    """The text of the one block under `<!-- mark -->`."""
    (found,) = [each.text for each in fences(page) if each.mark == mark]
    return found


def spans(page: Path) -> Iterator[str]:
    """Every inline code of a page, without its backticks."""
    prose = _FENCE.sub("", read(page))
    return (match[0][1:-1] for match in _SPAN.finditer(prose))


def prose(page: Path) -> str:
    """A page without code of either kind."""
    return _SPAN.sub("", _FENCE.sub("", read(page)))


def between(page: Path, start: str, end: str) -> str:
    """What stands between two comments of a page."""
    text = read(page)
    return text.partition(f"<!-- {start} -->")[2].partition(f"<!-- {end} -->")[0]


def rows(table: str) -> list[list[str]]:
    """The cells of every row of the tables in a text, their heads aside."""
    return [re.split(r"(?<!\\) \| ", match[1]) for match in _ROW.finditer(_HEAD.sub("", table))]


def name_of(page: Path) -> str:
    """A page as a test's id."""
    return page.relative_to(ROOT).as_posix()
