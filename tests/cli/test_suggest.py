"""`rubric-action suggest` on the results of real runs."""

import json
import shutil
from pathlib import Path

import pytest

from rubric_action.errors import CannotDecide
from rubric_action.gate.suggestion.model import Path as Keys
from rubric_action.gate.suggestion.model import Suggestion
from rubric_action.gate.suggestion.rounding import write_share
from rubric_action.rubric.load import load_rubric
from rubric_action.suggesting import _check
from tests.cli.bar_history import GitRepository
from tests.cli.process import Done, rubric_action
from tests.pipeline.workspace import Workspace, case, session
from tests.rubric.samples import SMALL

BAD = "api_key=1"
RUBRIC = """\
# What good enough to ship means.
version: 1
cases: eval/cases.jsonl
agent: {outputs: eval/outputs.jsonl}
rules:
  - {id: no-keys, not_contains: api_key}
slices:
  head:  # the questions that everybody asks
    select: {tags: [head]}
    min_pass_rate: 0.5   # a guess
  rare: {select: {tags: [rare]}, informational: true}

# weighed last
ceilings:
  latency_p95: 9s  # generous
"""
CASES = 40


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    """A rubric under git, and three runs of one agent that fails now and then."""
    made = GitRepository.made(tmp_path / "repo")
    made.commit(RUBRIC, "First", "2026-03-02")
    workspace = Workspace(made.root)
    workspace.cases(*(case(n, tags=["head" if n < 30 else "rare"]) for n in range(CASES)))
    for run in (1, 2, 3):
        flaky = {n for n in range(CASES) if n % 10 == run}
        workspace.sessions(
            *(
                session(n, BAD if n in flaky else "", latency_s=1.5, cost_usd=0.004)
                for n in range(CASES)
            )
        )
        workspace.gate(f"runs/{run}", created_at=f"2026-11-2{run}T10:00:00Z")
    return made


def suggest(made: GitRepository, *arguments: str | Path, **env: str) -> Done:
    """Run the command in the repository."""
    return rubric_action("suggest", *arguments, cwd=made.root, env=env)


def rubric_text(made: GitRepository) -> str:
    """The rubric as it is now."""
    return (made.root / "eval/rubric.yaml").read_bytes().decode()


def test_suggestions_of_several_runs(repository: GitRepository) -> None:
    """The evidence for each bar, then the patch; the rubric itself is not touched."""
    done = suggest(repository, "runs/1", "runs/2", "runs/3")
    assert (done.code, done.err) == (0, "")
    told, _, patch = done.out.partition("--- a/eval/rubric.yaml\n")
    lines = told.splitlines()
    assert lines[0] == ("3 runs of 40 cases, 2026-11-21 to 2026-11-23: 3 new, 2 stricter.")
    assert any("slices.head.min_pass_rate  0.5  0.90" in line for line in lines)
    assert any("3 runs of 30 cases: 0." in line for line in lines)
    assert any("thin: 3 runs of 10 cases: " in line and "only informs" in line for line in lines)
    assert "-  latency_p95: 9s  # generous\n+  latency_p95: 1.9s # generous\n" in patch
    assert rubric_text(repository) == RUBRIC


def test_git_applies_the_patch(repository: GitRepository) -> None:
    """What it makes of the rubric is valid, says what was suggested, and keeps every comment."""
    done = suggest(repository, "runs", "--out", "bar.patch")
    assert done.code == 0
    assert done.err == "wrote bar.patch; `git apply bar.patch` puts it into the rubric\n"
    assert "--- a/" not in done.out
    repository.git("apply", "bar.patch")
    text = rubric_text(repository)
    rubric = load_rubric(text, "eval/rubric.yaml")
    assert 0.5 < (rubric.slices["head"].min_pass_rate or 0) < 0.9
    assert rubric.slices["rare"].min_pass_rate is not None
    assert rubric.regression.max_drop is not None
    assert (rubric.ceilings.latency_p95_s, rubric.ceilings.cost_per_session_usd) == (1.9, 0.005)
    for comment in ("# What good", "# the questions", "# a guess", "# weighed last", "# generous"):
        assert comment in text
    again = suggest(repository, "runs", "--out", "more.patch")
    assert again.out.startswith("3 runs of 40 cases, 2026-11-21 to 2026-11-23: the bar stays")
    assert again.err == "there is nothing to change, more.patch is not written\n"
    assert not (repository.root / "more.patch").exists()


