"""Who signed for what fails, read live from GitHub: no more of it than the answer needs.

Without a failure, or without a policy, nothing is asked. Without the label it is the pull request
alone, without anybody who could sign its events and reviews; only then who they are, when the head
came, what was published, and which other open pull requests share the head, and so its status. What
cannot be read makes the verdict an error, and never a guess.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from rubric_action.errors import CannotDecide
from rubric_action.gate.decision import Decision
from rubric_action.gate.model import Finding
from rubric_action.gate.override.apply import unknown, with_override
from rubric_action.gate.override.decide import (
    beforehand,
    people_to_look_up,
    times_to_cover,
    unasked,
    weigh,
)
from rubric_action.gate.override.facts import Asked, Backing, Published, Use
from rubric_action.gate.override.model import Override
from rubric_action.gate.override.request import label_is_on
from rubric_action.gate.wording import named
from rubric_action.github.api import Api
from rubric_action.github.arrival import arrived
from rubric_action.github.contributions import read_contributed
from rubric_action.github.pulls import (
    Happened,
    Pull,
    asked_of,
    read_happened,
    read_pull,
    read_reviews,
)
from rubric_action.github.records import Status, WorkflowRun
from rubric_action.github.siblings import read_siblings
from rubric_action.github.standing import read_standing
from rubric_action.rubric.model import OverridePolicy

NOTHING_YET = Happened((), (), ())


@dataclass(slots=True)
class Approvals:
    """Asks who signed for the verdict about `head`; what was learned stays, for the audit.

    `published` is given the times of the approvals that may count, and gives the trusted results
    of this head that matter for them. `uses` are the overrides that counted before, `now` is
    GitHub's clock, `runs` and `statuses` are all of the head's. `pull` is read unless it is given,
    which is for a caller who has read it just now.
    """

    api: Api
    number: int
    head: str
    published: Callable[[Sequence[datetime]], tuple[Published, ...]]
    uses: Callable[[], Sequence[Use]]
    now: Callable[[], datetime]
    runs: Callable[[], Iterable[WorkflowRun]]
    statuses: Callable[[], Iterable[Status]]
    pull: Pull | None = None
    asked: Asked | None = field(default=None, init=False)
    backing: Backing | None = field(default=None, init=False)

    def __call__(self, decision: Decision, policy: OverridePolicy | None) -> Decision:
        """The pipeline's `Sign`."""
        findings = decision.findings
        sure = beforehand(decision.measured.verdict, findings, policy)
        if sure is not None:
            return with_override(decision, sure)
        try:
            # Without a policy it would be sure.
            found = self._ask(findings, cast("OverridePolicy", policy))
        except CannotDecide as error:
            return unknown(decision, error.cause, error.mend)
        return with_override(decision, found)

    def _ask(self, findings: Sequence[Finding], policy: OverridePolicy) -> Override:
        pull = self.pull = self.pull or read_pull(self.api, self.number)
        if pull.head_sha != self.head:
            return _moved_on(pull)
        if not label_is_on(policy, asked_of(pull, NOTHING_YET, ())):
            return unasked(findings, policy)
        past = read_happened(self.api, self.number)
        asked = self.asked = asked_of(pull, past, read_reviews(self.api, self.number))
        if not people_to_look_up(policy, asked):
            return weigh(findings, policy, asked, None, (), self.now())
        backing = self.backing = self._backing(pull, asked, policy)
        uses = self.uses() if policy.max_per_quarter is not None else ()
        return weigh(findings, policy, asked, backing, uses, self.now())

    def _backing(self, pull: Pull, asked: Asked, policy: OverridePolicy) -> Backing:
        siblings = read_siblings(self.api, self.number, self.head)
        people = people_to_look_up(policy, asked, siblings)
        standings = {one.id: read_standing(self.api, one, policy) for one in people}
        done = read_contributed(self.api, pull)
        return Backing(
            arrived=arrived(self.runs(), self.statuses()),
            contributions=done.accounts,
            co_authors=done.co_authors,
            nameless=done.nameless,
            standings=standings,
            published=self.published(times_to_cover(policy, asked)),
            siblings=siblings,
        )


def _moved_on(pull: Pull) -> Override:
    """Whatever was signed belongs to the new head, whose own run weighs it."""
    head = named(pull.head_sha[:7])
    return Override("open", f"not weighed: the pull request's head is {head} by now")
