"""The files through which a step speaks to the runner: its outputs and its summary."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from rubric_action.errors import GitHubFailed

MOST_SUMMARY_BYTES: Final = 1 << 20
"""GitHub refuses a larger step summary whole."""
MOST_FINDINGS_BYTES: Final = 256 << 10
"""Room for the output `findings`; a job's outputs may hold 1 MB together."""
_CUT = "\n\n*The rest did not fit; the whole report is in the results folder.*\n"


def random_delimiter() -> str:
    """A line that nobody can guess."""
    return f"rubric-{uuid4().hex}"


def write_outputs(
    path: Path, outputs: Mapping[str, str], delimiter: Callable[[], str] = random_delimiter
) -> None:
    """Append outputs, each between delimiters; a value that holds its delimiter is refused."""
    with path.open("a", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        for name, value in outputs.items():
            mark = delimiter()
            if mark in value or mark in name:
                raise GitHubFailed(f"The output `{name}` holds the delimiter that ends it.")
            file.write(f"{name}<<{mark}\n{value}\n{mark}\n")


def write_summary(path: Path, markdown: str) -> None:
    """Append to the step summary, within GitHub's limit in bytes."""
    data = markdown.encode("utf-8", "backslashreplace")
    if len(data) > MOST_SUMMARY_BYTES:
        room = MOST_SUMMARY_BYTES - len(_CUT.encode())
        data = data[:room].decode("utf-8", "ignore").encode() + _CUT.encode()
    with path.open("ab") as file:
        file.write(data)


def fitting(records: Sequence[Mapping[str, Any]]) -> str:
    """As many records as fit, from the first, as one line of JSON."""
    texts: list[str] = []
    room = MOST_FINDINGS_BYTES
    for record in records:
        text = json.dumps(record)
        room -= len(text) + 2
        if room < 0:
            break
        texts.append(text)
    return f"[{', '.join(texts)}]"
