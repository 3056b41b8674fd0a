"""A results folder read back, from a path or from an artifact's zip that is never extracted."""

import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar

from rubric_action.agent.model import Session
from rubric_action.errors import (
    BaselineUnreadable,
    CannotDecide,
    InputError,
    Place,
    Problem,
    ResultsUnreadable,
)
from rubric_action.gate.model import CaseResult
from rubric_action.report.records import case_from, session_from
from rubric_action.report.typed import as_object, optional, whole
from rubric_action.report.zipped import open_members

VERSION = 1
SUMMARY, CASES, SESSIONS, GRADES = "summary.json", "cases.jsonl", "sessions.jsonl", "grades.jsonl"
AUDIT, EMBEDDINGS = "audit.jsonl", "embeddings.jsonl"
JOURNALS: Final = (GRADES, EMBEDDINGS)
"""What is appended to while a run goes on, and outlives it when it is killed."""
WHOLE, PART = "rubric-results", "rubric-shard"
"""What `summary.json` may be about: a run that decided, or one shard of it, which did not."""
_MISTAKEN: Final = {
    WHOLE: ("the results of a whole run, and of no shard", "Give the folders that shards left."),
    PART: (
        "the results of one shard, which decide nothing",
        "Give what `rubric-action merge` made of all shards.",
    ),
}

MOST_SUMMARY = 64 << 20
MOST_EMBEDDINGS = 256 << 20
"""Larger ones are made anew where they come in a zip, which is held in memory: they cost little."""
MOST_LINE = 16 << 20

Opener = Callable[[str], BinaryIO | None]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Purpose:
    """What stored results are for, and so how to say that they cannot be read."""

    error: type[CannotDecide]
    mend: str


