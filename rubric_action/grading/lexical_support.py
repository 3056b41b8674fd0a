"""``support``, for faithfulness: whether what the answers say is found in the context."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rubric_action.grading.lexical_material import SILENCE, Inapplicable, Material, Measure
from rubric_action.grading.lexical_numbers import KnownNumbers, numbers
from rubric_action.grading.lexical_text import (
    named,
    negated,
    sentences,
    short,
    stems,
    stems_of,
)

# Words of greeting, sympathy and offer: they claim nothing about the world.
SOCIAL_STEMS = stems(
    """afternoon answer anything apologies apologise apologize appreciate ask assist
    check chat day else evening feel free glad good great happy hear hello help hi hope information
    know let look morning news pleasure question reach right say see sorry sure tell thank thanks
    understand unfortunately welcome wish wonderful worry"""
)
UNSUPPORTED_BELOW = 1 / 3  # a sentence with a smaller share of known stems counts as invented
INVENTED_AT_MOST = 0.5  # the score that an answer with an invented sentence can reach
USERS_WORD = 0.5  # the score of a sentence whose only numbers are the user's own
_CANDIDATES = 64  # context sentences that one answer sentence is compared with


class _Verdict(NamedTuple):
    score: float
    complaint: str


class _Context:
    """The context, indexed so that each sentence of an answer is judged in constant time."""

    def __init__(self, material: Material) -> None:
        self.stems = stems_of(material.context)
        self.numbers = KnownNumbers(material.context)
        self.asked_stems = stems_of(material.questions)
        self.asked_numbers = KnownNumbers(material.questions)
        self._sentences = [
            (stems(sentence), negated(sentence))
            for text in material.context
            for sentence in sentences(text)
        ]
        self._holders: dict[str, list[int]] = {}
        for index, (held, _) in enumerate(self._sentences):
            for one in held:
                self._holders.setdefault(one, []).append(index)

    def denies(self, claim: frozenset[str], *, negative: bool) -> bool:
        """Whether a sentence of nearly the same words stands in the context only reversed."""
        holders = min((self._holders.get(one, []) for one in claim), key=len, default=[])
        alike = [
            polarity
            for held, polarity in (self._sentences[index] for index in holders[:_CANDIDATES])
            if len(claim & held) >= 0.75 * len(claim | held)
        ]
        return len(claim) > 1 and bool(alike) and negative not in alike


def support(material: Material) -> Measure | Inapplicable:
    """Faithfulness: the mean share of the content stems of each sentence that the context holds.

    Words that only the question holds neither help nor harm; greetings, offers and questions are
    not counted. A sentence scores 0 when it has a number, amount or date that neither context nor
    question states, when it reverses a context sentence of nearly the same words, or when under a
    third of its stems are known; then the whole answer scores at most 0.5, however much supported
    text stands around it. A sentence whose only numbers are the user's own scores at most 0.5.

    Cannot see: a claim made of the context's words in another order or tied to the wrong subject,
    paraphrase (a true sentence in other words scores low), and whether the context is right.
    """
    if material.silent:
        return SILENCE
    if not any(text.strip() for text in material.context):
        return Inapplicable("support needs context, and the case and the session gave none")
    context = _Context(material)
    said = (sentence for answer in material.answers for sentence in sentences(answer))
    return _summed_up(_judged(said, context))


def _judged(said: Iterable[str], context: _Context) -> list[_Verdict]:
    verdicts = (_judge(sentence, context) for sentence in said)
    return [verdict for verdict in verdicts if verdict]


def _judge(sentence: str, context: _Context) -> _Verdict | None:
    """The verdict on one sentence; none when it claims nothing."""
    claim = stems(sentence) - SOCIAL_STEMS
    counts = numbers(sentence)
    invented = [n for n in counts if n not in context.numbers and n not in context.asked_numbers]
    if invented:
        return _Verdict(0.0, f"{short(invented[0].text)} is not in the context: {short(sentence)}")
    own = (claim & context.stems) | (claim - context.asked_stems)
    if not own or (sentence.endswith("?") and not counts):
        return None
    if context.denies(claim, negative=negated(sentence)):
        return _Verdict(0.0, f"the context says the opposite: {short(sentence)}")
    return _known_share(sentence, own, context, counts_known=_any_known(sentence, context))


def _any_known(sentence: str, context: _Context) -> bool:
    counts = numbers(sentence)
    return not counts or any(number in context.numbers for number in counts)


def _known_share(
    sentence: str, own: frozenset[str], context: _Context, *, counts_known: bool
) -> _Verdict:
    share = len(own & context.stems) / len(own)
    missing = named(own - context.stems, sentence)
    if share < UNSUPPORTED_BELOW:
        return _Verdict(0.0, f"not in the context ({missing}): {short(sentence)}")
    if not counts_known:
        return _Verdict(
            min(share, USERS_WORD), f"rests on the user's number alone: {short(sentence)}"
        )
    return _Verdict(share, f"partly not in the context ({missing}): {short(sentence)}")


def _summed_up(verdicts: Sequence[_Verdict]) -> Measure:
    if not verdicts:
        return Measure(1.0, "The answers make no claim that the context would have to support.")
    mean = sum(verdict.score for verdict in verdicts) / len(verdicts)
    worst = min(verdicts)
    if worst.score == 1:
        return Measure(1.0, f"Every claim ({len(verdicts)}) is worded as in the context.")
    score = min(mean, INVENTED_AT_MOST) if worst.score == 0 else mean
    return Measure(score, f"{worst.complaint[0].upper()}{worst.complaint[1:]}.")
