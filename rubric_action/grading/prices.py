"""What a judge's reply costs, in USD; unknown stays unknown and is never 0."""

import asyncio
import math
from dataclasses import dataclass
from functools import cached_property

from rubric_action.grading.answers import TokenUsage
from rubric_action.grading.model import Spend
from rubric_action.rubric.model import JudgeModel, Prices

_PER_MILLION = 1_000_000
_MANY_TOKENS = 10 * _PER_MILLION
_FIRST_REQUESTS_S = 0.02
_A_MILLION_EACH = (
    TokenUsage(_PER_MILLION, 0),
    TokenUsage(0, _PER_MILLION),
    TokenUsage(_PER_MILLION, 0, cache_read_tokens=_PER_MILLION),
    TokenUsage(_PER_MILLION, 0, cache_write_tokens=_PER_MILLION),
)


class PriceList:
    """The price of one judge: the rubric's own, else the price library's for its provider.

    Where a limit is to be kept, the higher of both: a change to the rubric's prices must not be a
    way around it.

    The library takes a tenth of a second to import and is loaded for the first price that it has
    to tell; `warm_up` does that aside, once the first requests are on their way.
    """

    def __init__(self, judge: JudgeModel, *, limited: bool = False) -> None:
        self._judge = judge
        self._asks_library = limited or judge.prices is None

    async def warm_up(self) -> None:
        """Load the library in a thread, where it is going to be needed."""
        if self._asks_library:
            await asyncio.sleep(_FIRST_REQUESTS_S)
            await asyncio.to_thread(self.cost_usd, TokenUsage(0, 0))

    def cost_usd(self, usage: TokenUsage | None) -> float | None:
        """The price of one reply, or None when its tokens or its model's price are unknown."""
        if usage is None:
            return None
        own = _own_cost(self._judge.prices, usage) if self._judge.prices else None
        listed = self._listed_cost(usage) if self._asks_library else None
        return max((cost for cost in (own, listed) if cost is not None), default=None)

    def _listed_cost(self, usage: TokenUsage) -> float | None:
        return _cost(self._listed, usage) if self._listed else _library_cost(self._judge, usage)

    @cached_property
    def _listed(self) -> "_Rates | None":
        """The library's price where it is so much a token, as it stands when the run begins.

        None where it depends on how many tokens there are. To ask the library for every reply
        would take a tenth of the run's processor time.
        """
        few = _library_cost(self._judge, TokenUsage(3, 1, 1, 1))
        many = _library_cost(self._judge, TokenUsage(*(n * _MANY_TOKENS for n in (3, 1, 1, 1))))
        if few is None or many is None or not math.isclose(few * _MANY_TOKENS, many):
            return None
        costs = [_library_cost(self._judge, usage) for usage in _A_MILLION_EACH]
        known = [cost for cost in costs if cost is not None]
        return _Rates(*known) if len(known) == len(costs) else None

    @property
    def limitable(self) -> bool:
        """Whether a limit can be kept: the library knows a price, or no kind of token is free."""
        own = self._judge.prices
        return bool(own and own.input and own.output) or (
            self._listed_cost(TokenUsage(1, 1)) is not None
        )


@dataclass(frozen=True, slots=True)
class _Rates:
    """USD a million tokens, those of the provider's prompt cache apart."""

    input: float
    output: float
    cache_read: float
    cache_write: float


def _own_cost(prices: Prices, usage: TokenUsage) -> float:
    """By the rubric's prices, which know no cache: all that is sent costs the same."""
    return _cost(_Rates(prices.input, prices.output, prices.input, prices.input), usage)


def _cost(rates: _Rates, usage: TokenUsage) -> float:
    read, written = usage.cache_read_tokens, usage.cache_write_tokens
    cost = (usage.input_tokens - read - written) * rates.input + usage.output_tokens * rates.output
    return (cost + read * rates.cache_read + written * rates.cache_write) / _PER_MILLION


def _library_cost(judge: JudgeModel, usage: TokenUsage) -> float | None:
    from genai_prices import Usage, calc_price

    counted = Usage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens,
    )
    try:
        price = calc_price(counted, model_ref=judge.model, provider_id=judge.provider)
    except LookupError:
        return None
    return float(price.total_price)


class Account:
    """Counts what the judge costs, and says when the limit is reached."""

    def __init__(self, spend: Spend, prices: PriceList, max_cost_usd: float | None) -> None:
        self.spend = spend
        self._prices = prices
        self._max_cost_usd = max_cost_usd

    def paid(self, usage: TokenUsage | None) -> float | None:
        """Book one reply and return its price; one unknown price makes the sum unknown."""
        cost = self._prices.cost_usd(usage)
        if usage is not None:
            self.spend.input_tokens += usage.input_tokens
            self.spend.output_tokens += usage.output_tokens
        total = self.spend.judge_cost_usd
        self.spend.judge_cost_usd = None if cost is None or total is None else total + cost
        return cost

    def exhausted(self) -> str | None:
        """Why no further call may be made, or None while there is money left."""
        if self._max_cost_usd is None:
            return None
        spent = self.spend.judge_cost_usd
        if spent is None:
            return "The judge's cost is unknown, so that its limit cannot be kept."
        if spent >= self._max_cost_usd:
            return f"The judge has cost ${spent:.4f}, the limit is ${self._max_cost_usd:g}."
        return None
