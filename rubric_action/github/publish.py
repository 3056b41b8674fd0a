"""Everything that a run leaves behind on GitHub. Trouble here never changes the verdict."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from rubric_action.errors import GitHubFailed
from rubric_action.github.announcement import Announcement
from rubric_action.github.api import Api
from rubric_action.github.commands import Annotation, Log
from rubric_action.github.context import Context
from rubric_action.github.files import write_outputs, write_summary
from rubric_action.github.inputs import Inputs
from rubric_action.github.pulls import Pull, read_pull
from rubric_action.github.records import Author, Comment
from rubric_action.github.status import pending, status_of, write_status
from rubric_action.github.sticky import Marker, Sticky, author_of
from rubric_action.github.words import Seal, address
from rubric_action.report.redact import Redact

MOST_COMMENT_CHARS: Final = 65_536
ROOM_FOR_MARKER: Final = 1_536
MOST_SUMMARY_CHARS: Final = 256 << 10
"""A character takes up to four bytes of the summary's 1 MiB."""


Outcome = Literal["written", "unwritten", "overtaken", "closed", "moved"]
"""`unwritten`: a status that is required is missing. `overtaken`: another run has the word. The
last two: there was nobody to tell."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the verdict is about: a commit, and the pull request whose head it is, if any.

    `writable` is off where GitHub gives the run a token that only reads: a fork's, Dependabot's.
    `graded` is off for a verdict that is decided again: it says nothing of a head that was left,
    and its word does not stand against that of a run that measures.
    """

    sha: str
    number: int | None = None
    writable: bool = True
    graded: bool = True


@dataclass(frozen=True, slots=True)
class Publisher:
    """Publishes an announcement; `redact` takes secrets out of all that is sent.

    `seal` is of the results, where there are any.
    """

    api: Api
    inputs: Inputs
    context: Context
    target: Target | None
    log: Log
    redact: Redact
    seal: Seal | None = None

    def begin(self) -> None:
        """Say that a verdict is on its way. A failure is told once there is a verdict to write."""
        target = self.target
        if self.inputs.status == "off" or target is None or not target.writable:
            return
        status = pending(self.inputs.status_context, self.context.run_url)
        try:
            write_status(self.api, target.sha, status, self._author, self._began)
        except GitHubFailed as error:
            self.log.line(f"status: not set to pending. {error}")

    def publish(self, announcement: Announcement) -> Outcome:
        """Publish everywhere that the verdict still concerns."""
        try:
            pull = self._pull()
        except GitHubFailed as error:
            return self._headless(announcement, error)
        outcome = self._concern(announcement, pull)
        url = ""
        if outcome == "written":
            outcome = self._status(announcement)
        if outcome in {"written", "unwritten"}:
            url = self._comment(announcement, pull)
        self._tell_here(announcement, url)
        return outcome

    def _pull(self) -> Pull | None:
        """The pull request as it is now; None for a verdict that is about none."""
        number = self.target.number if self.target else None
        return read_pull(self.api, number) if number is not None else None

    def _concern(self, announcement: Announcement, pull: Pull | None) -> Outcome:
        """Whether the pull request still waits for this verdict."""
        if pull is None or self.target is None:
            return "written"
        if pull.state != "open":
            self.log.line(f"Nothing is published: pull request #{pull.number} is {pull.ended}.")
            return "closed"
        if pull.head_sha == self.target.sha:
            return "written"
        self.log.line(f"The head of pull request #{pull.number} has moved to {pull.head_sha}.")
        if self._outlives_head(announcement):
            return "written"
        self.log.line("Nothing is published for the old head; the new one has its own run.")
        return "moved"

    def _outlives_head(self, announcement: Announcement) -> bool:
        """What was measured stays true of a head that was left; a signature for it does not."""
        graded = self.target is None or self.target.graded
        return graded and announcement.verdict != "overridden"

    def _headless(self, announcement: Announcement, error: GitHubFailed) -> Outcome:
        """Nobody can tell where the head is: no decision about it is published, but an error is."""
        if announcement.verdict != "error" and not self._outlives_head(announcement):
            self.log.annotate([Annotation("error", "Nothing was published", str(error))])
            self._tell_here(announcement, "")
            return "unwritten"
        self._warn(f"{error} There is no comment; the report is in the step summary.")
        outcome = self._status(announcement)
        self._tell_here(announcement, "")
        return outcome

    def _tell_here(self, announcement: Announcement, url: str) -> None:
        """What stays with the run: annotations, step summary, outputs."""
        self.log.annotate(announcement.annotations)
        with self._forgiving("the step summary"):
            self._summary(announcement)
        with self._forgiving("the outputs"):
            self._outputs(announcement, url)

    def leave_red(self, announcement: Announcement) -> None:
        """Publish what a run that is being killed has time for: that it is not green."""
        self._status(announcement)

    def _status(self, announcement: Announcement) -> Outcome:
        target, verdict = self.target, announcement.verdict
        if self.inputs.status == "off" or target is None:
            return "written"
        leads_to = address(self.context.run_url, self.seal, again=not target.graded)
        headline = self.redact(announcement.headline)
        status = status_of(verdict, headline, self.inputs.status_context, leads_to)
        signed = verdict == "overridden"
        try:
            overtaken = write_status(
                self.api, target.sha, status, self._author, self._began, signed=signed
            )
        except GitHubFailed as error:
            return self._status_failed(error, target)
        if overtaken:
            self._warn(f"Neither status nor comment was written: {overtaken}.")
        return "overtaken" if overtaken else "written"

    def _status_failed(self, error: GitHubFailed, target: Target) -> Outcome:
        if self.inputs.status == "required" and target.writable:
            message = f"{error} Without it `status: required` is not met."
            self.log.annotate([Annotation("error", "The commit status is missing", message)])
            return "unwritten"
        self._warn(f"{error} A missing status is never green.")
        return "written"

    def _comment(self, announcement: Announcement, pull: Pull | None) -> str:
        target = self.target
        if self.inputs.comment == "never" or target is None or pull is None:
            return ""
        if pull.head_sha != target.sha:
            return ""
        create = self.inputs.comment == "always" or not announcement.green
        body = self.redact(announcement.markdown(MOST_COMMENT_CHARS - ROOM_FOR_MARKER))
        try:
            written = self._sticky(target, pull.number).write(body, create=create)
        except GitHubFailed as error:
            self._warn(f"{error} The report is in the step summary.")
            return ""
        if isinstance(written, Comment):
            return written.url
        self.log.line(f"No comment: {written}.")
        return ""

    def _sticky(self, target: Target, number: int) -> Sticky:
        context, run = self.inputs.status_context, self.context
        marker = Marker(context, target.sha, run.run_id, run.attempt, again=not target.graded)
        return Sticky(self.api, number, marker, self._author(), rerun=run.attempt > 1)

    def _began(self) -> datetime | None:
        """When this attempt began, by GitHub's clock; None for a run's first."""
        if self.context.attempt == 1:
            return None
        return self.api.run(self.context.run_id).started_at

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
