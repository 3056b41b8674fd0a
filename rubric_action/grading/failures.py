"""HTTP responses that bring no reply: what may pass, what concerns one request, what is the end."""

import json
from collections.abc import Mapping
from typing import Any

from rubric_action.errors import JudgeRefused
from rubric_action.grading.answers import Answer, Fault, Refusal, Response, Stop, Unacceptable
from rubric_action.grading.backoff import retry_after_s
from rubric_action.grading.fence import one_line

_MAX_MESSAGE_CHARS = 200
_PASSING = frozenset({408, 409, 425, 429, 529})
_THROTTLED = frozenset({429, 529})
_THIS_REQUEST = frozenset({400, 413, 422})
_FILTERS = frozenset({"content_filter", "content_policy_violation"})
_CHECK_KEY = "Check the judge's key, and that its account may use this model."
_TOP_UP = "Add credit to the judge's account, or set another judge."
_CHECK_MODEL = "Check `judge.model` and `judge.base_url`."
# Codes that end everything, whatever the status: providers answer some of them with 429 or 200.
_FINAL_CODES: Mapping[str, tuple[str, str]] = {
    "insufficient_quota": ("the judge's quota is used up", _TOP_UP),
    "billing_hard_limit_reached": ("the judge's quota is used up", _TOP_UP),
    "billing_not_active": ("the judge's account is not active", _TOP_UP),
    "invalid_api_key": ("the judge does not accept the key", _CHECK_KEY),
    "account_deactivated": ("the judge's account is not active", _CHECK_KEY),
    "model_not_found": ("the judge does not know the model", _CHECK_MODEL),
}
_FINAL_STATUSES: Mapping[int, tuple[str, str]] = {
    401: ("the judge does not accept the key", _CHECK_KEY),
    402: ("the judge asks to be paid first", _TOP_UP),
    403: ("the judge does not allow this key to grade", _CHECK_KEY),
}


def failed_response(response: Response) -> Answer:
    """Sort a response whose status is not 200; the body may be anything."""
    try:
        body = json.loads(response.body)
    except (ValueError, RecursionError):
        body = None
    return failure(response, body if isinstance(body, dict) else {})


def failure(response: Response, body: Mapping[str, Any]) -> Answer:
    """Sort a response by its error codes first and by its status second.

    An error object that came with status 200 and no final code counts as a fault that may pass.
    """
    codes, message = _error(body)
    told = f"HTTP {response.status}{f': {message}' if message else ''}"
    final = next((_FINAL_CODES[code] for code in codes if code in _FINAL_CODES), None)
    if final is not None:
        return _stop(*final, told)
    if not codes.isdisjoint(_FILTERS):
        return Refusal(f"a content filter refused the request ({told})")
    return _by_status(response, told)


def _by_status(response: Response, told: str) -> Answer:
    status = response.status
    if status == 200 or status in _PASSING or status >= 500:
        asked = retry_after_s(response.headers, response.received_at)
        return Fault(told, asked, throttled=status in _THROTTLED)
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


def _error(body: Mapping[str, Any]) -> tuple[frozenset[str], str]:
    """The codes and the message of an error object, of any shape."""
    error = body.get("error", body)
    if not isinstance(error, dict):
        return frozenset(), one_line(str(error), _MAX_MESSAGE_CHARS) if error else ""
    codes = frozenset(c for c in (error.get("code"), error.get("type")) if isinstance(c, str))
    message = error.get("message")
    return codes, one_line(message, _MAX_MESSAGE_CHARS) if isinstance(message, str) else ""
