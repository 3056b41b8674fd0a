"""The audit of a folder, and results that are no baseline."""

import re
from pathlib import Path

import pytest

from rubric_action.errors import BaselineUnreadable, CannotDecide, ResultsUnreadable
from rubric_action.report.stored import RESULTS, open_path, open_zip
from tests.report.folders import members, packed, read_all

AUDIT = '{"schema": "rubric-audit/1"}\n{"pull": 7, "counts": true}\n{"pull": 9}\n'


def test_audit(finished: Path) -> None:
    """The lines of the audit are read as they are, from a folder and from a zip."""
    (finished / "audit.jsonl").write_text(AUDIT)
    lines = [{"pull": 7, "counts": True}, {"pull": 9}]
    assert list(open_path(finished).audit()) == lines
    assert list(open_zip(packed(members(finished))).audit()) == lines


def test_no_audit(finished: Path) -> None:
    """A folder of a version that kept none has none."""
    (finished / "audit.jsonl").unlink(missing_ok=True)
    assert list(open_path(finished).audit()) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "audit.jsonl is not JSON"),
        ('{"pull": 7}\n', "audit.jsonl has the schema None"),
        ('{"schema": "rubric-audit/2"}\n', "this version reads rubric-audit/1"),
        (AUDIT + "[]\n", "audit.jsonl:4 is not an object"),
        (AUDIT + '{"pull": ', "audit.jsonl:4 is not JSON"),
    ],
)
def test_damaged_audit(finished: Path, text: str, complaint: str) -> None:
    """An audit that is cut, newer or no record is an error that says where."""
    (finished / "audit.jsonl").write_text(text)
    with pytest.raises(BaselineUnreadable, match=re.escape(complaint)):
        list(open_path(finished).audit())


def test_results_are_told_from_a_baseline(finished: Path) -> None:
    """What cannot be read is told by what it is for: the error, and where to run again."""
    damage = {**members(finished), "cases.jsonl": b"no JSON\n"}
    stored = open_zip(packed(damage), "the results artifact of run 7", RESULTS)
    with pytest.raises(CannotDecide, match="the results artifact of run 7 cannot") as raised:
        read_all(stored)
    assert type(raised.value) is ResultsUnreadable
    assert raised.value.mend.startswith("Run the gate on this commit again")
