"""``agreement``, for policy: whether the last answer decides as expected."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from rubric_action.grading.lexical_material import SILENCE, Inapplicable, Material, Measure
from rubric_action.grading.lexical_numbers import KnownNumbers, numbers
from rubric_action.grading.lexical_support import SOCIAL_STEMS
from rubric_action.grading.lexical_text import (
    after_negation,
    clauses,
    named,
    negated,
    sentences,
    short,
    stem,
    stems,
    stems_of,
    words,
)

SILENT_STANCE = 0.5  # the share of the score left when the answer takes no stance
ENOUGH_RECALL = 0.5  # the share of expected stems and numbers that counts as all of them
_GREETING_SENTENCES = 3  # how far into the answer a leading yes or no may stand
_MATCH = 0.5  # the share of the decisive stems that makes a clause be about them
_VAGUE_STEMS = stems(
    """able case customer day eligible item make month need offer order policy possible
    product purchase start time want week year allowed available"""
)
_YES = re.compile(r"^(?:yes|yep|sure|absolutely|certainly|of course)\b", re.IGNORECASE)
_NO = re.compile(r"^(?:no\b(?! (?:problem|worries|trouble|need))|unfortunately|i'm afraid"
                 r"|i am afraid)\b", re.IGNORECASE)  # fmt: skip
_PROMISE = re.compile(
    r"\b(?:i|we)(?:'ll|'ve|'m|'re| will| have| am| are| can| just)\b", re.IGNORECASE
)
_PERMISSION = re.compile(
    r"\b(?:you(?:'ll|'re|'ve| will| can| may| are| have| get)|yes|sure|absolutely|of course"
    r"|approved|granted|eligible|entitled|goodwill|exception)\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:if|unless|when|once|until|provided|would|within|only)\b", re.IGNORECASE
)


class _Part(NamedTuple):
    """A clause, with the sentence it stands in."""

    text: str
    sentence: str
    stems: frozenset[str]
    denies: bool


class _Stance(NamedTuple):
    """What is expected: whether it denies, what (``act``, and the other stems), what it grants."""

    denies: bool
    act: str
    about: frozenset[str]
    granted: frozenset[str]

    def decides(self, part: _Part) -> bool:
        """Whether a clause speaks of what is decided: it names the act, or half of the stems."""
        shared = len(part.stems & self.about)
        return self.act in part.stems or (shared > 0 and shared >= _MATCH * len(self.about))


def agreement(material: Material) -> Measure | Inapplicable:
    """Policy: whether the last answer takes the stance of ``expected``, with its numbers.

    The stance of ``expected`` is a leading yes or no, else the polarity of its clause that shares
    most with the questions. The answer contradicts it, and scores 0, when it promises what is
    denied ("I've started a full refund"), denies what is granted, or gives another number of the
    same unit that nobody else stated. Otherwise the score is the share of the expected stems and
    numbers that the answer holds (half is enough), halved when the answer takes no stance.

    Cannot see: a contradiction without a negation or promise in English words, a second decision
    in one answer, earlier turns, and irony. A condition ("if", "within") makes a permission a
    statement of the rule, and not a promise.
    """
    if material.silent:
        return SILENCE
    if material.expected is None or not material.expected.strip():
        return Inapplicable("agreement needs expected, and the case does not give it")
    answer = material.answers[-1]
    stance = _stance(material.expected, stems_of(material.questions))
    contradiction = _contradiction(stance, answer) or _other_number(material, answer)
    if contradiction:
        return Measure(0.0, contradiction)
    return _weighed(stance, material.expected, answer)


def _stance(expected: str, asked: frozenset[str]) -> _Stance:
    parts, leads = _parts(expected), _lead(expected)
    fitting = [part for part in parts if leads is None or part.denies is not leads] or parts
    if not fitting:
        return _Stance(leads is False, "", frozenset(), frozenset())
    decisive = max(fitting, key=lambda part: len(part.stems & asked))
    denies = decisive.denies if leads is None else not leads
    about = decisive.stems - _VAGUE_STEMS
    granted = frozenset[str]().union(*(part.stems for part in parts if not part.denies))
    return _Stance(denies, _act(decisive.text), (about & asked) or about, granted - _VAGUE_STEMS)


def _act(denial: str) -> str:
    """What a clause denies: the first telling word after its negation, or ``""``."""
    told = (stem(word) for word in words(after_negation(denial)) if stems(word) - _VAGUE_STEMS)
    return next(told, "")


def _parts(text: str) -> list[_Part]:
    found = ((clause, sentence) for sentence in sentences(text) for clause in clauses(sentence))
    parts = (_Part(clause, sentence, stems(clause), negated(clause)) for clause, sentence in found)
    return [part for part in parts if part.stems]


def _lead(text: str) -> bool | None:
    """True for a leading yes, False for a leading no (after a greeting), None for neither."""
    for sentence in sentences(text)[:_GREETING_SENTENCES]:
        if _YES.match(sentence) or _NO.match(sentence):
            return bool(_YES.match(sentence))
        if stems(sentence) - SOCIAL_STEMS:
            break
    return None


def _contradiction(stance: _Stance, answer: str) -> str:
    relevant = [part for part in _parts(answer) if stance.decides(part)]
    denying = [part.text for part in relevant if part.denies]
    if stance.denies:
        promise = _broken_promise(stance, relevant, denied=bool(denying))
        return f"Expected a no, but it promises: {short(promise)}." if promise else ""
    if (denying or _lead(answer) is False) and all(part.denies for part in relevant):
        return f"Expected a yes, but it says no: {short(denying[0] if denying else answer)}."
    return ""


def _broken_promise(stance: _Stance, relevant: Sequence[_Part], *, denied: bool) -> str:
    """The first clause that promises what is to be denied, or ``""``."""
    for part in relevant:
        granted = (part.stems - stance.about) & stance.granted
        if part.denies or len(granted) > len(part.stems & stance.about):
            continue
        permits = _PERMISSION.search(part.text) and not _CONDITION.search(part.sentence)
        if _PROMISE.search(part.text) or (permits and not denied):
            return part.text
    return ""


def _other_number(material: Material, answer: str) -> str:
    """The complaint about a number that replaces an expected one, or ``""``."""
    expected = numbers(material.expected or "")
    said = KnownNumbers([answer])
    stated = KnownNumbers((*material.questions, *material.context, material.expected or ""))
    lost = {number.unit: number for number in expected if number.unit and number not in said}
    for number in numbers(answer):
        if number not in stated and number.unit in lost:
            wanted = lost[number.unit].text
            return f"Says {number.text} where {wanted} is expected: {short(answer)}."
    return ""


def _weighed(stance: _Stance, expected: str, answer: str) -> Measure:
    held, known = stems(answer), KnownNumbers([answer])
    wanted, counts = stems(expected), numbers(expected)
    lost_counts = [n.text for n in counts if n not in known]
    total, lost = len(wanted) + len(counts), len(wanted - held) + len(lost_counts)
    share = min(1.0, (1 - lost / total) / ENOUGH_RECALL) if total else 1.0
    if not _takes(stance, answer):
        side = "no" if stance.denies else "yes"
        return Measure(share * SILENT_STANCE, f"Takes no clear stance; a {side} is expected.")
    if share < 1:
        missing = ", ".join(filter(None, [*lost_counts[:3], named(wanted - held, expected)]))
        return Measure(share, f"Right stance, but leaves out: {missing}.")
    return Measure(1.0, "Takes the expected stance, with its numbers and key words.")


def _takes(stance: _Stance, answer: str) -> bool:
    if _lead(answer) is not None:
        return _lead(answer) is not stance.denies
    return any(part.denies is stance.denies for part in _parts(answer) if stance.decides(part))
