"""A stateful stand-in for GitHub's REST API.

A test sets the stage in a few lines:

with GithubServer() as github:
    repo = github.world.repo("acme/support")
    repo.push("main", {"eval/rubric.yaml": RUBRIC})
    repo.push("faster", {"agent.py": AGENT}, author="dana")
    pull = repo.pull("faster")
    token = github.world.token()
"""

from tests.fakes.faults import FOREVER
from tests.fakes.github.pull import Pull
from tests.fakes.github.records import (
    FORK_PERMISSIONS,
    GITHUB_ACTIONS_BOT,
    JOB_PERMISSIONS,
    Token,
)
from tests.fakes.github.repo import Repo
from tests.fakes.github.runs import Artifact, WorkflowRun, zip_of
from tests.fakes.github.server import GithubServer
from tests.fakes.github.world import World

__all__ = [
    "FOREVER",
    "FORK_PERMISSIONS",
    "GITHUB_ACTIONS_BOT",
    "JOB_PERMISSIONS",
    "Artifact",
    "GithubServer",
    "Pull",
    "Repo",
    "Token",
    "WorkflowRun",
    "World",
    "zip_of",
]
