"""JSON templates: placeholders in texts are replaced as data, and what was put in is never read.

No expression is evaluated, and a value that holds `{{turns}}` itself stays the text that it is.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from rubric_action.rubric.problems import nearest, quoted

NAMES: Final = ("input", "turns", "trial", "case.id", "case.metadata", "case.context")
"""What a placeholder may name."""

Found = tuple[str, str, str]
"""A mistake: the key under the template (`.q[0]`), what is wrong, and how to mend it."""

_PLACEHOLDER: Final = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def rendered(template: Any, values: Mapping[str, Any]) -> Any:
    """The template with each placeholder replaced by its value.

    A text that is one placeholder and nothing else becomes the value itself, a list or an object
    too. Inside of a longer text a text goes in as it is, anything else as JSON. Keys stay.
    """
    if isinstance(template, str):
        return _filled(template, values)
    if isinstance(template, list):
        return [rendered(item, values) for item in template]
    if isinstance(template, dict):
        return {key: rendered(item, values) for key, item in template.items()}
    return template


def as_text(value: Any) -> str:
    """A text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def has_placeholder(text: str) -> bool:
    """Whether a text holds what looks like a placeholder."""
    return "{{" in text


def mistakes(template: Any, at: str = "") -> Iterator[Found]:
    """Every placeholder that cannot be replaced; `at` is where the template stands."""
    if isinstance(template, str):
        yield from _mistakes_of_text(template, at)
    elif isinstance(template, list):
        for number, item in enumerate(template):
            yield from mistakes(item, f"{at}[{number}]")
    elif isinstance(template, dict):
        for key, item in template.items():
            where = f"{at}.{quoted(key)}"
            if has_placeholder(key):
                mend = "Write a fixed key, and the placeholder as its value."
                yield where, "a key holds a placeholder, and keys are not replaced", mend
            yield from mistakes(item, where)


def _filled(text: str, values: Mapping[str, Any]) -> Any:
    whole = _PLACEHOLDER.fullmatch(text)
    if whole:
        return values[whole[1]]
    return _PLACEHOLDER.sub(lambda match: as_text(values[match[1]]), text)


def _mistakes_of_text(text: str, at: str) -> Iterator[Found]:
    known = ", ".join(f"`{{{{{name}}}}}`" for name in NAMES)
    for match in _PLACEHOLDER.finditer(text):
        if match[1] not in NAMES:
            close = nearest(match[1], NAMES)
            meant = f"Did you mean `{{{{{close}}}}}`? " if close else ""
            what = f"`{quoted(match[0])}` is no placeholder"
            yield at, what, f"{meant}Known: {known}."
    if has_placeholder(_PLACEHOLDER.sub("", text)):
        yield at, "`{{` opens a placeholder that is not closed", f"Known: {known}."
