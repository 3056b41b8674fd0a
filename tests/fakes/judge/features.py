"""What a request may ask for and an endpoint may lack, and how endpoints say that they lack it."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.fakes.judge.faults import Fault, raw


def _format(body: Mapping[str, Any]) -> object:
    return (body.get("response_format") or {}).get("type")


FEATURES: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "temperature": lambda body: "temperature" in body,
    "json_schema": lambda body: _format(body) == "json_schema",
    "json_object": lambda body: _format(body) == "json_object",
    "tool_choice": lambda body: (body.get("tool_choice") or {}).get("type") in ("tool", "any"),
    "json_output": lambda body: "output_config" in body,
}
"""Whether a request asks for the feature."""


def _openai(message: str, param: str | None = None, status: int = 400) -> Fault:
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": None}
    return raw(status, {"error": error})


def _anthropic(message: str) -> Fault:
    return raw(
        400, {"type": "error", "error": {"type": "invalid_request_error", "message": message}}
    )


NO_SCHEMA: Mapping[str, Fault] = {
    "OpenAI": _openai(
        "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this "
        "model. Learn more about supported models at the Structured Outputs guide.",
        "response_format",
    ),
    "DeepSeek": _openai("This response_format type is unavailable now"),
    "Groq": _openai("This model does not support response format `json_schema`."),
    "Ark": raw(
        400,
        {
            "error": {
                "code": "InvalidParameter",
                "message": "The parameter `response_format.type` specified in the request are not "
                "valid: invalid value: `json_schema`, supported values are: `json_object` and "
                "`text`.",
                "param": "response_format.type",
                "type": "BadRequest",
            }
        },
    ),
    "vLLM": raw(
        400,
        {
            "object": "error",
            "message": "[{'type': 'literal_error', 'loc': ('body', 'response_format', 'type'), "
            "'msg': \"Input should be 'text' or 'json_object'\", 'input': 'json_schema'}]",
            "type": "BadRequestError",
            "param": None,
            "code": 400,
        },
    ),
    "FastAPI": raw(
        422,
        {
            "detail": [
                {
                    "type": "literal_error",
                    "loc": ["body", "response_format", "type"],
                    "msg": "Input should be 'text' or 'json_object'",
                    "input": "json_schema",
                }
            ]
        },
    ),
    "llama.cpp": _openai(
        'response_format type must be one of "text" or "json_object", but got: json_schema',
        status=500,
    ),
    "a text": raw(400, {"error": "response_format is not supported"}),
    "a detail": raw(422, {"detail": "Structured outputs are not available"}),
}
"""How endpoints of many kinds say that they know no `json_schema`."""

NO_OBJECT: Mapping[str, Fault] = {
    "LM Studio": raw(400, {"error": "'response_format.type' must be 'json_schema' or 'text'"}),
    "OpenAI": _openai(
        "Invalid parameter: 'response_format' of type 'json_object' is not supported with this "
        "model.",
        "response_format",
    ),
}
"""How they say that they know no `json_object`."""

NO_TEMPERATURE: Mapping[str, Fault] = {
    "value": _openai(
        "Unsupported value: 'temperature' does not support 0 with this model. Only the default "
        "(1) value is supported.",
        "temperature",
    ),
    "parameter": _openai("Unsupported parameter: 'temperature' is not supported.", "temperature"),
}
"""How OpenAI's reasoning models say that they have one temperature."""

NO_CLAUDE_TEMPERATURE = _anthropic("`temperature` is deprecated for this model.")
"""How Claude says so from Opus 4.7 on."""

NO_FORCED_CALL: Mapping[str, Fault] = {
    "5.5": _anthropic('tool_choice: type "tool" and "any" are not supported for this model.'),
    "5.1": _anthropic("tool_choice forces tool use is not compatible with this model"),
    "thinking": _anthropic("Thinking may not be enabled when tool_choice forces tool use."),
}
"""How Claude refuses to be made to call a tool."""

NO_OUTPUT_FORMAT = _anthropic("output_config.format: json_schema is not supported for this model.")
"""How a model says that it holds no text to a schema."""
