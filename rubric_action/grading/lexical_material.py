"""What a lexical method looks at, and what it answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from rubric_action.grading.lexical_text import plain

MOST_CHARACTERS: Final = 200_000
"""So much is read of what was asked, answered, given and expected, each; with more, no grade."""


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

    @property
    def too_long(self) -> str | None:
        """What is longer than a method reads, in plain form; None where all of it is read."""
        sides = {
            "the answers are": self.answers,
            "the questions are": self.questions,
            "the context is": self.context,
            "what is expected is": (self.expected or "", *self.facts),
        }
        return next((name for name, texts in sides.items() if not _is_read(texts)), None)


def _is_read(texts: Sequence[str]) -> bool:
    """Whether the texts keep to the limit, also in their plain form, which may be longer."""
    written = sum(len(text) for text in texts)
    return written <= MOST_CHARACTERS and sum(len(plain(t)) for t in texts) <= MOST_CHARACTERS


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
