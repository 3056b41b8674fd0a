"""The other open pull requests that show a commit.

They are looked for among all that are open, since GitHub's list by commit leaves out those of
forks. A page of a list tells too little of one, so that each is read once more by itself.
"""

from collections.abc import Iterator

from rubric_action.gate.override.facts import Sibling
from rubric_action.github.api import Api
from rubric_action.github.contributions import read_contributed
from rubric_action.github.faults import Operation
from rubric_action.github.fields import pick
from rubric_action.github.pulls import Pull, read_happened, read_pull, read_reviews


def read_siblings(api: Api, number: int, head: str) -> tuple[Sibling, ...]:
    """The open pull requests at this head but for `number`: whose they are, and what was said.

    One request for each hundred that are open, and four for each that is found. GitHubFailed where
    any of it cannot be read.
    """
    others = [read_pull(api, one) for one in _listed(api, head) if one != number]
    return tuple(_read(api, one) for one in others if one.state == "open" and one.head_sha == head)


def _listed(api: Api, head: str) -> Iterator[int]:
    path = api.path("/pulls")
    for one in api.client.pages(Operation.LIST_PULL_REQUESTS, path, state="open"):
        if pick(one, "head.sha", str) == head:
            yield pick(one, "number", int)


def _read(api: Api, pull: Pull) -> Sibling:
    done = read_contributed(api, pull)
    return Sibling(
        number=pull.number,
        author=pull.author,
        reviews=read_reviews(api, pull.number),
        pushers=read_happened(api, pull.number).pushers,
        contributions=done.accounts,
        co_authors=done.co_authors,
    )
