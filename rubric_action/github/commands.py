"""The log and the runner's workflow commands. Nothing foreign on standard output is a command.

The runner obeys a line that starts with `::`, after white space too, and `##[...]` anywhere in a
line; it ends lines at a bare carriage return as well. Other systems know `##vso[...]` and the
like. Everything but our own commands is broken up so that none of them is left.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Literal, TextIO

from rubric_action.errors import Place
from rubric_action.report.escape import visible
from rubric_action.report.redact import Redact

Level = Literal["error", "warning", "notice"]
LEVELS: Final[tuple[Level, ...]] = ("error", "warning", "notice")

MOST_ANNOTATIONS: Final = 10
"""GitHub shows at most ten annotations of each level a step; the rest it drops without a word."""
LONGEST_MESSAGE: Final = 4000

_LINE_ENDS = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_COMMAND = re.compile(r":(?=:)|#(?=#\w*\[)")


@dataclass(frozen=True, slots=True)
class Annotation:
    """A message that GitHub shows at a line of a file."""

    level: Level
    title: str
    message: str
    place: Place | None = None


def neutral(text: str) -> str:
    """The text with every workflow command broken and every invisible character shown."""
    return _COMMAND.sub(r"\g<0> ", _shown(text))


def command(name: str, message: str, **properties: str | int | None) -> str:
    """One workflow command, its values escaped as the runner reads them."""
    given = ",".join(f"{key}={_property(str(v))}" for key, v in properties.items() if v is not None)
    return f"::{name}{' ' if given else ''}{given}::{_data(message)}"


def annotation(level: Level, message: str, place: Place | None, title: str | None = None) -> str:
    """An annotation's whole line. Without a line number a place is a word, and no file to open."""
    at = place if place and place.line else None
    file, line, column = (at.file, at.line, at.column) if at else (None, None, None)
    return command(level, message, file=file, line=line, col=column, title=title) + "\n"


@dataclass(slots=True)
class Log:
    """Standard output. `redact` takes the secrets out of every line but the masks themselves."""

    stream: TextIO
    redact: Redact = field(default=str)
    _rest: str = ""

    def line(self, text: str) -> None:
        """Write a text, which may be foreign, on lines of its own."""
        self._emit(neutral(self.redact(text)))

    def write(self, text: str) -> int:
        """Take text as a stream does; a line is written once it is whole."""
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self.line(line)
        return len(text)

    def flush(self) -> None:
        """Write a line that never ended."""
        rest, self._rest = self._rest, ""
        if rest:
            self.line(rest)

    def mask(self, secret: str) -> None:
        """Have the runner hide a secret from here on, each of its lines for itself."""
        for line in filter(None, _LINE_ENDS.split(secret)):
            self._emit(command("add-mask", line))

    @contextmanager
    def group(self, title: str) -> Iterator[None]:
        """Fold what is written inside."""
        self._emit(command("group", neutral(self.redact(title))))
        try:
            yield
        finally:
            self.flush()
            self._emit(command("endgroup", ""))

    def annotate(self, annotations: Iterable[Annotation]) -> None:
        """Write annotations, within GitHub's limit a level, saying how many more there are."""
        waiting = list(annotations)
        for level in LEVELS:
            for one in _within_limit([each for each in waiting if each.level == level]):
                message = _shown(self.redact(one.message))[:LONGEST_MESSAGE]
                title = _shown(self.redact(one.title))
                self._emit(annotation(level, message, one.place, title).rstrip())

    def _emit(self, text: str) -> None:
        # A file's name may hold bytes that are no UTF-8.
        self.stream.write(text.encode("utf-8", "backslashreplace").decode() + "\n")
        self.stream.flush()


def _within_limit(annotations: list[Annotation]) -> list[Annotation]:
    if len(annotations) <= MOST_ANNOTATIONS:
        return annotations
    shown = annotations[: MOST_ANNOTATIONS - 1]
    left = len(annotations) - len(shown)
    more = f"{left} more are in the comment, the step summary and the results folder."
    return [*shown, Annotation(annotations[0].level, f"{left} more", more)]


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _shown(text: str) -> str:
    """The lines as the runner ends them, with every invisible character by its number."""
    return "\n".join(visible(line) for line in _LINE_ENDS.split(text))
