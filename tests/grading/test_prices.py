import asyncio

import pytest
from genai_prices import Usage, calc_price

from rubric_action.grading.answers import TokenUsage
from rubric_action.grading.model import Spend
from rubric_action.grading.prices import Account, PriceList
from rubric_action.rubric.model import JudgeModel, Prices, Provider

OWN = PriceList(JudgeModel("openai", "m", prices=Prices(2.0, 8.0)))
LIBRARY = PriceList(JudgeModel("openai", "gpt-4o-mini"))
UNKNOWN = PriceList(JudgeModel("openai", "a-model-of-our-own"))
USAGE = TokenUsage(1_000_000, 500_000)


def test_the_rubrics_prices_come_first() -> None:
    """USD a million tokens, in and out."""
    assert OWN.cost_usd(USAGE) == 6.0
    assert OWN.limitable


def test_the_library_knows_the_usual_models() -> None:
    """A price of the library is a plausible number of dollars."""
    cost = LIBRARY.cost_usd(USAGE)
    assert cost is not None
    assert 0.01 < cost < 10
    assert LIBRARY.limitable


def test_unknown_is_not_zero() -> None:
    """No price or no usage gives no cost."""
    assert UNKNOWN.cost_usd(USAGE) is None
    assert not UNKNOWN.limitable
    assert OWN.cost_usd(None) is None


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "gpt-4o-mini"),
        ("openai", "gpt-5.4"),
        ("openai", "o3"),
        ("azure", "gpt-4o-mini"),
        ("anthropic", "claude-haiku-4-5"),
        ("anthropic", "claude-sonnet-4-5"),
    ],
)
@pytest.mark.parametrize(
    "usage",
    [
        TokenUsage(900, 200),
        TokenUsage(0, 7),
        TokenUsage(400_000, 9),
        TokenUsage(3000, 200, cache_read_tokens=2000),
        TokenUsage(3000, 200, cache_write_tokens=2500),
        TokenUsage(400_000, 9, 100_000, 200_000),
    ],
)
def test_a_price_is_the_librarys_also_where_it_depends_on_length(
    provider: Provider, model: str, usage: TokenUsage
) -> None:
    """The rate that is kept for the run gives what the library gives for each reply."""
    counted = Usage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens,
    )
    listed = calc_price(counted, model_ref=model, provider_id=provider).total_price
    assert PriceList(JudgeModel(provider, model)).cost_usd(usage) == pytest.approx(float(listed))


def test_the_rubrics_prices_know_no_cache() -> None:
    """All that is sent costs the same, so that a limit is rather kept too early."""
    assert OWN.cost_usd(TokenUsage(1_000_000, 0, 900_000)) == 2.0
    assert OWN.cost_usd(TokenUsage(1_000_000, 0, 0, 900_000)) == 2.0


def test_a_provider_that_the_library_does_not_know() -> None:
    """Its models have no price, whatever they are called."""
    assert PriceList(JudgeModel("github", "openai/gpt-4o-mini")).cost_usd(USAGE) is None


@pytest.mark.parametrize("prices", [OWN, LIBRARY, UNKNOWN])
def test_warming_up_is_safe(prices: PriceList) -> None:
    """Loading ahead raises nothing, whatever is known."""
    asyncio.run(prices.warm_up())
    assert prices.cost_usd(None) is None


def test_an_account_adds_up() -> None:
    """Tokens and costs are summed."""
    spend = Spend()
    account = Account(spend, OWN, None)
    assert [account.paid(USAGE), account.paid(USAGE)] == [6.0, 6.0]
    assert (spend.judge_cost_usd, spend.input_tokens, spend.output_tokens) == (
        12.0,
        2_000_000,
        1_000_000,
    )
    assert account.exhausted() is None


def test_one_unknown_cost_makes_the_sum_unknown() -> None:
    """A later known cost does not make it known again."""
    spend = Spend()
    account = Account(spend, OWN, None)
    for usage in (USAGE, None, USAGE):
        account.paid(usage)
    assert spend.judge_cost_usd is None
    assert spend.input_tokens == 2_000_000


@pytest.mark.parametrize(
    ("limit", "usage", "exhausted"),
    [(6.01, USAGE, False), (6.0, USAGE, True), (0.0, TokenUsage(0, 0), True), (9.0, None, True)],
)
def test_the_limit(limit: float, usage: TokenUsage | None, exhausted: bool) -> None:
    """Reached, or not to be kept since a cost is unknown: no further call."""
    account = Account(Spend(), OWN, limit)
    account.paid(usage)
    assert (account.exhausted() is not None) is exhausted


@pytest.mark.parametrize(
    ("own", "higher"),
    [(Prices(0.0, 0.0), False), (Prices(1e-9, 1e-9), False), (Prices(1000.0, 1000.0), True)],
)
def test_with_a_limit_the_higher_price_counts(own: Prices, higher: bool) -> None:
    """Low prices in the rubric are no way around a limit; without one they are what counts."""
    model = JudgeModel("openai", "gpt-4o-mini", prices=own)
    free, limited = PriceList(model), PriceList(model, limited=True)
    listed = LIBRARY.cost_usd(USAGE)
    written = pytest.approx(own.input + own.output / 2)
    assert free.cost_usd(USAGE) == written
    assert limited.cost_usd(USAGE) == (written if higher else listed)
    asyncio.run(limited.warm_up())


@pytest.mark.parametrize(
    ("model", "own", "limitable"),
    [
        ("gpt-4o-mini", Prices(0.0, 0.0), True),
        ("a-model-of-our-own", Prices(0.0, 0.0), False),
        ("a-model-of-our-own", Prices(0.0, 9.0), False),
        ("a-model-of-our-own", Prices(9.0, 0.0), False),
        ("a-model-of-our-own", Prices(0.1, 0.1), True),
    ],
)
def test_a_limit_that_can_be_kept(model: str, own: Prices, limitable: bool) -> None:
    """Tokens that are said to cost nothing reach no limit, unless the library knows better."""
    assert PriceList(JudgeModel("openai", model, prices=own)).limitable is limitable
