"""The support agent of Pinewater, a shop that does not exist: the example the gate is shown on.

It answers from the Markdown files in ``docs/``: it retrieves passages (BM25), compares what the
user says ("31 days ago") with the limits that the documents state, and quotes what it found. No
model, no network and only the standard library, so that the example runs anywhere.

    python agent.py --version before        one JSON case a line in, one JSON session a line out

``after`` is the change under review: it quotes three passages instead of one and is friendlier.
``SHOP_AGENT_VERSION`` chooses the version where no option does.
"""

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policies import LIMITS, RULINGS, Limit, quantity
from retrieval import Index, Passage, read_document, terms

DOCS = Path(__file__).with_name("docs")
# Made-up prices in USD a token, with four characters to a token: the cost column needs a number.
INPUT_PRICE, OUTPUT_PRICE, CHARACTERS_PER_TOKEN = 2e-6, 8e-6, 4


@dataclass(frozen=True, slots=True)
class Version:
    """What a release of the agent does differently."""

    passages: int
    opening: str = ""
    closing: str = ""
    goodwill_days: int = 0


VERSIONS = {
    "before": Version(passages=1),
    "after": Version(
        passages=3,
        opening="Thanks for reaching out!",
        closing="Let me know if I can help with anything else.",
        goodwill_days=3,  # Be generous: nobody should lose a refund over a day or two.
    ),
}

