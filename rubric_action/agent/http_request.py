"""How the agent behind an address is asked: checked before anything is sent. Pure."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final
from urllib.parse import SplitResult, quote, urlencode, urlsplit

from rubric_action.agent.addresses import is_off_limits, literal_address
from rubric_action.agent.http_headers import Headers, filled_headers
from rubric_action.agent.http_model import Outgoing, Target
from rubric_action.agent.http_openai import OWN_FIELDS, messages
from rubric_action.agent.http_reply import Steps, steps_of
from rubric_action.agent.model import Exchange
from rubric_action.agent.template import as_text, has_placeholder, mistakes, rendered
from rubric_action.cases.model import Case
from rubric_action.errors import InputError, Place, Problem
from rubric_action.rubric.addresses import is_loopback
from rubric_action.rubric.model import Http
from rubric_action.rubric.problems import quoted

DEFAULT_BODY: Final[Mapping[str, str]] = {
    "input": "{{input}}",
    "turns": "{{turns}}",
    "case": "{{case.id}}",
}
"""What is sent where the rubric gives no `body`."""

_PORTS: Final = {"http": 80, "https": 443}
_NUMERIC: Final = re.compile(r"[\d.]+|.*:.*")


@dataclass(frozen=True, slots=True)
class Asking:
    """All that is needed to ask: where, how, and where in a reply the answer stands.

    `targets` are tried in order until one is reached. With `openai` a chat completion is posted;
    else with `output` (a path, and its steps) a turn is asked for; else a whole session.
    """

    targets: tuple[Target, ...]
    method: str
    headers: Headers
    body: Any = field(repr=False)
    openai: bool = False
    output: tuple[str, Steps] | None = None

    @property
    def by_turn(self) -> bool:
        """Whether a reply answers one turn."""
        return self.openai or self.output is not None

    def outgoing(self, case: Case, trial: int, said: Sequence[Exchange]) -> Outgoing:
        """The request for the answer to the last exchange, or to all where none has an answer."""
        body = rendered(self.body, _values(case, trial, said))
        if self.openai:
            body = {"messages": messages(said), **body}
        if self.method == "GET":
            return Outgoing("GET", self.headers.sent, query=_query(body))
        content = json.dumps(body, ensure_ascii=False).encode()
        return Outgoing(self.method, self.headers.sent, content)


def asking(
    http: Http, variables: Mapping[str, str], place: Place, runner: str | None = None
) -> Asking:
    """Check `agent.http` and fill in its headers; one InputError holds all its mistakes.

    `variables` are those that `agent.env` lists, as far as they are set. `runner` is the machine
    that `localhost` means as well, where this process runs in a container on it.
    """
    headers = filled_headers(http.headers, variables, place)
    problems = [
        *_url_problems(http.url, place),
        *_body_problems(http, place),
        *([] if isinstance(headers, Headers) else headers),
    ]
    steps = steps_of(http.output) if http.output is not None else None
    if http.output is not None and steps is None:
        what = f"`{quoted(http.output)}` is no path"
        mend = "Write keys with `.` between them and `[n]` for lists: `data.answers[0].text`."
        problems.append(Problem(place, what, mend, "agent.http.output"))
    if problems or not isinstance(headers, Headers):
        raise InputError(*problems)
    default = {} if http.openai else DEFAULT_BODY
    return Asking(
        _targets(http.url, runner),
        http.method,
        headers,
        default if http.body is None else http.body,
        http.openai,
        (http.output, steps) if http.output is not None and steps is not None else None,
    )


def origin(url: str) -> str:
    """Scheme, host and port of an address, and nothing that is told in its path."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _values(case: Case, trial: int, said: Sequence[Exchange]) -> Mapping[str, Any]:
    return {
        "input": said[-1].user if said else "",
        "turns": [_said(exchange) for exchange in said],
        "trial": trial,
        "case.id": case.id,
        "case.metadata": case.metadata,
        "case.context": [
            {key: value for key, value in asdict(item).items() if value is not None}
            for item in case.context
        ],
    }


def _said(exchange: Exchange) -> Mapping[str, str]:
    answered = {"output": exchange.answer.output} if exchange.answer else {}
    return {"user": exchange.user, **answered}


def _query(body: Mapping[str, Any]) -> str:
    """A template's fields as a query; null is left out."""
    given = {key: as_text(value) for key, value in body.items() if value is not None}
    return urlencode(given, quote_via=quote)


def _targets(url: str, runner: str | None) -> tuple[Target, ...]:
    """The address as it is written, and on the runner where it names this machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if runner is None or not is_loopback(host):
        return (Target(url),)
    there = parts._replace(netloc=f"{runner}:{_port(parts)}").geturl()
    secure = parts.scheme == "https"
    return Target(url), Target(there, parts.netloc, host if secure else None)


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS[parts.scheme]


def _url_problems(url: str, place: Place) -> Iterator[Problem]:
    key, host = "agent.http.url", urlsplit(url).hostname or ""
    if has_placeholder(url):
        mend = "Put it into `body`; with `method: GET` the fields of `body` become the query."
        yield Problem(place, "the address holds a placeholder, which only `body` may", mend, key)
    address = literal_address(host)
    if address is None and _NUMERIC.fullmatch(host):
        yield Problem(place, f"`{quoted(host)}` is no address", "Write it in full.", key)
    elif address is not None and is_off_limits(address):
        what = f"nobody is asked at the address {host}"
        mend = "For this machine write `localhost`." if address.is_unspecified else "Name a host."
        yield Problem(place, what, mend, key)


def _body_problems(http: Http, place: Place) -> Iterator[Problem]:
    for at, what, mend in mistakes(http.body, "agent.http.body"):
        yield Problem(place, what, mend, at)
    key = "agent.http.body"
    needs_fields = http.openai or http.method == "GET"
    if http.body is not None and needs_fields and not isinstance(http.body, dict):
        why = "a chat completion is" if http.openai else "a query is"
        yield Problem(place, f"expected a mapping, which {why} made of", "Write fields.", key)
    if not http.openai:
        return
    for name, why in OWN_FIELDS.items():
        if isinstance(http.body, dict) and name in http.body:
            what = f"`{name}` is not the rubric's to set: {why}"
            yield Problem(place, what, "Leave it out.", f"{key}.{name}")
    if http.output is not None:
        what = "stands beside `openai`, which knows where the answer is"
        yield Problem(place, what, "Take one of the two away.", "agent.http.output")
    if http.method != "POST":
        what = f"a chat completion is posted, and not sent by {http.method}"
        yield Problem(place, what, "Leave it out.", "agent.http.method")
