"""The JSON Schema of a reply, within what all providers' strict modes take. Pure."""

import json
from collections.abc import Mapping
from typing import Any

_NOT_COMMON = frozenset({"minimum", "maximum", "minLength", "maxLength", "pattern", "format"})
_IN_WORDS = (
    "\n\nReply with one JSON object and nothing else: no code fence, no text around it. It has to "
    "follow this JSON Schema:\n"
)


def common(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema without bounds, which some strict modes refuse; a reply is checked anyway."""
    return {key: _common(key, value) for key, value in schema.items() if key not in _NOT_COMMON}


def in_words(schema: object) -> str:
    """The schema as a part of the prompt, for an endpoint that takes it nowhere else."""
    return _IN_WORDS + json.dumps(schema, separators=(",", ":"))


def _common(key: str, value: Any) -> Any:
    if key == "properties":
        # The keys below are names of our own, such as an axis that is called `format`.
        return {name: common(inner) for name, inner in value.items()}
    if isinstance(value, Mapping):
        return common(value)
    return value