def test_the_suggestions_written_at_once(repository: GitRepository) -> None:
    """`--apply` does what the patch does."""
    file = repository.root / "eval/rubric.yaml"
    file.write_bytes(("\ufeff" + RUBRIC.replace("\n", "\r\n")).encode())
    patched = suggest(repository, "runs", "--out", "bar.patch")
    assert patched.code == 0
    before = rubric_text(repository)
    repository.git("apply", "bar.patch")
    by_git = rubric_text(repository)
    file.write_bytes(before.encode())
    done = suggest(repository, "runs", "--apply")
    assert (done.code, done.err) == (0, "wrote eval/rubric.yaml\n")
    assert rubric_text(repository) == by_git
    assert by_git.startswith("\ufeff#")
    assert by_git.count("\r\n") == by_git.count("\n")


def test_suggestions_for_machines(repository: GitRepository) -> None:
    """One object on standard output, the text on the other."""
    done = suggest(repository, "runs", "--json", "--all")
    assert done.code == 0
    found = json.loads(done.out)
    assert found["schema"] == "rubric-suggestion/1"
    assert [one["name"] for one in found["runs"]] == ["runs/1", "runs/2", "runs/3"]
    assert found["patch"].startswith("--- a/eval/rubric.yaml\n")
    assert "3 runs of 40 cases" in done.err


def test_the_run_that_is_there(repository: GitRepository) -> None:
    """Without a path the baseline is taken, or else the last results."""
    none = suggest(repository)
    assert none.code == 2
    assert "there is neither rubric-baseline nor rubric-results" in none.err
    shutil.copytree(repository.root / "runs/1", repository.root / "rubric-results")
    assert "1 run of 40 cases, 2026-11-21" in suggest(repository).out
    shutil.make_archive(str(repository.root / "zips/2"), "zip", repository.root / "runs/2")
    assert "1 run of 40 cases, 2026-11-22" in suggest(repository, "zips").out
    shutil.copytree(repository.root / "runs/3", repository.root / "rubric-baseline")
    assert "1 run of 40 cases, 2026-11-23" in suggest(repository).out


def test_from_another_folder(repository: GitRepository, tmp_path: Path) -> None:
    """`--root` is where the rubric lies, and what the patch counts from."""
    runs = repository.root / "runs"
    done = rubric_action("suggest", "--root", repository.root, runs, cwd=tmp_path)
    assert "--- a/eval/rubric.yaml" in done.out
    absolute = repository.root / "eval/rubric.yaml"
    given = ("--rubric", absolute, "--root", repository.root)
    named = rubric_action("suggest", *given, runs, cwd=tmp_path)
    assert "--- a/eval/rubric.yaml" in named.out
    alone = rubric_action("suggest", "--rubric", absolute, runs, cwd=tmp_path / "repo" / "runs")
    assert f"--- a{absolute}" in alone.out


def test_a_bar_that_is_not_met(repository: GitRepository) -> None:
    """It is told and stays; with `--allow-lower` a bar that the runs can carry is suggested."""
    high = RUBRIC.replace("min_pass_rate: 0.5", "min_pass_rate: 0.95")
    (repository.root / "eval/rubric.yaml").write_text(high)
    done = suggest(repository, "runs")
    assert "1 not met now" in done.out
    assert "the newest run falls short; " in done.out
    assert "-    min_pass_rate: 0.95" not in done.out
    lower = suggest(repository, "runs", "--allow-lower")
    assert "1 looser" in lower.out
    assert "-    min_pass_rate: 0.95   # a guess\n" in lower.out


def test_a_place_that_cannot_be_edited(repository: GitRepository) -> None:
    """A layout that no line fits into is left alone, and the line is told with its place."""
    odd = RUBRIC.replace("ceilings:\n  latency_p95: 9s", "ceilings:\n  ? latency_p95\n  : 9s")
    (repository.root / "eval/rubric.yaml").write_text(odd)
    done = suggest(repository, "runs")
    assert done.code == 0
    assert (
        "by hand: put `cost_per_session: 0.005` into `ceilings` (eval/rubric.yaml:14:1)" in done.out
    )
    assert "+  : 1.9s" in done.out


