"""Paths that inputs give, which a checkout must not bend: a link in it may lead anywhere."""

import posixpath
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from rubric_action.errors import CannotDecide, InputError, Place, Problem
from rubric_action.rubric.load import load_rubric
from rubric_action.rubric.model import Outputs, Rubric
from rubric_action.rubric.source import MAX_BYTES, decode_text

WITH: Final = Place("the step's `with:`")


def in_workspace(workspace: Path, given: str, name: str) -> Path:
    """The path that an input means. A relative one must not lead out of the workspace.

    An absolute path is the workflow's own word and is taken as it is.
    """
    path = workspace / given
    if not Path(given).is_absolute() and not path.resolve().is_relative_to(workspace.resolve()):
        what = f"`{given}` leads out of the repository"
        raise InputError(Problem(WITH, what, "Give a path below the repository's root.", name))
    return path


def results_folder(workspace: Path, given: str, read: Mapping[str, str | None]) -> Path:
    """Where the results go. The folder is emptied, so nothing of value may lie in it.

    It is strictly below the workspace, and holds none of the inputs in `read`. A link in its own
    place is not followed, since that is taken away with the rest.
    """
    path = _plain(workspace, given)
    if not path.parent.resolve().is_relative_to(workspace.resolve()):
        what = f"`{given}` is not a folder below the repository's root"
        raise InputError(Problem(WITH, what, "Write, for example, `rubric-results`.", "results"))
    for name, other in read.items():
        if other is not None and _plain(workspace, other).is_relative_to(path):
            what = f"`{given}` is emptied before the run, and `{name}` lies in it"
            raise InputError(Problem(WITH, what, "Give a folder of its own.", "results"))
    return path


def check_sessions_file(workspace: Path, given: str | None, rubric: Rubric) -> None:
    """Refuse a file of sessions, given by the workflow or named by the rubric, that leads out."""
    if given is not None:
        in_workspace(workspace, given, "outputs")
    elif isinstance(rubric.agent.source, Outputs):
        path = rubric.agent.source.path
        if not (workspace / path).resolve().is_relative_to(workspace.resolve()):
            place = rubric.places.get("agent", Place("the rubric"))
            mend = "Put the file itself there."
            what = f"`{path}` leads out of the repository"
            raise InputError(Problem(place, what, mend, "agent.outputs"))


def check_sessions_made(workspace: Path, given: str | None, rubric: Rubric, sha: str) -> None:
    """Raise CannotDecide where a commit without results would be graded from sessions nobody made.

    On a label or a review the workflow's own step that runs the agent is left out.
    """
    source = rubric.agent.source
    path = given or (source.path if isinstance(source, Outputs) else None)
    if path is not None and not (workspace / path).exists():
        raise CannotDecide(
            f"Commit {sha[:7]} has no results to decide on, and no `{path}` to make them from.",
            "Run the gate for it again with its agent: re-run all jobs of the run that graded it, "
            "or close the pull request and open it again.",
        )


def _plain(workspace: Path, given: str) -> Path:
    """The path without `.` and `..`, its links left as they are."""
    return Path(posixpath.normpath(workspace / given))


def in_repository(given: str) -> str:
    """The rubric's path as GitHub's API and annotations name it: relative, without `.` or `..`."""
    path = posixpath.normpath(given)
    if path.startswith(("/", "../")) or path in {".", ".."}:
        what = f"`{given}` is not a path below the repository's root"
        raise InputError(Problem(WITH, what, "Write, for example, `eval/rubric.yaml`.", "rubric"))
    return path


def read_rubric(workspace: Path, path: str) -> Rubric:
    """The rubric that is checked out; InputError with all that is wrong with it."""
    file = in_workspace(workspace, path, "rubric")
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        mend = "Check it out with actions/checkout before this step, or name it in `rubric`."
        raise InputError(Problem(Place(path), "there is no such file", mend, "rubric")) from None
    except OSError as error:
        what = f"the file cannot be read: {error.strerror}"
        raise InputError(
            Problem(Place(path), what, "Make it a readable file.", "rubric")
        ) from error
    return load_rubric(decode_text(data, path), path)
