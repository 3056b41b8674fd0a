"""``courtesy``, for tone: whether the answers are free of rudeness, blame and shouting."""

import re
from collections.abc import Iterator

from rubric_action.grading.lexical_material import SILENCE, Inapplicable, Material, Measure
from rubric_action.grading.lexical_text import plain, short, words

INSULT, DISMISSAL, BLAME, SHOUTING, CURTNESS = 1.0, 0.5, 0.4, 0.3, 0.3
CURT_BELOW = 4  # words in a turn
_QUOTED = re.compile(r'"[^"\n]{1,200}"')
_INSULTS = (
    r"idiot\w*|stupid\w*|morons?|dumb|imbecile\w*|fools?|liars?|shut up|go away|get lost"
    r"|screw you|damn|hell no|crap|bullshit|shit\w*|fuck\w*|pathetic|you people"
)
_DISMISSALS = (
    r"not (?:my|our) problem|who cares|(?:don't|do not) care|stop (?:asking|bothering|whining)"
    r"|calm down|deal with it|too bad|ridiculous|nonsense|whatever(?=[.!])|waste of (?:my|our) time"
    r"|read the (?:policy|manual|terms|faq)"
)
_BLAME = (
    r"your (?:own )?fault|you should(?: have|'ve)|you failed to|you (?:clearly|obviously|never)"
    r"|obviously|(?:as|like) (?:i|we) (?:already |just )?(?:said|told)|if you had (?:only )?read"
)
_PENALTIES = tuple(
    (weight, name, re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE))
    for weight, name, pattern in (
        (INSULT, "an insult", _INSULTS),
        (DISMISSAL, "a dismissal", _DISMISSALS),
        (BLAME, "blame", _BLAME),
    )
)
_SHOUTED_WORDS = re.compile(r"\b[A-Z]{3,}(?:[^\w\n]+[A-Z]{2,}){2,}\b")
_SHOUTED_MARKS = re.compile(r"[!?]{3,}|!!")


def courtesy(material: Material) -> Measure | Inapplicable:
    """Tone: 1 less a penalty for each rude, dismissive, blaming, shouting or curt passage.

    An insult costs 1, a dismissal 0.5, blame 0.4, shouting (three words in capitals in a row, or
    ``!!``) and a turn of fewer than four words 0.3 each; an empty answer scores 0. Text in
    quotation marks is not counted, since an agent may quote the user. Polite words earn nothing,
    so that politeness cannot buy rudeness back.

    Cannot see: sarcasm, coldness, condescension or false cheer in polite words.
    """
    if material.silent:
        return SILENCE
    faults = [fault for answer in material.answers for fault in _faults(answer)]
    if not faults:
        return Measure(1.0, "No rude, blaming or shouting words.")
    score = max(0.0, 1 - sum(weight for weight, _ in faults))
    return Measure(round(score, 3), f"{max(faults)[1]}.")


def _faults(answer: str) -> Iterator[tuple[float, str]]:
    spoken = _QUOTED.sub(" ", plain(answer))
    for weight, name, pattern in _PENALTIES:
        for found in pattern.finditer(spoken):
            yield weight, f"Reads as {name}: {short(found[0])}"
    for found in (*_SHOUTED_WORDS.finditer(spoken), *_SHOUTED_MARKS.finditer(spoken)):
        yield SHOUTING, f"Shouts: {short(found[0])}"
    if len(words(spoken)) < CURT_BELOW:
        yield CURTNESS, f"A curt reply: {short(answer)}"
