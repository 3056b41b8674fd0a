"""`rubric-action blame` on real histories."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rubric_action.errors import CannotDecide
from rubric_action.git_history import MOST_NAMES, Git, Repository
from rubric_action.report.blame import Blame
from tests.cli.bar_history import (
    RUBRIC,
    GitRepository,
    blame_command,
    history,
    run_of,
    tone,
    with_history,
)
from tests.cli.process import environment, rubric_action


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    """A rubric that was moved, raised and lowered."""
    return with_history(tmp_path / "repo")


def told(blame: Blame, key: str = "slices.all.min.tone") -> list[tuple[Any, ...]]:
    """Direction, values, pull request and people of each move of a bar."""
    return [
        (one.direction, one.change.before, one.change.after, one.commit.pull, one.commit.who)
        for one in blame.moves
        if one.change.key == key
    ]


def test_who_moved_the_bar(repository: GitRepository) -> None:
    """Across a rename and a merge: once a merge, by those who wrote it, with its pull request."""
    assert told(history(repository)) == [
        ("set", "", "0.50", None, ("Mona Lisa",)),
        ("raised", "0.50", "0.70", 120, ("Hubot",)),
        ("lowered", "0.70", "0.60", 214, ("Dana", "Evil\x1b[31m")),
    ]


def test_the_command(repository: GitRepository) -> None:
    """What happened stands in the first line; names are harmless on a terminal, and in a log."""
    done = blame_command(repository, GITHUB_ACTIONS="true")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0] == (
        "eval/rubric.yaml: 4 commits, 2026-03-02 to 2026-11-05; lowered 1 time, raised 1 time"
    )
    assert lines[2] == "slices.all.min.tone  0.60"
    assert "#214  0.70 -> 0.60  lowered  Dana, Evil⟨U+001B⟩[31m" in lines[3]
    assert "\x1b" not in done.out
    assert lines[-1].startswith("note: the ledger is not here: `git fetch origin rubric-ledger`")


def test_blame_for_machines(repository: GitRepository) -> None:
    """One object on standard output, the text on the other."""
    done = blame_command(repository, "--json")
    assert done.code == 0
    found = json.loads(done.out)
    assert found["schema"] == "rubric-blame/1"
    assert [one["direction"] for one in found["moves"][-1:]] == ["lowered"]
    assert "lowered 1 time" in done.err


def test_from_a_day_on(repository: GitRepository) -> None:
    """What came before is held against and not shown; an age counts back from now."""
    since = datetime(2026, 6, 3, tzinfo=UTC)
    assert [one[0] for one in told(history(repository, since=since))] == ["lowered"]
    done = blame_command(repository, "--since", "2026-06-02")
    assert "2 commits, 2026-06-02 to 2026-11-05; lowered 1 time, raised 1 time" in done.out
    none = blame_command(repository, "--since", "1s")
    assert "no bar was moved" in none.out
    wrong = blame_command(repository, "--since", "yesterday")
    assert wrong.code == 2
    assert "write a day or an age" in wrong.err


def test_a_version_that_is_not_valid(repository: GitRepository) -> None:
    """It is told and passed; so is a commit that took the file away."""
    repository.commit("version: 7\n", "Break it (#300)", "2026-11-06")
    repository.git("rm", "-q", "eval/rubric.yaml")
    repository.git("commit", "-q", "-m", "Remove", day="2026-11-07")
    repository.commit(tone(0.4), "Mend it", "2026-11-08")
    blame = history(repository)
    assert told(blame)[-1][:3] == ("lowered", "0.60", "0.40")
    first, second = [one.trouble for one in blame.versions if one.trouble]
    assert first.startswith("no valid rubric: eval/rubric.yaml:1:")
    assert first.endswith("more)")
    assert second == "the file was taken away"


def test_a_rubric_without_any_valid_version(tmp_path: Path) -> None:
    """All is skipped and nothing invented."""
    made = GitRepository.made(tmp_path / "repo")
    made.commit("nothing", "First", "2026-03-02")
    blame = history(made)
    assert (blame.moves, blame.notes) == ((), ())
    assert blame.versions[0].trouble


def test_a_shallow_clone_says_so(repository: GitRepository, tmp_path: Path) -> None:
    """What is cut off is not taken for the beginning."""
    source = f"file://{repository.root}"
    repository.git("clone", "-q", "--depth", "2", source, str(tmp_path / "clone"))
    blame = history(GitRepository(tmp_path / "clone"))
    assert "the clone is shallow" in blame.notes[0]
    assert told(blame)[-1][:3] == ("lowered", "0.70", "0.60")


def test_below_the_root_of_the_repository(repository: GitRepository) -> None:
    """A project in a folder of a larger repository has its history too."""
    repository.commit(RUBRIC, "Another project", "2026-11-09", path="sub/eval/rubric.yaml")
    sub = GitRepository(repository.root / "sub")
    assert [one[0] for one in told(history(sub))] == ["set"]
    absolute = str(repository.root / "eval/rubric.yaml")
    assert len(told(history(sub, rubric=absolute))) == 3


def test_other_repositories_of_the_environment_count_for_nothing(
    repository: GitRepository, tmp_path: Path
) -> None:
    """A hook is started with the variables of its own repository."""
    other = GitRepository.made(tmp_path / "other")
    done = blame_command(repository, GIT_DIR=str(other.root / ".git"))
    assert "4 commits" in done.out


def test_a_file_with_changes_that_are_not_committed(repository: GitRepository) -> None:
    """They are told, since git does not know of them; line ends are no change."""
    file = repository.root / "eval/rubric.yaml"
    text = file.read_text()
    file.write_bytes(text.replace("\n", "\r\n").encode())
    assert len(history(repository).notes) == 1
    file.write_text(tone(0.1))
    assert "eval/rubric.yaml has changes here that are not committed" in history(repository).notes
    file.unlink()
    assert "eval/rubric.yaml has changes here that are not committed" in history(repository).notes


def test_where_there_is_no_history(tmp_path: Path) -> None:
    """No repository, no commit, an unknown file, one outside: wrong input, told with its mend."""
    made = GitRepository.made(tmp_path / "repo")
    born = blame_command(made)
    assert born.code == 2
    assert "git knows no commit of this file" in born.err
    made.commit(RUBRIC, "First", "2026-03-02")
    unknown = blame_command(made, "--rubric", "eval/other.yaml")
    assert unknown.code == 2
    outside = blame_command(made, "--rubric", "../rubric.yaml")
    assert outside.code == 2
    assert "outside of the repository" in outside.err
    alone = tmp_path / "alone"
    alone.mkdir()
    none = rubric_action("blame", "--root", alone, env={"GIT_CEILING_DIRECTORIES": str(tmp_path)})
    assert none.code == 2
    assert "git knows no repository: fatal: not a git repository" in none.err


def test_without_git(repository: GitRepository, tmp_path: Path) -> None:
    """It has to be installed."""
    done = blame_command(repository, PATH=str(tmp_path))
    assert done.code == 2
    assert "Install git." in done.err


def test_a_broken_repository(repository: GitRepository) -> None:
    """Objects that are not there are an error and no shorter history."""
    blob = repository.git("rev-parse", "HEAD:eval/rubric.yaml")
    (repository.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    done = blame_command(repository)
    assert done.code == 3
    assert "git could not read the history (`git cat-file`)" in done.err


def test_a_long_history_is_cut(repository: GitRepository) -> None:
    """The newest commits count, and it is told that there are earlier ones."""
    found = Repository.around(repository.root, Git(environment()))
    cut = found.history(repository.root, "eval/rubric.yaml", most=2)
    assert [one.commit.pull for one in cut.blobs] == [120, 214]
    assert cut.cut == "only the newest 2 commits of the file were looked at"


def test_a_file_of_many_names(tmp_path: Path) -> None:
    """Not all of them are gone back through, so that no history is followed without end."""
    made = GitRepository.made(tmp_path / "repo")
    made.commit(RUBRIC, "First", "2026-01-01", path="0.yaml")
    for n in range(MOST_NAMES + 2):
        made.git("mv", f"{n}.yaml", f"{n + 1}.yaml")
        made.git("commit", "-q", "-m", f"Rename (#{n + 1})")
    found = Repository.around(made.root, Git(environment()))
    blobs = found.history(made.root, f"{MOST_NAMES + 2}.yaml").blobs
    assert len(blobs) == MOST_NAMES


def test_a_git_that_does_not_answer(tmp_path: Path) -> None:
    """It is given up after a while, with an error and no verdict on the history."""
    slow = tmp_path / "bin/git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 20\n")
    slow.chmod(0o755)
    git = Git(environment({"PATH": f"{slow.parent}:/usr/bin:/bin"}), timeout_s=0.2)
    with pytest.raises(CannotDecide, match=r"did not answer within 0\.2 seconds"):
        Repository.around(tmp_path, git)


def test_scores_beside_the_bar(repository: GitRepository) -> None:
    """A run is shown with the bar of its commit, or of its time."""
    results = run_of(repository)
    done = blame_command(repository, "--results", results)
    assert "lowered  Dana, Evil⟨U+001B⟩[31m  scored 0.50" in " ".join(done.out.split("\n"))
    shutil.copytree(results, repository.root / "all/2")
    twice = blame_command(repository, "--results", "all", "--results", results)
    assert twice.code == 2
    assert "it is the same run as" in twice.err
