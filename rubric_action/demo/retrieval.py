"""Documents as passages, and BM25 over them."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_WORD = re.compile(r"[a-z]+|\d{4,}")
_ENDING = re.compile(r"(?<=\w{3})(?:ies|es|ing|ed|s|e|y)$")
_STOP_WORDS = frozenset(
    _WORD.findall(
        """a about after all am an and any are as at be been but by can could did do does for from
        get had has have hello hi how i if in is it its just know like long me much my need no not
        of ok on or our please so still tell than thanks that the their them then there they this
        to want was we were what when where which who will with would write yes you your"""
    )
)
_SYNONYMS = {
    "money": "refund", "package": "parcel", "postage": "ship", "voucher": "gift", "faulty": "fault",
    "broken": "fault", "deliver": "delivery", "shipping": "ship", "fix": "repair", "mend": "repair",
    "guarantee": "warranty", "swap": "exchange", "mail": "email", "tax": "vat", "login": "sign",
}  # fmt: skip
_BASES = {_ENDING.sub("", word): _ENDING.sub("", base) for word, base in _SYNONYMS.items()}


def terms(text: str) -> list[str]:
    """The search terms of a text: lower case, without endings, in the shop's own words."""
    found = (_ENDING.sub("", word) for word in _WORD.findall(text.lower()))
    return [_BASES.get(term, term) for term in found if term not in _STOP_WORDS]


@dataclass(frozen=True, slots=True)
class Passage:
    """One paragraph of a document, or one line of what came with the case."""

    source: str
    heading: str
    text: str
    updated_at: str | None = None
    given: bool = False


def read_document(path: Path) -> Iterator[Passage]:
    """The passages of a Markdown file with ``title`` and ``updated_at`` in its front matter."""
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    fields = dict(line.split(": ", 1) for line in front.splitlines())
    for section in body.split("\n## ")[1:]:
        heading, _, text = section.partition("\n")
        yield Passage(path.name, heading, " ".join(text.split()), fields["updated_at"])


class Index:
    """BM25 over passages (Robertson and Zaragoza, 2009), with the usual k1 and b."""

    K1, B = 1.2, 0.75

    def __init__(self, passages: Iterable[Passage]) -> None:
        self.passages = list(passages)
        texts = (f"{p.source} {p.heading} {p.heading} {p.text}" for p in self.passages)
        self._counts = [Counter(terms(text)) for text in texts]
        self._frequency = Counter(term for count in self._counts for term in count)
        self._mean = sum(count.total() for count in self._counts) / len(self._counts)

    def rarity(self, term: str) -> float:
        """The inverse document frequency of a term; highest for one that no passage holds."""
        held = self._frequency[term]
        return math.log(1 + (len(self.passages) - held + 0.5) / (held + 0.5))

    def search(self, query: Mapping[str, float]) -> list[tuple[float, Passage]]:
        """All passages with their scores, best first; ``query`` gives each term its weight."""
        scores = (self._score(query, count) for count in self._counts)
        return sorted(zip(scores, self.passages, strict=True), key=lambda pair: -pair[0])

    def _score(self, query: Mapping[str, float], count: Counter[str]) -> float:
        norm = self.K1 * (1 - self.B + self.B * count.total() / self._mean)
        return sum(
            weight * self.rarity(term) * count[term] * (self.K1 + 1) / (count[term] + norm)
            for term, weight in query.items()
        )

    def weight(self, term: str) -> float:
        """How much it matters that a passage holds a term; less for a word that none holds."""
        return self.rarity(term) * (1.0 if term in self._frequency else 0.5)

    def named(self, source: str, heading: str) -> Passage:
        """The passage under a heading of a document."""
        return next(p for p in self.passages if (p.source, p.heading) == (source, heading))
