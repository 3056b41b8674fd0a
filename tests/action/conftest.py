"""The stage of the action's tests."""

from pathlib import Path

import pytest

from tests.action.stage import GOOD, Stage
from tests.fakes.fixtures import github_server, judge_server
from tests.fakes.github import GithubServer

__all__ = ["github_server", "judge_server"]


@pytest.fixture
def stage(github_server: GithubServer, tmp_path: Path) -> Stage:
    """A repository whose default branch holds a good agent and its rubric."""
    made = Stage(github_server, tmp_path)
    made.push(GOOD)
    return made
