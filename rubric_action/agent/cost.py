"""What a turn of the agent cost, where it says only how many tokens it took."""

from functools import cache

from rubric_action.agent.model import Usage


def usage_cost(usage: Usage) -> float | None:
    """USD by the price library's list; None for a model that it doesn't know, never 0."""
    price = _price_per_token(usage.model)
    if price is None:
        return None
    return usage.input_tokens * price[0] + usage.output_tokens * price[1]


@cache
def _price_per_token(model: str) -> tuple[float, float] | None:
    """USD for one input and one output token, asked of the library once a model."""
    from genai_prices import Usage as Tokens
    from genai_prices import calc_price

    try:
        sent = calc_price(Tokens(input_tokens=1_000_000, output_tokens=0), model_ref=model)
        made = calc_price(Tokens(input_tokens=0, output_tokens=1_000_000), model_ref=model)
    except LookupError:
        return None
    return float(sent.total_price) / 1_000_000, float(made.total_price) / 1_000_000
