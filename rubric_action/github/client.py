"""The one door to GitHub's API: PyGithub below, our own patience above.

PyGithub's retries are off: they repeat a POST after a server error, although it may have taken
effect, and sleep as long as they are told to. Every wait is made here, within one budget a run,
and what failed requests took is waiting as well.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from rubric_action import __version__
from rubric_action.errors import GitHubFailed
from rubric_action.github.faults import Fault, Operation, date_of, failure, wait_for

if TYPE_CHECKING:
    from rubric_action.github.records import Author

TIMEOUT_S: Final = 20
"""Seconds without a byte before a request is given up."""
LEAST_TIMEOUT_S: Final = 5
"""The same once the budget is spent: what is left to say gets a last chance each."""
WAITING_BUDGET_S: Final = 120.0
"""Seconds that a run spends waiting for GitHub, all requests taken together."""
PER_PAGE: Final = 100
MOST_PAGES: Final = 300
USER_AGENT: Final = f"rubric-action/{__version__}"

T = TypeVar("T")


@dataclass(slots=True)
class Patience:
    """The seconds that are left for waiting; clocks and sleep are the effects it works with.

    `clock` tells the time since the epoch, `timer` only measures and never jumps.
    """

    left_s: float = WAITING_BUDGET_S
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    timer: Callable[[], float] = time.monotonic
    least_timeout_s: int = LEAST_TIMEOUT_S

    @property
    def timeout_s(self) -> int:
        """How long the next request may stay without a byte."""
        return min(TIMEOUT_S, max(self.least_timeout_s, math.ceil(self.left_s)))

    def wait(self, seconds: float) -> bool:
        """Sleep, or answer False at once when the budget does not allow for it."""
        if seconds > self.left_s:
            return False
        self.left_s -= seconds
        self.sleep(seconds)
        return True

    def lost(self, since: float) -> None:
        """Count what failed against the budget, from a reading of `timer` until now."""
        self.left_s = max(0.0, self.left_s - (self.timer() - since))


class FaultyReply(Exception):
    """One request failed; what to do about it is not decided yet."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


