"""Fixtures of the fakes' own tests."""

import pytest

from tests.fakes.fixtures import github_server, judge_server
from tests.fakes.github import GithubServer, Pull, Repo

__all__ = ["github_server", "judge_server"]


@pytest.fixture
def repo(github_server: GithubServer) -> Repo:
    """A repository with a commit on main and one on a branch."""
    made = github_server.world.repo("acme/support")
    made.push("main", {"agent.py": "old"})
    made.push("faster", {"agent.py": "new"})
    return made


@pytest.fixture
def pull(repo: Repo) -> Pull:
    """A pull request of that branch."""
    return repo.pull("faster")
