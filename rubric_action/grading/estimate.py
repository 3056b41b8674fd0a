"""How many tokens a judge's calls will take, told without its tokenizer and without a call. Pure.

A text counts by classes of characters. The weights were fitted on 500 prompts of this package's
own shape (answers of three public sets, tool calls in JSON, code, Markdown) against `o200k_base`,
the tokenizer of OpenAI's models since GPT-4o: the sum of each set came out within 3 %. On the
Universal Declaration of Human Rights in 29 languages they were at most 18 % off. OpenAI's own rule
of thumb, four characters a token, is 17 % off where tools were called and 70 % in Chinese.

What stands around the text, and where it is written:
- messages: three tokens each and three for the reply (OpenAI cookbook, "How to count tokens with
  tiktoken");
- a strict JSON Schema: as its JSON without `required` and `additionalProperties`, and nine tokens
  (measured in openai-cookbook issue 2140); servers that only constrain their decoding by it count
  nothing for it (ollama issue 11022);
- Anthropic: a prompt of 235 to 340 tokens where a tool has to be used ("Tool use pricing and
  tokens"), and about a fifth more tokens for the same text than GPT-4o (measured by several, 16 %
  in English prose to 30 % in code).
"""

import json
import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import urlsplit

from rubric_action.grading.answers import TokenUsage
from rubric_action.grading.endpoint import is_loopback_host
from rubric_action.rubric.model import Axis

_DIGITS: Final = string.digits.encode()
_LETTERS: Final = (string.ascii_letters + " ").encode()
_A_LETTER, _A_DIGIT, _A_SIGN = 1 / 4.7, 1 / 1.25, 1 / 1.95
"""Tokens a character of ASCII: letters and spaces, digits, all others."""
_ASCII: Final = re.compile("[\x00-\x7f]+")
_SCRIPTS: Final = (
    (re.compile("[\u00a0-\u024f\u0300-\u036f\u1e00-\u1eff]"), 1.0),  # accented Latin
    (re.compile("[\u0400-\u052f]"), 0.28),  # Cyrillic
    (re.compile("[\u0370-\u03ff\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"), 0.38),  # Greek, Arabic
    (re.compile("[\u0900-\u0fff\u1780-\u17ff]"), 0.6),  # the scripts of India and around it
    (re.compile("[\uac00-\ud7a3]"), 0.65),  # Hangul
    (re.compile("[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]"), 0.82),  # Chinese, Japanese
)
_ANYTHING_ELSE: Final = 1.0

_MESSAGE_TOKENS: Final = 3
_SCHEMA_TOKENS: Final = 9
_NOT_COUNTED: Final = frozenset({"required", "additionalProperties"})
_CLAUDE_FACTOR: Final = 1.2
_TOOL_PROMPT_TOKENS: Final = 300

_REASON_TOKENS: Final = 30
"""Of the one or two sentences that a judge is asked for."""
_FRAME_TOKENS: Final = 14
"""Of the JSON around a reason and a score."""
_LINE_TOKENS: Final = 45
"""Of one to three sentences, and the JSON around them."""
HIDDEN_TOKENS: Final = (0, 400, 1_000)
"""What a reasoning model thinks a call, unseen and billed: at least, taken, at most."""

