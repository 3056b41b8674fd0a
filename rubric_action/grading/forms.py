"""What an endpoint turns out not to take, learned once for a run, and requests without it."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from rubric_action.grading.answers import Fault, Response, Stop
from rubric_action.grading.model import Spend
from rubric_action.grading.providers import Feature, Provider
from rubric_action.grading.transport import Transport

ODD_REPLIES: Final = 2
"""So many replies in no shape at all before the first good one, and the schema was ignored."""

Note = Callable[[str], None]


class Form:
    """The features that requests to one endpoint do without; each is told in one note.

    The request in full stays what a reply is kept under: whoever asks the same again finds the
    reply before there is anything to learn.
    """

    def __init__(self, provider: Provider, judge: str, note: Note) -> None:
        self.provider = provider
        self.without: frozenset[Feature] = frozenset()
        self._judge = judge
        self._note = note
        self._odd: int | None = 0

    def learn(self, feature: Feature) -> None:
        """Do without a feature from now on."""
        if feature not in self.without:
            self.without |= {feature}
            self._note(f"The judge `{self._judge}` {self.provider.note(feature)}.")

    def found(self, *, good: bool) -> None:
        """Take note of a reply: as long as none was good, odd ones tell an ignored schema."""
        if self._odd is None or good:
            self._odd = None
            return
        self._odd += 1
        feature = self.provider.disregarded(self.without)
        if feature and self._odd >= ODD_REPLIES:
            self.learn(feature)

    def fitted(self, body: bytes) -> bytes:
        """A request in full, without what its endpoint does not take."""
        if not self.without:
            return body
        less = self.provider.lesser(json.loads(body), self.without)
        return json.dumps(less, separators=(",", ":")).encode()


class FittingTransport:
    """Sends again, without it, what came back because of a feature that the endpoint lacks."""

    def __init__(self, inner: Transport, form: Form, spend: Spend) -> None:
        self._inner = inner
        self._form = form
        self._spend = spend

    async def post(self, body: bytes, timeout_s: float) -> Response | Fault | Stop:
        """Post to the judge; all tries together take `timeout_s` at most."""
        clock = asyncio.get_running_loop().time
        until = clock() + timeout_s
        left_s = timeout_s
        while True:
            without = self._form.without
            answer = await self._inner.post(self._form.fitted(body), left_s)
            if not isinstance(answer, Response):
                return answer
            answer = replace(answer, without=without) if without else answer
            feature = None if answer.status == 200 else self._form.provider.refused(answer)
            left_s = until - clock()
            if feature is None or left_s <= 0:
                return answer
            self._form.learn(feature)
            self._spend.judge_calls += 1