BASELINE: Final = Purpose(
    BaselineUnreadable,
    "Run the gate on the default branch again, so that it leaves a new baseline.",
)
RESULTS: Final = Purpose(
    ResultsUnreadable, "Run the gate on this commit again, so that it leaves new results."
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a results folder came from, in words, and what for."""

    name: str
    purpose: Purpose = BASELINE

    def unreadable(self, why: str) -> CannotDecide:
        """The error that it cannot be read."""
        return self.purpose.error(f"{self.name} cannot be read: {why}.", self.purpose.mend)


@dataclass(frozen=True, slots=True)
class Stored:
    """A results folder; `opener` opens a file of it, or gives None.

    Of an artifact, `stored_at` says when GitHub got it, in ISO 8601; of a baseline's, `distance`
    says how many commits it lies back. `digest` is the SHA-256 of its `summary.json`, in hex.
    """

    source: Source
    summary: Mapping[str, Any]
    opener: Opener
    folder: Path | None = None
    stored_at: str | None = None
    digest: str | None = None
    distance: int | None = None

    @property
    def name(self) -> str:
        """Where it came from."""
        return self.source.name

    @property
    def verdict(self) -> str:
        """The verdict that the run ended in."""
        return str(self.summary.get("verdict"))

    def cases(self) -> Iterator[CaseResult]:
        """Every case of the run, streamed; fewer or more than its summary counts are refused."""
        found = 0
        for case in _lines(self, CASES, case_from):
            found += 1
            yield case
        counted = self.said(_counted)
        if counted not in (None, found):
            raise self.unreadable(f"{CASES} has {found} cases, {SUMMARY} counts {counted}")

    def said(self, read: Callable[[Mapping[str, Any]], Item]) -> Item:
        """What `read` finds in the summary; what it refuses makes the folder unreadable."""
        try:
            return read(self.summary)
        except ValueError as error:
            raise self.unreadable(f"{SUMMARY} is not a summary: {error}") from error

    def unreadable(self, why: str) -> CannotDecide:
        """The error that this folder cannot be read."""
        return self.source.unreadable(why)

    def sessions(self) -> Iterator[Session]:
        """Every session of the run, streamed; none where the folder keeps none."""
        yield from _lines(self, SESSIONS, session_from)

    def audit(self) -> Iterator[Mapping[str, Any]]:
        """The lines of the audit, streamed; none where the folder keeps none."""
        yield from _lines(self, AUDIT, dict)

    def replies(self) -> Path | bytes | None:
        """The judge's replies that the run paid for: a file, or what a zip holds."""
        return self._journal(GRADES)

    def vectors(self, most: int = MOST_EMBEDDINGS) -> Path | bytes | None:
        """The embeddings that the run paid for: a file, or what a zip holds, of `most` bytes."""
        found = self._journal(EMBEDDINGS, most + 1)
        return None if isinstance(found, bytes) and len(found) > most else found

    def _journal(self, member: str, most: int = -1) -> Path | bytes | None:
        if self.folder:
            path = self.folder / member
            return path if path.is_file() else None
        file = self.opener(member)
        return file.read(most) if file else None


def open_path(path: Path, purpose: Purpose = BASELINE, family: str = WHOLE) -> Stored:
    """A results folder, or a zip of one. A path that is not there is the user's mistake."""
    source = Source(str(path), purpose)
    try:
        if path.is_dir():
            return _stored(source, lambda name: _open_file(path / name), path, family)
        if path.is_file():
            return _stored(source, zip_opener(path.read_bytes(), source), family=family)
    except OSError as error:
        raise source.unreadable(error.strerror or str(error)) from error
    problem = Problem(
        Place(str(path)),
        "there is no such results folder or zip",
        "Give the folder of an earlier run, or leave the baseline out",
        "baseline",
    )
    raise InputError(problem)


def open_zip(
    data: bytes, name: str = "the baseline artifact", purpose: Purpose = BASELINE
) -> Stored:
    """A results folder's zip, read in memory, member by member, by the names that we know."""
    source = Source(name, purpose)
    return _stored(source, zip_opener(data, source))


def zip_opener(data: bytes, source: Source) -> Opener:
    """Opens members of a zip in memory, by names that the caller knows; nothing is extracted.

    A zip that is none, or inflates beyond reason, ends in the source's error.
    """
    return open_members(io.BytesIO(data), source.unreadable)


def _stored(
    source: Source, opener: Opener, folder: Path | None = None, family: str = WHOLE
) -> Stored:
    file = opener(SUMMARY)
    if file is None:
        raise source.unreadable(f"it has no {SUMMARY}")
    with file:
        data = file.read(MOST_SUMMARY)
    summary = _json(source, SUMMARY, data)
    _refuse_mistaken(source, summary, family)
    check_schema(source, SUMMARY, summary, family)
    return Stored(source, summary, opener, folder, digest=hashlib.sha256(data).hexdigest())


def _refuse_mistaken(source: Source, summary: Mapping[str, Any], family: str) -> None:
    """Say so where a shard is taken for a run, or a run for a shard."""
    found = str(summary.get("schema")).partition("/")[0]
    if found != family and found in _MISTAKEN:
        what, mend = _MISTAKEN[found]
        raise source.purpose.error(f"{source.name} holds {what}.", mend)


def _lines(
    stored: Stored, member: str, make: Callable[[Mapping[str, Any]], Item]
) -> Iterator[Item]:
    source = stored.source
    file = stored.opener(member)
    if file is None:
        if member == CASES:
            raise source.unreadable(f"it has no {CASES}")
        return
    with file:
        header = _json(source, member, file.readline(MOST_LINE))
        check_schema(source, member, header, f"rubric-{member.removesuffix('.jsonl')}")
        for number, line in enumerate(iter(lambda: file.readline(MOST_LINE), b""), start=2):
            where = f"{member}:{number}"
            try:
                yield make(_json(source, where, line))
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise source.unreadable(f"{where} is not a record: {error!r}") from error


def _counted(summary: Mapping[str, Any]) -> int | None:
    cases = as_object(summary.get("cases", {}))
    return optional(whole)(cases.get("count"))


def _json(source: Source, where: str, data: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise source.unreadable(f"{where} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise source.unreadable(f"{where} is not an object")
    return value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")


def check_schema(source: Source, where: str, value: Mapping[str, Any], family: str) -> None:
    """Refuse a file whose header is not of the family, in a version that this one reads."""
    known = [f"{family}/{version}" for version in range(1, VERSION + 1)]
    if value.get("schema") not in known:
        found = f"the schema {value.get('schema')!r:.80}"
        raise source.unreadable(f"{where} has {found}; this version reads {', '.join(known)}")


def _open_file(path: Path) -> BinaryIO | None:
    try:
        return path.open("rb")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Source(str(path)).unreadable(str(error)) from error
