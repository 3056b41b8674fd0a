"""``relevance``, for helpfulness: whether the answers address what the user asked."""

import re
from typing import NamedTuple

from rubric_action.grading.lexical_material import SILENCE, Inapplicable, Material, Measure
from rubric_action.grading.lexical_numbers import KnownNumbers, numbers
from rubric_action.grading.lexical_support import SOCIAL_STEMS
from rubric_action.grading.lexical_text import named, plain, short, stems, stems_of

ENOUGH_OF_QUESTION = 3  # stems of a question that, taken up, address it in full
ENOUGH_OF_EXPECTED = 0.6  # the share of the expected stems that, taken up, address it in full
ECHO_AT_MOST = 0.3  # the score of an answer that adds next to nothing to its question
NEW_STEMS = 2  # content stems that an answer has to add to its question
_REFUSAL = re.compile(
    r"\b(?:can't|cannot|can not|couldn't|won't|will not|unable to|not able to)"
    r" (?:\w+ ){0,2}?(?:help|assist|answer|say|comment|discuss|do (?:that|this))\b"
    r"|\b(?:don't|do not) (?:know|have (?:an answer|(?:that|any|this) information))\b",
    re.IGNORECASE,
)


class _Turn(NamedTuple):
    """How far one answer takes up its question; ``tries`` unless it is empty, refuses or echoes."""

    score: float
    reason: str
    tries: bool = True


def relevance(material: Material) -> Measure | Inapplicable:
    """Helpfulness: whether each answer addresses its question, and all of them what is expected.

    A turn scores by the content stems of its question that the answer takes up (three are enough).
    An empty turn scores 0; so does a bare refusal ("I can't help with that"), unless a refusal is
    what is expected; an answer that adds no number and fewer than two content stems to the
    question, an echo, scores at most 0.3. The result is the mean over the turns; with ``expected``
    that is a third of it, and two thirds are the share of the expected stems taken up (60 % is
    enough), unless no turn does more than echo or refuse.

    Cannot see: whether the answer is right or of use, only that it speaks of the same things; a
    good answer in other words than the question's and the expected answer's scores low.
    """
    if material.silent:
        return SILENCE
    may_refuse = bool(_REFUSAL.search(plain(material.expected or "")))
    turns = [
        _turn(question, answer, may_refuse=may_refuse)
        for question, answer in zip(material.questions, material.answers, strict=True)
    ]
    taken_up = Measure(sum(turn.score for turn in turns) / len(turns), min(turns).reason)
    wanted = stems(material.expected or "") - SOCIAL_STEMS
    if not wanted or not any(turn.tries for turn in turns):
        return taken_up
    return _with_expected(taken_up, wanted, material)


def _turn(question: str, answer: str, *, may_refuse: bool) -> _Turn:
    asked, said = stems(question) - SOCIAL_STEMS, stems(answer) - SOCIAL_STEMS
    added = len(said - asked)
    known = KnownNumbers([question])
    informs = added >= NEW_STEMS or any(number not in known for number in numbers(answer))
    share = min(1.0, len(asked & said) / min(len(asked), ENOUGH_OF_QUESTION)) if asked else 1.0
    if not any(char.isalnum() for char in answer):
        return _Turn(0.0, f"No answer to {short(question)}.", tries=False)
    refuses = added <= NEW_STEMS and bool(_REFUSAL.search(plain(answer)))
    if refuses and not may_refuse:
        return _Turn(0.0, f"A bare refusal: {short(answer)}.", tries=False)
    if asked and not informs and not refuses:
        reason = f"Adds next to nothing to the question: {short(answer)}."
        return _Turn(min(share, ECHO_AT_MOST), reason, tries=False)
    if share < 1:
        return _Turn(
            share, f"Does not take up ({named(asked - said, question)}): {short(question)}."
        )
    return _Turn(1.0, "The answers take up what was asked.")


def _with_expected(taken_up: Measure, wanted: frozenset[str], material: Material) -> Measure:
    held = stems_of(material.answers)
    share = min(1.0, len(wanted & held) / (ENOUGH_OF_EXPECTED * len(wanted)))
    missed = named(wanted - held, material.expected or "")
    reason = f"Leaves out ({missed}) of the expected answer."
    score = (taken_up.score + 2 * share) / 3
    return Measure(score, reason if share < taken_up.score else taken_up.reason)
