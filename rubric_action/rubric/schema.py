"""The JSON Schema of `eval/rubric.yaml`, for editors: `python -m rubric_action.rubric.schema`."""

import json
from pathlib import Path
from typing import Any, Final

from rubric_action.rubric.declaration import RUBRIC
from rubric_action.rubric.decode import Definitions

SCHEMA_FILE: Final = Path(__file__).with_name("rubric.schema.json")
"""The shipped copy, which a test holds against the declaration."""


def rubric_schema() -> dict[str, Any]:
    """The schema, made from the declaration that the loader reads by."""
    definitions: Definitions = {}
    body = RUBRIC.schema(definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rubric Action: eval/rubric.yaml, version 1",
        **body,
        "$defs": definitions,
    }


def print_schema() -> str:
    """The schema as it is shipped."""
    return json.dumps(rubric_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(print_schema(), encoding="utf-8")
