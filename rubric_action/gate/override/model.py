"""The outcome of a request to override: a tree, with everybody who was turned down and why."""

from dataclasses import dataclass
from typing import Literal

from rubric_action.gate.model import Finding, Node
from rubric_action.gate.override.facts import LabelEvent, Moment, Person, Review

State = Literal["none", "unneeded", "impossible", "open", "refused", "granted", "unknown"]
"""`none`: the rubric has no override. `unneeded`: nothing fails. `impossible`: an error, or a kind
that nobody may sign for. `open`: nobody asked. `refused`, `granted`: somebody did. `unknown`: what
GitHub knows could not be read, so the verdict is `error`."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A person or event that does not count; the reason follows "does not count:"."""

    who: str
    reason: str
    review: Review | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """An approval that counts. `standing` says why this person may, `reason` is in their words."""

    by: Person
    review: Review
    label: LabelEvent
    standing: str
    reason: str
    covered: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Override:
    """Whether a signature counts, in a sentence, and the steps that led there.

    `left` are the failing findings that nobody may sign for, or that the best approval does not
    cover; `notes` is what a reader of the audit should know, `warnings` what the team should. `how`
    says what would have to happen, or that nothing can; empty where nothing has to.
    """

    state: State
    sentence: str
    how: str = ""
    steps: tuple[Node, ...] = ()
    signature: Signature | None = None
    label: LabelEvent | None = None
    floor: Moment | None = None
    rejected: tuple[Rejected, ...] = ()
    left: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def asked(self) -> bool:
        """Whether somebody asked for it, so that the audit has to tell how it came out."""
        return self.state in ("refused", "granted", "unknown")
