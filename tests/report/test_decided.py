"""Decisions about overrides, read back from what a gate writes."""

import copy
import json
from typing import Any

import pytest

from rubric_action.gate.override.usage import Decided
from rubric_action.report.audit import audit_lines
from rubric_action.report.decided import decided, records
from tests.report.overrides import HEAD, failing, granted, grounds, refused
from tests.report.overrides import at as minute
from tests.report.states import report_with

HEADER = b'{"schema": "rubric-audit/1"}\n'


def line(*, signed: bool = True) -> dict[str, Any]:
    """What a gate writes of a request."""
    measured = report_with()
    findings = failing(measured.decision)
    override = granted(findings) if signed else refused(findings)
    (found,) = audit_lines(report_with(override), grounds(findings))
    return found


def test_a_signature() -> None:
    """Who signed, for what kinds, and for which bars; without a key, what the finding is about."""
    assert decided(line()) == Decided(
        pull=7,
        at=minute(40),
        counts=True,
        by="mona",
        by_id=11,
        kinds=("threshold",),
        bars=("threshold head tone", "threshold head policy"),
        of=(HEAD, 21, 33),
    )


def test_a_bar_by_its_key() -> None:
    """The rubric's key is what a team looks up."""
    record = line()
    record["covered"][0]["key"] = "slices.head.min.tone"
    assert decided(record).bars[0] == "slices.head.min.tone"


def test_a_refusal() -> None:
    """Nobody signed, and nothing was signed away."""
    found = decided(line(signed=False))
    assert (found.counts, found.by, found.kinds, found.of) == (False, None, (), (HEAD, 21, None))


def test_a_label_that_nobody_set() -> None:
    """A request may lack the event that it came with."""
    assert decided(line() | {"label": None}).of == (HEAD, None, 33)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("pull", "7"),
        ("at", "yesterday"),
        ("at", "2026-11-23T10:00:00"),
        ("counts", None),
        ("review", []),
        ("review", {"by": 3}),
        ("covered", {}),
        ("covered", [{"kind": "threshold"}]),
        ("label", {"event_id": "1"}),
        ("head", 5),
    ],
)
def test_what_is_no_decision(field: str, value: object) -> None:
    """A field of another type is refused and not guessed."""
    with pytest.raises(ValueError, match="`"):
        decided(line() | {field: value})
    lacking = copy.copy(line())
    del lacking[field]
    with pytest.raises(ValueError, match=f"there is no `{field}`"):
        decided(lacking)


def test_a_ledger_s_file() -> None:
    """Its records, below the line with its schema."""
    data = HEADER + json.dumps(line()).encode() + b"\n"
    assert [decided(one).pull for one in records(data)] == [7]
    assert list(records(HEADER)) == []


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "line 1 is no JSON object"),
        (b"{}", "line 1 has to be"),
        (b'{"schema": "rubric-audit/2"}', "line 1 has to be"),
        (HEADER + b"{", "line 2 is no JSON object"),
        (HEADER + b"[" * 100_000, "line 2 is no JSON object"),
        (HEADER + b"\xff", "line 2 is no JSON object"),
    ],
)
def test_what_is_no_ledger(data: bytes, why: str) -> None:
    """The line that is wrong is named."""
    with pytest.raises(ValueError, match=why):
        list(records(data))