def test_runs_of_another_judge_are_left_out(repository: GitRepository) -> None:
    """Scores of two judges are not comparable; the newest run's judge is the one that counts."""
    old = repository.root / "runs/1/summary.json"
    judge = {"provider": "openai", "model": "x", "agreement": None, "fingerprint": "sha256:1"}
    old.write_text(json.dumps(json.loads(old.read_text()) | {"judge": judge}))
    done = suggest(repository, "runs")
    assert done.out.startswith("2 runs of 40 cases")
    assert "note: 1 run left out: graded by another judge" in done.out
    new = repository.root / "runs/3/summary.json"
    new.write_text(json.dumps(json.loads(new.read_text()) | {"judge": judge}))
    two = suggest(repository, "runs")
    assert "note: the runs were graded by another judge" in two.out


def test_runs_of_another_rubric(repository: GitRepository) -> None:
    """It is told, since a slice may pick other cases now."""
    (repository.root / "eval/rubric.yaml").write_text(RUBRIC.replace("api_key", "password"))
    done = suggest(repository, "runs")
    assert "note: the rubric was another one in the newest run" in done.out


def test_wrong_input(repository: GitRepository) -> None:
    """Everything that is wrong with the runs is told at once, and a missing rubric too."""
    runs = repository.root / "runs"
    shutil.copytree(runs / "1", runs / "4")
    (runs / "5").mkdir()
    (runs / "5/summary.json").write_text("{")
    errored = runs / "2/summary.json"
    errored.write_text(json.dumps(json.loads(errored.read_text()) | {"verdict": "error"}))
    undated = runs / "3/summary.json"
    summary = json.loads(undated.read_text())
    undated.write_text(json.dumps(summary | {"run": summary["run"] | {"created_at": "today"}}))
    shard = rubric_action("gate", "--shard", "1/2", "--results", "runs/6", cwd=repository.root)
    assert shard.code == 0
    done = suggest(repository, "runs", "nowhere", "eval", "x" * 300)
    assert done.code == 2
    errors = done.err.splitlines()
    for told in (
        "error: runs/2: the run ended in an error.",
        "error: runs/3: cannot be read: summary.json is not a summary: `created_at`: ",
        "error: runs/4: it is the same run as runs/1.",
        "error: runs/5: cannot be read: summary.json is not JSON",
        "error: runs/6: holds the results of one shard",
        "error: nowhere: there is no such folder or zip.",
        "error: eval: cannot be read: it has no summary.json.",
        f"error: {'x' * 300}: it cannot be read: File name too long.",
    ):
        assert any(line.startswith(told) for line in errors), (told, errors)
    missing = suggest(repository, "--rubric", "eval/none.yaml")
    assert missing.code == 2
    assert "there is no such file" in missing.err


def test_cases_that_cannot_be_read(repository: GitRepository) -> None:
    """A run whose cases are spoiled is wrong input, named with the line."""
    (repository.root / "runs/2/cases.jsonl").write_text('{"schema": "rubric-cases/1"}\n{}\n')
    done = suggest(repository, "runs")
    assert done.code == 2
    assert "error: runs/2: cannot be read: cases.jsonl:2 is not a record" in done.err


def test_a_patch_that_cannot_be_written(repository: GitRepository) -> None:
    """The path is named, with its mend."""
    done = suggest(repository, "runs", "--out", "nowhere/bar.patch")
    assert done.code == 2
    assert "error: nowhere/bar.patch: the file cannot be written" in done.err


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("slices", "head", "min", "tone"), 0.8),
        (("slices", "head", "min_pass_rate"), 0.5),
        (("regression", "max_drop"), 0.03),
        (("ceilings", "latency_p95"), 3.9),
    ],
)
def test_what_comes_out_is_looked_at_again(path: Keys, value: float) -> None:
    """A patch that does not hold its suggestions is never handed out."""
    text = SMALL.replace("0.8}}", "0.8}, min_pass_rate: 0.5}") + (
        "regression: {max_drop: 0.03}\nceilings: {latency_p95: 3.9s}\n"
    )
    _check(text, [Suggestion(path, None, value, "", write_share)], (), "eval/rubric.yaml")
    with pytest.raises(CannotDecide, match="does not hold"):
        _check(text, [Suggestion(path, None, 0.77, "", write_share)], (), "eval/rubric.yaml")
