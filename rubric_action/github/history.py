"""The commits behind a commit: where it left a branch, and what came before that."""

from collections.abc import Iterator
from itertools import islice
from urllib.parse import quote

from rubric_action.github.api import Api, branch_ref
from rubric_action.github.faults import NotFound, Operation
from rubric_action.github.fields import pick

UNRELATED = "No common ancestor"
"""How GitHub begins its 404 for two commits without a shared past."""


def merge_base(api: Api, branch: str, sha: str) -> str | None:
    """The SHA at which a commit left a branch: its own where it is on it, None without any.

    Raises GitHubFailed, also where it is the branch or the commit that GitHub does not know.
    """
    # A bare name could as well be a tag's. One commit a page is all that is of use.
    path = api.path(f"/compare/{quote(branch_ref(branch))}...{sha}")
    try:
        data = api.client.get(Operation.COMPARE_BASELINE, path, per_page=1)
    except NotFound as error:
        if error.message.startswith(UNRELATED):
            return None
        raise
    return pick(data, "merge_base_commit.sha", str)


def ancestors(api: Api, sha: str, most: int) -> Iterator[str]:
    """A commit, and what it builds on, newest first; `most` SHAs, asked for as they are needed."""
    yield sha
    found = api.client.pages(Operation.READ_HISTORY, api.path("/commits"), sha=sha)
    earlier = (one for one in (pick(each, "sha", str) for each in found) if one != sha)
    yield from islice(earlier, most - 1)
