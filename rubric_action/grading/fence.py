"""Hostile text made into data: nothing that is graded can pass for a part of the request.

Each heading of a request carries a nonce that is derived from the request's own content, so a text
would have to hold a part of its own hash to forge one. On top of that, what only looks like a
heading or like a control token of a chat template is bent out of shape, and characters that a
person would not see are replaced by a visible note.
"""

import hashlib
import re
from collections.abc import Iterable
from itertools import count

_NONCE_LENGTH = 16
_LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Controls, joiners, directions, fillers, variation selectors, private use, tags, surrogates.
_UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ue000-\uf8ff\ufe00-\ufe0f\ufeff"
    "\uffa0\ufff0-\ufffb\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff\U000f0000-\U0010ffff"
)
_UNSEEN_RUN = re.compile(f"[{_UNSEEN}]+")
_SEEN = re.compile(rf"[^\s{_UNSEEN}]")
# One joiner or one variation selector belongs to many emoji and to some scripts.
_HARMLESS_RUN = re.compile("\ufe0f?\u200d|[\ufe0f\u200c]")
_HEADING = re.compile(r"[@\uff20\ufe6b]{2,}(?=\s{0,4}[0-9a-fA-F]{4})")
# Tokens of the chat templates of ChatML, Llama, Mistral, Gemma, DeepSeek, Qwen and GLM.
_TEMPLATE_TOKEN = re.compile(
    r"<+(?=[|\uff5c]|/?SYS>>|/?s>|(?:start|end)_of_|(?:bos|eos|pad|unk|sop|eop)>"
    r"|/?think>|/?tool_(?:call|response|use)s?>)"
    r"|\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|g?MASK)\])"
)
_SUSPICIOUS_ASCII = bytes((*range(0x09), *range(0x0B, 0x20), 0x7F)) + b"@<["
_BENT = "\u2039"


def neutralise(text: str) -> str:
    """The text as it may stand in a request: same words, no disguise, nothing unseen."""
    if _is_plain(text):
        return text  # most texts, at a fraction of the time
    text = _LINE_BREAKS.sub("\n", text)
    text = _UNSEEN_RUN.sub(_shown, text)
    text = _HEADING.sub("@ @", text)
    return _TEMPLATE_TOKEN.sub(_BENT, text)


def one_line(text: str, limit: int) -> str:
    """The neutralised text on one line, cut to `limit` characters with an ellipsis."""
    line = " ".join(neutralise(text[: limit * 4]).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing: only white space and unseen characters."""
    return _SEEN.search(text) is None


def nonce_for(texts: Iterable[str]) -> str:
    """A token that stands in none of the texts; the same texts always give the same one."""
    whole = "\0".join(texts)
    content = whole.encode("utf-8", "surrogatepass")
    candidates = (hashlib.sha256(b"%d\0" % n + content).hexdigest() for n in count())
    return next(c[:_NONCE_LENGTH] for c in candidates if c[:_NONCE_LENGTH] not in whole)


def _is_plain(text: str) -> bool:
    """Whether the text is ASCII and holds nothing that any of the patterns begins with."""
    if not text.isascii():
        return False
    raw = text.encode()
    return len(raw.translate(None, _SUSPICIOUS_ASCII)) == len(raw)


def _shown(run: re.Match[str]) -> str:
    if _HARMLESS_RUN.fullmatch(run[0]):
        return run[0]
    return f"[hidden characters: {len(run[0])}]"
