"""The lines of a stored results folder, for another folder that keeps what it graded."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from rubric_action.report.stored import CASES, JOURNALS, MOST_LINE, SUMMARY, Stored, check_schema
from rubric_action.report.typed import as_object, need, whole


def copied_lines(stored: Stored, member: str) -> Iterator[str]:
    """The records of a JSONL file as they stand, one by one; none where the folder has no such.

    What is no record makes the folder unreadable, and so does a number of cases that is not the
    summary's. A last reply that a kill tore is left out, as the next run would.
    """
    file = stored.opener(member)
    if file is None:
        if member == CASES:
            raise stored.unreadable(f"it has no {CASES}")
        return
    found = 0
    with file:
        _, header = _read(file.readline(MOST_LINE), f"{member}:1", stored)
        check_schema(stored.source, member, header, f"rubric-{member.removesuffix('.jsonl')}")
        for line in _records(file, stored, member):
            found += 1
            yield line
    if member == CASES and found != stored.said(_counted):
        raise stored.unreadable(f"{CASES} has {found} cases, {SUMMARY} counts another number")


def _records(file: BinaryIO, stored: Stored, member: str) -> Iterator[str]:
    for number, line in enumerate(iter(lambda: file.readline(MOST_LINE), b""), start=2):
        torn = not line.endswith(b"\n") and len(line) < MOST_LINE
        if not (torn and member in JOURNALS):
            yield _read(line, f"{member}:{number}", stored)[0]


def _read(line: bytes, where: str, stored: Stored) -> tuple[str, dict[str, Any]]:
    try:
        told = line.decode().removesuffix("\n")
        return told, as_object(json.loads(told))
    except (ValueError, RecursionError) as error:
        raise stored.unreadable(f"{where} is not a record: {error}") from error


def _counted(summary: Any) -> int:
    return need(need(summary, "cases", as_object), "count", whole)
