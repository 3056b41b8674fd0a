import json
from pathlib import Path
from typing import Any

import pytest

from rubric_action.errors import GitHubFailed
from rubric_action.github.files import (
    MOST_FINDINGS_BYTES,
    MOST_SUMMARY_BYTES,
    fitting,
    random_delimiter,
    write_outputs,
    write_summary,
)
from tests.action.stage import parse_outputs


@pytest.mark.parametrize(
    "value",
    [
        "",
        "pass",
        "two\nlines",
        "verdict=pass",
        "x<<EOF\nowned\nEOF",
        "a\r\nb",
        "ü 🙂",
        "\n\n",
        "rubric-00000000000000000000000000000000",
    ],
)
def test_a_value_stays_one_value(tmp_path: Path, value: str) -> None:
    """Whatever an output holds, the runner reads it back as that, and reads no other."""
    path = tmp_path / "output"
    write_outputs(path, {"findings": value, "verdict": "fail"})
    with path.open(newline="") as file:
        assert parse_outputs(file.read()) == {"findings": value, "verdict": "fail"}


def test_what_other_steps_of_ours_wrote_is_kept(tmp_path: Path) -> None:
    """Outputs are appended."""
    path = tmp_path / "output"
    write_outputs(path, {"a": "1"})
    write_outputs(path, {"b": "2"})
    assert parse_outputs(path.read_text()) == {"a": "1", "b": "2"}


def test_a_value_that_holds_the_delimiter_is_refused(tmp_path: Path) -> None:
    """A guessed delimiter ends nothing; nothing of that output is written."""
    path = tmp_path / "output"
    with pytest.raises(GitHubFailed, match="delimiter"):
        write_outputs(path, {"findings": "x\nmark\nverdict=pass"}, delimiter=lambda: "mark")
    assert path.read_text() == ""


def test_delimiters_cannot_be_guessed() -> None:
    """Each output has another one, of 128 random bits."""
    marks = {random_delimiter() for _ in range(100)}
    assert len(marks) == 100
    assert min(map(len, marks)) >= 32


@pytest.mark.parametrize("text", ["x", "ü", "🙂", "\ud800"])
def test_a_summary_stays_within_githubs_limit(tmp_path: Path, text: str) -> None:
    """The limit is in bytes, and a character is never torn."""
    path = tmp_path / "summary"
    write_summary(path, text * (MOST_SUMMARY_BYTES + 1))
    data = path.read_bytes()
    assert len(data) <= MOST_SUMMARY_BYTES
    assert "the whole report is in the results folder" in data.decode()


def test_a_summary_that_fits_is_written_whole(tmp_path: Path) -> None:
    """Nothing is added to it."""
    path = tmp_path / "summary"
    write_summary(path, "## Ready\n")
    write_summary(path, "## Again\n")
    assert path.read_text() == "## Ready\n## Again\n"


def test_findings_that_fit_are_all_there() -> None:
    """The list is JSON."""
    records: list[dict[str, Any]] = [
        {"kind": "threshold", "case": None},
        {"kind": "drop", "case": "ü"},
    ]
    assert json.loads(fitting(records)) == records
    assert fitting([]) == "[]"


def test_findings_that_do_not_fit_are_left_out_whole() -> None:
    """Ten thousand findings are cut between two of them, within the limit."""
    records = [
        {"kind": "hard-gate", "case": f"case-{n}", "sentence": "x" * 80} for n in range(9999)
    ]
    text = fitting(records)
    assert len(text) <= MOST_FINDINGS_BYTES
    kept = json.loads(text)
    assert 0 < len(kept) < len(records)
    assert kept == records[: len(kept)]
