"""``coverage``, for completeness: how much of what they should state the answers do state."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from rubric_action.grading.lexical_material import SILENCE, Inapplicable, Material, Measure
from rubric_action.grading.lexical_numbers import KnownNumbers, Number, numbers
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


class _Passage(NamedTuple):
    """One or two sentences of an answer, or a fact: what is compared, taken apart once."""

    text: str
    stems: frozenset[str]
    clauses: tuple[tuple[frozenset[str], bool], ...]
    numbers: list[Number]


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
    said = [passage for answer in answers for passage in _passages(answer)]
    missing = [fact for fact in facts if not _is_stated(_passage(fact), said)]
    if not missing:
        return Measure(1.0, f"All {len(facts)} facts are stated.")
    stated = len(facts) - len(missing)
    return Measure(
        stated / len(facts), f"{stated} of {len(facts)} facts stated, not {short(missing[0])}."
    )


def _passages(answer: str) -> list[_Passage]:
    """Each sentence and each pair of neighbours."""
    alone = [_passage(sentence) for sentence in sentences(answer)]
    return [*alone, *(_joined(one, two) for one, two in pairwise(alone))]


def _passage(text: str) -> _Passage:
    parts = tuple((stems(clause), negated(clause)) for clause in clauses(text))
    return _Passage(text, stems(text), parts, numbers(text, spelled=True))


def _joined(one: _Passage, two: _Passage) -> _Passage:
    return _Passage(
        f"{one.text} {two.text}",
        one.stems | two.stems,
        one.clauses + two.clauses,
        one.numbers + two.numbers,
    )


def _is_stated(fact: _Passage, said: Sequence[_Passage]) -> bool:
    denied = negated(fact.text)
    return any(_states(passage, fact, denied=denied) for passage in said)


def _states(passage: _Passage, fact: _Passage, *, denied: bool) -> bool:
    if len(fact.stems & passage.stems) < STATED_FROM * len(fact.stems):
        return False
    _, denies = max(
        passage.clauses, key=lambda clause: len(fact.stems & clause[0]), default=(None, False)
    )
    known = KnownNumbers.of(passage.numbers)
    return denies == denied and all(number in known for number in fact.numbers)


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
