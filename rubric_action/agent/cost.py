"""What a turn of the agent cost, where it says only how many tokens it took."""

from importlib import import_module

from rubric_action.agent.model import Usage


def usage_cost(usage: Usage) -> float | None:
    """USD by the price library's list; None for a model that it doesn't know, never 0."""
    from genai_prices import Usage as Tokens
    from genai_prices import calc_price

    tokens = Tokens(input_tokens=usage.input_tokens, output_tokens=usage.output_tokens)
    try:
        return float(calc_price(tokens, model_ref=usage.model).total_price)
    except LookupError:
        return None


def load_prices() -> None:
    """Load the price library ahead of its first use, which takes a quarter of a second."""
    import_module("genai_prices")
