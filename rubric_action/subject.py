"""What a verdict is about: a commit, and the pull request whose signatures count for it."""

from dataclasses import dataclass, replace
from pathlib import Path

from rubric_action.github.api import Api
from rubric_action.github.commands import Log
from rubric_action.github.context import Context
from rubric_action.github.event import Event, MergeGroupEvent, OtherEvent, PullRequestEvent
from rubric_action.github.faults import Refused
from rubric_action.github.mode import Nothing
from rubric_action.github.publish import Target
from rubric_action.github.pulls import Pull, read_pull
from rubric_action.github.trust import secretless


@dataclass(frozen=True, slots=True)
class Subject:
    """The evaluated commit `sha`, and the `head` of the pull request that asks.

    They differ in a merge queue, where a group's commit is evaluated, and its pull request's head
    is what was signed for. `sessions` are a fork's, and none is run then; `pull` is set where it
    was read live for this event. `for_fork` says where its own results are to be found.
    """

    event: Event
    sha: str
    number: int | None
    head: str
    target: Target
    pull: Pull | None = None
    sessions: Path | None = None
    for_fork: bool = False

    def at(self, pull: Pull) -> "Subject":
        """The same pull request as it is now, which a payload may be behind."""
        event = self.event
        if isinstance(event, PullRequestEvent):
            event = replace(
                event,
                head_sha=pull.head_sha,
                base_sha=pull.base_sha,
                base_ref=pull.base_ref,
                head_repository_id=pull.head_repository_id,
            )
        target = replace(self.target, sha=pull.head_sha)
        return replace(
            self, event=event, sha=pull.head_sha, head=pull.head_sha, target=target, pull=pull
        )


def subject_of(event: Event, context: Context, queued: Pull | None = None) -> Subject:
    """The subject of an event; `queued` is the pull request that a merge group ends with."""
    sha = context.sha if isinstance(event, OtherEvent) else event.sha
    number = event.number if isinstance(event, PullRequestEvent | MergeGroupEvent) else None
    commented = event.number if isinstance(event, PullRequestEvent) else None
    target = Target(sha, commented, writable=not secretless(event, context))
    head = queued.head_sha if queued else sha
    return Subject(event, sha, number, head, target, queued)


def as_of_now(api: Api, log: Log, subject: Subject) -> Subject | Nothing:
    """A pull request's subject with the base of today: an event may be run again long after it.

    A head that was left is graded for itself; no signature is looked for then.
    """
    try:
        pull = read_pull(api, subject.number or 0)
    except Refused as error:
        log.line(f"the pull request is taken from the event's payload: {error}")
        return subject
    if pull.state != "open":
        return over(pull)
    return replace(subject.at(pull), pull=None) if pull.head_sha == subject.sha else subject


def over(pull: Pull) -> Nothing:
    """There is nothing left to decide about it."""
    return Nothing(f"pull request #{pull.number} is {pull.ended}: nothing is changed")
