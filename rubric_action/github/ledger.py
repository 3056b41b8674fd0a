"""The ledger: a branch that keeps a line for every decision about an override, for good.

Several runs may write at once. Each line is added to the version that was read, which GitHub holds
us to, and read and added again where another run was faster.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from rubric_action.errors import GitHubFailed
from rubric_action.gate.override.facts import Use
from rubric_action.github.api import Api, branch_ref
from rubric_action.github.audit_lines import FILE, AuditLines, line_of
from rubric_action.github.client import Client
from rubric_action.github.faults import BACK_OFF_S, NotFound, Operation, Refused
from rubric_action.github.fields import pick, pick_or_none

OUTRUN: Final = (409, 422)
"""What GitHub answers when the version that a write names is not the newest any more."""


def append(api: Api, branch: str, record: Mapping[str, Any]) -> bool:
    """Put a record on the branch, made at need; False when the decision is on record already.

    Raises GitHubFailed where it cannot be written, or others are faster again and again.
    """
    ledger = _Ledger(api, branch)
    waits = iter(BACK_OFF_S)
    while not (version := ledger.read()).lines.knows(record):
        try:
            ledger.write(version, record)
        except Refused as error:
            if error.status not in OUTRUN or not _waited(api.client, next(waits, None)):
                raise
        else:
            return True
    return False


def read_uses(api: Api, branch: str) -> tuple[Use, ...]:
    """The overrides on record that counted; none where the branch is yet to be made."""
    return tuple(_Ledger(api, branch).read().lines.uses())


@dataclass(frozen=True, slots=True)
class _Version:
    """The file as it was read. `sha` is None without the file, `made` off without the branch."""

    lines: AuditLines
    sha: str | None = None
    made: bool = True


@dataclass(frozen=True, slots=True)
class _Ledger:
    """The file on its branch."""

    api: Api
    branch: str

    def read(self) -> _Version:
        """The file; an empty one where it, or the branch, is not there."""
        path = self.api.path(f"/contents/{FILE}")
        try:
            data = self.api.client.get(Operation.READ_LEDGER, path, ref=branch_ref(self.branch))
        except NotFound:
            return _Version(AuditLines(), made=self._tip() is not None)
        sha = pick(data, "sha", str)
        if pick_or_none(data, "encoding", str) != "base64":
            # Past 1 MB the content is left out here.
            data = self.api.client.get(Operation.READ_LEDGER, self.api.path(f"/git/blobs/{sha}"))
        return _Version(AuditLines(_decoded(data)), sha)

    def write(self, version: _Version, record: Mapping[str, Any]) -> None:
        """Write the version with one line more. Refused with 409 or 422 when it is outrun."""
        line = line_of(record)
        content = version.lines.with_line(line)
        message = f"Record a decision about pull request {record.get('pull')}"
        if version.made:
            self._put(version, content, message, line)
        else:
            self._create(content, message)

    def _put(self, version: _Version, content: bytes, message: str, line: bytes) -> None:
        body = {
            "message": message,
            "content": base64.b64encode(content).decode(),
            "branch": self.branch,
        }
        if version.sha is not None:
            body["sha"] = version.sha
        self.api.client.put(
            Operation.WRITE_LEDGER,
            self.api.path(f"/contents/{FILE}"),
            body,
            read=lambda data: pick(data, "content.sha", str),
            landed=lambda: self._sha_with(line),
        )

    def _sha_with(self, line: bytes) -> str | None:
        """The version that is there now, if it holds the line."""
        now = self.read()
        return now.sha if now.lines.holds(line) else None

    def _create(self, content: bytes, message: str) -> None:
        """Make the branch, with this file and no history: nothing of the code belongs to it."""
        entry = {"path": FILE, "mode": "100644", "type": "blob", "content": content.decode()}
        tree = self._object("trees", {"tree": [entry]})
        commit = self._object("commits", {"message": message, "tree": tree, "parents": []})
        self.api.client.post(
            Operation.WRITE_LEDGER,
            self.api.path("/git/refs"),
            {"ref": branch_ref(self.branch), "sha": commit},
            read=lambda data: pick(data, "object.sha", str),
            landed=lambda: commit if self._tip() == commit else None,
        )

    def _object(self, kind: str, body: Mapping[str, Any]) -> str:
        """Make a git object. One too many does no harm, as nothing points to it."""
        path = self.api.path(f"/git/{kind}")
        return self.api.client.post(
            Operation.WRITE_LEDGER,
            path,
            body,
            read=lambda data: pick(data, "sha", str),
            landed=lambda: None,
        )

    def _tip(self) -> str | None:
        """The commit that the branch is at; None where there is no such branch."""
        path = self.api.path(f"/git/ref/heads/{quote(self.branch)}")
        try:
            data = self.api.client.get(Operation.READ_LEDGER, path)
        except NotFound:
            return None
        return pick(data, "object.sha", str)


def _waited(client: Client, seconds: float | None) -> bool:
    """Whether there was time to let others write first."""
    return seconds is not None and client.patience.wait(seconds)


def _decoded(data: Any) -> bytes:
    try:
        return base64.b64decode(pick(data, "content", str))
    except ValueError as error:
        raise GitHubFailed("The ledger's content, as GitHub sends it, is no Base64.") from error
