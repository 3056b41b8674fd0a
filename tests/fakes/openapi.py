"""Checks what was sent to, and answered by, the fake against GitHub's own OpenAPI description.

The description is large and no part of the repository. Where it is absent nothing is checked, and
the tests of this check say so by being skipped.
"""

import gzip
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

from tests.fakes.wire import Exchange, Request

DOCUMENT = Path(__file__).parents[3] / "shared" / "data" / "github-openapi.json.gz"
HOST = "https://api.github.com"
_REPO = r"/repos/[^/]+/[^/]+"

# Endpoints that the excerpt of GitHub's description leaves out, each with what it is for.
# Requests to them are checked by the fake alone.
NOT_DESCRIBED: Mapping[str, str] = {
    rf"GET {_REPO}/compare/.+": "where a commit left the default branch",
    rf"GET {_REPO}/pulls/\d+/commits": "who wrote the commits of a pull request",
    rf"GET {_REPO}/commits(/[^/]+)?": "commits, by SHA and as history",
    rf"GET {_REPO}/(statuses/[^/]+|commits/[^/]+/statuses)": "every status of a commit",
    rf"GET {_REPO}/branches/.+": "the tip of the default branch",
    rf"(GET|PATCH) {_REPO}/git/refs?/.+": "the ledger branch's tip",
    rf"POST {_REPO}/git/(refs|trees|commits)": "the ledger branch's creation",
    rf"GET {_REPO}/git/blobs/[^/]+": "a ledger that is too large for the contents API",
    rf"PUT {_REPO}/contents/.+": "a line appended to the ledger",
    rf"GET {_REPO}/actions/workflows/[^/]+": "the workflow that a run belongs to",
    r"GET /orgs/[^/]+/teams/[^/]+/memberships/[^/]+": "whether an approver is in a team",
    r"GET /orgs/[^/]+/teams/[^/]+": "whether the token may know of a team at all",
    r"GET /users/[^/]+": "the id behind a login",
}


def check_requests(requests: Iterable[Request]) -> list[str]:
    """Say what GitHub's description objects to in these requests; an empty list is well."""
    if not DOCUMENT.exists():
        return []
    return [problem for request in requests for problem in _check_request(request)]


def check_exchanges(exchanges: Iterable[Exchange]) -> list[str]:
    """Say which answers do not have the shape that the description promises."""
    if not DOCUMENT.exists():
        return []
    return [problem for exchange in exchanges for problem in _check_exchange(exchange)]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the description, with the path as the validator is to read it."""

    path: str
    parameters: tuple[Mapping[str, Any], ...]
    body: Mapping[str, Any]


def find_operation(request: Request) -> Operation | None:
    """The operation that a request calls; None when the description has none."""
    for template, pattern in _patterns():
        match = pattern.fullmatch(request.path)
        found = _document()["paths"][template].get(request.method.lower()) if match else None
        if match and found:
            # A slash inside a parameter would look like two segments to the validator.
            named = {name: quote(value, safe="") for name, value in match.groupdict().items()}
            parameters = tuple(_resolved(entry) for entry in found.get("parameters", ()))
            content = found.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema", {})
            return Operation(template.format(**named), parameters, schema)
    return None


@cache
def _document() -> dict[str, Any]:
    with gzip.open(DOCUMENT, "rt", encoding="utf-8") as file:
        document: dict[str, Any] = json.load(file, object_hook=_mended)
    return document


def _mended(node: dict[str, Any]) -> dict[str, Any]:
    # The description picks `content-directory`, an array, by a property that no array has. The
    # alternatives exclude each other without it.
    node.pop("discriminator", None)
    # It means null where it says `nullable`, also beside an `enum` that does not list it.
    if node.get("nullable") is True and isinstance(node.get("enum"), list):
        node["enum"].append(None)
    return node


@cache
def _api() -> OpenAPI:
    return OpenAPI.from_dict(_document())


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    templates = sorted(_document()["paths"], key=lambda template: template.count("{"))
    return [(template, _compile(template)) for template in templates]


def _compile(template: str) -> re.Pattern[str]:
    long = {"path", "ref", "name"}  # the parameters in which a slash may stand
    return re.compile(
        re.sub(
            r"\{(\w+)\}",
            lambda match: f"(?P<{match[1]}>{'.+' if match[1] in long else '[^/]+'})",
            template,
        )
    )


def _resolved(parameter: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in parameter:
        return parameter
    name = parameter["$ref"].rpartition("/")[2]
    resolved: Mapping[str, Any] = _document()["components"]["parameters"][name]
    return resolved


def _check_request(request: Request) -> list[str]:
    operation = find_operation(request)
    if operation is None:
        known = any(re.fullmatch(pattern, request.line) for pattern in NOT_DESCRIBED)
        return [] if known else [f"{request.line}: GitHub's description has no such operation"]
    try:
        _api().validate_request(_as_openapi(request, operation))
    except OpenAPIError as error:
        return [f"{request.line}: {_explain(error)}"]
    return _unknown_names(request, operation)


def _check_exchange(exchange: Exchange) -> list[str]:
    request, response = exchange.request, exchange.response
    operation = find_operation(request)
    plain = response.content_type.partition(";")[0]
    if operation is None or plain != "application/json":
        return []
    answer = MockResponse(response.body, response.status, dict(response.headers), plain)
    try:
        _api().validate_response(_as_openapi(request, operation), answer)
    except OpenAPIError as error:
        return [f"{request.line} answered {response.status}: {_explain(error)}"]
    return []


def _as_openapi(request: Request, operation: Operation) -> MockRequest:
    return MockRequest(
        HOST,
        request.method,
        operation.path,
        args=dict(request.query),
        headers=dict(request.headers),
        data=request.body,
        content_type=request.headers.get("content-type", "application/json").partition(";")[0],
    )


def _unknown_names(request: Request, operation: Operation) -> list[str]:
    """Name the query parameters and body fields that GitHub would ignore without a word."""
    queries = {entry["name"] for entry in operation.parameters if entry["in"] == "query"}
    problems = [f"unknown query parameter {name!r}" for name in request.query.keys() - queries]
    properties = operation.body.get("properties")
    if properties is not None and isinstance(request.json, dict):
        strange = request.json.keys() - properties.keys()
        problems += [f"unknown field {name!r}" for name in strange]
    return [f"{request.line}: {problem}" for problem in sorted(problems)]


def _explain(error: BaseException) -> str:
    """Unfold the validator's nested errors into one line that names the field."""
    details = [
        f"{'.'.join(map(str, detail.absolute_path)) or 'body'}: {detail.message[:200]}"
        for detail in getattr(error.__cause__, "schema_errors", ())
    ]
    return "; ".join(details) or f"{error}" + (f" ({error.__cause__})" if error.__cause__ else "")
