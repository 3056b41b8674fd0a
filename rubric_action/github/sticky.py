"""The one comment that a pull request gets: found by marker and author, updated in place."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from rubric_action.github.api import Api
from rubric_action.github.faults import NotFound
from rubric_action.github.records import Author, Comment

ACTIONS_BOT: Final = Author("github-actions[bot]", bot=True)
"""Whom a job's own token speaks for; it may not ask for its name."""
_STATE = re.compile(r"sha=([0-9a-f]+) run=(\d+) attempt=(\d+)( again)? -->")


@dataclass(frozen=True, slots=True)
class Marker:
    """The invisible last line of our comment: whose it is, and of which run it tells.

    `again` is a run that has measured nothing, and decided anew on what was there.
    """

    context: str
    sha: str
    run_id: int
    attempt: int
    again: bool = False

    @property
    def prefix(self) -> str:
        """What makes a comment this gate's: one comment a status context."""
        name = quote(self.context, safe="/").replace("--", "-%2D")
        return f"<!-- rubric-action:{name} "

    def __str__(self) -> str:
        kind = " again" if self.again else ""
        return f"{self.prefix}sha={self.sha} run={self.run_id} attempt={self.attempt}{kind} -->"

    def marks(self, body: str) -> bool:
        """Whether a comment's text ends as this gate's do, whichever run wrote it."""
        return self._state(body) is not None

    def older_than(self, body: str, *, rerun: bool = False) -> bool:
        """Whether a comment's text tells of the same commit by a newer run or attempt.

        What was measured is told in the place of what was decided anew, whichever run was later.
        A run that is run again began after other runs of higher numbers had told of theirs.
        """
        state = self._state(body)
        if state is None or state[1] != self.sha:
            return False
        if state[4] and not self.again:
            return False
        if rerun and int(state[2]) != self.run_id:
            return False
        return (int(state[2]), int(state[3])) > (self.run_id, self.attempt)

    def _state(self, body: str) -> re.Match[str] | None:
        """What the marker says. Elsewhere than on a last line of its own it is a quotation."""
        last = body.rstrip().rpartition("\n")[2]
        if not last.startswith(self.prefix):
            return None
        return _STATE.fullmatch(last, len(self.prefix))


@dataclass(frozen=True, slots=True)
class Sticky:
    """The comment of one gate on one pull request; `rerun` is set for a later attempt of a run."""

    api: Api
    number: int
    marker: Marker
    author: Author
    rerun: bool = False

    def write(self, body: str, *, create: bool) -> Comment | str:
        """Write the comment, or say why not. With `create` off only an existing one is updated.

        The caller has just read that the head is still the marker's commit.
        """
        existing = self.find()
        if existing is None:
            return self._create(body) if create else "nothing to report, and no comment to update"
        if self.marker.older_than(existing.body, rerun=self.rerun):
            return "a newer run has already commented on this commit"
        return self._update(existing, body)

    def find(self) -> Comment | None:
        """The first comment with our marker that the token's own account wrote."""
        for comment in self.api.comments(self.number):
            if self.marker.marks(comment.body) and comment.author == self.author:
                return comment
        return None

    def _create(self, body: str) -> Comment:
        return self.api.create_comment(self.number, self._marked(body), self.find)

    def _update(self, existing: Comment, body: str) -> Comment:
        try:
            return self.api.update_comment(existing.id, self._marked(body))
        except NotFound:
            return self._create(body)

    def _marked(self, body: str) -> str:
        return f"{body.rstrip()}\n\n{self.marker}"


def author_of(api: Api, token: str) -> Author:
    """Whom the token writes as, as far as it is known.

    A token of an app, the job's own among them (`ghs_...`), may not ask who it is. It is told in
    the reply to the first status that it writes. Until then it is GitHub Actions, whatever others
    have written: who else writes statuses here is no sign of who we are.
    """
    client = api.client
    if client.writes_as is None and not token.startswith("ghs_"):
        client.writes_as = api.user()
    return client.writes_as or ACTIONS_BOT
