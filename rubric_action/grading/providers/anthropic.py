"""Anthropic's Messages API: the reply is the input of a tool that the model is made to call.

Claude 5.1 and later refuse a forced call. They get the schema as `output_config.format`, which
holds the text of the reply to it; a model that takes neither is asked to call the tool.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from rubric_action.grading.answers import Answer, Content, Cut, Fault, Refusal, Response, TokenUsage
from rubric_action.grading.failures import Finals, failed_response, failure
from rubric_action.grading.fence import one_line
from rubric_action.grading.prompt import Prompt
from rubric_action.grading.providers.complaint import complaint
from rubric_action.grading.providers.protocol import Feature, Without
from rubric_action.grading.providers.schema import common
from rubric_action.grading.providers.usage import count_of

VERSION: Final = "2023-06-01"
BASE_TOKENS: Final = 1024
GRADE_TOKENS: Final = 512
"""Room for one reason with its score; two sentences take a tenth of it."""
THINKING_TOKENS: Final = 16_384
"""Room for what a model thinks by itself before it answers: nothing turns it on here."""
MOST_TOKENS: Final = 32_000
"""The most that every model of the last two years may put out."""

_MAX_DETAIL_CHARS = 200
_CUTS = frozenset({"max_tokens", "model_context_window_exceeded"})
# From Claude Opus 4.7 on, any temperature but the default is refused.
_ONE_TEMPERATURE = re.compile(
    r"(?:.*/)?claude-(?:opus-4-(?:[7-9]|\d\d)(?!\d)|[a-z]+-(?:[5-9]|\d\d)(?!\d))"
)
_TEMPERATURE = re.compile(r"\btemperature\b")
_OUTPUT = re.compile(r"output_(?:config|format)|json_schema|structured output")
_CALL: Final = "\n\nReply with one call of the tool `{name}`, and with nothing else."
_NOTES: Final[Mapping[Feature, str]] = {
    "temperature": "takes no `temperature`, so that its own is in force",
    "tool_choice": (
        "takes no forced tool call: the schema holds the text of its reply (`output_config`)"
    ),
    "json_output": "holds no reply to a schema: it is only asked to call the tool",
}


class AnthropicMessages:
    """Messages with one tool, and the long shared prefix marked for the prompt cache."""

    default_base_url: str | None = "https://api.anthropic.com"
    finals: ClassVar[Finals] = {
        404: ("the judge knows no such model or address", "Check `judge.model`.")
    }

    def path(self, base_url: str) -> str:
        """The version belongs to the path, and may stand in the base URL already."""
        return "/messages" if base_url.endswith("/v1") else "/v1/messages"

    def headers(self, key: str | None) -> Mapping[str, str]:
        """The key in a header of its own, and the version of the API."""
        return {"anthropic-version": VERSION, **({"x-api-key": key} if key else {})}

    def body(self, model: str, temperature: float, prompt: Prompt) -> dict[str, Any]:
        """The request; the cache ends behind the system message and so holds the tool as well."""
        schema = common(prompt.schema)
        system, *said = prompt.messages
        cached = {"cache_control": {"type": "ephemeral"}}
        body: dict[str, Any] = {
            "model": model,
            "max_tokens": _room(schema),
            "tools": [{"name": prompt.name, "input_schema": schema}],
            "tool_choice": {
                "type": "tool",
                "name": prompt.name,
                "disable_parallel_tool_use": True,
            },
            "system": [{"type": "text", "text": system["content"], **cached}],
        }
        if temperature or not _ONE_TEMPERATURE.match(model):
            body["temperature"] = temperature
        return body | {"messages": said}

    def lesser(self, body: Mapping[str, Any], without: Without) -> dict[str, Any]:
        """Without the forced call a model may think before it answers, and needs room for it."""
        less = dict(body)
        if "temperature" in without:
            less.pop("temperature", None)
        if "tool_choice" not in without:
            return less
        less["max_tokens"] = min(less["max_tokens"] + THINKING_TOKENS, MOST_TOKENS)
        (tool,), messages = less.pop("tools"), less.pop("messages")
        del less["tool_choice"]
        if "json_output" not in without:
            form = {"type": "json_schema", "schema": tool["input_schema"]}
            return less | {"output_config": {"format": form}, "messages": messages}
        (system,) = less["system"]
        told = {**system, "text": system["text"] + _CALL.format(name=tool["name"])}
        call = {"tools": [tool], "tool_choice": {"type": "auto"}, "system": [told]}
        return less | call | {"messages": messages}

    def refused(self, response: Response) -> Feature | None:
        """By the parameter that the complaint names."""
        told, without = complaint(response), response.without
        if _TEMPERATURE.search(told) and "temperature" not in without:
            return "temperature"
        if "tool_choice" in told and "tool_choice" not in without:
            return "tool_choice"
        held = "tool_choice" in without and "json_output" not in without
        return "json_output" if held and _OUTPUT.search(told) else None

    def disregarded(self, without: Without) -> Feature | None:
        """No model of this API was seen to ignore a forced call."""
        return None

    def note(self, feature: Feature) -> str:
        """What is done instead."""
        return _NOTES[feature]

    def read(self, response: Response) -> Answer:
        """Take what the schema holds: the tool's input, or the text where the text was held."""
        if response.status != 200:
            return failed_response(response, self.finals)
        try:
            reply = json.loads(response.body)
        except (ValueError, RecursionError):
            told = "the judge answered 200 with a body that is not JSON"
            return Fault(told, unreached=True)
        if not isinstance(reply, dict):
            return Fault("the judge answered 200 with JSON that is not an object")
        if reply.get("type") == "error" or reply.get("error"):
            return failure(response, reply, self.finals)
        return _message(reply, response.without)


