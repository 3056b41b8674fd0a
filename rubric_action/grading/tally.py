"""What one model is going to be asked, summed up call by call while nothing is asked."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from typing import Final

from rubric_action.grading.answers import TokenUsage
from rubric_action.grading.cache import Reply
from rubric_action.grading.embeddings import LONGEST_TEXT, MOST_TEXTS
from rubric_action.grading.estimate import (
    NO_SPAN,
    Counting,
    Learned,
    Span,
    input_span,
    output_span,
    request_tokens,
    text_tokens,
)
from rubric_action.grading.prices import PriceList

_PER_MILLION: Final = 1_000_000
_SOME_CALL: Final = TokenUsage(1_000, 200)
_SOME_TEXTS: Final = TokenUsage(1_000, 0)
_TEXTS_A_CALL: Final = 10


@dataclass(frozen=True, slots=True)
class Price:
    """USD a million tokens."""

    input: float
    output: float


@dataclass(frozen=True, slots=True)
class Asked:
    """What one model is asked.

    `calls` go out, at least `least` of them: an agent may answer as before, a simulated user be
    done early. `cached` replies are there already, `repeated` calls have the content of another
    one. `learned` is the number of paid replies that the tokens are estimated by. `cost` is in
    USD, None while the price is unknown.
    """

    calls: int = 0
    least: int = 0
    cached: int = 0
    repeated: int = 0
    learned: int = 0
    words: int = 0
    hidden: bool = False
    input: Span = NO_SPAN
    output: Span = NO_SPAN
    cost: Span | None = NO_SPAN
    price: Price | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One request in full, the key that its reply is kept by, and the tokens of a usual reply."""

    key: str
    body: bytes
    received: float


class Tally:
    """Adds up the calls to one model. Keys and sums are held, no request is.

    `reasons` says that the model thinks before it answers, which is billed and cannot be foreseen.
    """

    def __init__(self, counting: Counting, prices: PriceList, *, reasons: bool = False) -> None:
        self.counting = counting
        self._prices = prices
        self._reasons = reasons
        self._seen: set[bytes] = set()
        self._learned = Learned()
        self._calls = self._least = self._cached = self._repeated = 0
        self._sent = self._received = 0.0
        self._paid = self._listed = 0.0

    def add(self, call: Call, kept: Reply | None, *, known: bool, certain: bool = True) -> None:
        """Count one call; `kept` is the reply that is there already.

        A call that is not `known` is about a session that has yet to be held: it may turn out to
        be cached, and is counted as if it were not. One that is not `certain` may not be made.
        """
        new = self._is_new(call.key)
        sent = self._sent_by(call)
        if kept is None:
            self._least += new and certain
        elif new:
            self._learn(sent, call.received, kept)
        if known and kept is not None:
            self._cached += 1
        elif known and not new:
            self._repeated += 1
        else:
            self._expect(sent, call.received)

    def learn(self, call: Call, kept: Reply) -> None:
        """Hold the estimate of a call against its reply, which was paid for."""
        if self._is_new(call.key):
            self._learn(self._sent_by(call), call.received, kept)

    def learn_words(self, received: float, kept: Reply) -> None:
        """Learn how wordy the model is from a reply whose request is not known any more."""
        if kept.usage is not None:
            self._learned.add_words(received, kept.usage)

    @property
    def learned(self) -> int:
        """How many paid replies to known requests the estimate was held against."""
        return self._learned.replies

    def asked(self) -> Asked:
        """The sums, with the tokens by what was learned, and what they cost."""
        sent = input_span(self._sent, self._learned)
        received = output_span(self._received, self._calls, self._learned, reasons=self._reasons)
        price = self._price(sent, received)
        return Asked(
            calls=self._calls,
            least=self._least,
            cached=self._cached,
            repeated=self._repeated,
            learned=self._learned.replies,
            words=self._learned.words,
            hidden=self._reasons and self._learned.output_factor is None,
            input=sent,
            output=received,
            cost=self._cost(sent, received, price),
            price=price,
        )

    def _sent_by(self, call: Call) -> float:
        return request_tokens(json.loads(call.body), self.counting)

    def _is_new(self, key: str) -> bool:
        digest = _digest(key)
        if digest in self._seen:
            return False
        self._seen.add(digest)
        return True

    def _expect(self, sent: float, received: float) -> None:
        self._calls += 1
        self._sent += sent
        self._received += received

    def _learn(self, sent: float, received: float, kept: Reply) -> None:
        """A reply without a bill teaches nothing; one with a discount teaches the discount."""
        if kept.usage is None:
            return
        self._learned.add(sent, received, kept.usage)
        whole = TokenUsage(kept.usage.input_tokens, kept.usage.output_tokens)
        self._paid += self._prices.cost_usd(kept.usage) or 0.0
        self._listed += self._prices.cost_usd(whole) or 0.0

    def _price(self, sent: Span, received: Span) -> Price | None:
        """The price of a call as large as the mean one; it may depend on the size."""
        calls = self._calls or 1
        mean = TokenUsage(round(sent.estimate / calls), round(received.estimate / calls))
        usage = mean if mean.input_tokens and mean.output_tokens else _SOME_CALL
        whole = self._prices.cost_usd(usage)
        input_only = self._prices.cost_usd(TokenUsage(usage.input_tokens, 0))
        if whole is None or input_only is None:
            return None
        return Price(
            input_only / usage.input_tokens * _PER_MILLION,
            (whole - input_only) / usage.output_tokens * _PER_MILLION,
        )

    def _cost(self, sent: Span, received: Span, price: Price | None) -> Span | None:
        if not self._calls:
            return NO_SPAN
        if price is None:
            return None
        discount = self._paid / self._listed if self._listed else 1.0
        paid = sent.times(price.input) + received.times(price.output)
        return paid.times(discount / _PER_MILLION)


class TextTally:
    """Adds up the texts that are to be embedded, each of them once.

    How many share a request is a matter of moments; ten did, in runs of many sizes and speeds.
    """

    def __init__(self, prices: PriceList) -> None:
        self._prices = prices
        self._seen: set[bytes] = set()
        self._tokens = 0.0

    def add(self, texts: Iterable[str]) -> None:
        """Count some texts; one that is too long is never sent."""
        for text in texts:
            digest = _digest(text)
            if digest not in self._seen and len(text) <= LONGEST_TEXT:
                self._seen.add(digest)
                self._tokens += text_tokens(text)

    def asked(self) -> Asked:
        """What is asked for all of them together; nothing but numbers comes back."""
        sent = input_span(self._tokens, Learned())
        price = self._price()
        return Asked(
            calls=ceil(len(self._seen) / _TEXTS_A_CALL),
            least=ceil(len(self._seen) / MOST_TEXTS),
            input=sent,
            cost=None if price is None else sent.times(price.input / _PER_MILLION),
            price=price,
        )

    def _price(self) -> Price | None:
        cost = self._prices.cost_usd(_SOME_TEXTS)
        if cost is None:
            return None
        return Price(cost / _SOME_TEXTS.input_tokens * _PER_MILLION, 0.0)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
