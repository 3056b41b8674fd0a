"""The key tables of `docs/rubric.md`: `python -m rubric_action.rubric.reference docs/rubric.md`."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rubric_action.rubric.declaration import RUBRIC
from rubric_action.rubric.decode import Decoder
from rubric_action.rubric.record import ABSENT, Key, Record
from rubric_action.rubric.shapes import Named

_TABLE = re.compile(r"(<!-- keys of (?P<name>.+?) -->\n).*?(<!-- end of keys -->)", re.DOTALL)


def records(decoder: Decoder[Any], path: str, seen: set[int]) -> Iterator[tuple[str, Record[Any]]]:
    """Every record within a decoder, once, with its dotted path; a named one goes by its name."""
    if isinstance(decoder, Named):
        path = decoder.name
    if id(decoder) in seen:
        return
    seen.add(id(decoder))
    if isinstance(decoder, Record):
        yield path or "the file", decoder
    for step, part in decoder.parts():
        yield from records(part, (path + step).removeprefix("."), seen)


def key_tables() -> dict[str, str]:
    """A Markdown table for each record of the rubric, by its dotted path."""
    return {path: _table(record.keys) for path, record in records(RUBRIC, "", set())}


def with_tables(text: str) -> str:
    """The reference with each of its tables made anew from the declaration."""
    tables = key_tables()
    return _TABLE.sub(lambda match: f"{match[1]}\n{tables[match['name']]}\n{match[3]}", text)


def _table(keys: tuple[Key, ...]) -> str:
    rows = [
        f"| `{key.name}` | {_cell(key.decoder.expected)} | {_default(key)} | {_cell(key.meaning)} |"
        for key in keys
    ]
    return "\n".join(["| key | takes | default | meaning |", "|---|---|---|---|", *rows]) + "\n"


def _default(key: Key) -> str:
    if key.required:
        return "required"
    if key.default is ABSENT or key.default in ([], {}):
        return _cell(key.otherwise)
    return f"`{key.default if isinstance(key.default, str) else json.dumps(key.default)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        file = Path(name)
        file.write_text(with_tables(file.read_text(encoding="utf-8")), encoding="utf-8")
