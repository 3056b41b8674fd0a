"""The request for an override: the label, who set it and when."""

from dataclasses import dataclass
from typing import Final

from rubric_action.gate.override.facts import Asked, LabelEvent, Moment, Person
from rubric_action.gate.override.floor import stale
from rubric_action.gate.wording import named
from rubric_action.rubric.model import OverridePolicy

UNSEEN: Final = (
    "GitHub shows no workflow run, check or status of the head commit, "
    "so that nothing can be shown to have come after it"
)


@dataclass(frozen=True, slots=True)
class Request:
    """The event that asks for the override; a `fault` says why it does not count."""

    event: LabelEvent | None
    fault: str = ""

    def is_by(self, person: Person) -> bool:
        """Whether this very person set the label."""
        return bool(self.event and self.event.actor and self.event.actor.id == person.id)


def same_label(one: str, other: str) -> bool:
    """Labels are compared as GitHub does: whole, and the same in any case."""
    return one.casefold() == other.casefold()


def label_is_on(policy: OverridePolicy, asked: Asked) -> bool:
    """Whether the label is on the pull request now."""
    return any(same_label(label, policy.label) for label in asked.labels)


def request(policy: OverridePolicy, asked: Asked, floor: Moment | None) -> Request:
    """The latest event of the label, and whether a person set it after the floor."""
    events = [one for one in asked.events if same_label(one.label, policy.label)]
    latest = max(events, key=lambda one: (one.at, one.id), default=None)
    if latest is None:
        return Request(None, "GitHub tells of nobody who set it")
    if not latest.added:
        return Request(None, "it was taken off again")
    return Request(latest, _fault(latest, floor))


def _fault(event: LabelEvent, floor: Moment | None) -> str:
    if event.actor is None:
        return "the account that set it is gone"
    if not event.actor.human:
        return f"{named(event.actor.login)} set it, which is a bot or an app"
    if event.app is not None:
        return f"the app {named(event.app)} set it for {named(event.actor.login)}"
    return stale(event.at, floor)
