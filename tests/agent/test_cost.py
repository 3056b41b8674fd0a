"""The price of an agent's tokens, from the price library's list."""

import pytest
from genai_prices import Usage as Tokens
from genai_prices import calc_price

from rubric_action.agent.cost import usage_cost
from rubric_action.agent.model import Usage


@pytest.mark.parametrize(("sent", "made"), [(0, 0), (1_000, 200), (500_000, 10)])
@pytest.mark.parametrize("model", ["gpt-4o-mini", "gemini-2.5-pro"])
def test_a_known_model_has_the_list_price(model: str, sent: int, made: int) -> None:
    """Tiers count too: a long context costs more a token."""
    tokens = Tokens(input_tokens=sent, output_tokens=made)
    listed = float(calc_price(tokens, model_ref=model).total_price)
    assert usage_cost(Usage(model, sent, made)) == listed


def test_an_unknown_model_has_no_price() -> None:
    """Unknown stays unknown; it is never 0."""
    assert usage_cost(Usage("acme-secret-1", 1_000, 1_000)) is None
