"""One request to the judge, as it arrived."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.fakes.judge.dialects import Dialect, dialect_of

_IN_WORDS = re.compile(r"JSON Schema:\n(\{.*\})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: path, headers (names in lower case), body, and when it came (monotonic, s)."""

    method: str
    path: str
    headers: Mapping[str, str]
    raw: bytes
    at: float

    @property
    def dialect(self) -> Dialect:
        """The vendor that is spoken to."""
        return dialect_of(self.path.partition("?")[0])

    @property
    def body(self) -> Any:
        """The body as JSON; empty when there is none."""
        return json.loads(self.raw) if self.raw else {}

    @property
    def model(self) -> str:
        """The model asked for."""
        return str(self.body.get("model", ""))

    @property
    def texts(self) -> list[str]:
        """The texts of a request for embeddings."""
        given = self.body.get("input", [])
        return [given] if isinstance(given, str) else list(given)

    @property
    def prompt(self) -> str:
        """All text of all messages, the system's included, in order; or the texts to embed."""
        system = self.body.get("system", "")
        messages = self.body.get("messages", [])
        parts = [_text(system)] + [_text(message.get("content")) for message in messages]
        parts += self.texts
        return "\n".join(part for part in parts if part)

    @property
    def schema(self) -> Mapping[str, Any] | None:
        """The JSON schema that the reply has to follow; None when none was sent.

        Where no parameter holds it, a model would still read it in the prompt.
        """
        if tools := self.body.get("tools"):
            tool = tools[0]
            found = tool.get("input_schema") or tool.get("function", {}).get("parameters")
        elif config := self.body.get("output_config"):
            found = config["format"]["schema"]
        else:
            response_format = self.body.get("response_format") or {}
            found = response_format.get("json_schema", {}).get("schema")
        if found is None and (told := _IN_WORDS.search(self.prompt)):
            found = json.loads(told[1])
        return found if isinstance(found, Mapping) else None

    @property
    def key(self) -> str | None:
        """The credential that came along, in the header that the vendor takes it from."""
        if self.dialect == "anthropic":
            return self.headers.get("x-api-key")
        if self.dialect == "azure":
            return self.headers.get("api-key")
        return self.headers.get("authorization", "").removeprefix("Bearer ") or None


def _text(content: object) -> str:
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content)
    return str(content or "")
