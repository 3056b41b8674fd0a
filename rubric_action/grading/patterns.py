"""Regular expressions and JSON Schemas of rules, which may not run for ever or fetch anything."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

REGEX_TIMEOUT_S = 0.5
"""The longest that one pattern may search one answer."""
MOST_TIMEOUTS = 3
"""A pattern that ran out of time this often is not tried again in this process."""

_timeouts: Counter[str] = Counter()


class CannotRun(Exception):
    """A rule itself cannot be run: `str()` says why."""


def found(pattern: str, text: str) -> tuple[int, str] | None:
    """Return where the pattern is first found in the text (from 0) and what it matched.

    Raises `CannotRun` for a bad pattern, or one that takes longer than `REGEX_TIMEOUT_S`.
    """
    import regex

    if _timeouts[pattern] >= MOST_TIMEOUTS:
        raise CannotRun(f"pattern {quoted(pattern)} ran out of time on {MOST_TIMEOUTS} answers")
    try:
        match = regex.search(pattern, text, timeout=REGEX_TIMEOUT_S)
    except TimeoutError:
        _timeouts[pattern] += 1
        raise CannotRun(
            f"pattern {quoted(pattern)} took longer than {REGEX_TIMEOUT_S} s; "
            "nested repetition is the usual cause"
        ) from None
    except (regex.error, RecursionError, MemoryError, OverflowError) as error:
        raise CannotRun(f"pattern {quoted(pattern)} is not valid: {error}") from None
    return (match.start(), match.group()) if match else None


def schema_problem(schema: Mapping[str, Any], text: str) -> str | None:
    """Say why the text is not JSON that is valid under the schema, or None when it is.

    Raises `CannotRun` when the schema itself is at fault: invalid, or with a `$ref` that leads out.
    """
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        return f"the answer is not JSON: {error}"
    return _first_error(json.dumps(schema, sort_keys=True), value)


def quoted(text: str, limit: int = 60) -> str:
    """The text on one line in quotation marks, cut to `limit` characters."""
    line = " ".join(text[: limit * 4].split())
    return f'"{line}"' if len(line) <= limit else f'"{line[: limit - 1]}…"'


def _first_error(schema: str, value: object) -> str | None:
    from jsonschema.exceptions import SchemaError
    from referencing.exceptions import Unresolvable

    try:
        first = next(iter(_validator(schema).iter_errors(value)), None)
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
def _validator(schema_text: str) -> Any:
    from jsonschema import Draft202012Validator, validators
    from referencing import Registry

    schema = json.loads(schema_text)
    base = validators.validator_for(schema, default=Draft202012Validator)
    base.check_schema(schema)
    _refuse_untimed(schema)
    timed = {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
    }
    # An empty registry finds nothing outside of the schema: no file, no network.
    extend: Callable[..., Any] = validators.extend
    return extend(base, timed)(schema, registry=Registry())


def _refuse_untimed(node: object) -> None:
    """`unevaluatedProperties` searches its patterns inside the library, with no limit of time."""
    children: list[object] = []
    if isinstance(node, dict):
        children = list(node.values())
        if "unevaluatedProperties" in node:
            raise CannotRun("`unevaluatedProperties` is not supported; use `additionalProperties`")
    elif isinstance(node, list):
        children = node
    for child in children:
        _refuse_untimed(child)


def _pattern(_: Any, pattern: str, instance: object, __: object) -> Iterator[Any]:
    from jsonschema.exceptions import ValidationError

    if isinstance(instance, str) and found(pattern, instance) is None:
        yield ValidationError(f"does not match {quoted(pattern)}")


def _pattern_properties(
    validator: Any, patterns: Mapping[str, Any], instance: object, _: object
) -> Iterator[Any]:
    for name, value in instance.items() if isinstance(instance, dict) else ():
        for pattern, schema in patterns.items():
            if found(pattern, name) is not None:
                yield from validator.descend(value, schema, path=name, schema_path=pattern)


def _additional_properties(
    validator: Any, extra: Any, instance: object, schema: Mapping[str, Any]
) -> Iterator[Any]:
    from jsonschema.exceptions import ValidationError

    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for name, value in instance.items() if isinstance(instance, dict) else ():
        if name in known or any(found(pattern, name) is not None for pattern in patterns):
            continue
        if extra is False:
            yield ValidationError(f"{quoted(name)} is not allowed")
        else:
            yield from validator.descend(value, extra, path=name)


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not a JSON number")
