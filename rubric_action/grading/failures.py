"""HTTP responses that bring no reply: what may pass, what concerns one request, what is the end."""

import json
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from rubric_action.errors import JudgeRefused
from rubric_action.grading.answers import Answer, Fault, Refusal, Response, Stop, Unacceptable
from rubric_action.grading.backoff import retry_after_s
from rubric_action.grading.fence import one_line

Finals = Mapping[str | int, tuple[str, str]]
"""Cause and mend by error code or by status, of what ends everything."""

_MAX_MESSAGE_CHARS = 200
_PASSING = frozenset({408, 409, 425, 429, 529})
_THROTTLED = frozenset({429, 529})
_THROTTLING = frozenset({"overloaded_error", "rate_limit_error", "rate_limit_exceeded"})
_THIS_REQUEST = frozenset({400, 413, 422})
_FILTERS = frozenset({"content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation"})
# Anthropic says so with status 400 and no code of its own.
_OUT_OF_MONEY = re.compile(
    r"credit balance is too low|(?:usage|spend|spending) limits?\b", re.IGNORECASE
)
_CHECK_KEY = "Check the judge's key, and that its account may use this model."
_TOP_UP = "Add credit to the judge's account, or set another judge."
_CHECK_MODEL = "Check `judge.model` and `judge.base_url`."
_USED_UP = ("the judge's quota is used up", _TOP_UP)
# Codes that end everything, whatever the status: providers answer some of them with 429 or 200.
_FINAL_CODES: Finals = {
    "insufficient_quota": _USED_UP,
    "billing_hard_limit_reached": _USED_UP,
    "billing_not_active": ("the judge's account is not active", _TOP_UP),
    "billing_error": ("the judge asks to be paid first", _TOP_UP),
    "invalid_api_key": ("the judge does not accept the key", _CHECK_KEY),
    "authentication_error": ("the judge does not accept the key", _CHECK_KEY),
    "permission_error": ("the judge does not allow this key to grade", _CHECK_KEY),
    "account_deactivated": ("the judge's account is not active", _CHECK_KEY),
    "model_not_found": ("the judge does not know the model", _CHECK_MODEL),
}
_FINAL_STATUSES: Finals = {
    401: ("the judge does not accept the key", _CHECK_KEY),
    402: ("the judge asks to be paid first", _TOP_UP),
    403: ("the judge does not allow this key to grade", _CHECK_KEY),
}


def failed_response(response: Response, finals: Finals = MappingProxyType({})) -> Answer:
    """Sort a response whose status is not 200; the body may be anything.

    `finals` are the provider's own, and come first.
    """
    try:
        body = json.loads(response.body)
    except (ValueError, RecursionError):
        body = None
    return failure(response, body if isinstance(body, dict) else {}, finals)


def failure(
    response: Response, body: Mapping[str, Any], finals: Finals = MappingProxyType({})
) -> Answer:
    """Sort a response by its error codes first and by its status second.

    An error object that came with status 200 and no final code counts as a fault that may pass.
    """
    codes, message = _error(body)
    told = f"HTTP {response.status}{f': {message}' if message else ''}"
    final = _final(codes, finals) or _final(codes, _FINAL_CODES)
    if final is not None:
        return _stop(*final, told)
    if not _FILTERS.isdisjoint(codes):
        return Refusal(f"a content filter refused the request ({told})")
    if response.status == 400 and _OUT_OF_MONEY.search(message):
        return _stop(*_USED_UP, told)
    if response.status in finals:
        return _stop(*finals[response.status], told)
    return _by_status(response, told, throttled=not _THROTTLING.isdisjoint(codes))


def _final(codes: Sequence[str], finals: Finals) -> tuple[str, str] | None:
    return next((finals[code] for code in codes if code in finals), None)


def _by_status(response: Response, told: str, *, throttled: bool) -> Answer:
    status = response.status
    if status == 200 or status in _PASSING or status >= 500:
        asked = retry_after_s(response.headers, response.received_at)
        return Fault(told, asked, throttled=throttled or status in _THROTTLED)
    if status in _THIS_REQUEST:
        return Unacceptable(told)
    if 300 <= status < 400:
        return _stop(
            "the judge's endpoint redirects, and a key is never sent after a redirect",
            "Set `judge.base_url` to the final address.",
            f"HTTP {status}",
        )
    cause, mend = _FINAL_STATUSES.get(status, ("the judge's endpoint is not there", _CHECK_MODEL))
    return _stop(cause, mend, told)


def _stop(cause: str, mend: str, told: str) -> Stop:
    return Stop(JudgeRefused(f"{cause[0].upper()}{cause[1:]} ({told}).", mend))


def _error(body: Mapping[str, Any]) -> tuple[tuple[str, ...], str]:
    """The codes and the message of an error object, of any shape."""
    error = body.get("error", body)
    if not isinstance(error, dict):
        return (), one_line(str(error), _MAX_MESSAGE_CHARS) if error else ""
    inner = error.get("innererror")
    within = inner.get("code") if isinstance(inner, dict) else None
    found = (error.get("code"), error.get("type"), within)
    message = error.get("message")
    text = one_line(message, _MAX_MESSAGE_CHARS) if isinstance(message, str) else ""
    return tuple(code for code in found if isinstance(code, str)), text
