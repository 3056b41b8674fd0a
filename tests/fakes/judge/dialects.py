"""Which vendor a request speaks to, and how that vendor words what goes wrong."""

from typing import Literal

Dialect = Literal["openai", "anthropic", "azure", "github"]

_ANTHROPIC = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def dialect_of(path: str) -> Dialect:
    """By the path, which differs from vendor to vendor."""
    if path.endswith("/messages"):
        return "anthropic"
    if "/openai/" in path:
        return "azure"
    return "github" if "/inference/" in path else "openai"


def error(
    dialect: Dialect, status: int, kind: str, message: str, param: str | None = None
) -> dict[str, object]:
    """An error's body; `kind` is the code, which Anthropic has one of its own for."""
    if dialect == "anthropic":
        own = _ANTHROPIC.get(status, "api_error")
        found = {"type": own, "message": message}
        return {"type": "error", "error": found, "request_id": "req_fake"}
    if dialect == "openai":
        return {"error": {"message": message, "type": kind, "param": param, "code": kind}}
    if dialect == "github":
        return {"error": {"code": kind, "message": message, "details": message}}
    body: dict[str, object] = {"code": kind, "message": message, "param": param}
    if kind == "content_filter":
        body["innererror"] = {"code": "ResponsibleAIPolicyViolation"}
        body["status"] = status
    return {"error": body}