GUARD = re.compile(
    r"(?:ignore|forget|disregard|override) (?:all |any |the |your |previous |prior )*"
    r"(?:instructions|rules|policy|policies|above|prompt)|system prompt|developer mode"
    r"|you are now|pretend (?:to be|you)|jailbreak|new instructions|act as",
    re.IGNORECASE,
)
SMALL_TALK = re.compile(
    r"^\W*(?:hi|hello|hey|thanks?|thank you|great|ok(?:ay)?|bye|perfect|good (?:morning|evening))"
    r"(?: there| a lot| so much| for (?:that|the help|your help)| again)*\W*$",
    re.IGNORECASE,
)
OFF_TOPIC_BELOW = 0.34  # the share of a question's terms, by rarity, that its best passage holds
WORTH_QUOTING = 0.6  # the share of the best score that a further passage needs
EARLIER_TURNS = 0.3  # the weight of what was said before the current turn
_ASKS = re.compile(
    r"[?]|\b(?:what|when|where|who|how|why|which|can|could|tell|want|need|please|give|write|print"
    r"|show|ignore|refund|help|explain|repeat)\b",
    re.IGNORECASE,
)
_OPEN_QUESTION = re.compile(r"^\W*(?:and |so )?(?:when|how|who|what|where|which)\b", re.IGNORECASE)
_REFERS_BACK = re.compile(
    r"\b(?:it|its|this|that|them|these|those|they|one|instead)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the agent says, and the passages it says it from."""

    text: str
    passages: Sequence[Passage]


@dataclass(frozen=True, slots=True)
class Agent:
    """Answers conversations from an index, as one version of the release."""

    version: Version
    index: Index

    def answer(self, turns: Sequence[str]) -> Answer:
        """The answer to the last of the user's turns so far."""
        said = turns[-1]
        if SMALL_TALK.match(said):
            greeting = "Hello! Happy to help with any question."
            return Answer(greeting, [self.index.named("contact.md", "The support assistant")])
        lead, ruling = self._decide(turns)
        if not ruling and not _ASKS.search(said):
            question = "Thanks. What would you like to know?"
            return Answer(question, [self.index.named("contact.md", "The support assistant")])
        passages = [ruling] if ruling else []
        if GUARD.search(said):
            passages.insert(0, self.index.named("contact.md", "Instructions of the assistant"))
        else:
            passages += self._retrieve(turns, passages)
        return Answer(self._compose(lead, passages, first=len(turns) == 1), passages)

    def _decide(self, turns: Sequence[str]) -> tuple[str, Passage | None]:
        """The yes or no that the documents give, with its passage; none where they leave it open.

        A turn that only adds a detail ("12 days ago") answers what was asked before it.
        """
        said, whole = turns[-1], " ".join(turns).lower()
        adds_detail = "?" not in said and quantity(said, "day") is not None
        asked = whole if adds_detail else said.lower()
        subject = whole if adds_detail or _REFERS_BACK.search(said) else asked
        for ruling in RULINGS:
            if re.search(ruling.asks, asked) and re.search(ruling.about, subject):
                return ruling.lead, self.index.named(ruling.source, ruling.heading)
        for limit in () if _OPEN_QUESTION.match(said) else LIMITS:
            stated = quantity(subject, limit.unit)
            applies = re.search(limit.asks, asked) and re.search(limit.about, subject)
            if stated is not None and applies:
                return self._compare(limit, stated)
        return "", None

    def _compare(self, limit: Limit, stated: float) -> tuple[str, Passage]:
        passage = self.index.named(limit.source, limit.heading)
        found = re.search(limit.states, passage.text)
        if not found:
            raise LookupError(f"{limit.source}: {limit.heading!r} states no {limit.states!r}")
        allowed = int(found[1])
        if stated <= allowed:
            return limit.inside, passage
        if limit.goodwill and stated <= allowed + self.version.goodwill_days:
            promise = f"you are only just past the {allowed}-day window, so I have started"
            arrival = self.index.named("returns.md", "When the refund arrives")
            return f"Good news: {promise} a full refund for you.", arrival
        return limit.outside, self.index.named(limit.source, limit.past or limit.heading)

    def _retrieve(self, turns: Sequence[str], chosen: Sequence[Passage]) -> list[Passage]:
        """The best passages that are not chosen yet, as many as the version quotes."""
        query = dict.fromkeys((term for turn in turns[:-1] for term in terms(turn)), EARLIER_TURNS)
        query |= dict.fromkeys(terms(turns[-1]), 1.0)
        ranked = self.index.search(query)
        best, top = ranked[0]
        if not chosen and self._coverage(query, top) < OFF_TOPIC_BELOW:
            return [self.index.named("contact.md", "The support assistant")]
        worthy = [p for score, p in ranked if score >= WORTH_QUOTING * best and p not in chosen]
        return worthy[: self.version.passages - len(chosen)]

    def _coverage(self, query: Mapping[str, float], passage: Passage) -> float:
        held = set(terms(f"{passage.heading} {passage.text}"))
        wanted = {term: weight * self.index.weight(term) for term, weight in query.items()}
        found = sum(weight for term, weight in wanted.items() if term in held)
        return found / (sum(wanted.values()) or 1.0)

    def _compose(self, lead: str, passages: Sequence[Passage], *, first: bool) -> str:
        quoted = [p.text if p.given else f"{p.text} [{p.source}]" for p in passages]
        opening = self.version.opening if first else ""
        return " ".join(part for part in (opening, lead, *quoted, self.version.closing) if part)


def given_passages(context: Iterable[str | Mapping[str, Any]]) -> Iterator[Passage]:
    """The lines of the texts that came with the case."""
    for item in context:
        given = {"text": item} if isinstance(item, str) else item
        for line in filter(str.strip, given["text"].splitlines()):
            source, date = given.get("source") or "given", given.get("updated_at")
            yield Passage(source, "", line.strip(), date, given=True)


def session(case: Mapping[str, Any], version: Version, corpus: Sequence[Passage]) -> dict[str, Any]:
    """One line of the protocol: the answers to all turns of a case, with latency and cost."""
    agent = Agent(version, Index([*corpus, *given_passages(case.get("context", ()))]))
    said = [turn["user"] for turn in case["turns"]]
    turns = [timed_turn(agent, said[: count + 1]) for count in range(len(said))]
    return {"case": case["case"], "trial": case.get("trial", 1), "turns": turns}


def timed_turn(agent: Agent, said: Sequence[str]) -> dict[str, Any]:
    """The last turn's answer as the gate reads it; the time is measured, the cost simulated."""
    started = time.perf_counter()
    answer = agent.answer(said)
    read = sum(map(len, said)) + sum(len(passage.text) for passage in answer.passages)
    cost = (read * INPUT_PRICE + len(answer.text) * OUTPUT_PRICE) / CHARACTERS_PER_TOKEN
    return {
        "output": answer.text,
        "latency_s": round(time.perf_counter() - started, 6),
        "cost_usd": round(cost, 8),
        "context": [
            {"text": p.text, "source": p.source}
            | ({"updated_at": p.updated_at} if p.updated_at else {})
            for p in answer.passages
        ],
    }


def main() -> None:
    """Answer each case of standard input on standard output until the input ends."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    default = os.environ.get("SHOP_AGENT_VERSION", "before")
    parser.add_argument("--version", choices=VERSIONS, default=default)
    version = VERSIONS[parser.parse_args().version]
    corpus = [passage for path in sorted(DOCS.glob("*.md")) for passage in read_document(path)]
    for line in sys.stdin:
        sys.stdout.write(json.dumps(session(json.loads(line), version, corpus)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
