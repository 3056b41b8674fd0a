"""What a well-behaved judge says: grades that follow the schema, in each provider's envelope."""

import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.fakes.judge.asked import Asked

# A score, or a score with its reason.
Grade = float | tuple[float, str]
Score = Callable[[str, str], Grade]

REASON = "The answer was held against what was asked."
DIMENSIONS = 64


def perfect(_prompt: str, _axis: str) -> Grade:
    """Grade everything 1.0."""
    return 1.0


def grades(asked: Asked, score: Score) -> Any:
    """The content of a reply: the schema filled in, each grade by the path of names to it.

    That is the axis' name, or `axis.turn_2` where an axis is graded turn by turn.
    """
    if asked.schema is None:
        return {"score": _split(score(asked.prompt, ""))[0], "reason": REASON}
    return _Filler(asked.schema, asked.prompt, score).fill(asked.schema, "")


def chat_completion(asked: Asked, content: str | None, **message: object) -> dict[str, object]:
    """An OpenAI chat completion; `message` overrides its fields, `finish_reason` included."""
    finish_reason = message.pop("finish_reason", "stop")
    said = {"role": "assistant", "content": content, "refusal": None} | message
    return {
        "id": "chatcmpl-fake",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": asked.model,
        "choices": [
            {"index": 0, "message": said, "logprobs": None, "finish_reason": finish_reason}
        ],
        "usage": _usage(asked, content, "prompt_tokens", "completion_tokens"),
    }


def message(asked: Asked, content: object, **fields: object) -> dict[str, object]:
    """An Anthropic message: a call of the tool that the request offered, else text.

    `fields` override its own.
    """
    block: dict[str, object] = {"type": "text", "text": _as_text(content)}
    tools = asked.body.get("tools")
    if tools and not isinstance(content, str):
        name = tools[0]["name"]
        block = {"type": "tool_use", "id": "toolu_fake", "name": name, "input": content}
    thought = {"type": "thinking", "thinking": "", "signature": "fake"}
    forced = (asked.body.get("tool_choice") or {}).get("type") == "tool"
    return {
        "id": "msg_fake",
        "type": "message",
        "role": "assistant",
        "model": asked.model,
        "content": [block] if forced else [thought, block],
        "stop_reason": block["type"] if block["type"] == "tool_use" else "end_turn",
        "stop_sequence": None,
        "usage": _usage(asked, _as_text(content), "input_tokens", "output_tokens"),
    } | fields


def _as_text(content: object) -> str:
    return content if isinstance(content, str) else json.dumps(content)


def reply(asked: Asked, content: object) -> dict[str, object]:
    """What the model says, in the envelope of the vendor that was asked."""
    if asked.dialect == "anthropic":
        return message(asked, content)
    return chat_completion(asked, _as_text(content))


def embeddings(asked: Asked) -> dict[str, object]:
    """One vector a text: hashed words, so that texts with shared words lie close together."""
    given = asked.body.get("input", [])
    texts = [given] if isinstance(given, str) else given
    data = [
        {"object": "embedding", "index": index, "embedding": embed(text)}
        for index, text in enumerate(texts)
    ]
    tokens = sum(count_tokens(text) for text in texts)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": asked.model, "usage": usage}


def embed(text: str) -> list[float]:
    """A unit vector of 64 dimensions; equal for texts with the same words."""
    vector = [0.0] * DIMENSIONS
    for word in re.findall(r"\w+", text.lower()):
        digest = hashlib.sha256(word.encode()).digest()
        vector[digest[0] % DIMENSIONS] += 1.0
    length = math.sqrt(sum(value * value for value in vector)) or 1.0
    return [value / length for value in vector]


class _Filler:
    """Fills a JSON schema with a judge's answer; an axis is graded once, however often it shows."""

    def __init__(self, root: Mapping[str, Any], prompt: str, score: Score) -> None:
        self._root = root
        self._prompt = prompt
        self._score = score
        self._graded: dict[str, tuple[float, str]] = {}

    def fill(self, schema: Mapping[str, Any], axis: str) -> Any:
        """A value for the schema; `axis` is the path of names that leads to it."""
        schema = self._plain(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        if schema["type"] == "object":
            return {name: self._property(s, name, axis) for name, s in schema["properties"].items()}
        if schema["type"] == "array":
            return [self.fill(schema["items"], axis) for _ in range(schema.get("minItems", 1))]
        return self._leaf(schema["type"], axis)

    def _property(self, schema: Mapping[str, Any], name: str, axis: str) -> Any:
        # `score` and `reason` belong to the axis around them; at the top a number is an axis.
        is_leaf = self._plain(schema).get("type") not in ("object", "array")
        path = f"{axis}.{name}" if axis else name
        return self.fill(schema, axis if axis and is_leaf else path)

    def _leaf(self, kind: str, axis: str) -> Any:
        if axis not in self._graded:
            self._graded[axis] = _split(self._score(self._prompt, axis))
        score, reason = self._graded[axis]
        if kind == "string":
            return reason
        if kind == "boolean":
            return score >= 0.5
        return round(score) if kind == "integer" else score

    def _plain(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" in schema:
            return self._plain(self._follow(schema["$ref"]))
        for union in ("anyOf", "oneOf", "allOf"):
            if union in schema:
                chosen = [option for option in schema[union] if option.get("type") != "null"]
                return self._plain(chosen[0])
        kinds = schema.get("type")
        if isinstance(kinds, list):
            return {**schema, "type": next(kind for kind in kinds if kind != "null")}
        return schema

    def _follow(self, reference: str) -> Mapping[str, Any]:
        node: Any = self._root
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]
        found: Mapping[str, Any] = node
        return found


def _split(grade: Grade) -> tuple[float, str]:
    return grade if isinstance(grade, tuple) else (grade, REASON)


def count_tokens(text: str) -> int:
    """A token is four characters here."""
    return len(text) // 4 + 1


def _usage(asked: Asked, said: str | None, into: str, out: str) -> dict[str, int]:
    counts = {into: count_tokens(asked.prompt), out: count_tokens(said or "")}
    return counts | {"total_tokens": sum(counts.values())}
