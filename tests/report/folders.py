"""The folder of three cases that the fixture `finished` makes."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from rubric_action.report.stored import Stored

WHOLE = (
    ["c0", "c1", "c2"],
    ["This is answer 0.", "This is answer 1.", "This is answer 2."],
    "pass",
)


def packed(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip with these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def members(folder: Path) -> dict[str, bytes]:
    """The files of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def read_all(stored: Stored) -> tuple[list[str], list[str], str]:
    """Ids of the cases, outputs of the sessions, and the verdict."""
    cases = [case.id for case in stored.cases()]
    outputs = [session.turns[0].output for session in stored.sessions()]
    return cases, outputs, stored.verdict


def edit_summary(folder: Path, edit: Callable[[dict[str, dict[str, object]]], object]) -> None:
    """Change the summary of a folder."""
    path = folder / "summary.json"
    summary = json.loads(path.read_text())
    edit(summary)
    path.write_text(json.dumps(summary))
