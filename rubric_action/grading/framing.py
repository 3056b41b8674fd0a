"""Request bodies, of which all but the user's words is encoded once, and what replies are kept by.

Nothing in here is sent: whoever only wants to know what would be asked needs no key.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rubric_action.grading.prompt import Prompt
from rubric_action.grading.providers import Provider, provider_for
from rubric_action.rubric.model import Judge, JudgeModel

_SEPARATORS: Final = (",", ":")
_END: Final = "]}"


@dataclass(frozen=True, slots=True)
class _Frame:
    """What all requests with one system message, one schema and one name share."""

    schema: Mapping[str, Any]
    name: str
    head: str

    def fits(self, prompt: Prompt) -> bool:
        """Whether the prompt asks for the same, its system message being the same."""
        return self.name == prompt.name and self.schema == prompt.schema


class Framing:
    """The requests to one judge at `base_url`.

    `seat` counts the judges of a panel that are the same model at the same address, from 1.
    """

    def __init__(
        self, model: JudgeModel, base_url: str, temperature: float, *, seat: int = 1
    ) -> None:
        self.provider: Provider = provider_for(model.provider)
        again = f"{seat}\0" if seat > 1 else ""
        self._origin = f"{model.provider}\0{base_url}\0{again}".encode()
        self._model = model.model
        self._temperature = temperature
        self._known: dict[str, list[_Frame]] = {}

    def body(self, prompt: Prompt) -> bytes:
        """The request in full that asks the prompt; the same prompt always gives the same bytes."""
        known = self._known.setdefault(prompt.system, [])
        frame = next((frame for frame in known if frame.fits(prompt)), None)
        if frame is None:
            frame = self._frame(prompt)
            known.append(frame)
        said = ",".join(map(_encoded, prompt.messages[1:]))
        return f"{frame.head}{said}{_END}".encode()

    def key(self, body: bytes) -> str:
        """What the reply to a request in full is kept by: it changes with whatever can change it.

        What the endpoint turns out not to take is no part of it: a second run, which has not
        learned that yet, has to find the replies of the first.
        """
        return hashlib.sha256(self._origin + body).hexdigest()

    def _frame(self, prompt: Prompt) -> _Frame:
        fields = self.provider.body(self._model, self._temperature, prompt)
        leading = fields["messages"][: -len(prompt.messages[1:])]
        head = json.dumps({**fields, "messages": leading}, separators=_SEPARATORS)
        head = head.removesuffix(_END) + ("," if leading else "")
        return _Frame(prompt.schema, prompt.name, head)


def framings(judge: Judge, base_urls: Sequence[str | None]) -> list[Framing | None]:
    """A framing for each judge, in order; None where the base URL is None, as for `lexical`."""
    seats: dict[tuple[str, str, str], int] = {}
    found: list[Framing | None] = []
    for model, base_url in zip(judge.models, base_urls, strict=True):
        if base_url is None:
            found.append(None)
            continue
        place = (model.provider, base_url, model.model)
        seats[place] = seats.get(place, 0) + 1
        found.append(Framing(model, base_url, judge.temperature, seat=seats[place]))
    return found


def _encoded(message: Mapping[str, str]) -> str:
    """As `json.dumps` with the separators above, which would make an encoder for every call."""
    return f'{{"role":"{message["role"]}","content":{json.dumps(message["content"])}}}'
