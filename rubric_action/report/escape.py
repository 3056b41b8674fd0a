"""Foreign text made inert and visible.

What agents, cases, judges and reviewers wrote goes into Markdown only through here. The marks that
Markdown and HTML know are entities everywhere. GitHub looks for mentions, references, emoji and
formulas after rendering, where entities are text again, so outside of `<code>` and `<pre>`, where
it doesn't look, a zero-width space breaks them, and a dollar gets a `<span>` of its own; links are
broken everywhere.
"""

import re
import textwrap
import unicodedata

MARKUP = {ord(mark): f"&#{ord(mark)};" for mark in "\\`*_{}[]<>#&~|$!"}
OUTSIDE_CODE = {**MARKUP, ord("$"): "<span>&#36;</span>"}
FOR_HTML = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;"}
BREAK = "\u200b"
FOUND_AFTER_RENDERING = re.compile(
    r"(?<=@)(?=\w)"  # mentions
    r"|(?<=#)(?=\w)"  # references
    r"|(?<=[Gg][Hh]-)(?=\d)"  # references, the other way
    r"|(?<=:)(?=[\w+-])"  # emoji
)
COMMITS = re.compile(r"[0-9a-fA-F]{6}(?=[0-9a-fA-F])")
LINKS = re.compile(r"(?<=:)(?=//)|(?<=[Ww]{3})(?=\.)|(?<=\w@)(?=\w)")
OPENS_A_LIST = re.compile(r"\A(\d{0,9})((?<=\d)[.)]|(?<!\d)[-+])(?= |\Z)")
"""A number with a point or a bracket, or a bullet, before a blank."""
IS_A_RULE = re.compile(r"\A[-=](?=[-= ]*\Z)")
"""Nothing but strokes: a rule across the page, or what makes a heading of the line above."""
WEB_ADDRESS = re.compile(r"https?://[\w.~:/?#%&=+-]+", re.ASCII)
UNSEEN_CATEGORIES = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
UNSEEN_LETTERS = re.compile(
    r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0d\uffa0]"
    r"|[\U000e0100-\U000e01ef]"
)
"""Letters and marks that show nothing; the two variation selectors of emoji may pass."""
MOST_MARKS = 8
"""Marks that one letter may carry; a higher tower is painted over the lines above it."""
LINE_WIDTH = 100


def visible(text: str, *, keep_lines: bool = False) -> str:
    """Show control, bidirectional and invisible characters by their number."""
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    tower = 0
    for mark in text:
        tower = tower + 1 if unicodedata.category(mark) in ("Mn", "Me") else 0
        hidden = tower > MOST_MARKS
        shown.append(_numbered(mark) if hidden else _shown(mark, keep_lines=keep_lines))
    return "".join(shown)


def clip(text: str, limit: int) -> str:
    """At most `limit` characters, saying how many were left out."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text) - limit} characters more)"


def code(text: str, limit: int = 200) -> str:
    """Inline, as `<code>`; white space folded."""
    folded = " ".join(visible(clip(text, limit)).split())
    inert = LINKS.sub(BREAK, folded).translate(MARKUP)
    return f"<code>{inert or '(empty)'}</code>"


def plain(text: str, limit: int = 600) -> str:
    """Inline, as running text; white space folded."""
    folded = " ".join(visible(clip(text, limit)).split())
    inert = COMMITS.sub(rf"\g<0>{BREAK}", FOUND_AFTER_RENDERING.sub(BREAK, folded))
    text = OPENS_A_LIST.sub(_no_list, LINKS.sub(BREAK, inert).translate(OUTSIDE_CODE))
    return IS_A_RULE.sub(lambda stroke: f"&#{ord(stroke[0])};", text)


def prose(sentence: str, limit: int = 600) -> str:
    """One of our sentences, in which `...` marks names; what it quotes may be foreign."""
    parts = clip(sentence, limit).split("`")
    if len(parts) % 2 == 0:
        parts[-2:] = [f"{parts[-2]}'{parts[-1]}"]
    spans = [code(part) if n % 2 else _spaced(part) for n, part in enumerate(parts)]
    return "".join(spans)


def block(text: str, limit: int = 1200) -> str:
    """As `<pre>`, with its lines kept and long ones wrapped."""
    shown = visible(clip(text, limit), keep_lines=True)
    lines = [
        wrapped
        for line in shown.splitlines() or [""]
        for wrapped in textwrap.wrap(line, LINE_WIDTH, drop_whitespace=True) or [""]
    ]
    body = "\n".join(lines).strip("\n").translate(FOR_HTML)
    return f"<pre>{body or '(empty)'}</pre>"


def link(text: str, url: str | None) -> str:
    """Our words, leading to a page of GitHub's; the words alone where the address is none."""
    if url is None or not WEB_ADDRESS.fullmatch(url):
        return text
    return f"[{text}]({url})"


def _spaced(text: str) -> str:
    """`plain`, keeping the blanks at both ends, which part it from its neighbours."""
    if not text.strip():
        return " " if text else ""
    before = " " if text[0].isspace() else ""
    after = " " if text[-1].isspace() else ""
    return f"{before}{plain(text, len(text))}{after}"


def _no_list(match: re.Match[str]) -> str:
    return f"{match[1]}&#{ord(match[2])};"


def _shown(mark: str, *, keep_lines: bool) -> str:
    if mark.isascii() and mark.isprintable():
        return mark
    if mark in "\n\t\r":
        return mark if keep_lines and mark == "\n" else " "
    if unicodedata.category(mark) in UNSEEN_CATEGORIES or UNSEEN_LETTERS.match(mark):
        return _numbered(mark)
    return mark


def _numbered(mark: str) -> str:
    return f"⟨U+{ord(mark):04X}⟩"
