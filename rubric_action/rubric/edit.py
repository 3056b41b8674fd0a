"""One value of a YAML file set in its text; comments, order and layout stay as they are."""

import copy
import re
from collections.abc import Sequence
from typing import Any, Final

import yaml

from rubric_action.errors import InputError
from rubric_action.rubric.problems import Path
from rubric_action.rubric.scalars import Trap, resolve
from rubric_action.rubric.source import read_yaml

_MARK: Final = "\ufeff"
_COMMENT: Final = re.compile(" +#")


def with_value(text: str, path: Sequence[str], written: str, order: Sequence[str]) -> str | None:
    """The text with a plain scalar at the path of keys; None where that can't be done in place.

    The text has to be a YAML mapping that `read_yaml` takes. Keys that are missing are added, each
    after the last one that goes before it in `order`. What comes out is read again: it says what
    the text said and the new value, and nothing else.
    """
    mark = _MARK if text.startswith(_MARK) else ""
    body = text.removeprefix(_MARK)
    edited = _edited(body, path, written, order)
    if edited is None or _plain(edited) != _changed(_plain(body), path, written):
        return None
    return mark + edited


def written_key(name: str) -> str:
    """A name as a key, in quotes where YAML would take it for something else than a text."""
    try:
        plain = isinstance(resolve(name), str)
    except Trap:
        plain = False
    return name if plain else f'"{name}"'


def entry(keys: Sequence[str], written: str) -> str:
    """`min: {tone: 0.9}`: nested keys with a value, on one line."""
    first, *rest = keys
    value = f"{{{entry(rest, written)}}}" if rest else written
    return f"{written_key(first)}: {value}"


def _edited(text: str, path: Sequence[str], written: str, order: Sequence[str]) -> str | None:
    node: Any = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    for depth, key in enumerate(path):
        if not isinstance(node, yaml.MappingNode):
            return None
        below = [value for name, value in node.value if name.value == key]
        if not below:
            added = entry(path[depth:], written)
            after = _before(node, key, order)
            if node.flow_style:
                return _into_flow(text, node, after, added)
            return _into_block(text, node, after, added)
        node = below[0]
    if not isinstance(node, yaml.ScalarNode):
        return None
    start, end = node.start_mark.index, node.end_mark.index
    return text[:start] + written + _aligned(text[end:], len(written) - (end - start))


def _aligned(rest: str, longer: int) -> str:
    """What follows a value that got longer; a comment behind it stays in its column if it can."""
    comment = _COMMENT.match(rest)
    if comment is None:
        return rest
    gap = comment.end() - 1
    return " " * max(1, gap - longer) + rest[gap:]


def _before(node: yaml.MappingNode, key: str, order: Sequence[str]) -> Any:
    """The value that a new key comes after; None in an empty mapping."""
    earlier = order[: order.index(key)] if key in order else order
    values = [value for name, value in node.value if name.value in earlier]
    last = [value for _, value in node.value[-1:]]
    return (values or last or [None])[-1]


def _into_flow(text: str, node: yaml.MappingNode, after: Any, added: str) -> str:
    if after is None:
        at = node.start_mark.index + 1
        return f"{text[:at]}{added}{text[at:]}"
    at = after.end_mark.index
    return f"{text[:at]}, {added}{text[at:]}"


def _into_block(text: str, node: yaml.MappingNode, after: Any, added: str) -> str:
    """On a line of its own, in the column of the mapping's other keys."""
    indent = " " * node.value[0][0].start_mark.column
    end = text.find("\n", _end(text, after))
    ending = "\r\n" if "\r\n" in text else "\n"
    if end < 0:
        return f"{text}{ending}{indent}{added}"
    return f"{text[: end + 1]}{indent}{added}{ending}{text[end + 1 :]}"


def _end(text: str, node: Any) -> int:
    """Where a value ends; YAML lets a block reach up to the next key, over comments and all."""
    while not isinstance(node, yaml.ScalarNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(node, yaml.MappingNode) else last
    return len(text[: node.end_mark.index].rstrip())


def _plain(text: str) -> Any:
    """What the text says; None where it cannot be read."""
    try:
        return read_yaml(text, "", numeric_keys=_anywhere).value
    except InputError:
        return None


def _anywhere(path: Path) -> bool:  # noqa: ARG001 - the same answer everywhere
    return True


def _changed(value: Any, path: Sequence[str], written: str) -> Any:
    changed = copy.deepcopy(value)
    below = changed
    for key in path[:-1]:
        below = below.setdefault(key, {})
    below[path[-1]] = resolve(written)
    return changed
