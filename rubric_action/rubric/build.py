"""Builds plain values from YAML events, and refuses what YAML has and a rubric has no use for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import yaml

from rubric_action.errors import Place, Problem
from rubric_action.rubric.problems import KEY, MOST_SHOWN, Path, describe, dotted, quoted
from rubric_action.rubric.scalars import Scalar, Trap, resolve

MAX_DEPTH: Final = 64
"""The deepest nesting of lists and mappings."""


class Stop(Exception):
    """Reading cannot go on; the reason is among the builder's problems."""


@dataclass(slots=True)
class _Frame:
    """A list or mapping that is being filled; `key` is the one that waits for its value."""

    into: Any
    path: Path
    numeric: bool = False
    key: str | None = None

    @property
    def wants_key(self) -> bool:
        return self.key is None and isinstance(self.into, dict)

    def next_path(self) -> Path:
        return (*self.path, len(self.into) if self.key is None else self.key)

    def put(self, value: Any) -> None:
        if self.key is None:
            self.into.append(value)
        else:
            self.into[self.key] = value
            self.key = None


class Builder:
    """Takes the events of one file; mistakes are collected, and reading goes on where it can."""

    def __init__(self, file: str, numeric_keys: Callable[[Path], bool]) -> None:
        self.value: Any = None
        self.places: dict[Path, Place] = {}
        self.written: dict[Path, str] = {}
        self.problems: list[Problem] = []
        self._file = file
        self._numeric_keys = numeric_keys
        self._stack: list[_Frame] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        """Take the next event; raises `Stop` where there is no going on."""
        if isinstance(event, yaml.CollectionEndEvent):
            self._stack.pop()
        elif isinstance(event, yaml.DocumentStartEvent):
            self._start_document(event)
        elif isinstance(event, yaml.NodeEvent):
            self._take_node(event)

    def _start_document(self, event: yaml.Event) -> None:
        self._documents += 1
        if self._documents > 1:
            self._refuse(event, (), "a second document starts here", "Remove the `---` line.")
            raise Stop

    def _take_node(self, event: yaml.NodeEvent) -> None:
        frame = self._stack[-1] if self._stack else None
        self._refuse_references(event, frame)
        if frame and frame.wants_key:
            self._take_key(event, frame)
            return
        path = frame.next_path() if frame else ()
        value = self._value(event, path)
        if frame:
            frame.put(value)
        else:
            self.value = value

    def _value(self, event: yaml.NodeEvent, path: Path) -> Any:
        here = self._place(event)
        if not isinstance(event, yaml.CollectionStartEvent):
            self.places[path] = here
            return self._scalar(event, path)
        self.places[path] = self.places.get((*path, KEY), here)
        if len(self._stack) == MAX_DEPTH:
            what = f"nested deeper than {MAX_DEPTH} levels"
            self._refuse(event, (), what, "Flatten it.")
            raise Stop
        value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._stack.append(_Frame(value, path, self._numeric_keys(path)))
        return value

    def _scalar(self, event: yaml.NodeEvent, path: Path) -> Scalar:
        value = self._resolve(event, path)
        if not isinstance(value, str) and isinstance(event, yaml.ScalarEvent) and event.value:
            self.written[path] = event.value
        return value

    def _resolve(self, event: yaml.NodeEvent, path: Path) -> Scalar:
        if not isinstance(event, yaml.ScalarEvent):
            return None  # an alias, which is refused already
        if event.style:
            return str(event.value)
        try:
            return resolve(event.value)
        except Trap as trap:
            mend = "Write a plain decimal number, or put a text in quotes."
            self._refuse(event, path, str(trap), mend)
            return None

    def _take_key(self, event: yaml.NodeEvent, frame: _Frame) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            what = "expected a text as the key, found another kind of node"
            self._refuse(event, frame.path, what, "Put the key in quotes.")
            raise Stop
        key = str(event.value)
        path = (*frame.path, key)
        self._refuse_key(event, frame, path)
        self.places[(*path, KEY)] = self._place(event)
        frame.key = key

    def _refuse_key(self, event: yaml.ScalarEvent, frame: _Frame, path: Path) -> None:
        written = str(event.value)
        if written == "<<" and not event.style:
            self._refuse(event, path, "a merge key", "Write the merged keys out.")
            return
        value = self._resolve(event, path)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not isinstance(value, str) and not (is_number and frame.numeric):
            what = f"expected a text as the key, found {describe(value, written)}"
            self._refuse(event, path, what, f'Put it in quotes: "{quoted(written)}".')
        elif written in frame.into:
            first = self.places[(*path, KEY)].line
            what = f"the key stands here a second time, first on line {first}"
            self._refuse(event, path, what, "Keep one of them.")

    def _refuse_references(self, event: yaml.NodeEvent, frame: _Frame | None) -> None:
        path = () if frame is None else frame.path if frame.wants_key else frame.next_path()
        if isinstance(event, yaml.AliasEvent):
            what = f"an alias, `*{quoted(str(event.anchor))}`"
            self._refuse(event, path, what, "Write the value out, or put a text in quotes.")
        elif event.anchor:
            what = f"an anchor, `&{quoted(event.anchor)}`"
            self._refuse(event, path, what, "Remove it, or put a text in quotes.")
        if tag := getattr(event, "tag", None):
            what = f"a tag, `{quoted(str(tag).replace('tag:yaml.org,2002:', '!!'))}`"
            self._refuse(event, path, what, "Remove it, or put a text in quotes.")

    def _refuse(self, event: yaml.Event, path: Path, what: str, mend: str) -> None:
        self.problems.append(Problem(self._place(event), what, mend, dotted(path) or None))
        if len(self.problems) == MOST_SHOWN:
            raise Stop

    def _place(self, event: yaml.Event) -> Place:
        mark: Any = event.start_mark  # the parser sets it on every event
        return Place(self._file, mark.line + 1, mark.column + 1)
