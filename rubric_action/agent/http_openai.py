"""Chat completions, as OpenAI's API and those after it speak them, with an agent behind."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rubric_action.agent.http_model import Unanswered
from rubric_action.agent.http_reply import first_words, object_in, tool_calls, usage_in
from rubric_action.agent.model import AgentTurn, Exchange, Usage

OWN_FIELDS: Final[Mapping[str, str]] = {
    "messages": "the conversation is what is posted; put a system prompt into the agent",
    "stream": "the reply is read whole",
}
"""Fields of a request that are not the rubric's to set, and why."""


def messages(so_far: Sequence[Exchange]) -> list[dict[str, str]]:
    """The conversation, from the first words of the user to the last."""
    told = []
    for exchange in so_far:
        told.append({"role": "user", "content": exchange.user})
        if exchange.answer is not None:
            told.append({"role": "assistant", "content": exchange.answer.output})
    return told


def completion_in(body: bytes, asked_model: object) -> AgentTurn:
    """The answer of a chat completion. A refusal is an answer; so is a call of a tool."""
    reply = object_in(body)
    message = _message(reply)
    if message is None:
        raise Unanswered(f"the reply is no chat completion; it begins {first_words(body)}")
    calls = tool_calls(message.get("tool_calls"))
    said = _text(message.get("content"))
    said = said if said is not None else _text(message.get("refusal"))
    if said is None and not calls:
        raise Unanswered(f"the completion holds no content; it begins {first_words(body)}")
    return AgentTurn(said or "", tool_calls=calls, usage=_usage(reply, asked_model))


def _message(reply: Mapping[str, Any]) -> Mapping[str, Any] | None:
    choices = reply.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get("message") if isinstance(first, dict) else None
    return message if isinstance(message, dict) else None


def _text(content: Any) -> str | None:
    """A text, or the texts of its parts."""
    if isinstance(content, list):
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(text for text in texts if isinstance(text, str))
    return content if isinstance(content, str) else None


def _usage(reply: Mapping[str, Any], asked_model: object) -> Usage | None:
    if isinstance(asked_model, str) and not isinstance(reply.get("model"), str):
        return usage_in({**reply, "model": asked_model})
    return usage_in(reply)
