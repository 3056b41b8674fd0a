"""Foreign text made inert and visible.

What agents, cases and judges wrote goes into Markdown only through here. Text in `<code>` and
`<pre>` is where GitHub looks for no mention, reference or emoji; every punctuation mark is an
entity there, so no Markdown is left. Outside of them, a zero-width space also breaks what GitHub
would find after rendering: entities alone don't stop a mention.
"""

import re
import textwrap
import unicodedata

PUNCTUATION = {ord(mark): f"&#{ord(mark)};" for mark in "!\"#$%&'()*+-./:;<=>?@[\\]^_`{|}~"}
FOR_HTML = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;"}
BREAK = "\u200b"
FOUND_AFTER_RENDERING = re.compile(
    r"(?<=@)(?=\w)"  # mentions
    r"|(?<=#)(?=\w)"  # references
    r"|(?<=[Gg][Hh]-)(?=\d)"  # references, the other way
    r"|(?<=:)(?=//)|(?<=[Ww]{3})(?=\.)"  # links
    r"|(?<=:)(?=\w)"  # emoji
    r"|(?<=\b[0-9a-fA-F]{6})(?=[0-9a-fA-F])"  # commits
)
LINE_WIDTH = 100


def visible(text: str, keep_lines: bool = False) -> str:
    """Show control, bidirectional and invisible characters by their number."""
    return "".join(_shown(mark, keep_lines) for mark in text)


def clip(text: str, limit: int) -> str:
    """At most `limit` characters, saying how many were left out."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text) - limit} characters more)"


def code(text: str, limit: int = 200) -> str:
    """Inline, as `<code>`; white space folded."""
    folded = " ".join(visible(clip(text, limit)).split())
    return f"<code>{folded.translate(PUNCTUATION)}</code>" if folded else "<code>(empty)</code>"


def plain(text: str, limit: int = 600) -> str:
    """Inline, as running text; white space folded."""
    folded = " ".join(visible(clip(text, limit)).split())
    return FOUND_AFTER_RENDERING.sub(BREAK, folded).translate(PUNCTUATION)


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


def _spaced(text: str) -> str:
    """`plain`, keeping the blanks at both ends, which part it from its neighbours."""
    if not text.strip():
        return " " if text else ""
    before = " " if text[0].isspace() else ""
    after = " " if text[-1].isspace() else ""
    return f"{before}{plain(text, len(text))}{after}"


def _shown(mark: str, keep_lines: bool) -> str:
    if mark.isascii() and mark.isprintable():
        return mark
    if mark in "\n\t\r":
        return mark if keep_lines and mark == "\n" else " "
    if unicodedata.category(mark) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp"):
        return f"⟨U+{ord(mark):04X}⟩"
    return mark
