"""The rubric's values as one writes them, on one line; "" for what is absent. Pure."""

from collections.abc import Sequence

from rubric_action.rubric.model import Selector
from rubric_action.rubric.units import print_days, print_duration, print_money


def show_number(value: float | None) -> str:
    """A share or a bound, with two decimals unless it has more: 0.8 as `0.80`."""
    if value is None:
        return ""
    return f"{value:.2f}" if round(value, 2) == value else f"{value:g}"


def show_count(value: int | None) -> str:
    """A whole number."""
    return "" if value is None else str(value)


def show_seconds(value: float | None) -> str:
    """A duration as it is written."""
    return "" if value is None else print_duration(value)


def show_days(value: float | None) -> str:
    """An age as it is written."""
    return "" if value is None else print_days(value)


def show_money(value: float | None) -> str:
    """An amount in USD."""
    return "" if value is None else print_money(value)


def show_flag(value: bool) -> str:
    """A boolean as YAML writes it."""
    return str(value).lower()


def show_text(value: str | None) -> str:
    """A text on one line."""
    return " ".join((value or "").split())


def show_list(values: Sequence[str]) -> str:
    """A list as YAML writes it; "" for none."""
    return f"[{', '.join(values)}]" if values else ""


def show_selector(selector: Selector | None) -> str:
    """A selector as YAML writes it in one line."""
    if selector is None or selector == Selector():
        return "all"
    keys: dict[str, str] = {
        "tags": show_list(selector.tags),
        "all_tags": show_list(selector.all_tags),
        "stakes": selector.stakes or "",
        "source": selector.source or "",
        "ids": show_list(selector.ids),
        "min_turns": show_count(selector.min_turns),
        "max_turns": show_count(selector.max_turns),
        "min_context_tokens": show_count(selector.min_context_tokens),
        "not": show_selector(selector.negated) if selector.negated else "",
    }
    return "{" + ", ".join(f"{key}: {value}" for key, value in keys.items() if value) + "}"


def show_anchors(anchors: Sequence[tuple[float, str]]) -> str:
    """Anchors as YAML writes them in one line."""
    written = ", ".join(f"{score:g}: {text}" for score, text in anchors)
    return f"{{{written}}}" if written else ""
