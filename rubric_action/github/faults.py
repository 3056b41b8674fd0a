"""What goes wrong between us and GitHub: pure, from a reply's facts to what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Final

from rubric_action.errors import GitHubFailed

BACK_OFF_S: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
"""The waits after a server error or a lost connection; then we give up."""
SECONDARY_WAIT_S: Final = 60.0
"""GitHub asks for at least a minute where it names no time."""
WAITS_FOR_A_LIMIT: Final = 5
_LIMIT_WORDS = ("rate limit", "abuse detection")
_STATUS_PAGE = "See https://www.githubstatus.com and run the job again."


class Operation(Enum):
    """What we ask of GitHub: in words, and the permission that the job's token needs for it."""

    READ_REPOSITORY = ("read the repository", "metadata: read")
    READ_RUBRIC = ("read the rubric at the base commit", "contents: read")
    LIST_BASELINES = ("list the baseline artifacts", "actions: read")
    COMPARE_BASELINE = ("find where the commit left the default branch", "contents: read")
    READ_RUN = ("read the workflow run", "actions: read")
    DOWNLOAD_BASELINE = ("download the baseline artifact", "actions: read")
    READ_PULL_REQUEST = ("read the pull request", "pull-requests: read")
    READ_COMMENTS = ("read the pull request's comments", "pull-requests: read")
    WRITE_COMMENT = ("write the comment", "pull-requests: write")
    READ_STATUS = ("read the commit's statuses", "statuses: read")
    WRITE_STATUS = ("write the commit status", "statuses: write")
    LIST_PULL_REQUESTS = ("list the open pull requests", "pull-requests: read")
    READ_EVENTS = ("read the pull request's label events", "pull-requests: read")
    READ_REVIEWS = ("read the pull request's reviews", "pull-requests: read")
    READ_COMMITS = ("read the pull request's commits", "pull-requests: read")
    COMPARE_COMMITS = (
        "read the pull request's commits, of which there are over 250",
        "contents: read",
    )
    READ_PERMISSION = ("read what a reviewer may do in the repository", "metadata: read")
    READ_TEAM = ("read who is in a team", "members: read")
    READ_RUNS = ("list the workflow runs of the head commit", "actions: read")
    READ_HISTORY = ("read the history of the default branch", "contents: read")
    LIST_RESULTS = ("list the results published for the head commit", "actions: read")
    DOWNLOAD_RESULTS = ("download the results published for the head commit", "actions: read")
    LIST_SESSIONS = ("list the sessions of the fork's run", "actions: read")
    DOWNLOAD_SESSIONS = ("download the sessions of the fork's run", "actions: read")
    FIND_PULL_REQUEST = ("find the pull request of the fork's run", "pull-requests: read")
    READ_MERGED = ("read which pull requests were merged", "pull-requests: read")
    READ_LEDGER = ("read the ledger of overrides", "contents: read")
    WRITE_LEDGER = ("write to the ledger of overrides", "contents: write")
    READ_USER = ("read whose token this is", "metadata: read")

    @property
    def doing(self) -> str:
        """What it does, to follow "could not"."""
        return self.value[0]

    @property
    def permission(self) -> str:
        """The line to add under `permissions:`."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Fault:
    """A reply that is no success. `status` 0: there was none, for the reason in `message`."""

    status: int
    message: str
    headers: Mapping[str, str]

    @property
    def limited(self) -> bool:
        """Whether it is a primary or secondary rate limit: nothing was done, ask later."""
        if self.status == 429:
            return True
        told = "retry-after" in self.headers or self.headers.get("x-ratelimit-remaining") == "0"
        worded = any(words in self.message.lower() for words in _LIMIT_WORDS)
        return self.status == 403 and (told or worded)

    @property
    def transient(self) -> bool:
        """Whether it may be gone at once, and whether the effect happened is unknown."""
        return self.status in {0, 408} or self.status >= 500


class Refused(GitHubFailed):
    """GitHub understood and said no; asking again changes nothing."""

    def __init__(self, operation: Operation, fault: Fault, mend: str) -> None:
        super().__init__(
            f"Could not {operation.doing}: GitHub answered {fault.status} ({fault.message}).", mend
        )
        self.status = fault.status
        self.message = fault.message


class NotFound(Refused):
    """There is no such thing, or this token may not know of it."""


class PermissionMissing(Refused):
    """The token lacks a permission; `permission` is the line to add."""

    def __init__(self, operation: Operation, fault: Fault) -> None:
        mend = f"Add `{operation.permission}` under the job's `permissions:`."
        super().__init__(operation, fault, mend)
        self.permission = operation.permission


def failure(operation: Operation, fault: Fault) -> GitHubFailed:
    """The error that a fault ends in once no wait is left, or at once when none would help."""
    if fault.limited or fault.transient:
        return GitHubFailed(f"Could not {operation.doing}: {_trouble(fault)}.", _STATUS_PAGE)
    if fault.status == 403:
        return PermissionMissing(operation, fault)
    if fault.status == 404:
        return NotFound(operation, fault, "Check that the token can read this repository.")
    if fault.status == 401:
        return Refused(operation, fault, "Check the input `github-token`.")
    return Refused(operation, fault, _STATUS_PAGE)


def wait_for(fault: Fault, tries: int, now: float) -> float | None:
    """Seconds to wait after `tries` failed tries before the next; None to give up.

    `now` is our clock (seconds since the epoch), used only where the reply carries no date.
    """
    if fault.limited:
        return _limit_wait(fault, now) if tries <= WAITS_FOR_A_LIMIT else None
    if fault.transient and tries <= len(BACK_OFF_S):
        return BACK_OFF_S[tries - 1]
    return None


def _limit_wait(fault: Fault, now: float) -> float:
    after = fault.headers.get("retry-after", "")
    if after.isdecimal():
        return float(after)
    reset = fault.headers.get("x-ratelimit-reset", "")
    if fault.headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return max(0.0, float(reset) - _server_time(fault, now)) + 1.0
    return SECONDARY_WAIT_S


def _server_time(fault: Fault, now: float) -> float:
    """GitHub's own clock, so that a runner whose clock is off neither hurries nor oversleeps."""
    told = date_of(fault.headers)
    return now if told is None else told.timestamp()


def date_of(headers: Mapping[str, str]) -> datetime | None:
    """When GitHub sent a reply, by its `Date` header, in UTC; None where it does not say."""
    try:
        told = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return None
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def _trouble(fault: Fault) -> str:
    if fault.limited:
        return f"GitHub's rate limit lasts longer than we may wait ({fault.message})"
    if fault.status == 0:
        return f"the connection failed again and again ({fault.message})"
    return f"GitHub answered {fault.status} again and again"
