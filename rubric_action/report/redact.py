"""Secrets taken out of everything that is written, plain or in a usual disguise."""

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote, quote_plus

Redact = Callable[[str], str]

SHORTEST = 6
"""Shorter values are too likely to be ordinary words."""

SECRET_NAME = re.compile(r"(?i)(token|secret|password|passwd|credential|api_?key|private_?key)")
SHOWN = "[redacted]"


def secrets_of(environ: Mapping[str, str], *more: str | None) -> tuple[str, ...]:
    """The values of variables that are named like secrets, and those that are given."""
    named = [value for name, value in environ.items() if SECRET_NAME.search(name)]
    return tuple({value for value in (*named, *more) if value and len(value) >= SHORTEST})


def redactor(secrets: Iterable[str]) -> Redact:
    """A function that takes the secrets, in every disguise, out of a text."""
    disguises = {disguise for secret in secrets for disguise in _disguises(secret)}
    if not disguises:
        return lambda text: text
    longest_first = sorted(disguises, key=len, reverse=True)
    pattern = re.compile("|".join(re.escape(disguise) for disguise in longest_first))
    return lambda text: pattern.sub(SHOWN, text)


def _disguises(secret: str) -> set[str]:
    raw = secret.encode()
    encoded = {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
    return {
        secret,
        json.dumps(secret)[1:-1],
        quote(secret, safe=""),
        quote_plus(secret),
        *encoded,
        *(text.rstrip("=") for text in encoded),
    }
