"""Finished runs that a command is given: results folders, zips of them, or folders that hold them.

What is wrong with any of them is told at once, as wrong input.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, Final

from rubric_action.errors import CannotDecide, InputError, Place, Problem, ResultsUnreadable
from rubric_action.report.judge_record import judge_from
from rubric_action.report.model import JudgeInfo, RunInfo
from rubric_action.report.recall_parts import run_from
from rubric_action.report.stored import SUMMARY, Purpose, Stored, open_path
from rubric_action.report.typed import as_object, moment, need, optional, text

GIVE: Final = "Give the results folder of a finished run, or the zip of one."
FINISHED: Final = Purpose(ResultsUnreadable, GIVE)


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that came to a verdict; `digest` is that of its rubric."""

    path: Path
    stored: Stored
    run: RunInfo
    at: datetime
    digest: str
    judge: JudgeInfo | None

    @property
    def name(self) -> str:
        """Where it lies."""
        return str(self.path)


def finished(paths: Sequence[Path], *, errored: bool = False) -> tuple[Finished, ...]:
    """The runs, oldest first, each once; InputError with all that is wrong with them.

    Shards are refused, and unless `errored` so are runs that ended in an error: not all that they
    are about was measured.
    """
    found = [_opened(path, errored=errored) for path in chain.from_iterable(map(_below, paths))]
    problems = [one for one in found if isinstance(one, Problem)]
    runs = sorted((one for one in found if isinstance(one, Finished)), key=lambda one: one.at)
    problems += _twice(runs)
    if problems:
        raise InputError(*problems)
    return tuple(runs)


def _below(path: Path) -> Sequence[Path]:
    """A folder or zip itself, or else the folders and zips in it, as a download lays them."""
    try:
        if not path.is_dir() or (path / SUMMARY).exists():
            return [path]
        inner = sorted(path.iterdir())
    except OSError:
        return [path]
    return [one for one in inner if one.is_dir() or one.suffix == ".zip"] or [path]


def _opened(path: Path, *, errored: bool) -> Finished | Problem:
    place = Place(str(path))
    try:
        if not path.exists():
            return Problem(place, "there is no such folder or zip", GIVE)
        stored = open_path(path, FINISHED)
        if stored.verdict == "error" and not errored:
            return Problem(place, "the run ended in an error", "Give runs that have a verdict.")
        return stored.said(lambda summary: _finished(path, stored, summary))
    except OSError as error:
        return Problem(place, f"it cannot be read: {error.strerror}", GIVE)
    except CannotDecide as error:
        return unreadable(str(path), error)


def unreadable(name: str, error: CannotDecide) -> Problem:
    """What cannot be read of a run, as wrong input of who gave it."""
    return Problem(Place(name), error.cause.removeprefix(f"{name} ").rstrip("."), error.mend)


def _finished(path: Path, stored: Stored, summary: Mapping[str, Any]) -> Finished:
    run = need(summary, "run", as_object)
    return Finished(
        path=path,
        stored=stored,
        run=run_from(run),
        at=need(run, "created_at", moment),
        digest=need(run, "rubric_digest", text),
        judge=need(summary, "judge", optional(judge_from)),
    )


def _twice(runs: Sequence[Finished]) -> Iterator[Problem]:
    """The same run under two names would count as evidence twice."""
    first: dict[str | None, Finished] = {}
    for one in runs:
        known = first.setdefault(one.stored.digest, one)
        if known is not one:
            yield Problem(Place(one.name), f"it is the same run as {known.name}", "Give it once.")
