"""What crosses the wire: requests as they came in, responses as they go out."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as the client sent it; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    target: str = ""

    @property
    def json(self) -> Any:
        """The body as JSON, or None when there is no body."""
        return json.loads(self.body) if self.body else None

    @property
    def line(self) -> str:
        """Method and path: what a test compares a conversation with."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Response:
    """One answer; `headers` come on top of what every answer carries."""

    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_json(
        cls, body: object, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> Self:
        """Answer a JSON value."""
        return cls(status, json.dumps(body).encode(), headers=headers or {})

    @property
    def json(self) -> Any:
        """The body as JSON, or None when there is no body."""
        return json.loads(self.body) if self.body else None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request with the response it got."""

    request: Request
    response: Response


def last_of_each(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Query pairs as a mapping; of a repeated name the last value counts, as at GitHub."""
    return dict(pairs)
