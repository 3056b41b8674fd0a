"""A local GitHub with one repository, and a client whose waits are counted and not slept."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from rubric_action.github.api import Api
from rubric_action.github.client import WAITING_BUDGET_S, Client, Patience
from tests.fakes.fixtures import github_server
from tests.fakes.github import GithubServer, Repo
from tests.fakes.openapi import check_requests
from tests.github.storing import job

__all__ = ["github_server", "job"]


@dataclass(slots=True)
class Scene:
    """A repository as the API sees it; `slept` holds the waits, in seconds."""

    github: GithubServer
    repo: Repo
    api: Api
    slept: list[float] = field(default_factory=list)

    def api_for(self, token: str, budget_s: float = WAITING_BUDGET_S) -> Api:
        """The API with another token or another budget for waiting."""
        patience = Patience(budget_s, clock=lambda: 1_900_000_000.0, sleep=self.slept.append)
        return Api(Client(token, self.github.url, patience), self.repo.full_name)


@pytest.fixture
def scene(github_server: GithubServer) -> Scene:
    """One repository with one commit, and the job's own token."""
    repo = github_server.world.repo("acme/support")
    repo.push("main", {"README.md": "Hello"})
    token = github_server.world.token()
    made = Scene(github_server, repo, Api(Client(token.value, github_server.url), repo.full_name))
    made.api = made.api_for(token.value)
    return made


@pytest.fixture
def described(scene: Scene) -> Iterator[None]:
    """Everything that the test asked is something that GitHub's own description knows."""
    yield
    assert scene.github.unrouted == []
    assert check_requests(scene.github.requests) == []
