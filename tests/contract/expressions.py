"""GitHub's expressions, as far as the ready workflows use them."""

import re
from collections.abc import Mapping
from typing import Any

_TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|(==|!=|&&|\|\||!|\(|\))|([a-z_]+(?:\.[a-z_]+)*))")
_OPERATORS = {"&&": " and ", "||": " or ", "!": " not "}
_SPAN = re.compile(r"\$\{\{(.*?)\}\}")


def evaluated(expression: str, github: Mapping[str, Any]) -> Any:
    """The value of an expression over the context `github`; what is not there is None."""
    values: list[Any] = []
    parts = []
    rest = expression.strip()
    while rest:
        match = _TOKEN.match(rest)
        assert match, f"not understood: {rest}"
        text, operator, name = match.groups()
        if operator:
            parts.append(_OPERATORS.get(operator, f" {operator} "))
        else:
            values.append(text[1:-1].replace("''", "'") if text else _looked_up(name, github))
            parts.append(f"values[{len(values) - 1}]")
        rest = rest[match.end() :].strip()
    return eval("".join(parts), {"values": values})  # noqa: S307 (only what was made above)


def filled(text: str, github: Mapping[str, Any]) -> str:
    """A text with its `${{ }}` replaced."""
    return _SPAN.sub(lambda match: str(evaluated(match[1], github) or ""), text)


def _looked_up(name: str, github: Mapping[str, Any]) -> Any:
    first, *path = name.split(".")
    assert first == "github", f"only `github` is known: {name}"
    value: Any = github
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
