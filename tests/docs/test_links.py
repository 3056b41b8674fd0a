import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.docs.pages import PAGES, fences, name_of, prose, read

LINK = re.compile(r"\]\(([^)\s]+)\)|\b(?:src|srcset|href)=\"([^\"]+)\"")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
URL = re.compile(r"https?://[^\s)\"'`>\]]+")
ABSOLUTE = re.compile(r"(?<![\w./<-])/(?!/)\w+/[\w./-]*")
HOSTS = {
    "github.com",
    "keepachangelog.com",
    "semver.org",
    "api.openai.com",
    "api.anthropic.com",
    "acme.openai.azure.com",
    "models.github.ai",
    "localhost",
    "127.0.0.1",
}
"""Hosts that a page may name: a new one is added on purpose, or not at all."""


def links(page: Path) -> list[str]:
    """Every target of a page's prose."""
    found = [match[1] or match[2] for match in LINK.finditer(re.sub(r"```.*?```", "", read(page)))]
    return [target for target in found if not urlsplit(target).scheme]


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to a page's headings."""
    found: dict[str, int] = {}
    slugs = set()
    text = re.sub(r"^```.*?^```", "", read(page), flags=re.DOTALL | re.MULTILINE)
    for heading in HEADING.findall(text):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        count = found[slug] = found.get(slug, -1) + 1
        slugs.add(f"{slug}-{count}" if count else slug)
    return slugs


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_relative_link_resolves(page: Path) -> None:
    """A link leads to a file or folder that is there, and to a heading that it has."""
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / unquote(path)).resolve() if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_names_no_foreign_host(page: Path) -> None:
    """Addresses lead to few, known hosts: no package index, no private machine."""
    hosts = {urlsplit(url).hostname for url in URL.findall(read(page))}
    assert hosts <= HOSTS


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_names_no_path_of_somebody_s_machine(page: Path) -> None:
    """Paths are relative to the repository."""
    text = prose(page) + "".join(fence.text for fence in fences(page))
    assert not ABSOLUTE.findall(URL.sub("", text))


def test_the_readme_leads_to_every_page() -> None:
    """Whoever starts at the README finds all of the docs."""
    readme, *others = [page for page in PAGES if page.name == "README.md"]
    reached = {(readme.parent / link.partition("#")[0]).resolve() for link in links(readme)}
    docs = {page for page in PAGES if page.parent.name == "docs"}
    assert {*docs, *others} <= reached


@pytest.mark.parametrize("name", ["comment-light.png", "comment-dark.png"])
def test_the_pictures_are_small(name: str) -> None:
    """The README opens fast."""
    picture = PAGES[0].parent / "docs" / "img" / name
    assert picture.stat().st_size < 150_000
