"""The headers of a request to the agent, with the variables that the rubric lets it see."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from rubric_action.agent.template import has_placeholder
from rubric_action.errors import Place, Problem
from rubric_action.rubric.problems import quoted

OURS: Final = frozenset(
    "accept-encoding connection content-length expect te trailer transfer-encoding upgrade".split()
)
"""Headers that say how a message is sent, which is not the rubric's to say."""

_VARIABLE: Final = re.compile(r"\$\{([^}]*)\}")
_SECRET: Final = re.compile(r"(?i)auth|cookie|credential|key|passw|secret|session|token")
_SHORTEST: Final = 8
"""Shorter values are too likely to be ordinary words of an answer."""


@dataclass(frozen=True, slots=True)
class Headers:
    """The headers as they are sent, and what in them no answer may repeat; hidden from `repr`."""

    sent: Mapping[str, str] = field(repr=False)
    secrets: tuple[bytes, ...] = field(default=(), repr=False)

    def without_secrets(self, body: bytes) -> bytes:
        """A response's body without the secrets that the agent echoes."""
        for secret in self.secrets:
            body = body.replace(secret, b"***")
        return body


def filled_headers(
    written: Mapping[str, str], variables: Mapping[str, str], place: Place
) -> Headers | tuple[Problem, ...]:
    """The headers with `${NAME}` replaced by variables of the environment, or all their mistakes.

    `variables` are those that `agent.env` lists, as far as they are set.
    """
    problems = tuple(
        Problem(place, what, mend, f"agent.http.headers.{quoted(name)}")
        for name, value in written.items()
        for what, mend in _mistakes(name, value, variables)
    )
    if problems:
        return problems
    # A secret in a file or from a prompt often ends in a line break, which no header may hold.
    values = {name: value.strip() for name, value in variables.items()}
    sent = {"Content-Type": "application/json"} if not _named(written, "content-type") else {}
    for name, value in written.items():
        sent[name] = _VARIABLE.sub(lambda match: values[match[1]], value)
    return Headers(sent, tuple(_secrets(written, values)))


def _mistakes(name: str, value: str, variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if name.lower() in OURS:
        yield "this header is set by the client itself", "Leave it out."
    if has_placeholder(value):
        yield "a header holds a placeholder, which only `body` may", "Put it into `body`."
    for variable in _VARIABLE.findall(value):
        found = variables.get(variable)
        if found is None or not found.strip():
            state = "is not set" if found is None else "is empty"
            what = f"the variable `{quoted(variable)}` {state}"
            mend = (
                "Set it where the gate is run, in the step's `env:` for one. A pull request from a "
                "fork is given no secrets."
            )
            yield what, mend
        elif any(ord(c) < 32 or ord(c) == 127 for c in found.strip()):
            what = f"the variable `{variable}` holds a line break or a control character"
            yield what, "Give it a value of one line."


def _secrets(written: Mapping[str, str], values: Mapping[str, str]) -> Iterator[bytes]:
    """What looks like a secret by the name of its variable or of its header."""
    for name, value in written.items():
        for variable in _VARIABLE.findall(value):
            secret = values[variable]
            if len(secret) >= _SHORTEST and _SECRET.search(f"{name} {variable}"):
                yield from {secret.encode(), json.dumps(secret)[1:-1].encode()}


def _named(written: Mapping[str, str], wanted: str) -> bool:
    return any(name.lower() == wanted for name in written)
