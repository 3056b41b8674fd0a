"""Chat completions with a strict JSON Schema: OpenAI and every endpoint compatible with it."""

import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from rubric_action.grading.answers import Answer, Content, Cut, Fault, Refusal, Response, TokenUsage
from rubric_action.grading.failures import Finals, failed_response, failure
from rubric_action.grading.fence import one_line
from rubric_action.grading.prompt import Prompt
from rubric_action.grading.providers.complaint import complaint
from rubric_action.grading.providers.protocol import Feature, Without
from rubric_action.grading.providers.schema import common, in_words
from rubric_action.grading.providers.usage import count_of

_MAX_DETAIL_CHARS = 200
# These models know one temperature and refuse the parameter; gpt-5-chat is not one of them.
_REASONING = re.compile(r"(?:.*/)?(?:o\d|gpt-5(?!-chat))")
_STRUCTURE = re.compile(
    r"response[_ ]format|json[_ ]?schema|json[_ ]object|structured[_ ]output|guided[_ ]|grammar"
)
_FENCE = re.compile(r"\s*```(?:json)?[ \t]*\n(.*?)\n?```\s*", re.DOTALL)
_NOTES: Final[Mapping[Feature, str]] = {
    "temperature": "takes no `temperature`, so that its own is in force",
    "json_schema": (
        "does not hold its replies to a JSON Schema: they are asked for as JSON, with the schema "
        "in the prompt, and are checked as strictly as ever"
    ),
    "json_object": "has no JSON mode: the prompt alone asks for JSON",
}


class OpenAIChat:
    """Chat completions as OpenAI speaks them."""

    default_base_url: str | None = "https://api.openai.com/v1"
    finals: ClassVar[Finals] = {}
    """Errors with a meaning of their own at this vendor."""

    def path(self, base_url: str) -> str:
        """Chat completions stand right below the base URL."""
        return "/chat/completions"

    def headers(self, key: str | None) -> Mapping[str, str]:
        """A bearer token, or nothing for an endpoint that asks for none."""
        return {"Authorization": f"Bearer {key}"} if key else {}

    def body(self, model: str, temperature: float, prompt: Prompt) -> dict[str, Any]:
        """The request; temperature 0 is left out for reasoning models, which refuse it."""
        schema = {"name": prompt.name, "strict": True, "schema": common(prompt.schema)}
        body: dict[str, Any] = {
            "model": model,
            "response_format": {"type": "json_schema", "json_schema": schema},
        }
        if temperature or not _REASONING.match(model):
            body["temperature"] = temperature
        return body | {"messages": prompt.messages}

    def lesser(self, body: Mapping[str, Any], without: Without) -> dict[str, Any]:
        """Without a schema it asks for any JSON object, without that for nothing: in words."""
        less = dict(body)
        if "temperature" in without:
            less.pop("temperature", None)
        if "json_schema" not in without:
            return less
        schema = less.pop("response_format")["json_schema"]["schema"]
        system, *rest = less.pop("messages")
        if "json_object" not in without:
            less["response_format"] = {"type": "json_object"}
        told = {**system, "content": system["content"] + in_words(schema)}
        return less | {"messages": [told, *rest]}

    def refused(self, response: Response) -> Feature | None:
        """By the parameter that the complaint names; whatever names a format means the format."""
        told, without = complaint(response), response.without
        if "temperature" in told and "temperature" not in without:
            return "temperature"
        if not _STRUCTURE.search(told) or isinstance(self.read(response), Refusal):
            return None
        ways: tuple[Feature, ...] = ("json_schema", "json_object")
        return next((way for way in ways if way not in without), None)

    def disregarded(self, without: Without) -> Feature | None:
        """An endpoint that ignores the schema has to be told it in words."""
        return None if "json_schema" in without else "json_schema"

    def note(self, feature: Feature) -> str:
        """What is done instead."""
        return _NOTES[feature]

    def read(self, response: Response) -> Answer:
        """Take the first choice's content, and only that; an error object with 200 is a fault."""
        if response.status != 200:
            return failed_response(response, self.finals)
        try:
            reply = json.loads(response.body)
        except (ValueError, RecursionError):
            told = "the judge answered 200 with a body that is not JSON"
            return Fault(told, unreached=True)
        if not isinstance(reply, dict):
            return Fault("the judge answered 200 with JSON that is not an object")
        if reply.get("error"):
            return failure(response, reply, self.finals)
        return _choice(reply, fenced="json_schema" in response.without)


def _choice(reply: Mapping[str, Any], *, fenced: bool) -> Answer:
    usage = _usage(reply.get("usage"))
    choice = _first(reply.get("choices"))
    message = choice.get("message") if choice else None
    if choice is None or not isinstance(message, dict):
        return Fault("the judge answered 200 without a choice")
    refused, content = message.get("refusal"), message.get("content")
    if isinstance(refused, str) and refused:
        return Refusal(one_line(refused, _MAX_DETAIL_CHARS), usage)
    if choice.get("finish_reason") == "content_filter":
        return Refusal("a content filter stopped the reply", usage)
    if choice.get("finish_reason") == "length":
        return Cut(usage)
    model = reply.get("model")
    text = content if isinstance(content, str) else ""
    return Content(_bare(text) if fenced else text, usage, model if isinstance(model, str) else "")


def _bare(text: str) -> str:
    """The text without the code fence around all of it, where nothing held the model back."""
    fence = _FENCE.fullmatch(text)
    return fence[1] if fence else text


def _first(choices: object) -> Mapping[str, Any] | None:
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        return choices[0]
    return None


def _usage(usage: object) -> TokenUsage | None:
    if not isinstance(usage, dict):
        return None
    sent, received = count_of(usage.get("prompt_tokens")), count_of(usage.get("completion_tokens"))
    if sent is None or received is None:
        return None
    details = usage.get("prompt_tokens_details")
    cached = count_of(details.get("cached_tokens")) if isinstance(details, dict) else None
    known = cached if cached is not None and cached <= sent else 0
    return TokenUsage(sent, received, cache_read_tokens=known)
