"""JSON Schemas of rules, which may not run for ever or fetch anything."""

import json
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from rubric_action.grading.patterns import MOST_TIMEOUTS, CannotRun, found, quoted

SCHEMA_TIMEOUT_S: Final = 0.5
"""The longest that one schema may be held against one answer."""
UNTIMED: Final = {
    "unevaluatedProperties": "additionalProperties",
    "unevaluatedItems": "items",
}
"""Keywords whose work is done inside the library, with no limit of time, and what to use."""

Keyword = Callable[[Any, Any, Any, Any], Any]

_timeouts: Counter[str] = Counter()


def schema_problem(schema: Mapping[str, Any], text: str) -> str | None:
    """Say why the text is not JSON that is valid under the schema, or None when it is.

    Raises `CannotRun` when the schema itself is at fault: invalid, with a `$ref` that leads out,
    or so that the text takes longer than `SCHEMA_TIMEOUT_S`.
    """
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        return f"the answer is not JSON: {error}"
    return _first_error(json.dumps(schema, sort_keys=True), value)


def _first_error(schema: str, value: object) -> str | None:
    from jsonschema.exceptions import SchemaError
    from referencing.exceptions import Unresolvable

    if _timeouts[schema] >= MOST_TIMEOUTS:
        raise CannotRun(f"the JSON Schema ran out of time on {MOST_TIMEOUTS} answers")
    try:
        validator, keywords = _validator(schema)
        keywords.start()
        first = next(iter(validator.iter_errors(value)), None)
    except _OutOfTime:
        _timeouts[schema] += 1
        raise CannotRun(
            f"the JSON Schema took longer than {SCHEMA_TIMEOUT_S} s; "
            "references that multiply are the usual cause"
        ) from None
    except SchemaError as error:
        raise CannotRun(f"the JSON Schema is not valid: {quoted(error.message)}") from None
    except Unresolvable as error:
        raise CannotRun(f"the JSON Schema refers to what it does not hold: {error}") from None
    except RecursionError:
        raise CannotRun("the JSON Schema refers to itself without end") from None
    if first is None:
        return None
    return f"{quoted(first.json_path)} breaks `{first.validator}` of the schema"


@lru_cache(maxsize=256)
def _validator(schema_text: str) -> tuple[Any, "_Keywords"]:
    from jsonschema import Draft202012Validator, validators
    from referencing import Registry

    schema = json.loads(schema_text)
    base = validators.validator_for(schema, default=Draft202012Validator)
    base.check_schema(schema)
    _refuse_untimed(schema)
    keywords = _Keywords()
    extend: Callable[..., Any] = validators.extend
    timed = extend(base, keywords.timed(base.VALIDATORS))
    # An empty registry finds nothing outside of the schema: no file, no network.
    return timed(schema, registry=Registry()), keywords


def _refuse_untimed(node: object) -> None:
    children: list[object] = []
    if isinstance(node, dict):
        children = list(node.values())
        for keyword, instead in UNTIMED.items():
            if keyword in node:
                raise CannotRun(f"`{keyword}` is not supported; use `{instead}`")
    elif isinstance(node, list):
        children = node
    for child in children:
        _refuse_untimed(child)


class _OutOfTime(Exception):
    """The schema has used up its time."""


class _Keywords:
    """The keywords of one validator, each of which looks at the clock before its work.

    A few lines of references can make a schema whose keywords are applied 2^40 times.
    """

    def __init__(self) -> None:
        self._ends = 0.0

    def start(self) -> None:
        """Give the next validation its time."""
        self._ends = time.monotonic() + SCHEMA_TIMEOUT_S

    def timed(self, keywords: Mapping[str, Keyword]) -> dict[str, Keyword]:
        """The keywords with a limit of time; where the library's own knows none, another."""
        own: dict[str, Keyword] = {
            "pattern": self._pattern,
            "patternProperties": self._pattern_properties,
            "additionalProperties": self._additional_properties,
            "uniqueItems": _unique_items,
        }
        known = {name: own.get(name, keyword) for name, keyword in keywords.items()}
        return {name: self._limited(keyword) for name, keyword in known.items()}

    def _limited(self, keyword: Keyword) -> Keyword:
        def limited(validator: Any, value: Any, instance: Any, schema: Any) -> Any:
            self._check()
            return keyword(validator, value, instance, schema)

        return limited

    def _check(self) -> None:
        if time.monotonic() > self._ends:
            raise _OutOfTime

    def _found(self, pattern: str, text: str) -> bool:
        self._check()
        return found(pattern, text) is not None

    def _pattern(self, _: Any, pattern: str, instance: object, __: object) -> Iterator[Any]:
        from jsonschema.exceptions import ValidationError

        if isinstance(instance, str) and not self._found(pattern, instance):
            yield ValidationError(f"does not match {quoted(pattern)}")

    def _pattern_properties(
        self, validator: Any, patterns: Mapping[str, Any], instance: object, _: object
    ) -> Iterator[Any]:
        for name, value in instance.items() if isinstance(instance, dict) else ():
            for pattern, schema in patterns.items():
                if self._found(pattern, name):
                    yield from validator.descend(value, schema, path=name, schema_path=pattern)

    def _additional_properties(
        self, validator: Any, extra: Any, instance: object, schema: Mapping[str, Any]
    ) -> Iterator[Any]:
        from jsonschema.exceptions import ValidationError

        known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
        for name, value in instance.items() if isinstance(instance, dict) else ():
            if name in known or any(self._found(pattern, name) for pattern in patterns):
                continue
            if extra is False:
                yield ValidationError(f"{quoted(name)} is not allowed")
            else:
                yield from validator.descend(value, extra, path=name)


def _unique_items(_: Any, unique: Any, instance: object, __: object) -> Iterator[Any]:
    """In linear time; the library compares each with each where they cannot be sorted."""
    from jsonschema.exceptions import ValidationError

    if unique and isinstance(instance, list):
        distinct = {_comparable(item) for item in instance}
        if len(distinct) < len(instance):
            yield ValidationError("has an item twice")


def _comparable(value: Any) -> Hashable:
    """Equal for what JSON Schema calls equal: 1 and 1.0, but not 1 and true."""
    match value:
        case dict():
            return "object", frozenset((key, _comparable(each)) for key, each in value.items())
        case list():
            return "list", tuple(_comparable(each) for each in value)
        case bool():
            return "boolean", value
    return "plain", value


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not a JSON number")
