"""Strict YAML: text in; plain values, and the place of every key and value, out.

Values are built from the parser's event stream with a stack of our own: nothing here recurses,
no tag is ever constructed, and a limit stops the reading as soon as it is passed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from rubric_action.errors import InputError, Place, Problem
from rubric_action.rubric.build import Builder, Stop
from rubric_action.rubric.problems import Path

MAX_BYTES: Final = 1024 * 1024
"""The largest YAML file, as UTF-8."""

_NOT_TEXT = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_MENDS: Final = (
    (
        "mapping values",
        "Put a value that holds `: ` in quotes, and start the keys of one mapping in one column.",
    ),
    ("scanning an alias", "A value that starts with `*` has to stand in quotes."),
    ("scanning an anchor", "A value that starts with `&` has to stand in quotes."),
    ("quoted scalar", "Close the quotes; in double quotes, write `\\` as `\\\\`."),
    ("cannot start any token", "A value that starts with this character has to stand in quotes."),
    ("flow", "Close what `[` or `{` opened, with a comma between its items."),
    ("", "Check the indentation here and the line above."),
)


@dataclass(frozen=True, slots=True)
class Document:
    """The plain value of a YAML file, and where everything in it stands.

    `places` maps a path to its value, and a path that ends in `KEY` to the key itself; a list or
    mapping under a key stands where its key does. `written` holds the source text of the unquoted
    scalars that are not texts. `problems` are mistakes that did not keep the rest from being read.
    """

    file: str
    value: Any
    places: Mapping[Path, Place]
    written: Mapping[Path, str]
    problems: tuple[Problem, ...] = ()

    def locate(self, path: Path) -> Place:
        """The place of a path, or of the nearest thing around it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place(self.file, 1, 1))


def decode_text(data: bytes, file: str) -> str:
    """The text of a file's bytes, which have to be UTF-8 and at most `MAX_BYTES`."""
    _check_size(len(data), file)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line_start = data.rfind(b"\n", 0, error.start) + 1
        line = data.count(b"\n", 0, error.start) + 1
        place = Place(file, line, error.start - line_start + 1)
        raise _refusal(place, "this byte is not UTF-8", "Save the file as UTF-8.") from None


def no_numeric_keys(path: Path) -> bool:  # noqa: ARG001 - the same answer everywhere
    """The usual `numeric_keys` of `read_yaml`: keys are texts."""
    return False


def read_yaml(
    text: str, file: str, *, numeric_keys: Callable[[Path], bool] = no_numeric_keys
) -> Document:
    """Read one YAML document, or raise an `InputError` with everything that is wrong in it.

    `numeric_keys` says which mappings take unquoted numbers as keys; they stay as written.
    """
    document = read_on(text, file, numeric_keys=numeric_keys)
    if document.problems:
        raise InputError(*document.problems)
    return document


def read_on(
    text: str, file: str, *, numeric_keys: Callable[[Path], bool] = no_numeric_keys
) -> Document:
    """As `read_yaml`, but raise only for what ends the reading; other mistakes are `problems`."""
    text = text.removeprefix("\ufeff")
    _check_size(len(text.encode("utf-8", "surrogatepass")), file)
    _check_characters(text, file)
    builder = Builder(file, numeric_keys)
    whole = False
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            builder.take(event)
        whole = True
    except Stop:
        pass  # the builder has noted why
    except yaml.YAMLError as error:
        builder.problems.append(_syntax_problem(error, text, file))
    if not whole:
        raise InputError(*builder.problems)
    found = tuple(builder.problems)
    return Document(file, builder.value, builder.places, builder.written, found)


def _check_size(size: int, file: str) -> None:
    if size > MAX_BYTES:
        what = f"the file has {size} bytes, more than {MAX_BYTES}"
        raise _refusal(Place(file, 1, 1), what, "Split it, or write cases as JSONL.")


def _check_characters(text: str, file: str) -> None:
    if match := _NOT_TEXT.search(text):
        line_start = text.rfind("\n", 0, match.start()) + 1
        line = text.count("\n", 0, match.start()) + 1
        place = Place(file, line, match.start() - line_start + 1)
        name = "a NUL" if match[0] == "\0" else f"the control character U+{ord(match[0]):04X}"
        raise _refusal(place, f"{name} stands here", "Remove it, and save the file as UTF-8 text.")


def _syntax_problem(error: yaml.YAMLError, text: str, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return Problem(Place(file, 1, 1), f"not YAML: {error}", _MENDS[-1][1])
    place = Place(file, mark.line + 1, mark.column + 1)
    lines = text.splitlines()
    if mark.line < len(lines) and lines[mark.line][mark.column : mark.column + 1] == "\t":
        return Problem(place, "a tab indents this line", "Indent with spaces.")
    said = (getattr(error, "context", None), getattr(error, "problem", None))
    what = ": ".join(part for part in said if part)
    mend = next(mend for word, mend in _MENDS if word in what)
    return Problem(place, f"not YAML: {what}", mend)


def _refusal(place: Place, what: str, mend: str) -> InputError:
    return InputError(Problem(place, what, mend))
