"""Records: mappings with declared keys. One declaration is loader, schema and reference table."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from rubric_action.errors import Place
from rubric_action.rubric.decode import Decoder, Definitions, Schema
from rubric_action.rubric.problems import Found, Path, nearest

T = TypeVar("T")

ABSENT: Final = object()
"""A key without a default of its own: left out, it leaves the field to the record's type."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a record.

    `default` is what it counts as when left out, as it would be written; `otherwise` says that in
    words where no value does. `field` is the parameter of the record's builder, by default the key.
    """

    name: str
    decoder: Decoder[Any]
    meaning: str
    default: Any = ABSENT
    required: bool = False
    otherwise: str = "none"
    field: str | None = None


class Constraint(Protocol):
    """What holds between the keys of one record; it sees the plain mapping."""

    def check(self, value: dict[str, Any], at: Path, found: Found) -> None:
        """Note what does not hold."""

    def schema(self) -> Schema:
        """The same as JSON Schema; empty where that cannot say it."""


class Record(Decoder[T]):
    """A mapping with declared keys, built into a `T` by keyword arguments."""

    def __init__(
        self,
        build: Callable[..., T],
        keys: Sequence[Key],
        *,
        expected: str = "a mapping",
        constraints: Sequence[Constraint] = (),
        meaning: str = "",
    ) -> None:
        self.build, self.keys, self.expected = build, tuple(keys), expected
        self.constraints, self.meaning = tuple(constraints), meaning
        self._by_name = {key.name: (key.decoder.read, key.field or key.name) for key in keys}
        self._required = frozenset(key.name for key in keys if key.required)
        self._defaults = {
            key.field or key.name: _default(key) for key in keys if key.default is not ABSENT
        }

    def read(self, value: Any, at: Path, found: Found) -> Any:
        """The built value, or None once any mistake was noted in it."""
        if not isinstance(value, dict):
            found.wrong_type(at, value, self.expected, self._mend())
            return None
        before = len(found.problems)
        fields = self._defaults.copy()
        unknown = []
        for name, item in value.items():
            known = self._by_name.get(name)
            if known is None:
                unknown.append(name)
            else:
                read, field = known
                fields[field] = read(item, (*at, name), found)
        meant = self._refuse_unknown(unknown, value, at, found) if unknown else value
        if not self._required <= meant.keys():
            self._refuse_missing(meant, at, found)
        for constraint in self.constraints:
            constraint.check(meant, at, found)
        return self.build(**fields) if len(found.problems) == before else None

    def _refuse_unknown(
        self, unknown: list[str], value: dict[str, Any], at: Path, found: Found
    ) -> dict[str, Any]:
        """Note the unknown keys; return the mapping as it was meant, so that each counts once."""
        meant = value.copy()
        for name in unknown:
            mend = found.suggest(name, self._by_name, "keys here")
            found.refuse_key((*at, name), "unknown key", mend)
            if close := nearest(name, self._by_name) if mend else None:
                meant[close] = meant.pop(name)
        return meant

    def _refuse_missing(self, value: dict[str, Any], at: Path, found: Found) -> None:
        for key in self.keys:
            if key.required and key.name not in value:
                found.refuse(at, f"`{key.name}` is missing", f"Add it: {key.decoder.expected}.")

    def _mend(self) -> str:
        return "Keys here: " + ", ".join(f"`{key.name}`" for key in self.keys) + "."

    def schema(self, definitions: Definitions) -> Schema:
        """A closed object with every key described."""
        schema: Schema = {
            "type": "object",
            "additionalProperties": False,
            "properties": {key.name: _key_schema(key, definitions) for key in self.keys},
        }
        if self._required:
            schema["required"] = [key.name for key in self.keys if key.required]
        if rules := [rule for each in self.constraints if (rule := each.schema())]:
            schema["allOf"] = rules
        return schema

    def parts(self) -> Iterator[tuple[str, Decoder[Any]]]:
        """Each key's decoder."""
        for key in self.keys:
            yield f".{key.name}", key.decoder


def _default(key: Key) -> Any:
    found = Found(lambda _: Place("the declared default"))
    value = key.decoder.read(key.default, (key.name,), found)
    found.raise_if_any()
    return value


def _key_schema(key: Key, definitions: Definitions) -> Schema:
    schema = {"description": key.meaning, **key.decoder.schema(definitions)}
    return schema if key.default is ABSENT else {**schema, "default": key.default}


class ExactlyOne:
    """One of these keys is there, and only one; `called` says what they are."""

    def __init__(self, *names: str, called: str = "") -> None:
        self.names = names
        self.called = called or f"of {_listed(names)}"

    def check(self, value: dict[str, Any], at: Path, found: Found) -> None:
        """Note none, or each one after the first."""
        given = [name for name in value if name in self.names]
        if not given:
            mend = f"Add one of {_listed(self.names)}."
            found.refuse(at, f"expected exactly one {self.called}, found none", mend)
        for name in given[1:]:
            what = f"expected exactly one {self.called}, found `{given[0]}` as well"
            found.refuse_key((*at, name), what, "Keep one of them.")

    def schema(self) -> Schema:
        """One required key of several."""
        return {"oneOf": [{"required": [name]} for name in self.names]}


class AtLeastOne:
    """One of these keys or more is there; `mend` says how to choose."""

    def __init__(self, *names: str, mend: str = "Add one.") -> None:
        self.names, self.mend = names, mend

    def check(self, value: dict[str, Any], at: Path, found: Found) -> None:
        """Note that none is there."""
        if not any(name in value for name in self.names):
            what = f"expected at least one of {_listed(self.names)}, found none"
            found.refuse(at, what, self.mend)

    def schema(self) -> Schema:
        """Any of several required keys."""
        return {"anyOf": [{"required": [name]} for name in self.names]}


class OnlyWith:
    """These keys make sense only beside another one."""

    def __init__(self, needed: str, *names: str) -> None:
        self.needed, self.names = needed, names

    def check(self, value: dict[str, Any], at: Path, found: Found) -> None:
        """Note each key that lacks its companion."""
        for name in self.names:
            if name in value and self.needed not in value:
                what = f"means nothing without `{self.needed}`"
                found.refuse_key((*at, name), what, f"Add `{self.needed}`, or leave it out.")

    def schema(self) -> Schema:
        """A dependency a key."""
        return {"dependentRequired": {name: [self.needed] for name in self.names}}


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
