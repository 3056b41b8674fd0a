"""Fixtures over the fakes; a conftest takes them in by importing their names."""

from collections.abc import Iterator

import pytest

from tests.fakes.github import GithubServer
from tests.fakes.judge import JudgeServer


@pytest.fixture
def github_server() -> Iterator[GithubServer]:
    """An empty GitHub, alive for one test."""
    with GithubServer() as server:
        yield server


@pytest.fixture
def judge_server() -> Iterator[JudgeServer]:
    """A judge that grades everything 1.0 until it is told otherwise, alive for one test."""
    with JudgeServer() as server:
        yield server
