"""The overrides that `rubric-action blame` counts."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.bar_history import (
    NOW,
    RUBRIC,
    GitRepository,
    blame_command,
    history,
    run_of,
    with_history,
)

HEADER = '{"schema": "rubric-audit/1"}\n'


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    """A rubric whose overrides are kept on the branch `rubric-ledger`."""
    return with_history(tmp_path / "repo")


def record(pull: int, days: float, *, counts: bool = True, **fields: Any) -> str:
    """A line of the ledger."""
    at = (NOW - timedelta(days=days)).isoformat()
    review = {"id": pull, "by": "mona", "by_id": 11} if counts else None
    covered = [{"kind": "threshold", "key": "slices.all.min.tone"}] if counts else []
    line = {
        "at": at,
        "pull": pull,
        "counts": counts,
        "head": f"{pull:040x}",
        "label": {"event_id": pull},
        "review": review,
        "covered": covered,
    }
    return json.dumps(line | fields) + "\n"


MANY = HEADER + "".join(record(n, ago) for n, ago in enumerate((1, 2, 8, 9), start=1))


def test_a_ledger_s_branch(repository: GitRepository) -> None:
    """The branch that the rubric names is read where it is here, and where it was fetched."""
    repository.git("checkout", "-q", "--orphan", "rubric-ledger")
    repository.git("rm", "-rfq", ".")
    repository.commit(HEADER + record(1, 1), "One", "2026-11-20", path="audit.jsonl")
    repository.git("update-ref", "refs/remotes/origin/rubric-ledger", "HEAD")
    repository.commit(MANY, "More", "2026-11-21", path="audit.jsonl")
    repository.git("checkout", "-q", "main")
    usage = history(repository).usage
    assert usage is not None
    assert (usage.signed, usage.pattern) == (4, "wrong")
    done = blame_command(repository)
    assert "by person  mona 4" in done.out
    assert "by bar     slices.all.min.tone 4" in done.out


def test_a_ledger_s_file(repository: GitRepository) -> None:
    """It may be given, with a day from which on it counts."""
    ledger = repository.root / "ledger.jsonl"
    ledger.write_text(MANY + record(9, 3, counts=False))
    usage = history(repository, ledger=ledger).usage
    assert usage is not None
    assert (usage.signed, usage.refused, usage.pattern) == (4, 1, "wrong")
    assert usage.sentence.startswith("the rubric does not match reality")
    late = history(repository, ledger=ledger, since=NOW - timedelta(days=5)).usage
    assert late is not None
    assert late.signed == 2


def test_audits_of_results(repository: GitRepository) -> None:
    """Baselines carry records on, so that several tell of one decision; errors keep theirs too."""
    results = run_of(repository)
    (results / "audit.jsonl").write_text(MANY)
    path = results / "summary.json"
    path.write_text(path.read_text().replace('"verdict": "pass"', '"verdict": "error"', 1))
    ledger = repository.root / "ledger.jsonl"
    ledger.write_text(MANY)
    usage = history(repository, audit=(results,), ledger=ledger).usage
    assert usage is not None
    assert (usage.signed, usage.weeks) == (4, {"2026-W47": 2, "2026-W46": 2})
    refused = blame_command(repository, "--results", "rubric-results")
    assert refused.code == 2
    assert "the run ended in an error" in refused.err


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{}", "it is no audit: line 1 has to be"),
        (HEADER + "{}", "it is no audit: there is no `label`"),
        (HEADER + record(1, 1, at="yesterday"), "it is no audit: `at`"),
    ],
)
def test_a_record_that_is_none(repository: GitRepository, text: str, why: str) -> None:
    """A line that somebody broke is wrong input, with its file."""
    ledger = repository.root / "ledger.jsonl"
    ledger.write_text(text)
    done = blame_command(repository, "--ledger", "ledger.jsonl")
    assert done.code == 2
    assert f"error: ledger.jsonl: {why}" in done.err


def test_records_that_are_not_there(repository: GitRepository) -> None:
    """A path that leads nowhere, results that are spoiled: wrong input with its mend."""
    nowhere = blame_command(repository, "--ledger", "nowhere.jsonl")
    assert nowhere.code == 2
    assert "there is no such file" in nowhere.err
    results = run_of(repository)
    (results / "audit.jsonl").write_text("{")
    spoiled = blame_command(repository, "--audit", "rubric-results")
    assert spoiled.code == 2
    assert "error: rubric-results: cannot be read: audit.jsonl is not JSON" in spoiled.err
    (results / "audit.jsonl").unlink()
    path = results / "summary.json"
    path.write_text(path.read_text().replace('"slices"', '"slides"'))
    told_ = blame_command(repository, "--results", "rubric-results")
    assert told_.code == 2
    assert "there is no `slices`" in told_.err


def test_no_record_is_known(tmp_path: Path) -> None:
    """The note says what to give; a rubric without overrides needs none."""
    made = GitRepository.made(tmp_path / "repo")
    made.commit(RUBRIC.replace("  ledger: rubric-ledger\n", ""), "First", "2026-03-02")
    assert history(made).notes == (
        "no record of overrides is given: `--audit` takes results, `--ledger` a file",
    )
    made.commit(RUBRIC.partition("override:")[0], "No overrides", "2026-03-03")
    assert history(made).notes == ()
