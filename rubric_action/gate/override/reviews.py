"""Everybody's decisive review, which of them could be a signature, and what they say."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from rubric_action.gate.override.facts import Asked, Person, Review, Sibling

DECISIVE: Final = ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")
ONCE_APPROVED: Final = ("APPROVED", "DISMISSED")
"""What an approval is, or what GitHub turns it into."""
PLACEHOLDER: Final = "<why>"
"""What the comment asks for stands in the place of a reason, and GitHub shows nothing of it."""
_FENCE: Final = r"\s*(`{3,}(?=[^`]*$)|~{3,})"


@dataclass(frozen=True, slots=True)
class Opinion:
    """A decisive review and the account behind it; `pull` is the sibling's where it is of one."""

    by: Person
    review: Review
    pull: int | None = None


def order(review: Review) -> tuple[datetime, int]:
    """Reviews by time, and by number within a second."""
    return review.at, review.id


def decisive(reviews: Iterable[Review]) -> tuple[Opinion, ...]:
    """The latest decisive review of each account, oldest first; nothing older revives."""
    latest: dict[int, Opinion] = {}
    for review in sorted(reviews, key=order):
        if review.author is not None and review.state in DECISIVE:
            latest[review.author.id] = Opinion(review.author, review)
    return tuple(sorted(latest.values(), key=lambda one: order(one.review)))


def candidates(reviews: Iterable[Review]) -> tuple[Review, ...]:
    """What could be meant as a signature, oldest first.

    The latest decisive review of each account that ever approved, and all approvals of accounts
    that are gone.
    """
    given = list(reviews)
    once = {one.author.id for one in given if one.author and one.state in ONCE_APPROVED}
    known = [one.review for one in decisive(given) if one.by.id in once]
    gone = [one for one in given if one.author is None and one.state == "APPROVED"]
    return tuple(sorted((*known, *gone), key=order))


def objections(asked: Asked, siblings: Iterable[Sibling] = ()) -> tuple[Opinion, ...]:
    """People whose latest decisive review asks for changes, on whichever commit.

    Every pull request has its own: what somebody says on one takes nothing back on another.
    """
    elsewhere = ((one.reviews, one.number) for one in siblings)
    return tuple(
        replace(one, pull=pull)
        for reviews, pull in ((asked.reviews, None), *elsewhere)
        for one in decisive(reviews)
        if one.review.state == "CHANGES_REQUESTED" and one.by.human
    )


def reason_of(body: str) -> str:
    """What stands behind `override:` on a line of its own; empty for none.

    Only what readers see as said counts: no quoted line, no code block, no HTML comment, and no
    placeholder that was left standing.
    """
    lines = (line.partition(":") for line in _said(body))
    told = (why.strip() for key, _, why in lines if key.strip().lower() == "override")
    return next((why for why in told if why.strip("`*_. ").lower() not in {"", PLACEHOLDER}), "")


def _said(body: str) -> Iterator[str]:
    """The lines outside of fenced code, without HTML comments, as GitHub's Markdown tells them."""
    fence, hidden = "", False
    for line in body.splitlines():
        if fence:
            closing = line.strip()
            fence = "" if closing.startswith(fence) and set(closing) == {fence[0]} else fence
        elif not hidden and (opening := re.match(_FENCE, line)):
            fence = opening[1]
        else:
            shown, hidden = _without_comments(line, hidden)
            yield shown


def _without_comments(line: str, hidden: bool) -> tuple[str, bool]:
    """What of a line is in no comment, and whether one is open at its end as at its beginning."""
    shown = ""
    while line:
        part, mark, line = line.partition("-->" if hidden else "<!--")
        shown += "" if hidden else part
        hidden = hidden != bool(mark)
    return shown, hidden
