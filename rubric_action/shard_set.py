"""The folders that shards left: found, opened, and checked to be all parts of one suite."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from rubric_action.cases.case_set import CaseSet
from rubric_action.errors import CannotDecide, InputError, Place, Problem, ResultsUnreadable
from rubric_action.grading.identity import judge_fingerprint
from rubric_action.grading.preflight import with_judge
from rubric_action.pipeline import Request
from rubric_action.report.shard import ShardReport, shard_from
from rubric_action.report.stored import (
    CASES,
    GRADES,
    PART,
    SESSIONS,
    SUMMARY,
    Purpose,
    Stored,
    open_path,
)

MOST_NAMED: Final = 10
"""So many missing shards are named."""
GIVE: Final = "Give the folders that runs with `--shard`, or with the input `shard`, left."
RUN_AGAIN: Final = "Run this shard again, and merge anew."
SHARD: Final = Purpose(ResultsUnreadable, RUN_AGAIN)
ALL_AGAIN: Final = "Run all shards again, for the same commit."
MEMBERS: Final = (CASES, SESSIONS, GRADES)
_SUITE: Final = "the shards"


@dataclass(frozen=True, slots=True)
class Part:
    """One shard's folder, and what its summary tells."""

    path: Path
    stored: Stored
    told: ShardReport

    @property
    def place(self) -> Place:
        """Where it is, for a message."""
        return Place(str(self.path))


def all_parts(folders: Sequence[Path], request: Request, cases: CaseSet) -> tuple[Part, ...]:
    """Every shard of this suite once, in their order; one InputError holds all that is wrong."""
    problems: list[Problem] = []
    parts = []
    for path in chain.from_iterable(map(_found, folders)):
        found = _opened(path, request.results)
        if isinstance(found, Part):
            parts.append(found)
        else:
            problems.append(found)
    parts.sort(key=lambda part: part.told.shard.index)
    problems += _strangers(parts, request, cases)
    problems += _gaps(parts)
    if problems:
        raise InputError(*problems)
    return tuple(parts)


def _found(path: Path) -> Sequence[Path]:
    """A folder or zip itself, or else the folders in it, as a download of artifacts lays them.

    A lone artifact is laid without a folder of its own.
    """
    try:
        inner = sorted(one for one in path.iterdir() if one.is_dir())
        return inner if inner and not (path / SUMMARY).exists() else [path]
    except OSError:
        return [path]


def _opened(path: Path, results: Path) -> Part | Problem:
    place = Place(str(path))
    if not path.exists():
        return Problem(place, "there is no such folder or zip", GIVE)
    if path.resolve() == results.resolve():
        return Problem(place, "the results would be written over it", "Give them another folder.")
    if path.is_dir() and not (path / SUMMARY).exists():
        return Problem(place, f"the shard did not finish, it left no `{SUMMARY}`", RUN_AGAIN)
    try:
        stored = open_path(path, SHARD, PART)
        lacking = next((name for name in MEMBERS if not _has(stored, name)), None)
        if lacking:
            return Problem(place, f"there is no `{lacking}` in it", RUN_AGAIN)
        return Part(path, stored, stored.said(shard_from))
    except CannotDecide as error:
        return Problem(place, error.cause.rstrip("."), error.mend)


def _has(stored: Stored, name: str) -> bool:
    file = stored.opener(name)
    if file is not None:
        file.close()
    return file is not None


def _strangers(parts: Sequence[Part], request: Request, cases: CaseSet) -> Iterator[Problem]:
    """Shards that were not made of what is decided on here."""
    for part in parts:
        told = part.told
        judge = with_judge(request.rubric, model=told.judge_model)
        differences = (
            (told.digest != request.rubric.digest, "was graded under another rubric"),
            (told.suite != cases.digest, "was graded with other cases"),
            (told.cases != len(told.shard.positions(len(cases))), "does not hold its cases"),
            (
                told.judge is not None and told.judge.fingerprint != judge_fingerprint(judge),
                "was graded by another judge",
            ),
            (_apart(told.run.sha, request.run.sha), f"is of commit {told.run.sha}"),
        )
        what = next((what for differs, what in differences if differs), None)
        if what:
            yield Problem(part.place, f"{told.shard} {what}", ALL_AGAIN)


def _apart(sha: str | None, here: str | None) -> bool:
    """Whether two commits differ, as far as both are known."""
    return None not in (sha, here) and sha != here


def _gaps(parts: Sequence[Part]) -> Iterator[Problem]:
    """What keeps the parts from being one whole."""
    if not parts:
        what = "there are no results of a shard"
        yield Problem(Place(_SUITE), what, GIVE)
        return
    first = parts[0]
    seen: dict[int, Part] = {}
    for part in parts:
        shard = part.told.shard
        if shard.of != first.told.shard.of:
            what = f"it is {shard}, and {first.path} is {first.told.shard}"
            yield Problem(part.place, what, "Give the shards of one run.")
        elif part.told.run.sha != first.told.run.sha:
            what = f"{shard} is of commit {part.told.run.sha}, {first.path} of another"
            yield Problem(part.place, what, ALL_AGAIN)
        elif shard.index in seen:
            what = f"{shard} is there already, as {seen[shard.index].path}"
            yield Problem(part.place, what, "Give each shard once.")
        seen[shard.index] = part
    of = first.told.shard.of
    missing = [str(index) for index in range(1, of + 1) if index not in seen]
    if missing:
        yield Problem(Place(_SUITE), _missing(missing, of), RUN_AGAIN)


def _missing(indexes: Sequence[str], of: int) -> str:
    if len(indexes) == 1:
        return f"shard {indexes[0]} of {of} left no results"
    more = len(indexes) - MOST_NAMED
    others = f" and {more} more" if more > 0 else ""
    return f"shards {', '.join(indexes[:MOST_NAMED])}{others} of {of} left no results"
