"""How one vendor's API is spoken to, as the rest of the room sees it."""

from collections.abc import Mapping
from typing import Any, Literal, Protocol

from rubric_action.grading.answers import Answer, Response
from rubric_action.grading.prompt import Prompt

Feature = Literal["temperature", "json_schema", "json_object", "tool_choice", "json_output"]
"""What an endpoint may turn out not to take: a parameter, or a way to ask for structure."""

Without = frozenset[str]
"""The features that a request does without."""


class Provider(Protocol):
    """One vendor's requests and replies. Without state, so that one value serves a whole run."""

    @property
    def default_base_url(self) -> str | None:
        """The vendor's own address; None where each customer has one of their own."""
        ...

    def path(self, base_url: str) -> str:
        """What comes behind the base URL, a query included."""
        ...

    def headers(self, key: str | None) -> Mapping[str, str]:
        """The headers that carry the key, which nothing else ever does, and the API's version."""
        ...

    def body(self, model: str, temperature: float, prompt: Prompt) -> dict[str, Any]:
        """The request that asks for a structured reply; its last key is `messages`.

        All that is not the user's words is the same for every case that is asked the same.
        """
        ...

    def lesser(self, body: Mapping[str, Any], without: Without) -> dict[str, Any]:
        """The same request without the features that the endpoint does not take."""
        ...

    def refused(self, response: Response) -> Feature | None:
        """The feature that a response calls unsupported, of those that its request had."""
        ...

    def disregarded(self, without: Without) -> Feature | None:
        """The feature to do without after replies in a shape that nobody asked for."""
        ...

    def note(self, feature: Feature) -> str:
        """What is done without the feature, as the rest of a sentence on the judge."""
        ...

    def read(self, response: Response) -> Answer:
        """What a response comes to; never raises."""
        ...
