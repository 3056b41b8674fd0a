"""Deciding again: a folder made out of a stored one, with a new report on what it graded."""

import json
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rubric_action.assemble import rewrite_results
from rubric_action.errors import ResultsUnreadable
from rubric_action.gate.evidence import Policy
from rubric_action.gate.override.apply import with_override
from rubric_action.report.audit import audit_lines
from rubric_action.report.copying import copied_lines
from rubric_action.report.folder import ResultsFolder
from rubric_action.report.recall import report_of_stored
from rubric_action.report.redact import redactor
from rubric_action.report.stored import RESULTS, Source, Stored, open_path, open_zip
from tests.fakes.judge import JudgeServer
from tests.report.folders import members, packed
from tests.report.overrides import failing, granted, grounds
from tests.report.scenario import Scenario

COPIED = ("cases.jsonl", "sessions.jsonl", "grades.jsonl")


@pytest.fixture
def failed(tmp_path: Path, judge_server: JudgeServer) -> Path:
    """The results of a run that fails on what may be signed for."""
    scenario = Scenario("thresholds-and-drops", tmp_path, judge_server)
    scenario.run()
    return scenario.workspace.root / "results"


def again(stored: Stored, to: Path, *secrets: str) -> None:
    """Decide again: mona signed for all that fails, and somebody had asked before."""
    report = report_of_stored(stored, Policy())
    findings = failing(report.decision)
    signed = replace(
        report, decision=with_override(report.decision, granted(findings)), run=report.run
    )
    lines = [{"at": "2026-11-23T08:00:00Z", "counts": False}, *audit_lines(signed, grounds())]
    rewrite_results(ResultsFolder(to, redactor(secrets), resume=False), stored, signed, lines)


@pytest.mark.parametrize("zipped", [False, True])
def test_what_was_graded_stays(failed: Path, tmp_path: Path, zipped: bool) -> None:
    """Cases, sessions and paid replies are copied to the letter; the rest tells the new outcome."""
    stored = open_zip(packed(members(failed))) if zipped else open_path(failed)
    again(stored, tmp_path / "again")
    found, before = members(tmp_path / "again"), members(failed)
    assert found.keys() == before.keys()
    assert {name: found[name] for name in COPIED} == {name: before[name] for name in COPIED}
    assert found["grades.jsonl"].count(b"\n") > 1
    summary = json.loads(found["summary.json"])
    assert (summary["verdict"], summary["override"]["by"]) == ("overridden", "mona")
    assert summary["headline"] in found["comment.md"].decode().replace("<code>", "`").replace(
        "</code>", "`"
    )
    header, *lines = [json.loads(line) for line in found["audit.jsonl"].splitlines()]
    assert header == {"schema": "rubric-audit/1"}
    assert [line["counts"] for line in lines] == [False, True]


def test_it_can_be_decided_any_number_of_times(failed: Path, tmp_path: Path) -> None:
    """The new folder is one like the first: the second time changes nothing more."""
    again(open_path(failed), tmp_path / "first")
    again(open_path(tmp_path / "first"), tmp_path / "second")
    assert members(tmp_path / "first") == members(tmp_path / "second")


def test_secrets_stay_out_of_the_copy(failed: Path, tmp_path: Path) -> None:
    """What another job's redactor did not know is taken out by this one's."""
    secret = json.loads((failed / "sessions.jsonl").read_text().splitlines()[1])["turns"][0]
    again(open_path(failed), tmp_path / "again", secret["output"])
    text = (tmp_path / "again/sessions.jsonl").read_text()
    assert secret["output"] not in text
    assert "[redacted]" in text


def test_a_folder_without_sessions(failed: Path, tmp_path: Path) -> None:
    """What a folder does not keep is no reason to refuse it."""
    for name in ("sessions.jsonl", "grades.jsonl"):
        (failed / name).unlink()
    again(open_path(failed), tmp_path / "again")
    assert (tmp_path / "again/grades.jsonl").read_text() == '{"schema": "rubric-grades/1"}\n'
    assert (tmp_path / "again/sessions.jsonl").read_text() == '{"schema": "rubric-sessions/1"}\n'


def test_a_reply_that_was_torn_is_left_out(failed: Path, tmp_path: Path) -> None:
    """As the run itself would cut it off when it goes on."""
    whole = (failed / "grades.jsonl").read_bytes()
    (failed / "grades.jsonl").write_bytes(whole + b'{"key": "half')
    again(open_path(failed), tmp_path / "again")
    assert (tmp_path / "again/grades.jsonl").read_bytes() == whole


def edited(name: str, edit: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    """Change the bytes of a file."""
    return lambda folder: (folder / name).write_bytes(edit((folder / name).read_bytes()))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda folder: (folder / "cases.jsonl").unlink(), "it has no cases.jsonl"),
        (edited("cases.jsonl", lambda _: b""), "cases.jsonl:1 is not a record"),
        (edited("cases.jsonl", lambda data: data.splitlines()[0]), "has 0 cases, summary.json"),
        (edited("cases.jsonl", lambda data: data[:-9]), "is not a record"),
        (edited("cases.jsonl", lambda data: data + b"[]\n"), "cases.jsonl:8 is not a record"),
        (edited("cases.jsonl", lambda data: data + b"{}\n"), "has 7 cases, summary.json"),
        (edited("cases.jsonl", lambda data: data.replace(b"cases/1", b"cases/2")), "the schema"),
        (edited("sessions.jsonl", lambda data: data + b'{"a": "\xff"}\n'), "is not a record"),
        (edited("sessions.jsonl", lambda data: data + b"[" * 10**5 + b"\n"), "is not a record"),
        (edited("grades.jsonl", lambda data: data.replace(b"{", b"", 1)), "grades.jsonl:1 is not"),
    ],
)
def test_what_is_no_record_is_not_carried_on(
    failed: Path, tmp_path: Path, change: Callable[[Path], object], why: str
) -> None:
    """A stored folder with a broken line is unreadable, and no new summary is written."""
    change(failed)
    stored = replace(open_path(failed), source=Source("the results", RESULTS))
    with pytest.raises(ResultsUnreadable) as caught:
        again(stored, tmp_path / "again")
    assert why in caught.value.cause
    assert not (tmp_path / "again/summary.json").exists()


def test_memory_follows_the_line_and_not_the_file(failed: Path) -> None:
    """Thirty megabytes of sessions are copied line by line."""
    line = json.dumps({"case": "c", "trial": 1, "turns": [{"output": "x" * 1000}]}).encode() + b"\n"
    with (failed / "sessions.jsonl").open("ab") as file:
        file.writelines(line for _ in range(30_000))
    stored: Any = open_path(failed)
    tracemalloc.start()
    try:
        copied = sum(1 for _ in copied_lines(stored, "sessions.jsonl"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert copied > 30_000
    assert peak < 1 << 20
