"""The results folder: written whole or not at all, file by file, `summary.json` last.

A folder without `summary.json` is a run that did not finish; nothing reads it as a verdict.
"""

import itertools
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rubric_action.errors import InputError, Place, Problem, ResultsUnwritable
from rubric_action.report.redact import Redact, redacted_json
from rubric_action.report.stored import (
    AUDIT,
    CASES,
    EMBEDDINGS,
    GRADES,
    JOURNALS,
    SESSIONS,
    SUMMARY,
    VERSION,
)

COMMENT = "comment.md"
FINISHED = (SUMMARY, CASES, SESSIONS, AUDIT, COMMENT)
"""What a finished run leaves; taken away before the next one starts in the same folder."""
_TOLD = (SUMMARY, CASES, SESSIONS, AUDIT, *JOURNALS)
"""The files that name their schema."""
_HEAD_BYTES = 64
_BESIDE = ".unfinished-"
"""How a file is called until it is whole; one that a killed run left is taken away too."""


def refuse_foreign(path: Path) -> None:
    """Raise an InputError for a folder in which a file of somebody else's would be replaced."""
    ours = {name for name in _TOLD if _is_ours(path / name)}
    for name in (*_TOLD, COMMENT):
        known = bool(ours) if name == COMMENT else name in ours
        if (path / name).is_file() and not known:
            what = f"it holds a `{name}` that no run of the gate wrote"
            mend = "Give the results a folder of their own with `--results`."
            raise InputError(Problem(Place(str(path)), what, mend, "results"))


def _is_ours(file: Path) -> bool:
    """Whether the file begins as ours do, with the schema; a torn or empty journal counts too."""
    try:
        with file.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except OSError:
        return False
    return b'"schema": "rubric-' in head or (file.name in JOURNALS and b"\n" not in head)


class ResultsFolder:
    """Where one run writes. Every text passes the redactor; every file appears whole."""

    def __init__(self, path: Path, redact: Redact, *, resume: bool = True) -> None:
        """Make the folder ready; without `resume`, replies found in it are thrown away too.

        `resumed` says whether the run before this one was killed, and goes on here.
        """
        self.path = path
        self.redact = redact
        if path.is_symlink():
            raise ResultsUnwritable(
                f"The results folder {path} is a link.", "Give a folder that is not a link."
            )
        refuse_foreign(path)
        self.resumed = resume and (path / GRADES).exists() and not (path / SUMMARY).exists()
        with unwritable(path):
            path.mkdir(parents=True, exist_ok=True)
            stale = [path / name for name in (FINISHED if resume else (*FINISHED, *JOURNALS))]
            for file in (*stale, *path.glob(f"{_BESIDE}*")):
                file.unlink(missing_ok=True)

    @property
    def replies(self) -> Path:
        """The journal of the judge's replies, which outlives a killed run."""
        return self.path / GRADES

    @property
    def vectors(self) -> Path:
        """The journal of embeddings; it is there only where some were made."""
        return self.path / EMBEDDINGS

    def write(self, name: str, text: str) -> None:
        """Write one file whole."""
        self._replace(name, [self.redact(text)])

    def write_json(self, name: str, value: Mapping[str, Any]) -> None:
        """Write one JSON file whole."""
        text = json.dumps(value, indent=2, ensure_ascii=False)
        self._replace(name, [redacted_json(text, self.redact), "\n"])

    def write_lines(self, name: str, lines: Iterable[str]) -> None:
        """Write one JSONL file whole, behind a line that names its schema."""
        header = json.dumps({"schema": f"rubric-{name.removesuffix('.jsonl')}/{VERSION}"})
        clean = (f"{redacted_json(line, self.redact)}\n" for line in lines)
        self._replace(name, itertools.chain([f"{header}\n"], clean))

    def _replace(self, name: str, parts: Iterable[str]) -> None:
        """Fill a file beside the target, then put it in the target's place in one step."""
        with unwritable(self.path):
            handle, path = tempfile.mkstemp(prefix=f"{_BESIDE}{name}.", dir=self.path)
            beside = Path(path)
            try:
                with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
                    file.writelines(parts)
                beside.chmod(0o644)
                beside.replace(self.path / name)
            except BaseException:
                beside.unlink(missing_ok=True)
                raise


def clear_results(path: Path) -> None:
    """Take away whatever stands in the folder's place, of which nothing is this run's.

    No link is followed: one in the folder goes with it, and one in its place goes alone.
    """
    with unwritable(path):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


class unwritable:  # noqa: N801  reads as a clause: `with unwritable(path):`
    """Turns an OSError about the results folder into `ResultsUnwritable`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, OSError):
            raise ResultsUnwritable(
                f"The results folder {self._path} cannot be written: {error.strerror or error}.",
                "Free space, or give another folder with `--results`.",
            ) from error
