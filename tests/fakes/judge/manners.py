"""What each vendor insists on; a request without it is refused, as it would be there."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.fakes.judge.asked import Asked
from tests.fakes.judge.faults import Fault, raw, status


def improper(asked: Asked) -> Fault | None:
    """The refusal of a request that its vendor would not take; None for a proper one."""
    body, path = asked.body, asked.path
    if path.endswith("/embeddings"):
        return None
    if asked.dialect == "azure" and "/deployments/" in path and "api-version=" not in path:
        return raw(404, {"error": {"code": "404", "message": "Resource not found"}})
    if asked.dialect == "anthropic":
        return _improper_message(asked, body)
    form = body.get("response_format") or {}
    if form.get("type") == "json_object" and "json" not in json.dumps(body["messages"]).lower():
        told = "'messages' must contain the word 'json' in some form, to use 'response_format'"
        return status(400, kind="invalid_request_error", message=told)
    if (form.get("json_schema") or {}).get("strict"):
        return _loose(form["json_schema"]["schema"], "response_format")
    return None


def _improper_message(asked: Asked, body: Mapping[str, Any]) -> Fault | None:
    if "anthropic-version" not in asked.headers:
        return status(400, message="anthropic-version: header is required")
    if "max_tokens" not in body:
        return status(400, message="max_tokens: Field required")
    if any(one["role"] not in ("user", "assistant") for one in body["messages"]):
        return status(400, message="messages: Unexpected role")
    if config := body.get("output_config"):
        return _loose(config["format"]["schema"], "output_config.format")
    return None


def _loose(schema: Mapping[str, Any], where: str) -> Fault | None:
    """A strict schema names every key, allows no other, and has no bounds."""
    wrong = next(_faults_of(schema), None)
    told = f"Invalid schema for {where}: {wrong}"
    return status(400, kind="invalid_request_error", message=told) if wrong else None


def _faults_of(schema: Mapping[str, Any]) -> Iterator[str]:
    bounds = {"minimum", "maximum", "minLength", "maxLength", "pattern", "format"} & schema.keys()
    yield from (f"'{name}' is not permitted" for name in sorted(bounds))
    if schema.get("type") == "object":
        inner = schema.get("properties", {})
        if schema.get("additionalProperties") is not False:
            yield "'additionalProperties' is required to be false"
        if set(schema.get("required", ())) != set(inner):
            yield "'required' has to name every key"
        for one in inner.values():
            yield from _faults_of(one)
