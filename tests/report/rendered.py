"""Markdown as GitHub shows it in a comment, made by GitHub's own parser and its extensions.

The page is then looked through for what GitHub makes live in rendered text. What its sanitiser
would still drop counts as shown: nothing foreign may get as far.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from cmarkgfm.cmark import Options, markdown_to_html_with_extensions

OPTIONS = (
    Options.CMARK_OPT_UNSAFE
    | Options.CMARK_OPT_FOOTNOTES
    | Options.CMARK_OPT_HARDBREAKS
    | Options.CMARK_OPT_GITHUB_PRE_LANG
)
EXTENSIONS = ["table", "autolink", "strikethrough", "tasklist"]

UNTOUCHED = ("code", "pre", "a")
"""Where GitHub looks for no mention, reference, link, formula or emoji."""

FOUND_BY_GITHUB = {
    "mention": re.compile(r"(?<![\w`])@[a-zA-Z0-9]"),
    "reference": re.compile(r"(?i)#\d|\bgh-\d"),
    "link": re.compile(r"(?i)\b(?:https?|ftp)://|\bwww\.|\bmailto:\w"),
    "address": re.compile(r"[\w.+-]+@[\w-]+\.\w"),
    "emoji": re.compile(r":(?=[\w+-]*[a-z]|100:|1234:|[+-]1:)[a-z0-9_+-]+:"),
    "commit": re.compile(r"\b[0-9a-f]{7,40}\b"),
    "closing word": re.compile(r"(?i)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):? +\S*#\d"),
    "formula": re.compile(r"\$(?!\s)[^$]*[^\s$]\$"),
    "alert": re.compile(r"(?i)\A\s*\[!(?:note|tip|important|warning|caution)\]"),
}
UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u200c-\u200f\u2028-\u202e\u2060-\u206f"
    r"\u3164\ufeff\uffa0\ue000-\uf8ff]|[\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)

Tag = tuple[str, tuple[tuple[str, str | None], ...]]


@dataclass(slots=True)
class Shown:
    """What a reader sees: the shape (tags and attributes), all text, and the texts outside code."""

    shape: list[Tag] = field(default_factory=list)
    text: str = ""
    proses: list[str] = field(default_factory=list)
    around_code: list[str] = field(default_factory=list)

    @property
    def tags(self) -> set[str]:
        """The elements on the page."""
        return {tag.removeprefix("/") for tag, _ in self.shape}

    @property
    def prose(self) -> str:
        """The text outside of code and links."""
        return "".join(self.proses)

    @property
    def links(self) -> list[str]:
        """Where the links lead."""
        return [dict(given).get("href") or "" for tag, given in self.shape if tag == "a"]

    def found(self) -> dict[str, str]:
        """What GitHub would make live in the prose, by kind."""
        hits = {
            kind: hit[0]
            for kind, pattern in FOUND_BY_GITHUB.items()
            for text in self.proses
            if (hit := pattern.search(text))
        }
        formulas = [around for around in self.around_code if around == "$$"]
        return hits | ({"formula around code": formulas[0]} if formulas else {})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.shown = Shown()
        self._inside: list[str] = []
        self._last = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shown.shape.append((tag, tuple(attrs)))
        if tag == "code":
            self.shown.around_code.append(self._last[-1:])
        if tag in UNTOUCHED:
            self._inside.append(tag)
        self._last = ""

    def handle_endtag(self, tag: str) -> None:
        self.shown.shape.append((f"/{tag}", ()))
        if tag in UNTOUCHED and tag in self._inside:
            self._inside.remove(tag)
        self._last = "" if tag != "code" else "\0"

    def handle_data(self, data: str) -> None:
        self.shown.text += data
        if self._inside:
            return
        if self._last == "\0":
            self.shown.around_code[-1] += data[:1]
        self.shown.proses.append(data)
        self._last = data

    def handle_comment(self, data: str) -> None:
        self.shown.shape.append(("comment", ((data, None),)))


def render(markdown: str) -> Shown:
    """Render Markdown and read the page."""
    reader = _Reader()
    # A lone half of a pair can't be sent to GitHub; it is shown before it gets here.
    text = markdown.encode("utf-8", "replace").decode()
    reader.feed(markdown_to_html_with_extensions(text, OPTIONS, EXTENSIONS))
    reader.close()
    return reader.shown


def readable(text: str) -> str:
    """A text for comparison: the breaks that we put in are gone, white space is folded."""
    return " ".join(text.replace("\u200b", "").split())
