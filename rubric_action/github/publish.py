"""Everything that a run leaves behind on GitHub. Trouble here never changes the verdict."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from rubric_action.errors import GitHubFailed
from rubric_action.github.announcement import Announcement
from rubric_action.github.api import Api
from rubric_action.github.commands import Annotation, Log
from rubric_action.github.context import Context
from rubric_action.github.files import write_outputs, write_summary
from rubric_action.github.inputs import Inputs
from rubric_action.github.records import Author, Comment
from rubric_action.github.status import status_of, write_status
from rubric_action.github.sticky import Marker, Sticky, author_of
from rubric_action.report.redact import Redact

MOST_COMMENT_CHARS: Final = 65_536
ROOM_FOR_MARKER: Final = 1_536
MOST_SUMMARY_CHARS: Final = 256 << 10
"""A character takes up to four bytes of the summary's 1 MiB."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the verdict is about: a commit, and the pull request whose head it is, if any.

    `writable` is off where GitHub gives the run a token that only reads: a fork's, Dependabot's.
    """

    sha: str
    number: int | None = None
    writable: bool = True


@dataclass(frozen=True, slots=True)
class Publisher:
    """Publishes an announcement; `redact` takes secrets out of all that is sent."""

    api: Api
    inputs: Inputs
    context: Context
    target: Target | None
    log: Log
    redact: Redact

    def publish(self, announcement: Announcement) -> bool:
        """Publish everywhere; False when the status is required and could not be written."""
        written = self._status(announcement)
        url = self._comment(announcement)
        self.log.annotate(announcement.annotations)
        with self._forgiving("the step summary"):
            self._summary(announcement)
        with self._forgiving("the outputs"):
            self._outputs(announcement, url)
        return written

    def leave_red(self, announcement: Announcement) -> None:
        """Publish what a run that is being killed has time for: that it is not green."""
        self._status(announcement)

    def _status(self, announcement: Announcement) -> bool:
        if self.inputs.status == "off" or self.target is None:
            return True
        headline = self.redact(announcement.headline)
        status = status_of(
            announcement.verdict, headline, self.inputs.status_context, self.context.run_url
        )
        try:
            skipped = write_status(self.api, self.target.sha, status, self._author)
        except GitHubFailed as error:
            return self._status_failed(error, self.target)
        if skipped:
            self._warn(f"The commit status was not written: {skipped}.")
        return True

    def _status_failed(self, error: GitHubFailed, target: Target) -> bool:
        if self.inputs.status == "required" and target.writable:
            message = f"{error} Without it `status: required` is not met."
            self.log.annotate([Annotation("error", "The commit status is missing", message)])
            return False
        self._warn(f"{error} A missing status is never green.")
        return True

    def _comment(self, announcement: Announcement) -> str:
        target = self.target
        if self.inputs.comment == "never" or target is None or target.number is None:
            return ""
        create = self.inputs.comment == "always" or not announcement.green
        body = self.redact(announcement.markdown(MOST_COMMENT_CHARS - ROOM_FOR_MARKER))
        try:
            written = self._sticky(target.sha, target.number).write(body, create=create)
        except GitHubFailed as error:
            self._warn(f"{error} The report is in the step summary.")
            return ""
        if isinstance(written, Comment):
            return written.url
        self.log.line(f"No comment: {written}.")
        return ""

    def _sticky(self, sha: str, number: int) -> Sticky:
        context, run = self.inputs.status_context, self.context
        marker = Marker(context, sha, run.run_id, run.attempt)
        return Sticky(self.api, number, marker, self._author())

    def _author(self) -> Author:
        return author_of(self.api, self.inputs.github_token.get_secret_value())

    def _summary(self, announcement: Announcement) -> None:
        if self.context.summary:
            markdown = announcement.markdown(MOST_SUMMARY_CHARS)
            write_summary(self.context.summary, self.redact(markdown))

    def _outputs(self, announcement: Announcement, url: str) -> None:
        if self.context.output:
            outputs = {name: self.redact(text) for name, text in announcement.outputs.items()}
            write_outputs(self.context.output, outputs | {"comment-url": url})

    @contextmanager
    def _forgiving(self, what: str) -> Iterator[None]:
        try:
            yield
        except (OSError, GitHubFailed) as error:
            self._warn(f"Could not write {what}: {error}.")

    def _warn(self, message: str) -> None:
        self.log.annotate([Annotation("warning", "Rubric Action", message)])
