"""The prompt cache of a vendor: what it has seen before costs less, and the usage says so."""

import json
from collections.abc import Mapping
from typing import Any

from tests.fakes.judge.asked import Asked
from tests.fakes.judge.replies import count_tokens

LEAST_TOKENS = 1024
"""A shorter prefix is not kept."""


class PromptCache:
    """Prefixes that were sent before. OpenAI keeps all of them, Anthropic what is marked."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def billed(self, asked: Asked, usage: Mapping[str, Any]) -> dict[str, Any]:
        """The usage of one reply, with what was read from the cache or written to it."""
        prefix = _prefix(asked)
        tokens = count_tokens(prefix)
        kept = bool(prefix) and tokens >= LEAST_TOKENS
        known = kept and prefix in self._seen
        if kept:
            self._seen.add(prefix)
        read = tokens if known else 0
        if asked.dialect != "anthropic":
            return {**usage, "prompt_tokens_details": {"cached_tokens": read}}
        written = tokens if kept and not known else 0
        return {
            **usage,
            "input_tokens": max(usage["input_tokens"] - read - written, 1),
            "cache_read_input_tokens": read,
            "cache_creation_input_tokens": written,
        }


def _prefix(asked: Asked) -> str:
    """What a cache may keep of a request; the tools stand before the system message."""
    if asked.dialect != "anthropic":
        messages = asked.body.get("messages") or [{}]
        return str(messages[0].get("content", ""))
    blocks = asked.body.get("system")
    if not isinstance(blocks, list) or not any("cache_control" in block for block in blocks):
        return ""
    return json.dumps([asked.body.get("tools"), blocks])
