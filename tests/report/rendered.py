"""Markdown as GitHub shows it: rendered to HTML, then looked through as GitHub does."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from markdown_it import MarkdownIt

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
UNTOUCHED = ("code", "pre", "a")
"""Where GitHub looks for no mention, reference, link or emoji."""

FOUND_BY_GITHUB = {
    "mention": re.compile(r"(?<![\w`])@[a-zA-Z0-9]"),
    "reference": re.compile(r"(?i)#\d|\bgh-\d"),
    "link": re.compile(r"(?i)\b(?:https?|ftp)://|\bwww\.|\bmailto:\w"),
    "address": re.compile(r"[\w.+-]+@[\w-]+\.\w"),
    "emoji": re.compile(r":[a-z0-9_+-]+:"),
    "commit": re.compile(r"\b[0-9a-f]{7,40}\b"),
    "closing word": re.compile(r"(?i)\b(?:close|fix|resolve)[sd]?:? +\S*#\d"),
}
UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u200c-\u200f\u2028-\u202e\u2060-\u206f"
    r"\u3164\ufeff\uffa0]"
)


@dataclass(slots=True)
class Shown:
    """What a reader sees: the shape (tags and attributes), all text, and the text outside code."""

    shape: list[tuple[str, tuple[tuple[str, str | None], ...]]] = field(default_factory=list)
    text: str = ""
    prose: str = ""

    def found(self) -> dict[str, str]:
        """What GitHub would make live in the prose, by kind."""
        hits = {kind: pattern.search(self.prose) for kind, pattern in FOUND_BY_GITHUB.items()}
        return {kind: hit[0] for kind, hit in hits.items() if hit}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.shown = Shown()
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shown.shape.append((tag, tuple(attrs)))
        if tag in UNTOUCHED:
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.shown.shape.append((f"/{tag}", ()))
        if tag in UNTOUCHED and tag in self._inside:
            self._inside.remove(tag)

    def handle_data(self, data: str) -> None:
        self.shown.text += data
        if not self._inside:
            self.shown.prose += data

    def handle_comment(self, data: str) -> None:
        self.shown.shape.append(("comment", ((data, None),)))


def render(markdown: str) -> Shown:
    """Render Markdown and read the page."""
    reader = _Reader()
    reader.feed(MARKDOWN.render(markdown))
    reader.close()
    return reader.shown


def readable(text: str) -> str:
    """A text for comparison: the breaks that we put in are gone, white space is folded."""
    return " ".join(text.replace("\u200b", "").split())