def _message(reply: Mapping[str, Any], without: Without) -> Answer:
    blocks = reply.get("content")
    if not isinstance(blocks, list):
        return Fault("the judge answered 200 without content")
    usage, reason = _usage(reply.get("usage")), reply.get("stop_reason")
    if reason == "refusal":
        return Refusal(_refusal(blocks), usage)
    if reason in _CUTS:
        return Cut(usage)
    blocks = [block for block in blocks if isinstance(block, dict)]
    held_text = "tool_choice" in without and "json_output" not in without
    model = reply.get("model")
    text = _text(blocks) if held_text else _input(blocks)
    return Content(text, usage, model if isinstance(model, str) else "")


def _refusal(blocks: Sequence[Any]) -> str:
    said = _text([block for block in blocks if isinstance(block, dict)])
    return one_line(said, _MAX_DETAIL_CHARS) or "the model refused to grade this"


def _text(blocks: Sequence[Mapping[str, Any]]) -> str:
    """All text, without what was thought before it."""
    texts = [block.get("text") for block in blocks if block.get("type") == "text"]
    return "".join(text for text in texts if isinstance(text, str))


def _input(blocks: Sequence[Mapping[str, Any]]) -> str:
    """The input of the one call, as JSON; nothing where there is no call, or more than one."""
    calls = [block.get("input") for block in blocks if block.get("type") == "tool_use"]
    return json.dumps(calls[0]) if len(calls) == 1 else ""


def _usage(usage: object) -> TokenUsage | None:
    """What was read from the cache or written to it is told beside `input_tokens`, not in it."""
    if not isinstance(usage, dict):
        return None
    names = ("input_tokens", "output_tokens")
    cached = ("cache_read_input_tokens", "cache_creation_input_tokens")
    counts = [usage.get(name) for name in names] + [usage.get(name) or 0 for name in cached]
    known = [count for count in map(count_of, counts) if count is not None]
    if len(known) < len(counts):
        return None
    sent, received, read, written = known
    return TokenUsage(sent + read + written, received, read, written)


def _room(schema: Mapping[str, Any]) -> int:
    return min(BASE_TOKENS + GRADE_TOKENS * _objects(schema), MOST_TOKENS)


def _objects(schema: Mapping[str, Any]) -> int:
    """How many objects a reply holds, which is as many as grades and one for each level above."""
    inner = schema.get("properties", {}).values()
    return (schema.get("type") == "object") + sum(_objects(one) for one in inner)
