"""What an endpoint says about a request that it does not take. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rubric_action.grading.answers import Response

_STATUSES = frozenset({400, 422, 500, 501})  # some servers answer 500 for what they do not know
_LONGEST = 600


def complaint(response: Response) -> str:
    """Codes, parameter and message of an error, in lower case; empty where there is none.

    Only what the endpoint says of the request, and no part of the request that it quotes.
    """
    if response.status not in _STATUSES:
        return ""
    try:
        body = json.loads(response.body)
    except (ValueError, RecursionError):
        return ""
    return " ".join(_told(body))[:_LONGEST].lower()


def _told(body: object) -> Iterator[str]:
    if not isinstance(body, Mapping):
        return
    error = body.get("error", body)
    if not isinstance(error, Mapping):
        yield str(error)
        return
    for name in ("param", "code", "type", "message"):
        if isinstance(error.get(name), str):
            yield error[name]
    yield from _details(error.get("detail"))


def _details(detail: Any) -> Iterator[str]:
    """The `detail` of a server built with FastAPI: a text, or a list of places and messages."""
    if isinstance(detail, str):
        yield detail
    elif isinstance(detail, Sequence):
        for one in detail:
            if isinstance(one, Mapping):
                place = one.get("loc")
                yield ".".join(map(str, place)) if isinstance(place, list) else ""
                yield str(one.get("msg", ""))
