"""Who wrote the commits of a pull request, as far as GitHub and the commits tell."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from rubric_action.errors import GitHubFailed
from rubric_action.gate.override.facts import CoAuthor, Contribution
from rubric_action.github.api import Api, branch_ref
from rubric_action.github.faults import Operation
from rubric_action.github.fields import part, pick
from rubric_action.github.pulls import Pull
from rubric_action.github.records import person

MOST_LISTED: Final = 250
"""Commits of a pull request that GitHub lists, on however many pages."""
GITHUB_ITSELF: Final = "web-flow"
"""Who commits in GitHub's own editor, in the place of the person who does."""
TRAILER: Final = "co-authored-by"


@dataclass(frozen=True, slots=True)
class Contributed:
    """Accounts, each with the first thing it did; trailers; commits whose author has no account."""

    accounts: tuple[Contribution, ...]
    co_authors: tuple[CoAuthor, ...]
    nameless: tuple[str, ...]


def read_contributed(api: Api, pull: Pull) -> Contributed:
    """Whoever contributed a commit; GitHubFailed where GitHub shows fewer than there are."""
    commits = list(_compared(api, pull) if pull.commits > MOST_LISTED else _listed(api, pull))
    if len(commits) < pull.commits:
        cause = f"GitHub shows {len(commits)} of the pull request's {pull.commits} commits."
        raise GitHubFailed(cause, "Run the job again.")
    return contributed(commits)


def contributed(commits: Iterable[Any]) -> Contributed:
    """Read the schemas `commit`, oldest first."""
    accounts: dict[int, Contribution] = {}
    co_authors: list[CoAuthor] = []
    nameless: list[str] = []
    for commit in commits:
        sha = pick(commit, "sha", str)
        author, committer = (person(part(commit, role)) for role in ("author", "committer"))
        if author is None:
            nameless.append(sha)
        else:
            accounts.setdefault(author.id, Contribution(author, f"authored {sha[:7]}"))
        if committer is not None and committer.login.lower() != GITHUB_ITSELF:
            accounts.setdefault(committer.id, Contribution(committer, f"committed {sha[:7]}"))
        co_authors += trailers(pick(commit, "commit.message", str), sha)
    return Contributed(tuple(accounts.values()), tuple(co_authors), tuple(nameless))


def trailers(message: str, sha: str) -> Iterator[CoAuthor]:
    """The co-authors that a message names, on any line: as they are typed, and in any case.

    Git wants `Name <email>` in the last paragraph. What is close to that counts as well, as
    somebody who is named without need loses no more than this signature.
    """
    for line in message.splitlines():
        key, colon, value = line.strip().partition(":")
        if colon and key.strip().casefold() == TRAILER:
            name, bracket, rest = value.partition("<")
            email = rest.partition(">")[0] if bracket else value
            yield CoAuthor(name.strip(), email.strip(), sha)


def _listed(api: Api, pull: Pull) -> Iterator[Any]:
    path = api.path(f"/pulls/{pull.number}/commits")
    return api.client.pages(Operation.READ_COMMITS, path)


def _compared(api: Api, pull: Pull) -> Iterator[Any]:
    base = quote(branch_ref(pull.base_ref))
    path = api.path(f"/compare/{base}...{pull.head_sha}")
    return api.client.pages(Operation.COMPARE_COMMITS, path, "commits")
