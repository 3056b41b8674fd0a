"""Which commit the workspace holds, read from its `.git` without running anything of it.

On `workflow_run` GitHub checks out the default branch unless the workflow says otherwise, and the
verdict is about a pull request's head. A checkout of another commit would be judged in its place.
"""

import re
from pathlib import Path
from typing import Final

from rubric_action.errors import InputError, Place, Problem

MOST_BYTES: Final = 16 << 20
"""As much as is read of one file; the list of packed refs is the only long one."""
MOST_LINKS: Final = 5
"""So many refs may lead to each other."""
_SHA: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REF: Final = re.compile(r"refs/[^\s\0]+")
_MEND: Final = (
    "Check it out before this step: `actions/checkout` with `ref: ${{ "
    "github.event.workflow_run.head_sha }}` and the other settings of docs/forks.md."
)


def check_checkout(workspace: Path, sha: str) -> None:
    """Raise an InputError, with how to check out, unless the workspace is at this commit."""
    found = checked_out(workspace)
    if found is None:
        raise _refusal(f"there is no checkout of commit {sha[:7]}")
    if found != sha:
        raise _refusal(f"commit {found[:7]} is checked out, and the verdict is about {sha[:7]}")


def checked_out(workspace: Path) -> str | None:
    """The SHA that HEAD leads to; None where there is no repository, or nothing readable in it."""
    folder = _git_folder(workspace)
    common = _common_folder(folder)
    name = "HEAD"
    for _ in range(MOST_LINKS):
        text = _text(folder / name) or _text(common / name)
        found = text.strip() if text else _packed(common, name)
        if found is None or _SHA.fullmatch(found):
            return found
        name = found.removeprefix("ref:").strip()
        if not _REF.fullmatch(name) or ".." in name.split("/"):
            return None
    return None


def _git_folder(workspace: Path) -> Path:
    """`.git`, or where a file of that name says that it is."""
    git = workspace / ".git"
    told = _text(git)
    if told is not None and told.startswith("gitdir:"):
        return workspace / told.removeprefix("gitdir:").strip()
    return git


def _common_folder(folder: Path) -> Path:
    """Where the refs are: of a linked worktree, in the folder that it shares with others."""
    told = _text(folder / "commondir")
    return folder / told.strip() if told else folder


def _packed(folder: Path, name: str) -> str | None:
    for line in (_text(folder / "packed-refs") or "").splitlines():
        sha, _, ref = line.partition(" ")
        if ref == name:
            return sha
    return None


def _text(path: Path) -> str | None:
    """A small text file; None for what is none, or cannot be read."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return file.read(MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return None


def _refusal(what: str) -> InputError:
    return InputError(Problem(Place("the workspace"), what, _MEND, "ref"))
