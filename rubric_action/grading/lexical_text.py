"""Reading English text without a model: sentences, stems, numbers and polarity.

Everything here is a pure function of its text and takes time linear in it.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})
_LIST_MARKER = re.compile(r"^\s*(?:[-*+\u2022>#]+|\d{1,2}[.)])\s+")
_SOURCE_MARK = re.compile(r"\[[\w./#:-]{1,80}\]")
_WRAPPED_LINE = re.compile(r"(?<=[^\s.!?:])[ \t]*\n[ \t]*(?=[a-z])")
_SENTENCE_END = re.compile(r"(?<!e\.g\.)(?<!i\.e\.)(?<!approx\.)(?<=[.!?])\s+")
_CLAUSE_END = re.compile(
    r"[;:()\u2013\u2014]|(?=\b(?:instead of|rather than)\b)"
    r"|\b(?:but|however|so|because|since|although|though|while)\b"
    r"|(?:,|\band)\s+(?=(?:i|we|you|it|they|this|that|which)\b)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_HARMLESS = re.compile(
    r"\b(?:(?:no|not a) (?:problem|worries|trouble|doubt|rush)|(?:don't|do not) worry"
    r"|no (?:later|more|fewer|less|longer) than|not only|no need|no matter|why not)\b",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"\b(?:no|not|never|none|nothing|neither|nor|cannot|unfortunately|unable|impossible"
    r"|ineligible|denied|declined?|refused?|excluded|non|instead of|rather than)\b|n't\b",
    re.IGNORECASE,
)

_FUNCTION_WORDS = frozenset(
    _WORD.findall(
        """a about after again all also although am an and any anyone anything are as at be
        because been before being both but by can cannot could did do does doing done down
        during each either else ever every few for from further get gets getting got had has
        have having he her here hers him his how however i if in instead into is it its
        itself just let like long may me might mine more most much must my myself never no
        nor not now of off oh ok okay on once only or other our ours out over own per please
        quite rather really same shall she should since so some such than that the their
        theirs them then there these they thing this those though through thus to too under
        until up upon us very via want was way we well were what when where whether which
        while who whom whose why will with within without would yes yet you your yours
        yourself"""
    )
)
# Numbers are compared as numbers, with their units; as words they would count twice.
_NUMBER_WORDS = frozenset(
    _WORD.findall(
        """two three four five six seven eight nine ten eleven twelve thirteen fourteen
        fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty ninety
        percent eur euro euros usd dollar dollars gbp minute minutes hour hours day days
        week weeks month months year years st nd rd th"""
    )
)
STOP_WORDS = _FUNCTION_WORDS | _NUMBER_WORDS
_IRREGULAR = {
    "bought": "buy", "paid": "pay", "sent": "send", "kept": "keep", "sold": "sell",
    "used": "use", "using": "use", "broke": "break", "broken": "break", "lost": "lose",
    "gave": "give", "given": "give", "took": "take", "taken": "take", "chose": "choose",
    "chosen": "choose", "said": "say", "told": "tell",
}  # fmt: skip
_SHORTEST_STEM = 3
_PLURALS = ("ies", "s")
_ENDINGS = ("ations", "ation", "ments", "ment", "ness", "ably", "able", "ible", "ing", "ied", "ed")
_LAST_LETTERS = ("ly", "es", "e", "y", "i")


def plain(text: str) -> str:
    """The text in compatibility form, without invisible characters, with straight quotes."""
    if text.isascii():
        return text
    # Word by word, and cut: normalising one endless run of combining marks takes quadratic time.
    text = re.sub(r"\S{1,256}", lambda run: unicodedata.normalize("NFKC", run[0]), text)
    return _INVISIBLE.sub("", text).translate(_QUOTES)


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text; list markers and source marks such as ``[returns.md]`` are dropped.

    A new line ends a sentence unless the next one goes on in lower case.
    """
    lines = _WRAPPED_LINE.sub(" ", _SOURCE_MARK.sub("", plain(text))).splitlines()
    parts = (part for line in lines for part in _SENTENCE_END.split(_LIST_MARKER.sub("", line)))
    return tuple(part.strip() for part in parts if _WORD.search(part) or re.search(r"\d", part))


def clauses(sentence: str) -> tuple[str, ...]:
    """The clauses of a sentence, cut where its polarity may change ("but", "so", ", you")."""
    return tuple(part.strip() for part in _CLAUSE_END.split(sentence) if part.strip())


def words(text: str) -> list[str]:
    """The words of a text in lower case, in order."""
    return _WORD.findall(plain(text).lower())


def stems(text: str) -> frozenset[str]:
    """The stems of the content words of a text: no function words, numbers or single letters."""
    return frozenset(
        stem(word) for word in words(text) if len(word) > 1 and not _is_function_word(word)
    )


def stems_of(texts: Iterable[str]) -> frozenset[str]:
    """The content stems of several texts together."""
    return frozenset().union(*(stems(text) for text in texts))


def _is_function_word(word: str) -> bool:
    return word in STOP_WORDS or word.partition("'")[0] in STOP_WORDS or word.endswith("n't")


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """A light stem: ``refunds``, ``refunded`` and ``refundable`` all give ``refund``."""
    word = word.removesuffix("'s")
    word = _IRREGULAR.get(word, word)
    singular = _without(word, _PLURALS)
    base = _undoubled(_without(singular, _ENDINGS))
    return _without(base, _LAST_LETTERS)


def _without(word: str, suffixes: tuple[str, ...]) -> str:
    for suffix in suffixes:
        shortened = word.removesuffix(suffix)
        if shortened != word and not word.endswith("ss") and len(shortened) >= _SHORTEST_STEM:
            return shortened
    return word


def _undoubled(word: str) -> str:
    """``shipp`` (from ``shipping``) as ``ship``; ``sell`` and ``pass`` stay."""
    doubled = len(word) > _SHORTEST_STEM and word[-1] == word[-2] and word[-1] not in "aeiouls"
    return word[:-1] if doubled or word.endswith("ncell") else word


def named(wanted: frozenset[str], text: str, limit: int = 4) -> str:
    """The words of the text whose stems are ``wanted``, as they are written, at most ``limit``."""
    found = {stem(word): word for word in reversed(words(text)) if stem(word) in wanted}
    return ", ".join(list(reversed(found.values()))[:limit])


def negated(text: str) -> bool:
    """Whether a sentence or clause denies something ("cannot", "unfortunately", "instead of").

    Idioms that only sound like a denial ("no problem", "don't worry") do not count.
    """
    return bool(_NEGATION.search(_HARMLESS.sub(" ", plain(text))))


def after_negation(text: str) -> str:
    """What follows the first denial of a sentence or clause; ``""`` where there is none."""
    kept = _HARMLESS.sub(" ", plain(text))
    found = _NEGATION.search(kept)
    return kept[found.end() :] if found else ""


def short(text: str, limit: int = 90) -> str:
    """The text on one line, cut to ``limit`` characters, in quotation marks."""
    line = " ".join(plain(text[: limit * 4]).split())
    whole = line.removesuffix(".")
    return f'"{whole if len(whole) <= limit else whole[: limit - 1].rstrip() + "…"}"'
