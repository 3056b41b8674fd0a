"""One request to the judge, as it arrived."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: path, headers (names in lower case), body, and when it came (monotonic, s)."""

    method: str
    path: str
    headers: Mapping[str, str]
    raw: bytes
    at: float

    @property
    def body(self) -> Any:
        """The body as JSON; empty when there is none."""
        return json.loads(self.raw) if self.raw else {}

    @property
    def model(self) -> str:
        """The model asked for."""
        return str(self.body.get("model", ""))

    @property
    def prompt(self) -> str:
        """All text of all messages, the system's included, in order."""
        system = self.body.get("system", "")
        messages = self.body.get("messages", [])
        parts = [_text(system)] + [_text(message.get("content")) for message in messages]
        return "\n".join(part for part in parts if part)

    @property
    def schema(self) -> Mapping[str, Any] | None:
        """The JSON schema that the reply has to follow; None when none was sent."""
        if tools := self.body.get("tools"):
            tool = tools[0]
            found = tool.get("input_schema") or tool.get("function", {}).get("parameters")
        else:
            response_format = self.body.get("response_format") or {}
            found = response_format.get("json_schema", {}).get("schema")
        return found if isinstance(found, Mapping) else None

    @property
    def key(self) -> str | None:
        """The credential that came along, in any of the headers that providers use."""
        bearer = self.headers.get("authorization", "").removeprefix("Bearer ")
        return bearer or self.headers.get("x-api-key") or self.headers.get("api-key")


def _text(content: object) -> str:
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content)
    return str(content or "")
