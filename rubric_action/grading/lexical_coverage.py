"""``coverage``, for completeness: how much of what they should state the answers do state."""

from collections.abc import Sequence
from itertools import chain, pairwise

from rubric_action.grading.lexical_material import SILENCE, Inapplicable, Material, Measure
from rubric_action.grading.lexical_numbers import KnownNumbers, numbers
from rubric_action.grading.lexical_text import (
    clauses,
    named,
    negated,
    sentences,
    short,
    stems,
    stems_of,
)

STATED_FROM = 2 / 3  # the share of a fact's stems that two neighbouring sentences have to hold
_Window = tuple[frozenset[str], str]


def coverage(material: Material) -> Measure | Inapplicable:
    """Completeness: the share of ``facts`` that the answers state.

    Without facts, the share of the content stems and numbers of ``expected`` that they hold.
    A fact is stated when one sentence, or two neighbours in one answer, hold two thirds of its
    content stems and all of its numbers, and the clause nearest to it has its polarity.

    Cannot see: a fact in other words (synonyms), or one whose parts are far apart. It rewards no
    brevity: an answer that says everything covers everything.
    """
    if material.silent:
        return SILENCE
    if material.facts:
        return _facts_stated(material.facts, material.answers)
    if material.expected is None or not material.expected.strip():
        return Inapplicable("coverage needs facts or expected, and the case gives neither")
    return _expected_stated(material.expected, material.answers)


def _facts_stated(facts: Sequence[str], answers: Sequence[str]) -> Measure:
    windows = [window for answer in answers for window in _windows(answer)]
    missing = [fact for fact in facts if not _is_stated(fact, windows)]
    score = 1 - len(missing) / len(facts)
    if not missing:
        return Measure(1.0, f"All {len(facts)} facts are stated.")
    return Measure(
        score, f"{len(facts) - len(missing)} of {len(facts)} facts stated, not {short(missing[0])}."
    )


def _windows(answer: str) -> list[_Window]:
    """Each sentence and each pair of neighbours, with its content stems."""
    alone = [(stems(sentence), sentence) for sentence in sentences(answer)]
    pairs = ((one | two, f"{text} {more}") for (one, text), (two, more) in pairwise(alone))
    return list(chain(alone, pairs))


def _is_stated(fact: str, windows: Sequence[_Window]) -> bool:
    wanted = stems(fact)
    return any(
        len(wanted & held) >= STATED_FROM * len(wanted) and _same_numbers_and_sense(fact, text)
        for held, text in windows
    )


def _same_numbers_and_sense(fact: str, text: str) -> bool:
    known = KnownNumbers([text])
    wanted = stems(fact)
    nearest = max(clauses(text), key=lambda clause: len(wanted & stems(clause)), default=text)
    return all(n in known for n in numbers(fact)) and negated(nearest) == negated(fact)


def _expected_stated(expected: str, answers: Sequence[str]) -> Measure | Inapplicable:
    held, known = stems_of(answers), KnownNumbers(answers)
    wanted = stems(expected)
    counts = numbers(expected)
    lost_counts = [number.text for number in counts if number not in known]
    total = len(wanted) + len(counts)
    if not total:
        return Inapplicable(f"coverage finds no content word in expected: {short(expected)}")
    lost = len(lost_counts) + len(wanted - held)
    if not lost:
        return Measure(1.0, "Every content word and number of the expected answer is there.")
    missing = ", ".join(filter(None, [*lost_counts[:3], named(wanted - held, expected)]))
    return Measure(1 - lost / total, f"Leaves out of the expected answer: {missing}.")
