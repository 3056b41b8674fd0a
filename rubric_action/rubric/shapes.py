"""Decoders made of decoders: lists, maps, records, alternatives, and parsed texts."""

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, Generic, TypeVar

from rubric_action.rubric.decode import Decoder, Definitions, Schema, T
from rubric_action.rubric.problems import Found, Path, quoted

U = TypeVar("U")


class Refused(ValueError):
    """A parser's answer to a value it cannot take: what is wrong, and how to mend it."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.what = what
        self.mend = mend


class Parsed(Decoder[U], Generic[T, U]):
    """A value that a function makes into another, or refuses with `Refused`."""

    def __init__(
        self,
        inner: Decoder[T],
        parse: Callable[[T], U],
        expected: str,
        schema: Schema | None = None,
    ) -> None:
        self.inner, self.parse, self.expected = inner, parse, expected
        self._schema = schema or {}

    def read(self, value: Any, at: Path, found: Found) -> Any:
        """What the parser makes of the inner value."""
        before = len(found.problems)
        inner = self.inner.read(value, at, found)
        if len(found.problems) > before:
            return None
        try:
            return self.parse(inner)
        except Refused as refused:
            found.refuse(at, refused.what, refused.mend)
            return None

    def schema(self, definitions: Definitions) -> Schema:
        """The inner schema, and what was said about the parsed form."""
        return {**self.inner.schema(definitions), **self._schema}

    def parts(self) -> Iterator[tuple[str, Decoder[Any]]]:
        """The inner decoder."""
        yield "", self.inner


class ListOf(Decoder[tuple[T, ...]]):
    """A list; `single` also takes one item without its brackets."""

    def __init__(
        self, item: Decoder[T], expected: str, *, at_least: int = 0, single: bool = False
    ) -> None:
        self.item, self.expected, self.at_least, self.single = item, expected, at_least, single

    def read(self, value: Any, at: Path, found: Found) -> tuple[T, ...]:
        """The items as a tuple."""
        if not isinstance(value, list):
            return self._read_single(value, at, found)
        if len(value) < self.at_least:
            what = f"expected {self.expected} with at least {self.at_least}, found {len(value)}"
            found.refuse(at, what, "Add to it, or leave the key out.")
        read = self.item.read
        return tuple([read(item, (*at, n), found) for n, item in enumerate(value)])

    def _read_single(self, value: Any, at: Path, found: Found) -> tuple[T, ...]:
        if self.single:
            return (self.item.read(value, at, found),)
        mend = f"Write a list: `[{quoted(value)}]`." if isinstance(value, str) and value else ""
        found.wrong_type(at, value, self.expected, mend)
        return ()

    def schema(self, definitions: Definitions) -> Schema:
        """An array, or one item where that is taken."""
        item = self.item.schema(definitions)
        array: Schema = {"type": "array", "items": item}
        if self.at_least:
            array["minItems"] = self.at_least
        return {"anyOf": [item, array]} if self.single else array

    def parts(self) -> Iterator[tuple[str, Decoder[Any]]]:
        """The items' decoder."""
        yield "[]", self.item


class MapOf(Decoder[dict[str, T]]):
    """A mapping from names to values of one kind.

    `names` is the pattern that a whole name matches; `known` lists the only names there are.
    """

    def __init__(
        self,
        value: Decoder[T],
        expected: str,
        *,
        names: str | None = None,
        names_are: str = "",
        known: tuple[str, ...] = (),
        at_least: int = 0,
    ) -> None:
        self.value, self.expected, self.at_least, self.known = value, expected, at_least, known
        self._names, self._names_are = names, names_are
        self._fits = re.compile(names).fullmatch if names else None

    def read(self, value: Any, at: Path, found: Found) -> dict[str, T]:
        """The values by name, in the order of the file."""
        if not isinstance(value, dict):
            found.wrong_type(at, value, self.expected)
            return {}
        if len(value) < self.at_least:
            what = f"expected {self.expected} with at least {self.at_least}, found {len(value)}"
            found.refuse(at, what, "Add to it, or leave the key out.")
        items = {}
        for name, item in value.items():
            if self._takes(name, at, found):
                items[name] = self.value.read(item, (*at, name), found)
        return items

    def _takes(self, name: str, at: Path, found: Found) -> bool:
        if self.known and name not in self.known:
            mend = found.suggest(name, self.known, "keys here")
            found.refuse_key((*at, name), "unknown key", mend)
            return False
        if self._fits and not self._fits(name):
            what = f"`{quoted(name)}` does not fit here as a name"
            found.refuse_key((*at, name), what, f"A name is {self._names_are}.")
            return False
        return True

    def schema(self, definitions: Definitions) -> Schema:
        """An object whose further properties all have one schema."""
        item = self.value.schema(definitions)
        schema: Schema = {"type": "object"}
        if self.known:
            schema |= {"properties": dict.fromkeys(self.known, item), "additionalProperties": False}
        else:
            schema["additionalProperties"] = item
        if self._names:
            schema["propertyNames"] = {"pattern": f"^(?:{self._names})$"}
        if self.at_least:
            schema["minProperties"] = self.at_least
        return schema

    def parts(self) -> Iterator[tuple[str, Decoder[Any]]]:
        """The values' decoder, under each known name or any."""
        for name in self.known or ("<name>",):
            yield f".{name}", self.value


class Either(Decoder[Any]):
    """A mapping read by one decoder, anything else by another."""

    def __init__(self, plain: Decoder[Any], mapping: Decoder[Any]) -> None:
        self.plain, self.mapping = plain, mapping
        self.expected = f"{plain.expected} or {mapping.expected}"

    def read(self, value: Any, at: Path, found: Found) -> Any:
        """Whatever the decoder that fits makes of it."""
        return (self.mapping if isinstance(value, dict) else self.plain).read(value, at, found)

    def schema(self, definitions: Definitions) -> Schema:
        """One or the other."""
        return {"anyOf": [self.plain.schema(definitions), self.mapping.schema(definitions)]}

    def parts(self) -> Iterator[tuple[str, Decoder[Any]]]:
        """Both decoders."""
        yield "", self.plain
        yield "", self.mapping


class Named(Decoder[T]):
    """A decoder with a name in the schema, found late so that it may contain itself."""

    def __init__(self, name: str, expected: str, find: Callable[[], Decoder[T]]) -> None:
        self.name, self.expected, self._find = name, expected, find

    @cached_property
    def decoder(self) -> Decoder[T]:
        """The decoder that the name stands for."""
        return self._find()

    def read(self, value: Any, at: Path, found: Found) -> T:
        """What the named decoder reads."""
        return self.decoder.read(value, at, found)

    def schema(self, definitions: Definitions) -> Schema:
        """A reference; the schema itself goes into the definitions."""
        if self.name not in definitions:
            definitions[self.name] = {}
            definitions[self.name] = self.decoder.schema(definitions)
        return {"$ref": f"#/$defs/{self.name}"}

    def parts(self) -> Iterator[tuple[str, Decoder[Any]]]:
        """The named decoder."""
        yield "", self.decoder
