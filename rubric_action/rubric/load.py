"""A rubric file's text into a `Rubric`, or every mistake in it at once."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from rubric_action.errors import InputError, Place, Problem
from rubric_action.rubric.declaration import RUBRIC
from rubric_action.rubric.decode import decode
from rubric_action.rubric.model import Rubric
from rubric_action.rubric.problems import KEY, Path, dotted
from rubric_action.rubric.source import Document, read_on


def load_rubric(text: str, file: str) -> Rubric:
    """Read a rubric from YAML; `file` is what messages call it.

    Raises one `InputError` with every mistake of the file, by line.
    """
    document = read_on(text, file, numeric_keys=_is_anchors)
    rubric: Rubric = _decoded(document)
    return replace(rubric, digest=digest(rubric), places=_places(document, rubric))


def _decoded(document: Document) -> Rubric:
    """The rubric, or the mistakes of the YAML and of what it says together, by line.

    What YAML's own mistake has spoilt at a place isn't blamed a second time.
    """
    problems = list(document.problems)
    spoilt = {problem.place for problem in problems}
    try:
        rubric: Rubric = decode(RUBRIC, document.value, document.locate, written=document.written)
    except InputError as error:
        problems += [problem for problem in error.problems if problem.place not in spoilt]
    else:
        if not problems:
            return rubric
    raise InputError(*sorted(problems, key=_by_place))


def _by_place(problem: Problem) -> tuple[int, int]:
    return problem.place.line or 0, problem.place.column or 0


def digest(rubric: Rubric) -> str:
    """`sha256:` of what the rubric says; comments, order of keys and layout do not count."""
    content = canonical(replace(rubric, digest="", places={}))
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def canonical(value: Any) -> Any:
    """A value of the model as plain JSON, each record under the name of its type."""
    if is_dataclass(value):
        record = {each.name: canonical(getattr(value, each.name)) for each in fields(value)}
        return {type(value).__name__: record}
    if isinstance(value, Mapping):
        return {str(key): canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    return value


def _is_anchors(path: Path) -> bool:
    return len(path) == 3 and path[0] == "axes" and path[2] == "anchors"


def _places(document: Document, rubric: Rubric) -> dict[str, Place]:
    """Every dotted key; rules under their ids too, as findings name them."""
    places = {dotted(path): place for path, place in document.places.items() if KEY not in path}
    for n, rule in enumerate(rubric.rules):
        places[f"rules.{rule.id}"] = places[f"rules[{n}]"]
    return places
