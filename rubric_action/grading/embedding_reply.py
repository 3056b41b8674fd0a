"""What an `/embeddings` endpoint answers, read strictly: a vector a text, or what is wrong."""

import base64
import binascii
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from rubric_action.grading.answers import Answer, Content, Fault, Response, TokenUsage
from rubric_action.grading.failures import Finals, failed_response, failure
from rubric_action.grading.similarity import NoVector, Vector, vector

_CHECK_KEY: Final = "Check the key, and that its account may use `embeddings.model`."
_CHECK_NAMES: Final = "Check `embeddings.model` and `embeddings.base_url`."
_TOP_UP: Final = "Add credit to the account, or set another `embeddings.base_url`."
_NO_ENTRY: Final = ("the endpoint for embeddings does not accept the key", _CHECK_KEY)
_NO_CREDIT: Final = ("the quota for embeddings is used up", _TOP_UP)
_UNKNOWN: Final = ("the endpoint for embeddings does not know the model", _CHECK_NAMES)
_NOT_THERE: Final = ("there is no endpoint for embeddings at the address", _CHECK_NAMES)
_ELSEWHERE: Final = ("the endpoint for embeddings redirects, where no key is sent", _CHECK_NAMES)
_FINALS: Final[Finals] = {
    **dict.fromkeys(("invalid_api_key", "authentication_error", "permission_error"), _NO_ENTRY),
    **dict.fromkeys(("insufficient_quota", "billing_hard_limit_reached"), _NO_CREDIT),
    **dict.fromkeys(("model_not_found", "unknown_model", "DeploymentNotFound"), _UNKNOWN),
    **dict.fromkeys((401, 403), _NO_ENTRY),
    402: _NO_CREDIT,
    **dict.fromkeys((301, 302, 303, 307, 308), _ELSEWHERE),
    **dict.fromkeys((404, 405), _NOT_THERE),
}
"""What ends all requests, told as what it is: not the judge's fault."""


class Misfit(ValueError):
    """Nobody can tell which vector of a reply is which text's: `str()` says why."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """What came in place of a vector."""

    problem: str


def read_embeddings(response: Response) -> Answer:
    """What a response comes to; its content is a list of `[index, vector, problem]` in JSON.

    The vectors are `encoded`: a reply of a megabyte is read once, and here.
    """
    if response.status != 200:
        return failed_response(response, _FINALS)
    try:
        reply = json.loads(response.body)
    except (ValueError, RecursionError):
        told = "the endpoint answered 200 with a body that is not JSON"
        return Fault(told, unreached=True)
    if not isinstance(reply, dict):
        return Fault("the endpoint answered 200 with JSON that is not an object")
    if reply.get("error"):
        return failure(response, reply, _FINALS)
    data = reply.get("data")
    if not isinstance(data, list):
        return Fault("the endpoint answered 200 without vectors")
    model = reply.get("model")
    entries = json.dumps([_entry(one) for one in data])
    return Content(entries, _usage(reply.get("usage")), model if isinstance(model, str) else "")


def vectors_of(content: str, count: int) -> list[Vector | Unusable]:
    """The vectors of a reply's content, in the order of the `count` texts that were sent.

    `index` decides whose a vector is. One entry may leave it out and means 0, since some servers
    write no zeros. Raises `Misfit` where that leaves a doubt.
    """
    entries = json.loads(content)
    if len(entries) != count:
        raise Misfit(f"the reply holds {len(entries)} vectors for {count} texts")
    if sorted(index for index, _, _ in entries) != list(range(count)):
        raise Misfit("the reply does not say which vector is which text's")
    return [_vector(text, problem) for _, text, problem in sorted(entries, key=_index)]


def encoded(found: Vector) -> str:
    """A vector as base64 of its numbers, 32 bits each, the low byte first."""
    return base64.b64encode(struct.pack(f"<{len(found)}f", *found.numbers)).decode()


def decoded(text: str) -> Vector:
    """The vector that `encoded` made a text of; `NoVector` for anything else."""
    try:
        data = base64.b64decode(text, validate=True)
        return vector(struct.unpack(f"<{len(data) // 4}f", data))
    except (binascii.Error, struct.error) as error:
        raise NoVector("is not the base64 of one") from error


def _entry(entry: object) -> tuple[int, str | None, str]:
    """One vector with its index, or what is wrong with it; -1 is the index of nonsense."""
    if not isinstance(entry, dict):
        return -1, None, ""
    index = entry.get("index", 0)
    index = index if isinstance(index, int) and not isinstance(index, bool) else -1
    try:
        return index, encoded(_measured(entry.get("embedding"))), ""
    except NoVector as error:
        return index, None, f"the vector {error}"


def _measured(numbers: object) -> Vector:
    if not isinstance(numbers, list):
        raise NoVector("is missing")
    if not {float, int}.issuperset(map(type, numbers)):
        raise NoVector("holds something that is no number")
    try:
        return vector(numbers)
    except OverflowError as error:
        raise NoVector("holds a number that is not finite") from error


def _vector(text: str | None, problem: str) -> Vector | Unusable:
    return decoded(text) if text is not None else Unusable(problem)


def _index(entry: Sequence[Any]) -> int:
    return int(entry[0])


def _usage(usage: object) -> TokenUsage | None:
    """The tokens that were billed; nothing is made but vectors."""
    sent = usage.get("prompt_tokens") if isinstance(usage, dict) else None
    if not isinstance(sent, int) or isinstance(sent, bool) or sent < 0:
        return None
    return TokenUsage(sent, 0)
