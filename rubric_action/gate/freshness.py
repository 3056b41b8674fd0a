"""How old the context is that answers lean on. The day is an argument."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from rubric_action.agent.model import Session
from rubric_action.cases.model import Case, ContextItem
from rubric_action.gate.wording import named
from rubric_action.rubric.model import Freshness


def stale(
    case: Case,
    sessions: Sequence[Session],
    freshness: Freshness,
    corpus: Mapping[str, str],
    today: date,
) -> tuple[str, ...]:
    """What of a case is older than allowed, one phrase each; nothing where no age is limited.

    `corpus` maps a source to its ISO date, for context that doesn't carry one. What the agent
    itself retrieved counts; a case's own context only where it retrieved none.
    """
    limit = freshness.max_context_age_days
    if limit is None:
        return ()
    phrases = {
        f"context {named(name, 40)} is {age} days old, {limit:g} are allowed": None
        for name, age in _ages(_leaned_on(case, sessions), corpus, today)
        if age > limit
    }
    if case.as_of and (age := _age(case.as_of, today)) > limit:
        phrases[f"what is expected was last known true {age} days ago"] = None
    return tuple(phrases)


def undated(case: Case, sessions: Sequence[Session], corpus: Mapping[str, str]) -> int:
    """How many texts the answers lean on carry no date, and can't be weighed."""
    return sum(_date(item, corpus) is None for item in _leaned_on(case, sessions))


def _leaned_on(case: Case, sessions: Sequence[Session]) -> Sequence[ContextItem]:
    """What the agent retrieved, or the case's own context where it retrieved nothing."""
    retrieved = [item for one in sessions for turn in one.turns for item in turn.context]
    return retrieved or case.context


def _ages(
    items: Sequence[ContextItem], corpus: Mapping[str, str], today: date
) -> Iterator[tuple[str, int]]:
    for item in items:
        if written := _date(item, corpus):
            yield item.source or item.text, _age(written, today)


def _date(item: ContextItem, corpus: Mapping[str, str]) -> str | None:
    """What the text says of itself, else what the corpus says of its source."""
    return item.updated_at or (corpus.get(item.source) if item.source else None)


def _age(written: str, today: date) -> int:
    return (today - date.fromisoformat(written[:10])).days
