"""The ledger's file: JSON lines under a line with its schema. Pure, from bytes to bytes."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rubric_action.errors import GitHubFailed
from rubric_action.gate.override.facts import Use
from rubric_action.github.fields import pick_or_none, time_or_none
from rubric_action.report.stored import AUDIT, VERSION

SCHEMA: Final = f"rubric-audit/{VERSION}"
FILE: Final = AUDIT
HEADER: Final = json.dumps({"schema": SCHEMA}).encode()

Decided = tuple[int | None, str | None, int | None, int | None, bool | None]


def line_of(record: Mapping[str, Any]) -> bytes:
    """A record as the ledger's line, without its end."""
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace")


def decided(record: object) -> Decided:
    """What makes two records the same decision: pull request, head, label, review, outcome."""
    return (
        pick_or_none(record, "pull", int),
        pick_or_none(record, "head", str),
        pick_or_none(record, "label.event_id", int),
        pick_or_none(record, "review.id", int),
        pick_or_none(record, "counts", bool),
    )


@dataclass(frozen=True, slots=True)
class AuditLines:
    """The whole file, as it is; GitHubFailed when it is no ledger that we know.

    A line in the middle that somebody broke is an error to who counts, and none to who appends.
    """

    data: bytes = b""

    def __post_init__(self) -> None:
        lines = self.data.splitlines()
        if lines and pick_or_none(_json(lines[0]), "schema", str) != SCHEMA:
            cause = f"The ledger's `{FILE}` does not begin with `{HEADER.decode()}`."
            raise GitHubFailed(cause, "Name another branch in `override.ledger`.")

    def holds(self, line: bytes) -> bool:
        """Whether this very line is there."""
        return line in self.data.splitlines()

    def knows(self, record: Mapping[str, Any]) -> bool:
        """Whether the pull request's latest line records the same decision."""
        wanted = decided(record)
        found = (decided(_json(line)) for line in reversed(self.data.splitlines()))
        latest = next((one for one in found if one[0] == wanted[0]), None)
        return wanted[0] is not None and latest == wanted

    def with_line(self, line: bytes) -> bytes:
        """The file with one line more; those that are there stay as they are."""
        before = self.data or HEADER
        return b"".join([before, b"" if before.endswith(b"\n") else b"\n", line, b"\n"])

    def uses(self) -> Iterator[Use]:
        """The overrides that counted; GitHubFailed, with its number, for a line that is broken."""
        for number, line in enumerate(self.data.splitlines()[1:], start=2):
            record = _json(line)
            pull, at = pick_or_none(record, "pull", int), pick_or_none(record, "at", str)
            counts, when = pick_or_none(record, "counts", bool), time_or_none(at)
            if pull is None or when is None or counts is None:
                cause = f"Line {number} of the ledger's `{FILE}` is no record of a decision."
                raise GitHubFailed(
                    cause, "Mend that line on the branch that `override.ledger` names."
                )
            if counts:
                yield Use(pull, when)


def _json(line: bytes) -> Any:
    """A line's value; None for one that is no JSON."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
