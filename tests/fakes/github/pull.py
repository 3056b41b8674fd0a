"""A pull request: its two ends, its conversation, its reviews and its history."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from tests.fakes.github.history import FileChange
from tests.fakes.github.records import (
    GITHUB_ACTIONS_BOT,
    Account,
    Comment,
    Commit,
    IssueEvent,
    Review,
)

if TYPE_CHECKING:
    from tests.fakes.github.repo import Repo


@dataclass(slots=True)
class Pull:
    """One pull request. `head_repo` becomes None when the fork is deleted."""

    repo: "Repo" = field(repr=False)
    number: int
    id: int
    author: Account
    head_repo: "Repo | None" = field(repr=False)
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str
    created_at: datetime
    title: str
    body: str = ""
    draft: bool = False
    state: str = "open"
    merged: bool = False
    closed_at: datetime | None = None
    labels: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    events: list[IssueEvent] = field(default_factory=list)

    @property
    def updated_at(self) -> datetime:
        """When anything last happened to it."""
        said = [comment.updated_at for comment in self.comments]
        done = [event.created_at for event in self.events]
        done += [review.submitted_at for review in self.reviews]
        return max([self.created_at, *said, *done, *filter(None, [self.closed_at])])

    @property
    def commits(self) -> list[Commit]:
        """What the pull request adds to its base, oldest first."""
        return self.repo.network.between(self.base_sha, self.head_sha)

    @property
    def changes(self) -> list[FileChange]:
        """The files that differ between the merge base and the head."""
        base = self.repo.network.merge_base(self.base_sha, self.head_sha)
        return self.repo.network.changes(base, self.head_sha)

    def comment(self, body: str, *, by: str | None = GITHUB_ACTIONS_BOT) -> Comment:
        """Write a comment; `by=None` is a deleted account."""
        moment = self.repo.world.tick()
        made = Comment(self.repo.world.next_id(), self._account(by), body, moment, moment)
        self.comments.append(made)
        return made

    def review(
        self,
        state: str,
        *,
        by: str | None,
        body: str = "",
        sha: str | None = None,
        at: datetime | None = None,
    ) -> Review:
        """Submit a review, of the head unless `sha` says otherwise."""
        moment = at or self.repo.world.tick()
        number, commit = self.repo.world.next_id(), sha or self.head_sha
        made = Review(number, self._account(by), state, body, commit, moment)
        self.reviews.append(made)
        return made

    def dismiss(self, review: Review, *, by: str) -> None:
        """Take a review's weight away; its place and time in the list stay."""
        review.state = "DISMISSED"
        self.record("review_dismissed", by=by, review=review)

    def label(
        self, name: str, *, by: str | None, at: datetime | None = None, app: str | None = None
    ) -> None:
        """Add a label, recording who did it, and which app for them."""
        if name not in self.labels:
            self.labels.append(name)
        self.record("labeled", by=by, label=name, at=at, app=app)

    def unlabel(self, name: str, *, by: str | None, at: datetime | None = None) -> None:
        """Remove a label, recording who did it."""
        self.labels.remove(name)
        self.record("unlabeled", by=by, label=name, at=at)

    def retarget(self, base: str, *, by: str, automatic: bool = False) -> None:
        """Change the base branch, recording who did it, or whose merge made GitHub do it."""
        self.base_ref, self.base_sha = base, self.repo.branches[base]
        event = "automatic_base_change_succeeded" if automatic else "base_ref_changed"
        self.record(event, by=by)

    def close(self, *, merged: bool = False) -> None:
        """Close the pull request."""
        self.state, self.merged, self.closed_at = "closed", merged, self.repo.world.tick()

    def record(
        self,
        event: str,
        *,
        by: str | None,
        label: str | None = None,
        commit_id: str | None = None,
        at: datetime | None = None,
        app: str | None = None,
        review: Review | None = None,
    ) -> IssueEvent:
        """Append an event to the history."""
        number, actor = self.repo.world.next_id(), self._account(by)
        moment = at or self.repo.world.tick()
        made = IssueEvent(number, event, actor, moment, label, commit_id, app, review)
        self.events.append(made)
        return made

    def _account(self, login: str | None) -> Account | None:
        return None if login is None else self.repo.world.account(login)
