"""What a lexical method looks at, and what it answers."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Material:
    """One session as plain text: all that a lexical method may look at.

    ``questions`` are the user's turns and ``answers`` the agent's, in order and of one length;
    ``context`` is every text that was given or retrieved.
    """

    questions: tuple[str, ...]
    answers: tuple[str, ...]
    context: tuple[str, ...] = ()
    expected: str | None = None
    facts: tuple[str, ...] = ()

    @property
    def silent(self) -> bool:
        """Whether the agent said nothing at all."""
        return not any(any(char.isalnum() for char in answer) for answer in self.answers)


@dataclass(frozen=True, slots=True)
class Measure:
    """A score from 0 to 1 and the sentence that explains it."""

    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Inapplicable:
    """A method lacks its material: the axis cannot be graded, which is never a number."""

    reason: str


Method = Callable[[Material], Measure | Inapplicable]

SILENCE = Measure(0.0, "The answer is empty.")
