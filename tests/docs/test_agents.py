"""What the page on agents says, held against the code."""

import re

import yaml

from rubric_action.agent.http import MOST_TRIES
from rubric_action.agent.http_contact import FIRST_CONTACT_S, OUTAGE_SESSIONS
from rubric_action.agent.http_reply import RETRIED, THROTTLED
from rubric_action.agent.http_request import DEFAULT_BODY, asking
from rubric_action.agent.template import NAMES
from rubric_action.agent.wire import MAX_RESPONSE_BYTES
from rubric_action.errors import Place
from rubric_action.rubric.agent_record import AGENT
from rubric_action.rubric.decode import decode
from rubric_action.rubric.model import Command, Http, Outputs, PythonFunction
from tests.docs.pages import ROOT, fences, read, rows

PAGE = ROOT / "docs" / "agents.md"


def test_the_placeholders_are_all_there() -> None:
    """Each has its row, and no other has."""
    table = read(PAGE).partition("| placeholder |")[2].partition("\n\n")[0]
    found = re.findall(r"^\| `\{\{(.+?)\}\}`", table, re.MULTILINE)
    assert sorted(found) == sorted(NAMES)


def test_the_default_body_is_shown() -> None:
    """As it is sent."""
    shown = re.search(r"Without `body`, `(\{.+?\"\})` is sent", read(PAGE))
    assert shown is not None
    assert yaml.safe_load(shown[1]) == DEFAULT_BODY


def test_the_limits_are_the_code_s() -> None:
    """Numbers that a user may meet."""
    trouble = read(PAGE).partition("**Trouble.**")[2].partition("\n\n")[0]
    assert {status.value for status in RETRIED} == {408, 425, 429}
    assert "the statuses 408, 425, 429 and 5xx are tried again" in " ".join(trouble.split())
    assert (MOST_TRIES, OUTAGE_SESSIONS, FIRST_CONTACT_S) == (5, 5, 10)
    assert "after five tries, 429 and 503 at the end of the time" in " ".join(trouble.split())
    assert {429, 503} < THROTTLED
    assert MAX_RESPONSE_BYTES == 4 * 2**20
    for told in ("larger than 4 MiB", "ten seconds", "five sessions in a row"):
        assert told in " ".join(trouble.split())


def test_every_agent_that_is_shown_is_read() -> None:
    """One of each kind at least, and the address can be asked."""
    shown = [yaml.safe_load(one.text) for one in fences(PAGE) if one.text.startswith("agent:")]
    agents = [decode(AGENT, one["agent"], lambda _: Place("page")) for one in shown]
    assert {type(one.source) for one in agents} == {Command, Http, Outputs, PythonFunction}
    for one in agents:
        if isinstance(one.source, Http):
            assert asking(one.source, dict.fromkeys(one.env, "value"), Place("page")).by_turn


def test_every_kind_has_its_row() -> None:
    """The table on top compares the four."""
    table = read(PAGE).partition("| kind |")[2].partition("\n\n")[0]
    kinds = {row[0].strip("`") for row in rows(f"| kind |{table}")}
    assert kinds == {"outputs", "http", "command", "python"}
