"""Vectors of texts from an `/embeddings` endpoint: gathered into few requests, each text once."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Final, Protocol, Self

from rubric_action.errors import CannotDecide
from rubric_action.grading.client import Deadline, JudgeClient, Request
from rubric_action.grading.embedding_reply import Misfit, Unusable, vectors_of
from rubric_action.grading.model import Ungraded
from rubric_action.grading.reply import BadReply, Scores
from rubric_action.grading.similarity import Vector

GATHER_S: Final = 0.005
"""So long a text waits for others to share its request."""
MOST_TEXTS: Final = 32
"""Texts of one request; the reply of as many stays far below the most that is read."""
MOST_CHARACTERS: Final = 100_000
"""Characters of one request's texts together, unless it is a single one."""
LONGEST_TEXT: Final = 32_000
"""Characters of one text. The usual limit is 8,191 tokens, and some servers cut without a word."""

Told = Vector | Ungraded
Found = Vector | Unusable

_LASTING: Final = ("reply", "refusal")
"""Causes that lie in the text itself, or in how many there are: time mends neither."""


class Vectors(Protocol):
    """Where vectors are kept, by key."""

    def get(self, key: str) -> Vector | None:
        """The vector that is kept."""
        ...

    def put(self, key: str, vector: Vector) -> None:
        """Keep a vector."""
        ...


class HeldVectors(dict[str, Vector]):
    """Vectors in memory, for as long as the embedder lives."""

    def put(self, key: str, vector: Vector) -> None:
        """Keep a vector."""
        self[key] = vector


