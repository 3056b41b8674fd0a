"""The renderer that stands in for GitHub finds what GitHub would make live."""

import pytest

from tests.report.hostile import AFTER_RENDERING, FORGED, HTML, MARKDOWN
from tests.report.rendered import render

NOTHING_BY_THEMSELVES = ("attribute", "cdata", "definition", "override line", "table that goes on")
"""Texts that do harm only in their place: in an attribute, before a table, in a review."""


@pytest.mark.parametrize(
    ("markdown", "tag"),
    [
        ("| a |\n|:--|\n| b |", "table"),
        ("www.example.com", "a"),
        ("https://example.com", "a"),
        ("mona@example.com", "a"),
        ("~~gone~~", "del"),
        ("- [ ] open", "input"),
        ("x[^1]\n\n[^1]: y", "section"),
        ("one\ntwo", "br"),
        ("```mermaid\nx\n```", "pre"),
        ("<!-- x -->", "comment"),
        ("<script>x</script>", "script"),
    ],
)
def test_extensions(markdown: str, tag: str) -> None:
    """Tables, links, strikethrough, tasks, footnotes, hard line breaks and HTML are rendered."""
    assert tag in render(markdown).tags


@pytest.mark.parametrize(
    ("markdown", "kind"),
    [
        ("@mona", "mention"),
        ("&#64;mona", "mention"),
        ("\\@mona", "mention"),
        ("&#35;1", "reference"),
        ("GH-1", "reference"),
        ("a1b2c3d", "commit"),
        (":shipit:", "emoji"),
        ("&#36;x&#36;", "formula"),
        ("$`x`$", "formula around code"),
        ("> [!NOTE]\n> x", "alert"),
        ("Fixes #1", "closing word"),
        ("HTTPS&#58;//example.com", "link"),
    ],
)
def test_what_is_found_after_rendering(markdown: str, kind: str) -> None:
    """Entities and escapes are text again by the time GitHub looks."""
    assert kind in render(markdown).found()


@pytest.mark.parametrize(
    "markdown",
    [
        "<code>@mona #1 :+1: $x$</code>",
        "<pre>@mona #1 a1b2c3d</pre>",
        "09:30:00 UTC costs $0.02 of $0.05",
        "<span>$</span>x<span>$</span>",
        "@\u200bmona",
        "a $ `x` $",
    ],
)
def test_what_github_leaves_alone(markdown: str) -> None:
    """Code, times, sums of money, and what is broken up."""
    assert render(markdown).found() == {}


@pytest.mark.parametrize("route", [*MARKDOWN, *HTML, *AFTER_RENDERING, *FORGED])
def test_the_corpus_is_alive(route: str) -> None:
    """Without escaping, each text does something, so that a test with it can fail."""
    shown = render({**MARKDOWN, **HTML, **AFTER_RENDERING, **FORGED}[route])
    does_something = bool(shown.tags - {"p", "br"}) or bool(shown.found())
    assert does_something is (route not in NOTHING_BY_THEMSELVES)
