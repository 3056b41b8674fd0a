"""The questions and changes that the gate brings to GitHub, each one request or one list."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from rubric_action.github.client import Client
from rubric_action.github.event import Home
from rubric_action.github.faults import NotFound, Operation, Refused
from rubric_action.github.fields import pick, pick_or_none
from rubric_action.github.records import Artifact, Author, Comment, Status, WorkflowRun

NO_SUCH_COMMIT = "No commit found"


@dataclass(frozen=True, slots=True)
class NotAFile:
    """Something stands at the path that cannot be read as a file, and what it is."""

    what: str


@dataclass(frozen=True, slots=True)
class Api:
    """One repository, `owner/name`, as seen with one token."""

    client: Client
    repository: str

    def home(self) -> Home:
        """The repository's id and default branch."""
        data = self.client.get(Operation.READ_REPOSITORY, self.path(""))
        return Home(pick(data, "id", int), pick(data, "default_branch", str))

    def user(self) -> Author | None:
        """Whose token this is; None for an app's token, which speaks for no user."""
        try:
            return Author.of(self.client.get(Operation.READ_USER, "/user"))
        except Refused:
            return None

    def file_at(self, path: str, ref: str) -> bytes | NotAFile | None:
        """A file's bytes at a commit or branch; None when the commit is there and the file not."""
        try:
            data = self.client.get(
                Operation.READ_RUBRIC, self.path(f"/contents/{quote(path)}"), ref=ref
            )
        except NotFound as error:
            if error.message.startswith(NO_SUCH_COMMIT):
                raise
            return None
        return _content(data)

    def comments(self, number: int) -> list[Comment]:
        """Every comment of a pull request's conversation, oldest first."""
        path = self.path(f"/issues/{number}/comments")
        return [Comment.of(one) for one in self.client.pages(Operation.READ_COMMENTS, path)]

    def create_comment(
        self, number: int, body: str, landed: Callable[[], Comment | None]
    ) -> Comment:
        """Comment on a pull request; `landed` finds the comment after an unclear failure."""
        path = self.path(f"/issues/{number}/comments")
        return self.client.post(Operation.WRITE_COMMENT, path, {"body": body}, Comment.of, landed)

    def update_comment(self, comment_id: int, body: str) -> Comment:
        """Replace a comment's text."""
        path = self.path(f"/issues/comments/{comment_id}")
        return Comment.of(self.client.patch(Operation.WRITE_COMMENT, path, {"body": body}))

    def status(self, sha: str, context: str) -> Status | None:
        """The status of a context that counts for a commit: the first, as the newest lead."""
        return next((one for one in self.statuses(sha) if one.context == context), None)

    def statuses(self, sha: str) -> Iterator[Status]:
        """Every status ever set on a commit, newest first, page by page as they are asked for."""
        # The combined status would do for some, but for its entries not saying who made them.
        path = self.path(f"/commits/{sha}/statuses")
        return map(Status.of, self.client.pages(Operation.READ_STATUS, path))

    def set_status(self, sha: str, wanted: Status) -> Status:
        """Set a commit's status in its context."""

        def landed() -> Status | None:
            current = self.status(sha, wanted.context)
            return current if current == wanted else None

        body = {
            "state": wanted.state,
            "context": wanted.context,
            "description": wanted.description,
            "target_url": wanted.target_url,
        }
        path = self.path(f"/statuses/{sha}")
        written = self.client.post(Operation.WRITE_STATUS, path, body, Status.of, landed)
        self.client.writes_as = written.creator
        return written

    def artifacts(
        self, name: str, operation: Operation = Operation.LIST_BASELINES
    ) -> list[Artifact]:
        """Every artifact of this name, from whichever run."""
        path = self.path("/actions/artifacts")
        found = self.client.pages(operation, path, "artifacts", name=name)
        return [one for one in map(Artifact.of, found) if one.name == name]

    def run(self, run_id: int) -> WorkflowRun:
        """One run of a workflow."""
        path = self.path(f"/actions/runs/{run_id}")
        return WorkflowRun.of(self.client.get(Operation.READ_RUN, path))

    def path(self, rest: str) -> str:
        """The path of something of the repository; `rest` begins with a slash."""
        return f"/repos/{quote(self.repository)}{rest}"


def branch_ref(branch: str) -> str:
    """A branch's whole name, which no tag can have."""
    return f"refs/heads/{branch}"


def _content(data: Any) -> bytes | NotAFile:
    if not isinstance(data, dict):
        return NotAFile("a directory")
    kind = pick(data, "type", str)
    if kind != "file":
        return NotAFile(f"a {kind}")
    if pick_or_none(data, "encoding", str) != "base64":
        return NotAFile("a file of over 1 MB")
    try:
        return base64.b64decode(pick(data, "content", str))
    except ValueError:
        return NotAFile("a file whose content is not Base64")
