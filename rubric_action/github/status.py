"""The commit status: the durable gate, since a newer decision replaces it."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from rubric_action.gate.model import Verdict
from rubric_action.github.api import Api
from rubric_action.github.faults import Refused
from rubric_action.github.records import Author, Status
from rubric_action.report.escape import visible

LONGEST: Final = 140
"""Characters of a description; GitHub refuses more."""
PENDING: Final = "pending"
RESULTS_MARK: Final = "#results="
"""What stands before the digest in the address of a status that vouches for results."""
STATES: Final[dict[Verdict, str]] = {
    "pass": "success",
    "overridden": "success",
    "fail": "failure",
    "error": "error",
}
_RUN = re.compile(r"/actions/runs/(\d+)(?:/attempts/(\d+))?(?:#.*)?$")


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


def address(run_url: str, digest: str | None) -> str:
    """Where a status leads: to its run, and to the results that it vouches for.

    `digest` is the SHA-256 of their `summary.json`, in hex; None where there are none.
    """
    return f"{run_url}{RESULTS_MARK}{digest}" if digest else run_url


def write_status(
    api: Api,
    sha: str,
    status: Status,
    author: Callable[[Sequence[Status]], Author],
    began: Callable[[], datetime | None] = lambda: None,
) -> str | None:
    """Set the status, unless a newer run or attempt has; then say so.

    Anybody's status can claim to be of a newer run. `author`, asked only then, is whom we write
    as, and only that account is believed. `began` tells when this attempt did, where it is not the
    run's first: another run's word from before that is not newer, whatever their numbers.
    """
    current = _current(api, sha, status.context)
    newer = current is not None and _is_newer(current, status, began)
    if current is not None and newer and current.creator == author([current]):
        return "a newer run has already set the status of this commit"
    api.set_status(sha, status)
    return None


def _is_newer(current: Status, wanted: Status, began: Callable[[], datetime | None]) -> bool:
    there, here = _order(current.target_url), _order(wanted.target_url)
    if there <= here:
        return False
    since = began() if there[0] != here[0] else None
    return since is None or current.created_at is None or current.created_at >= since


def _current(api: Api, sha: str, context: str) -> Status | None:
    """The status that is there; where it may not be read, writing will tell what is missing."""
    try:
        return api.status(sha, context)
    except Refused:
        return None


def _order(run_url: str) -> tuple[int, int]:
    match = _RUN.search(run_url)
    return (int(match[1]), int(match[2] or 1)) if match else (0, 0)
