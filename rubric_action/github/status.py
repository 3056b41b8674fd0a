"""The commit status: the durable gate, since a newer decision replaces it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from typing import Final

from rubric_action.gate.model import Verdict
from rubric_action.github.api import Api
from rubric_action.github.faults import NotFound, Refused
from rubric_action.github.records import Author, Status
from rubric_action.github.words import PENDING, Asks, why_not
from rubric_action.report.escape import visible

LONGEST: Final = 140
"""Characters of a description; GitHub refuses more."""
STATES: Final[dict[Verdict, str]] = {
    "pass": "success",
    "overridden": "success",
    "fail": "failure",
    "error": "error",
}
COMPLETED: Final = "completed"


def describe(headline: str) -> str:
    """A headline on one line, visible, within GitHub's limit."""
    text = " ".join(visible(headline.replace("`", "")).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"


def status_of(verdict: Verdict, headline: str, context: str, run_url: str) -> Status:
    """The status that says what a run came to; it links to the run."""
    return Status(context, STATES[verdict], describe(headline), run_url)


def pending(context: str, run_url: str) -> Status:
    """The status that says that a verdict is on its way; it is never green."""
    return Status(context, PENDING, "The gate is running; it has not decided yet", run_url)


def write_status(
    api: Api,
    sha: str,
    status: Status,
    author: Callable[[], Author],
    began: Callable[[], datetime | None] = lambda: None,
    *,
    signed: bool = False,
) -> str | None:
    """Set the status, unless another run's word stands above it; then say why.

    Anybody's status can claim to be of another run. `author`, asked only where there are statuses,
    is whom we write as, and only that account is believed. `began` tells when this attempt did,
    where it is not the run's first. `signed` is a verdict that is green by a signature alone.
    """
    asks = Asks(cache(began), lambda run_id: under_way(api, run_id))
    said = _believed(api, sha, status.context, cache(author))
    reason = why_not(status, said, asks, signed=signed)
    if reason is None:
        api.set_status(sha, status)
    return reason


def under_way(api: Api, run_id: int) -> bool:
    """Whether a run is there that is not over yet."""
    try:
        return api.run(run_id).status != COMPLETED
    except NotFound:
        return False


def _believed(api: Api, sha: str, context: str, author: Callable[[], Author]) -> Iterator[Status]:
    """Our own statuses of a context; where none may be read, writing will tell what is missing."""
    try:
        for one in api.statuses(sha):
            if one.context == context and one.creator == author():
                yield one
    except Refused:
        return