class Embedder:
    """Vectors of texts. Safe to call from many tasks at once; use as an async context manager.

    A text is asked for once, however many ask: what is kept costs nothing, what is under way is
    waited for, and what the endpoint does not take is not sent again.
    """

    def __init__(self, client: JudgeClient, base_url: str, model: str, kept: Vectors) -> None:
        self._client = client
        self._model = model
        self._origin = [base_url, model]
        self._kept = kept
        self._refused: dict[str, Ungraded] = {}
        self._asked: dict[str, asyncio.Future[Told | Exception]] = {}
        self._waiting: dict[str, str] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._most = MOST_TEXTS
        self._length: int | None = None
        self._requests: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give up what nobody waits for any more."""
        if self._timer:
            self._timer.cancel()
        for task in self._requests:
            task.cancel()
        for future in self._asked.values():
            future.cancel()
        await asyncio.gather(*self._requests, return_exceptions=True)

    @property
    def stopped(self) -> CannotDecide | None:
        """Why no further request is made."""
        return self._client.stopped

    def stop(self, error: CannotDecide) -> None:
        """Make no further request; those in flight go on, and are kept."""
        self._client.stop(error)

    async def vectors(self, texts: Sequence[str]) -> list[Told]:
        """The vector of each text, in order, or the cause why it has none.

        Raises `JudgeRefused` when the endpoint will not work at all, `ResultsUnwritable` when
        vectors cannot be kept.
        """
        known = [self._known(text) for text in texts]
        asked = [one for one in known if isinstance(one, asyncio.Future)]
        if asked:
            # A future that is waited for by `wait` outlives the task that waits: others want it.
            await asyncio.wait(asked)
        return [_told(one.result() if isinstance(one, asyncio.Future) else one) for one in known]

    def _known(self, text: str) -> Told | asyncio.Future[Told | Exception]:
        if len(text) > LONGEST_TEXT:
            what = f"a text of {len(text):,} characters is longer than the {LONGEST_TEXT:,}"
            return Ungraded("inapplicable", f"{what} that an embedding is asked for")
        key = hashlib.sha256(json.dumps([*self._origin, text]).encode()).hexdigest()
        return (
            self._asked.get(key)
            or self._refused.get(key)
            or self._kept.get(key)
            or self._ask(key, text)
        )

    def _ask(self, key: str, text: str) -> asyncio.Future[Told | Exception]:
        """Let the text wait for others; a request that is full leaves at once."""
        if self._waiting and len(text) + sum(map(len, self._waiting.values())) > MOST_CHARACTERS:
            self._send()
        loop = asyncio.get_running_loop()
        self._asked[key] = loop.create_future()
        self._waiting[key] = text
        if len(self._waiting) >= self._most:
            self._send()
        elif self._timer is None:
            self._timer = loop.call_later(GATHER_S, self._send)
        return self._asked[key]

    def _send(self) -> None:
        """Let the texts that wait go on their way."""
        if self._timer:
            self._timer.cancel()
        self._timer = None
        texts, self._waiting = self._waiting, {}
        task = asyncio.create_task(self._settle(texts))
        self._requests.add(task)
        task.add_done_callback(self._requests.discard)

    async def _settle(self, texts: Mapping[str, str]) -> None:
        """Tell everybody who waits for one of the texts, which are given by key."""
        found: Sequence[Told | Exception]
        try:
            found = await self._get(tuple(texts.items()), self._client.deadline())
        except Exception as error:  # noqa: BLE001 (`vectors` raises it, for each who waits)
            found = [error] * len(texts)
        for key, one in zip(texts, found, strict=True):
            self._asked.pop(key).set_result(one)

    async def _get(self, texts: Sequence[tuple[str, str]], deadline: Deadline) -> list[Told]:
        """Ask for some texts; what the endpoint does not take together is asked for by halves."""
        sent = _Sent(self._model, [text for _, text in texts], self._in_one_space)
        answer = await self._client.ask(sent.request, deadline)
        if sent.found is not None:
            return self._keep(texts, [_usable(one) for one in sent.found])
        if isinstance(answer, Ungraded) and (len(texts) == 1 or answer.cause not in _LASTING):
            return self._keep(texts, [answer] * len(texts))
        half = (len(texts) + 1) // 2
        parts = texts[:half], texts[half:]
        found = [one for part in parts for one in await self._get(part, deadline)]
        if not any(isinstance(one, Ungraded) for one in found):
            self._most = min(self._most, half)  # not a text was at fault, but their number
        return found

    def _keep(self, texts: Sequence[tuple[str, str]], found: list[Told]) -> list[Told]:
        """Keep what came at once, and note what is not to be asked for again."""
        for (key, _), told in zip(texts, found, strict=True):
            if not isinstance(told, Ungraded):
                self._kept.put(key, told)
            elif told.cause in _LASTING:
                self._refused[key] = told
        return found

    def _in_one_space(self, found: Iterable[Found]) -> list[Found]:
        """The vectors, of which one with other dimensions than the first of the run is none."""
        return [one if isinstance(one, Unusable) else self._measured(one) for one in found]

    def _measured(self, found: Vector) -> Found:
        self._length = self._length or len(found)
        if len(found) == self._length:
            return found
        return Unusable(f"the vector has {len(found)} numbers, where others have {self._length}")


class _Sent:
    """One request for the vectors of some texts, and what came of it."""

    def __init__(
        self, model: str, texts: Sequence[str], check: Callable[[Iterable[Found]], list[Found]]
    ) -> None:
        body = json.dumps({"model": model, "input": list(texts)}, separators=(",", ":")).encode()
        self.request = Request(body, repaired=lambda _: body, accept=self._accept)
        self.found: list[Found] | None = None
        self._count = len(texts)
        self._check = check

    def _accept(self, content: str) -> Scores | BadReply:
        """Take the vectors; with one that is none, the request is tried again."""
        self.found = None
        try:
            self.found = self._check(vectors_of(content, self._count))
        except Misfit as error:
            # Asked for by halves, they can be told apart; a single one can but be tried again.
            return BadReply(str(error)) if self._count == 1 else {}
        bad = next((one for one in self.found if isinstance(one, Unusable)), None)
        return BadReply(bad.problem) if bad else {}


def _usable(found: Found) -> Told:
    return Ungraded("reply", found.problem) if isinstance(found, Unusable) else found


def _told(found: Told | Exception) -> Told:
    if isinstance(found, Exception):
        raise found
    return found