@dataclass(slots=True)
class Client:
    """Requests with a token to one API. Paths start with `/repos/...`."""

    token: str = field(repr=False)
    api_url: str
    patience: Patience = field(default_factory=Patience)
    writes_as: "Author | None" = field(default=None, init=False, repr=False)
    _requester: Any = field(default=None, init=False, repr=False)
    _timeout_s: int = field(default=0, init=False, repr=False)
    _behind: timedelta = field(default=timedelta(), init=False, repr=False)

    def now(self) -> datetime:
        """GitHub's time, in UTC: our clock put right by the last reply, and as it is before one."""
        return self._local() + self._behind

    def get(self, operation: Operation, path: str, **query: str | int) -> Any:
        """The JSON of one thing."""
        return self.persist(operation, lambda: self._send("GET", path, query)[1])

    def pages(
        self, operation: Operation, path: str, key: str | None = None, **query: str
    ) -> Iterator[Any]:
        """All items, page by page as they are asked for; one that stays unreadable is an error."""
        for number in range(1, MOST_PAGES + 1):
            asked: dict[str, str | int] = {**query, "per_page": PER_PAGE, "page": number}
            send = self._page(path, asked)
            headers, data = self.persist(operation, send)
            page = data.get(key) if key and isinstance(data, dict) else data
            if not isinstance(page, list):
                raise GitHubFailed(f"Could not {operation.doing}: GitHub's reply is no list.")
            yield from page
            if 'rel="next"' not in headers.get("link", ""):
                return
        raise GitHubFailed(f"Could not {operation.doing}: there are over {MOST_PAGES} pages.")

    def patch(self, operation: Operation, path: str, body: Mapping[str, Any]) -> Any:
        """Change a thing; asking twice is the same as asking once."""
        return self.persist(operation, lambda: self._send("PATCH", path, body=body)[1])

    def post(
        self,
        operation: Operation,
        path: str,
        body: Mapping[str, Any],
        read: Callable[[Any], T],
        landed: Callable[[], T | None],
    ) -> T:
        """Create a thing and read the reply.

        After a failure that may have come too late `landed` looks for the thing; it is asked for
        again only when that finds nothing.
        """
        return self._write("POST", operation, path, body, read, landed)

    def put(
        self,
        operation: Operation,
        path: str,
        body: Mapping[str, Any],
        read: Callable[[Any], T],
        landed: Callable[[], T | None],
    ) -> T:
        """Write a thing over the version that the body names, and read the reply.

        As with `post`, `landed` looks for it after a failure that may have come too late: asked
        for once more, GitHub would refuse the version that our own write has replaced.
        """
        return self._write("PUT", operation, path, body, read, landed)

    def persist(
        self,
        operation: Operation,
        act: Callable[[], T],
        landed: Callable[[], T | None] | None = None,
    ) -> T:
        """Act until it works or no wait is left; GitHubFailed says what was being done."""
        tries = 0
        while True:
            began = self.patience.timer()
            try:
                return act()
            except FaultyReply as reply:
                self.patience.lost(began)
                tries += 1
                fault = reply.fault
                seconds = wait_for(fault, tries, self.patience.clock())
                if seconds is None or not self.patience.wait(seconds):
                    raise failure(operation, fault) from reply
            if landed is not None and fault.transient:
                found = landed()
                if found is not None:
                    return found

    def _write(
        self,
        verb: str,
        operation: Operation,
        path: str,
        body: Mapping[str, Any],
        read: Callable[[Any], T],
        landed: Callable[[], T | None],
    ) -> T:
        def send() -> T:
            return read(self._send(verb, path, body=body)[1])

        return self.persist(operation, send, landed)

    def _page(
        self, path: str, query: Mapping[str, str | int]
    ) -> Callable[[], tuple[Mapping[str, str], Any]]:
        return lambda: self._send("GET", path, query)

    def _send(
        self,
        verb: str,
        path: str,
        query: Mapping[str, str | int] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> tuple[Mapping[str, str], Any]:
        """One request. Raises FaultyReply for everything that is not a success."""
        import github
        import requests

        try:
            headers, data = self._connection().requestJsonAndCheck(
                verb, path, parameters=dict(query or {}), input=body
            )
        except github.GithubException as error:
            fault = _fault_of(error)
            self._set_clock(fault.headers)
            raise FaultyReply(fault) from error
        except (requests.RequestException, RuntimeError, ValueError) as error:
            raise FaultyReply(Fault(0, _cause(error), {})) from error
        self._set_clock(headers)
        return headers, data

    def _set_clock(self, headers: Mapping[str, str]) -> None:
        told = date_of(headers)
        if told is not None:
            self._behind = told - self._local()

    def _local(self) -> datetime:
        return datetime.fromtimestamp(self.patience.clock(), UTC)

    def _connection(self) -> Any:
        timeout_s = self.patience.timeout_s
        if self._requester is None or self._timeout_s != timeout_s:
            import github

            if self._requester is not None:
                self._requester.close()
            self._timeout_s = timeout_s
            self._requester = github.Github(
                auth=github.Auth.Token(self.token),
                base_url=self.api_url,
                timeout=timeout_s,
                retry=0,
                user_agent=USER_AGENT,
                seconds_between_requests=None,
                seconds_between_writes=None,
            ).requester
        return self._requester


def _fault_of(error: Any) -> Fault:
    data = error.data
    message = data.get("message") if isinstance(data, dict) else None
    headers = {str(name).lower(): str(value) for name, value in (error.headers or {}).items()}
    text = message if isinstance(message, str) else "no message"
    return Fault(error.status, " ".join(text.split())[:200], headers)


def _cause(error: Exception) -> str:
    """A short word for a lost connection; the library's own text repeats the whole address."""
    return type(error).__name__
