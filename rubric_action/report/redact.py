"""Secrets taken out of everything that is written, plain or in a usual disguise."""

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar
from urllib.parse import quote, quote_plus

Redact = Callable[[str], str]
Value = TypeVar("Value")

SHORTEST = 6
"""Shorter values are too likely to be ordinary words."""
SHORTEST_LINE = 16
"""A line of a secret of several lines, such as a key in PEM, counts from this length."""
SHORTEST_BASE64 = 8

SECRET_NAME = re.compile(r"(?i)token|secret|passw(or)?d|credential|(api|private)[_-]?key|_key$")
SETTING = re.compile(r"(?=.{1,20}\Z)[a-z]+([-_ ][a-z]+)*|\d{1,9}")
"""What `MAX_TOKENS` or `SECRET_SCAN_MODE` may hold: a number, a word or two, and no secret."""
SHOWN = "[redacted]"


def secrets_of(environ: Mapping[str, str], *more: str | None) -> tuple[str, ...]:
    """The values of variables that are named like secrets, and those that are given."""
    named = [
        value
        for name, value in environ.items()
        if SECRET_NAME.search(name) and not SETTING.fullmatch(value)
    ]
    values = {value.strip() for value in (*named, *more) if value}
    return tuple(value for value in values if len(value) >= SHORTEST)


def redactor(secrets: Iterable[str]) -> Redact:
    """A function that takes the secrets, in every disguise, out of a text."""
    disguises = {disguise for secret in secrets for disguise in _disguises(secret)}
    if not disguises:
        return lambda text: text
    longest_first = sorted(disguises, key=len, reverse=True)
    pattern = re.compile("|".join(re.escape(disguise) for disguise in longest_first))
    return lambda text: pattern.sub(SHOWN, text)


def redacted_json(text: str, redact: Redact) -> str:
    """A JSON text without the secrets, and JSON still: numbers stay what they are."""
    if redact(text) == text:
        return text
    return json.dumps(redacted(json.loads(text), redact), ensure_ascii=False)


def redacted(value: Value, redact: Redact) -> Value:
    """The value without the secrets in its texts, through dataclasses, mappings and sequences."""
    return _redacted(value, redact)  # type: ignore[no-any-return]


def _redacted(value: Any, redact: Redact) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {redact(key): _redacted(inner, redact) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_redacted(inner, redact) for inner in value)
    if is_dataclass(value) and not isinstance(value, type):
        before = {field.name: getattr(value, field.name) for field in fields(value)}
        after = {name: _redacted(inner, redact) for name, inner in before.items()}
        return value if after == before else replace(value, **after)
    return value


def _disguises(secret: str) -> Iterator[str]:
    lines = [line.strip() for line in secret.splitlines()]
    for text in {secret, *(line for line in lines if len(line) >= SHORTEST_LINE)}:
        yield text
        for ascii_only in (True, False):
            once = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
            yield once
            yield json.dumps(once, ensure_ascii=ascii_only)[1:-1]
        for escaped in (quote(text, safe=""), quote_plus(text)):
            yield escaped
            yield re.sub(r"%..", lambda match: match[0].lower(), escaped)
        yield from _base64(text.encode())


def _base64(raw: bytes) -> Iterator[str]:
    """The secret in Base64 by itself, and what shows of it behind one or two bytes and so on."""
    whole = [base64.b64encode(raw).decode()]
    for shift, unsure in ((0, 0), (1, 2), (2, 3)):
        padded = bytes(shift) + raw
        sure = base64.b64encode(padded).decode()[unsure : len(padded) * 8 // 6]
        whole += [sure] if len(sure) >= SHORTEST_BASE64 else []
    for text in whole:
        for form in (text, text.rstrip("=")):
            yield form
            yield form.replace("+", "-").replace("/", "_")
