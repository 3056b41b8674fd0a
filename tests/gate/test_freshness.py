from datetime import date

import pytest

from rubric_action.agent.model import AgentTurn, Session
from rubric_action.cases.model import Case, ContextItem, UserTurn
from rubric_action.gate.freshness import stale, undated
from rubric_action.rubric.model import Freshness

TODAY = date(2026, 11, 23)
LIMIT = Freshness(max_context_age_days=90)
CORPUS = {"faq": "2026-01-01", "terms": "2026-11-20"}
OLD, NEW = "2026-01-01", "2026-11-01T10:00:00Z"


def case(*context: ContextItem, as_of: str | None = None) -> Case:
    """A case with this context of its own."""
    return Case("a", (UserTurn("Hi"),), context=context, as_of=as_of)


def sessions(*context: ContextItem) -> list[Session]:
    """One session whose only turn retrieved this context."""
    return [Session("a", 1, (AgentTurn("Hello", context=context),))]


def text(updated_at: str | None = None, source: str | None = None) -> ContextItem:
    """A text of this date."""
    return ContextItem("The window is 30 days.", source, updated_at)


@pytest.mark.parametrize(
    ("asked", "answered", "phrases"),
    [
        (case(), sessions(), []),
        (case(), sessions(text(NEW)), []),
        (case(), sessions(text("2026-08-25")), []),
        (case(), sessions(text("2026-08-24", "x")),
         ["context `x` is 91 days old, 90 are allowed"]),
        (case(), sessions(text(OLD)),
         ["context `The window is 30 days.` is 326 days old, 90 are allowed"]),
        (case(), sessions(text(None, "faq")), ["context `faq` is 326 days old, 90 are allowed"]),
        (case(), sessions(text(None, "terms")), []),
        (case(), sessions(text(None, "unheard of")), []),
        (case(), sessions(text()), []),
        (case(), sessions(text(NEW, "faq")), []),
        (case(text(OLD, "own")), sessions(), ["context `own` is 326 days old, 90 are allowed"]),
        (case(text(OLD, "own")), sessions(text(NEW)), []),
        (case(text(OLD, "own")), [], ["context `own` is 326 days old, 90 are allowed"]),
        (case(), sessions(text(OLD, "x"), text(OLD, "x")),
         ["context `x` is 326 days old, 90 are allowed"]),
        (case(), sessions(text("2030-01-01")), []),
        (case(as_of="2026-08-25"), [], []),
        (case(as_of="2026-08-24"), [], ["what is expected was last known true 91 days ago"]),
        (case(as_of=OLD), sessions(text(OLD, "x")),
         ["context `x` is 326 days old, 90 are allowed",
          "what is expected was last known true 326 days ago"]),
    ],
)  # fmt: skip
def test_what_an_answer_leans_on_may_be_so_old(
    asked: Case, answered: list[Session], phrases: list[str]
) -> None:
    """What the agent retrieved counts, the case's own context where it retrieved none."""
    assert list(stale(asked, answered, LIMIT, CORPUS, TODAY)) == phrases


def test_without_a_limit_nothing_is_stale() -> None:
    """No `max_context_age`, no finding, however old."""
    asked = case(text(OLD), as_of=OLD)
    assert stale(asked, sessions(text(OLD)), Freshness(), CORPUS, TODAY) == ()


@pytest.mark.parametrize(
    ("asked", "answered", "count"),
    [
        (case(), sessions(text(OLD), text(None, "faq")), 0),
        (case(), sessions(text(), text(None, "unheard of"), text(NEW)), 2),
        (case(text()), sessions(), 1),
        (case(text()), sessions(text(NEW)), 0),
    ],
)
def test_texts_without_a_date_are_counted(asked: Case, answered: list[Session], count: int) -> None:
    """What can't be weighed is known to be so."""
    assert undated(asked, answered, CORPUS) == count
