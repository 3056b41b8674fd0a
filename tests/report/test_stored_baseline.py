"""A stored run as a baseline."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rubric_action.errors import BaselineUnreadable
from rubric_action.report.baseline import baseline_of
from rubric_action.report.stored import open_path
from tests.report.folders import WHOLE, edit_summary


def test_baseline(finished: Path) -> None:
    """A stored run as a baseline: its cases by id, its commit and its age."""
    found = baseline_of(open_path(finished), "2026-11-25T22:00:00Z")
    assert found == baseline_of(open_path(finished), "2026-11-25T22:00:00+00:00")
    assert list(getattr(found, "cases")) == WHOLE[0]  # noqa: B009 (two types, one looked for)
    assert getattr(found, "age_days") == 2.5  # noqa: B009


def test_baseline_of_an_artifact(finished: Path) -> None:
    """Its age counts from when GitHub got it, whatever the clock of the runner said then."""
    edit_summary(finished, lambda summary: summary["run"].update(created_at="2029-01-01T00:00:00Z"))
    stored = replace(open_path(finished), stored_at="2026-11-24T10:00:00Z", distance=3)
    found = baseline_of(stored, "2026-11-25T22:00:00Z")
    assert getattr(found, "age_days") == 1.5  # noqa: B009
    assert getattr(found, "distance") == 3  # noqa: B009


def test_baseline_that_seems_to_come_from_the_future(finished: Path) -> None:
    """It is new, and its age is not negative."""
    stored = replace(open_path(finished), stored_at="2026-11-26T10:00:00Z")
    assert getattr(baseline_of(stored, "2026-11-25T22:00:00Z"), "age_days") == 0  # noqa: B009


@pytest.mark.parametrize("created_at", [None, "yesterday", 5, "2026-11-23"])
def test_age_that_is_not_known(finished: Path, created_at: object) -> None:
    """An age that cannot be told is unknown, and no reason to refuse the baseline."""
    edit_summary(finished, lambda summary: summary["run"].update(created_at=created_at))
    found = baseline_of(open_path(finished), "2026-11-25T22:00:00Z")
    assert getattr(found, "age_days") is None  # noqa: B009


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_cases_cut_at_a_line_end(finished: Path, kept: int) -> None:
    """Whole lines that are missing are found by the summary's count; without one, none are."""
    path = finished / "cases.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:kept]))
    with pytest.raises(BaselineUnreadable, match=rf"has {kept - 1} cases, summary\.json counts 3"):
        baseline_of(open_path(finished), "2026-11-25T22:00:00Z")
    edit_summary(finished, lambda summary: summary["cases"].pop("count"))
    assert len(list(open_path(finished).cases())) == kept - 1


@pytest.mark.parametrize(
    "changed",
    [
        {"run": 5},
        {"run": "main"},
        {"run": [1]},
        {"run": {"sha": 7}},
        {"run": {"run_id": "7"}},
        {"run": {"run_id": {}}},
        {"judge": "gpt"},
        {"judge": {"fingerprint": []}},
        {"cases": 3},
        {"cases": {"count": "3"}},
        {"cases": {"count": -1}},
    ],
)
def test_a_summary_of_other_types(finished: Path, changed: dict[str, Any]) -> None:
    """A value of a wrong type in a stored summary is a baseline that cannot be read."""
    edit_summary(finished, lambda summary: summary.update(changed))
    with pytest.raises(BaselineUnreadable, match=r"summary\.json is not a summary"):
        baseline_of(open_path(finished), "2026-11-25T22:00:00Z")


@pytest.mark.parametrize("name", ["run", "judge", "cases"])
def test_a_summary_that_says_less(finished: Path, name: str) -> None:
    """What a summary leaves out is unknown, and no reason to refuse it."""
    edit_summary(finished, lambda summary: summary.pop(name))
    found = baseline_of(open_path(finished), "2026-11-25T22:00:00Z")
    assert list(getattr(found, "cases")) == WHOLE[0]  # noqa: B009
