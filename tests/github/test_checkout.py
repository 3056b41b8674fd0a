import subprocess
from pathlib import Path

import pytest

from rubric_action.errors import InputError
from rubric_action.github.checkout import check_checkout, checked_out

HEAD = "b" * 40
OTHER = "c" * 40


def git(folder: Path, *arguments: str) -> str:
    """Run git as nobody in particular."""
    who = ("-c", "user.name=x", "-c", "user.email=x@example", "-c", "init.defaultBranch=main")
    done = subprocess.run(
        ["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository of git's own making, with two commits."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    git(folder, "init", "--quiet")
    for message in ("one", "two"):
        git(folder, "commit", "--quiet", "--allow-empty", "-m", message)
    return folder


def written(workspace: Path, **files: str) -> Path:
    """A `.git` folder with these files, their names' `__` standing for a slash."""
    for name, text in files.items():
        path = workspace / ".git" / name.replace("__", "/").replace("_", "-")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return workspace


def test_a_branch_leads_to_its_commit(repository: Path) -> None:
    """HEAD names a branch, whose ref is a file of its own."""
    assert checked_out(repository) == git(repository, "rev-parse", "HEAD")


def test_packed_refs_are_read(repository: Path) -> None:
    """After git has packed its refs, they stand in one file."""
    git(repository, "pack-refs", "--all")
    assert not (repository / ".git/refs/heads/main").exists()
    assert checked_out(repository) == git(repository, "rev-parse", "HEAD")


def test_a_loose_ref_comes_before_the_packed_one(repository: Path) -> None:
    """A ref that moved after it was packed is a file again."""
    git(repository, "pack-refs", "--all")
    git(repository, "commit", "--quiet", "--allow-empty", "-m", "three")
    assert checked_out(repository) == git(repository, "rev-parse", "HEAD")


def test_a_detached_head_is_its_commit(repository: Path) -> None:
    """This is how a checkout of one SHA looks."""
    git(repository, "checkout", "--quiet", "--detach", "HEAD~1")
    assert checked_out(repository) == git(repository, "rev-parse", "HEAD")


@pytest.mark.parametrize("arguments", [(), ("--detach",)])
def test_a_worktree_leads_to_its_repository(
    repository: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """`.git` is a file there, and the refs are in the folder that all worktrees share."""
    tree = tmp_path / "tree"
    git(repository, "worktree", "add", "--quiet", *arguments, str(tree), "HEAD~1")
    assert checked_out(tree) == git(tree, "rev-parse", "HEAD")
    git(repository, "pack-refs", "--all")
    assert checked_out(tree) == git(tree, "rev-parse", "HEAD")


def test_a_repository_of_longer_hashes_is_read(tmp_path: Path) -> None:
    """SHA-256 has 64 digits."""
    assert checked_out(written(tmp_path, HEAD=f"{'d' * 64}\n")) == "d" * 64


def test_a_ref_may_lead_to_another(tmp_path: Path) -> None:
    """A symbolic ref is followed."""
    made = written(
        tmp_path,
        HEAD="ref: refs/heads/one\n",
        refs__heads__one="ref: refs/heads/two\n",
        refs__heads__two=HEAD,
    )
    assert checked_out(made) == HEAD


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"HEAD": ""},
        {"HEAD": "nonsense"},
        {"HEAD": "b" * 39},
        {"HEAD": "ref: refs/heads/none"},
        {"HEAD": "ref: HEAD"},
        {"HEAD": "ref: refs/../../secret", "secret": HEAD},
        {"HEAD": "ref: /etc/hostname"},
        {"HEAD": "ref: refs/heads/a", "refs__heads__a": "ref: refs/heads/a"},
        {"HEAD": "ref: refs/heads/a", "packed_refs": f"{HEAD} refs/heads/ab\n^{HEAD}\n"},
        {"HEAD": "\udcff" * 3},
    ],
    ids=str,
)
def test_what_leads_nowhere_is_no_commit(tmp_path: Path, files: dict[str, str]) -> None:
    """Nothing is guessed, followed for ever, or looked for outside of the refs."""
    for name, text in files.items():
        path = tmp_path / ".git" / name.replace("__", "/").replace("_", "-")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert checked_out(tmp_path) is None


def test_a_file_that_cannot_be_read_is_no_commit(tmp_path: Path) -> None:
    """A link that leads to itself, a name that no file can have, and a read that fails."""
    head = written(tmp_path, index="") / ".git" / "HEAD"
    head.symlink_to("HEAD")
    assert checked_out(tmp_path) is None
    head.unlink()
    head.symlink_to("/proc/self/mem")
    assert checked_out(tmp_path) is None
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / ".git").write_text("gitdir: a\0b")
    assert checked_out(tmp_path / "other") is None


def test_the_evaluated_commit_passes(tmp_path: Path) -> None:
    """Nothing is said where everything is as it should be."""
    check_checkout(written(tmp_path, HEAD=HEAD), HEAD)


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (OTHER, "commit ccccccc is checked out, and the verdict is about bbbbbbb"),
        ("", "there is no checkout of commit bbbbbbb"),
    ],
)
def test_another_commit_is_refused_with_how_to_check_out(
    tmp_path: Path, head: str, what: str
) -> None:
    """The default branch's files are not judged in the place of the fork's."""
    with pytest.raises(InputError) as caught:
        check_checkout(written(tmp_path, HEAD=head), HEAD)
    (problem,) = caught.value.problems
    assert problem.what == what
    assert "ref: ${{ github.event.workflow_run.head_sha }}" in problem.mend
    assert "docs/forks.md" in problem.mend
