"""Paths that inputs give, which a checkout must not bend: a link in it may lead anywhere."""

import posixpath
from pathlib import Path
from typing import Final

from rubric_action.errors import InputError, Place, Problem
from rubric_action.rubric.load import load_rubric
from rubric_action.rubric.model import Rubric
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
