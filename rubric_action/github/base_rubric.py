"""The bar that a pull request is held against: the rubric at its base commit.

Absent, invalid and unreadable are three answers. The first two let the gate go on with the strict
default policy and say so; the last one is an error, since nobody knows what the bar is.
"""

from rubric_action.errors import InputError
from rubric_action.gate.evidence import BarNotCompared
from rubric_action.github.api import Api, NotAFile
from rubric_action.rubric.load import load_rubric
from rubric_action.rubric.model import Rubric
from rubric_action.rubric.source import decode_text

ABSENT = "the base branch has no rubric yet"


def rubric_at(api: Api, path: str, ref: str) -> Rubric | BarNotCompared:
    """The rubric at a commit or branch. Raises GitHubFailed when GitHub cannot be asked."""
    content = api.file_at(path, ref)
    if content is None:
        return BarNotCompared(ABSENT)
    if isinstance(content, NotAFile):
        return BarNotCompared(f"`{path}` on the base branch is {content.what}, not a rubric")
    try:
        return load_rubric(decode_text(content, path), path)
    except InputError as error:
        first = error.problems[0]
        return BarNotCompared(f"the rubric on the base branch is not valid: {first}")
