"""The providers' request and reply shapes; the client around them knows none of it."""

import json
import re
from collections.abc import Mapping
from typing import Any, Protocol

from rubric_action.errors import InputError, Place, Problem
from rubric_action.grading.answers import (
    Answer,
    Content,
    Cut,
    Fault,
    Refusal,
    Response,
    TokenUsage,
)
from rubric_action.grading.failures import failed_response, failure
from rubric_action.grading.fence import one_line
from rubric_action.grading.prompt import Prompt

_MAX_DETAIL_CHARS = 200
# These models know one temperature and refuse the parameter; gpt-5-chat is not one of them.
_REASONING = re.compile(r"(?:.*/)?(?:o\d|gpt-5(?!-chat))")


class Provider(Protocol):
    """How one vendor's API is spoken to."""

    default_base_url: str
    path: str

    def headers(self, key: str | None) -> Mapping[str, str]:
        """The headers that carry the key; nothing else ever does."""
        ...

    def body(self, model: str, temperature: float, prompt: Prompt) -> dict[str, Any]:
        """The request that asks for a structured reply."""
        ...

    def read(self, response: Response) -> Answer:
        """What a response comes to; never raises."""
        ...


class OpenAIChat:
    """Chat completions with a strict JSON Schema: OpenAI and every endpoint compatible with it."""

    default_base_url = "https://api.openai.com/v1"
    path = "/chat/completions"

    def headers(self, key: str | None) -> Mapping[str, str]:
        """A bearer token, or nothing for an endpoint that asks for none."""
        return {"Authorization": f"Bearer {key}"} if key else {}

    def body(self, model: str, temperature: float, prompt: Prompt) -> dict[str, Any]:
        """The request; temperature 0 is left out for reasoning models, which refuse it."""
        schema = {"name": "grades", "strict": True, "schema": prompt.schema}
        body: dict[str, Any] = {
            "model": model,
            "messages": prompt.messages,
            "response_format": {"type": "json_schema", "json_schema": schema},
        }
        if temperature or not _REASONING.match(model):
            body["temperature"] = temperature
        return body

    def read(self, response: Response) -> Answer:
        """Take the first choice's content, and only that; an error object with 200 is a fault."""
        if response.status != 200:
            return failed_response(response)
        try:
            reply = json.loads(response.body)
        except (ValueError, RecursionError):
            told = "the judge answered 200 with a body that is not JSON"
            return Fault(told, unreached=True)
        if not isinstance(reply, dict):
            return Fault("the judge answered 200 with JSON that is not an object")
        if reply.get("error"):
            return failure(response, reply)
        return _choice(reply)


def provider_for(name: str, place: Place = Place("the rubric")) -> Provider:
    """The provider of that name; `InputError` for one that is not supported."""
    if name == "openai":
        return OpenAIChat()
    raise InputError(
        Problem(
            place,
            f"provider `{name}` is not supported by this version",
            "Use `openai`, with `base_url` for a compatible endpoint, or `lexical`",
            key="judge.provider",
        )
    )


def _choice(reply: Mapping[str, Any]) -> Answer:
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
    return Content(text, usage, model if isinstance(model, str) else "")


def _first(choices: object) -> Mapping[str, Any] | None:
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        return choices[0]
    return None


def _usage(usage: object) -> TokenUsage | None:
    if not isinstance(usage, dict):
        return None
    sent, received = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if not isinstance(sent, int) or not isinstance(received, int) or min(sent, received) < 0:
        return None
    return TokenUsage(sent, received)
