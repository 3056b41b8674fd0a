"""What one exchange with a judge can come to, whoever the provider is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rubric_action.errors import JudgeRefused


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response; header names are in lower case, the body is inflated.

    `received_at` is in seconds since the epoch, by our own clock. `without` names the features that
    its request did without, since the endpoint does not take them.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    received_at: float = 0.0
    without: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """Tokens that one reply was billed for.

    Of the input, so many were read from the provider's prompt cache, or written to it.
    """

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Content:
    """The text of the API's structured field."""

    text: str
    usage: TokenUsage | None
    model: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """The model, or a filter in front of it, would not grade this."""

    detail: str
    usage: TokenUsage | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """The reply ended at a token limit."""

    usage: TokenUsage | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """The exchange failed in a way that may pass. `retry_after_s` is what the server asks for.

    `unreached` says that nobody answered there who could be a judge.
    """

    detail: str
    retry_after_s: float | None = None
    throttled: bool = False
    unreached: bool = False


@dataclass(frozen=True, slots=True)
class Unacceptable:
    """The endpoint takes no such request, this one in particular (too long, for one)."""

    detail: str


@dataclass(frozen=True, slots=True)
class Stop:
    """No request will work, so that none should be paid for."""

    error: JudgeRefused = field(repr=False)


Answer = Content | Refusal | Cut | Fault | Unacceptable | Stop