_THINKS: Final = re.compile(
    r"(?:.*/)?(?:o\d|gpt-5(?!-chat)|deepseek-r|.*(?:reason|think))", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Span:
    """An estimate between what it will hardly fall below and hardly exceed."""

    low: float
    estimate: float
    high: float

    def __add__(self, other: "Span") -> "Span":
        return Span(self.low + other.low, self.estimate + other.estimate, self.high + other.high)

    def times(self, factor: float) -> "Span":
        """The same in another unit."""
        return Span(self.low * factor, self.estimate * factor, self.high * factor)

    @classmethod
    def around(cls, estimate: float, below: float, above: float) -> Self:
        """From so many times less to so many times more: `below` 0.9 and `above` 1.1 are 10 %."""
        return cls(estimate * below, estimate, estimate * above)


NO_SPAN: Final = Span(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Counting:
    """How an endpoint counts: text by `factor`, with its schema or not, `extra` tokens a call."""

    factor: float = 1.0
    schema: bool = True
    extra: int = _MESSAGE_TOKENS


def counting_at(provider: str, base_url: str) -> Counting:
    """How the provider's own endpoint counts; one that is ours, on this machine, text alone.

    An address of one's own behind `openai` is taken for a server that decodes by the schema.
    """
    host = urlsplit(base_url).hostname or ""
    if is_loopback_host(host):
        return Counting(schema=False)
    if provider == "anthropic":
        return Counting(_CLAUDE_FACTOR, extra=_TOOL_PROMPT_TOKENS)
    return Counting(schema=provider != "openai" or host.endswith(".openai.com"))


def reasons_first(model: str) -> bool:
    """Whether a model of this name is known to think, unseen and billed, before it answers."""
    return _THINKS.match(model) is not None


def text_tokens(text: str) -> float:
    """Tokens of a text, by `o200k_base`."""
    ascii_only = text.encode("ascii", "ignore")
    digits = len(ascii_only) - len(ascii_only.translate(None, _DIGITS))
    letters = len(ascii_only) - len(ascii_only.translate(None, _LETTERS))
    signs = len(ascii_only) - digits - letters
    tokens = letters * _A_LETTER + digits * _A_DIGIT + signs * _A_SIGN
    return tokens if text.isascii() else tokens + _beyond_ascii(text)


def _beyond_ascii(text: str) -> float:
    rest = _ASCII.sub("", text)
    tokens, left = 0.0, len(rest)
    for script, weight in _SCRIPTS:
        found = len(script.findall(rest))
        tokens += found * weight
        left -= found
    return tokens + left * _ANYTHING_ELSE


def request_tokens(body: Mapping[str, Any], counting: Counting) -> float:
    """Tokens of a request to a judge, from the very body that would be sent."""
    messages = body.get("messages", ())
    texts = [*_texts(body.get("system")), *(t for one in messages for t in _texts(one))]
    tokens = sum(map(text_tokens, texts)) * counting.factor
    if counting.schema and (schema := _schema(body)) is not None:
        told = json.dumps(_counted(schema), separators=(",", ":"))
        tokens += text_tokens(told) * counting.factor + _SCHEMA_TOKENS
    return tokens + _MESSAGE_TOKENS * len(messages) + counting.extra


def reply_tokens(axes: Sequence[Axis], turns: int, counting: Counting) -> float:
    """Tokens of the reply that can be seen: a reason and a score an axis, or an axis and turn."""
    grades = sum(turns if axis.per == "turn" else 1 for axis in axes)
    names = sum(text_tokens(axis.name) for axis in axes)
    return (names + grades * (_REASON_TOKENS + _FRAME_TOKENS)) * counting.factor


def line_tokens(counting: Counting) -> float:
    """Tokens of what a simulated user says next."""
    return _LINE_TOKENS * counting.factor


@dataclass(slots=True)
class Learned:
    """How replies that were paid for compare with what would have been estimated for them.

    `replies` counts those to requests that are known, `words` those that tell only of themselves.
    """

    replies: int = 0
    words: int = 0
    _paid_in: float = 0.0
    _paid_out: float = 0.0
    _told_in: float = 0.0
    _told_out: float = 0.0

    def add(self, sent: float, received: float, usage: TokenUsage) -> None:
        """Hold the estimate of one call, in tokens, against its bill."""
        self.replies += 1
        self._told_in += sent
        self._paid_in += usage.input_tokens
        self._add_output(received, usage)

    def add_words(self, received: float, usage: TokenUsage) -> None:
        """Hold the estimate of a reply against its bill; its request is not known any more."""
        self.words += 1
        self._add_output(received, usage)

    def _add_output(self, received: float, usage: TokenUsage) -> None:
        self._told_out += received
        self._paid_out += usage.output_tokens

    @property
    def input_factor(self) -> float | None:
        """What an estimate of input is to be multiplied by; None where nothing was learned."""
        return self._paid_in / self._told_in if self._told_in and self._paid_in else None

    @property
    def output_factor(self) -> float | None:
        """The same of output, which holds what a reasoning model thought."""
        return self._paid_out / self._told_out if self._told_out and self._paid_out else None


def input_span(estimated: float, learned: Learned) -> Span:
    """Tokens that will be sent."""
    factor = learned.input_factor
    if factor is None:
        return Span.around(estimated, 0.85, 1.2)
    return Span.around(estimated * factor, 0.95, 1.05)


def output_span(estimated: float, calls: int, learned: Learned, *, reasons: bool) -> Span:
    """Tokens that will come back; `reasons` says that the model thinks before it answers."""
    factor = learned.output_factor
    if factor is not None:
        return Span.around(estimated * factor, 0.9, 1.1)
    seen = Span.around(estimated, 0.5, 1.75)
    return seen + Span(*(calls * tokens for tokens in HIDDEN_TOKENS)) if reasons else seen


def _texts(value: object) -> list[str]:
    """All texts of a message, whatever blocks it is in; keys and types are none."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return _texts(value.get("content", value.get("text")))
    if isinstance(value, Sequence):
        return [text for part in value for text in _texts(part)]
    return []


def _schema(body: Mapping[str, Any]) -> object:
    """The JSON Schema of the reply, wherever the provider wants it."""
    if "tools" in body:
        return body["tools"]
    for form, inner in (("response_format", "json_schema"), ("output_config", "format")):
        if form in body:
            return body[form].get(inner, {}).get("schema")
    return None


def _counted(schema: object) -> object:
    if isinstance(schema, Mapping):
        return {key: _counted(one) for key, one in schema.items() if key not in _NOT_COUNTED}
    return [_counted(one) for one in schema] if isinstance(schema, list) else schema
