import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from rubric_action.errors import GitHubFailed
from rubric_action.gate.override.facts import Use
from rubric_action.github.audit_lines import HEADER, AuditLines, decided, line_of

AT = "2026-11-20T12:00:00Z"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def record(pull: object = 7, **more: Any) -> dict[str, Any]:
    """A record of a decision, as far as the ledger looks into it."""
    about = {"pull": pull, "head": "a" * 40, "at": AT, "counts": True}
    return about | {"label": {"event_id": 11}, "review": {"id": 22}} | more


def lines(*records: object) -> AuditLines:
    """A ledger that holds these."""
    data = b"".join(json.dumps(one).encode() + b"\n" for one in records)
    return AuditLines(HEADER + b"\n" + data)


def test_the_first_line_of_a_ledger_is_its_schema() -> None:
    """An empty file becomes one with the first record."""
    assert AuditLines().with_line(b'{"pull": 7}') == (
        b'{"schema": "rubric-audit/1"}\n{"pull": 7}\n'
    )


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_lines_that_are_there_stay(end: bytes) -> None:
    """A new one comes below them, also where the last one was left open."""
    before = HEADER + b"\n" + b'{"pull":7}  \r\nwhat is this\xff' + end
    after = AuditLines(before).with_line(b"{}")
    assert after == before + (b"" if end else b"\n") + b"{}\n"


@pytest.mark.parametrize(
    "data", [b"\n", b"# Ledger\n", b'{"schema": "rubric-audit/2"}\n', b"[]", b'{"pull": 7}']
)
def test_a_file_of_another_kind_is_no_ledger(data: bytes) -> None:
    """Nothing is added to it, and nothing counted in it."""
    with pytest.raises(GitHubFailed, match="does not begin with"):
        AuditLines(data)


@pytest.mark.parametrize(
    ("changes", "known"),
    [
        ({}, True),
        ({"at": "2026-11-21T00:00:00Z", "run": 8}, True),
        ({"pull": 8}, False),
        ({"head": "b" * 40}, False),
        ({"counts": False}, False),
        ({"label": {"event_id": 12}}, False),
        ({"label": None}, False),
        ({"review": {"id": 23}}, False),
        ({"review": None}, False),
    ],
)
def test_a_decision_is_told_by_what_it_rests_on(changes: Mapping[str, Any], known: bool) -> None:
    """Another run that decides the same is no news; anything else is."""
    assert lines(record()).knows(record(**changes)) is known


def test_only_the_latest_of_a_pull_request_is_compared_with() -> None:
    """What was overturned and holds again is told again, whatever others did in between."""
    turned = record(counts=False)
    assert not lines(record(), turned).knows(record())
    assert lines(record(), turned, record(), record(8), {"x": 1}).knows(record())


@pytest.mark.parametrize("bare", [{}, {"counts": True}, {"pull": "7"}])
def test_a_record_without_a_pull_request_is_always_news(bare: Mapping[str, Any]) -> None:
    """It resembles the line with the schema, and is not on record for that."""
    assert not lines(bare).knows(bare)


@pytest.mark.parametrize("odd", [None, 7, [], "x", {"label": 7, "review": []}])
def test_records_are_read_defensively(odd: object) -> None:
    """What is not there is unknown, whatever stands in its place."""
    assert decided(odd) == (None,) * 5


def test_a_line_is_found_to_the_letter() -> None:
    """Half of one is not it."""
    ledger = lines(record())
    assert ledger.holds(line_of(record()))
    assert not ledger.holds(line_of(record())[:-1])


def test_a_line_is_one_line_of_utf_8() -> None:
    """Whatever stands in a reason."""
    line = line_of({"reason": "ä\n\r\u2028\ud800 ok"})
    assert b"\n" not in line
    assert b"\r" not in line
    assert json.loads(line.decode()) == {"reason": "ä\n\r\u2028\ud800 ok"}


def test_what_counted_is_a_use() -> None:
    """Each with its pull request and time; refusals are on record and are none."""
    ledger = lines(record(7), record(8, counts=False), record(9))
    assert list(ledger.uses()) == [Use(7, NOON), Use(9, NOON)]
    assert list(AuditLines().uses()) == []


@pytest.mark.parametrize(
    "broken",
    [
        {},
        [],
        record(at="soon"),
        record(at=None),
        record(pull="7"),
        record(counts=1),
    ],
)
def test_a_broken_line_is_no_absence(broken: object) -> None:
    """A count that leaves it out would be a guess, so the error names the line."""
    with pytest.raises(GitHubFailed, match="Line 3 of the ledger"):
        list(lines(record(), broken).uses())


def test_a_line_that_is_no_json_does_not_keep_others_out() -> None:
    """It can be added to, and compared with what else is there."""
    ledger = AuditLines(HEADER + b"\n" + line_of(record()) + b"\n{\n" + b"[" * 100_000)
    assert ledger.knows(record())
    with pytest.raises(GitHubFailed, match="Line 3"):
        list(ledger.uses())
