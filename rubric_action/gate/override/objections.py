"""Requests for changes: those of other approvers stop a signature, all others are noted."""

from collections.abc import Sequence
from dataclasses import dataclass

from rubric_action.gate.override.facts import Backing
from rubric_action.gate.override.people import Approval, approval
from rubric_action.gate.override.reviews import Opinion
from rubric_action.gate.override.wording import commit, day
from rubric_action.gate.wording import named
from rubric_action.rubric.model import OverridePolicy


@dataclass(frozen=True, slots=True)
class Objection:
    """A request for changes, and what its author's word weighs here."""

    opinion: Opinion
    approval: Approval

    @property
    def stops(self) -> bool:
        """Whether it stops a signature; who can't be told from an approver counts as one.

        Contributors count too: they may not sign for their work, and may still speak against it.
        """
        return self.approval.may or not self.approval.sure

    @property
    def sentence(self) -> str:
        """Who asks for changes, where and when, and who they are."""
        review = self.opinion.review
        where = f" in #{self.opinion.pull}" if self.opinion.pull else ""
        of = f" on {commit(review.commit)}" if review.commit else ""
        who = f"{named(self.opinion.by.login)} ({self.approval.why})"
        return f"{who} asked for changes{where}{of} on {day(review.at)}"

    @property
    def withdrawn(self) -> str:
        """What would take it back, to follow "have"."""
        where = f" #{self.opinion.pull}" if self.opinion.pull else ""
        return f"{named(self.opinion.by.login)} approve{where}"


def weighed(
    opinions: Sequence[Opinion], policy: OverridePolicy, backing: Backing
) -> tuple[Objection, ...]:
    """The objections, each with its author's standing."""
    return tuple(
        Objection(one, approval(one.by, backing.standings.get(one.by.id), policy))
        for one in opinions
    )
