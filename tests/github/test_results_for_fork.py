"""A fork's head: judged by a run on the default branch, under which its results are listed."""

from collections.abc import Callable

import pytest

from tests.github.conftest import Scene
from tests.github.published import NAME, Desk, mark, why

pytestmark = pytest.mark.usefixtures("described")


@pytest.fixture
def fork(scene: Scene) -> Desk:
    """The head of a fork's pull request."""
    return Desk(scene, scene.repo.fork("stranger").push("change", {"agent.py": "2"}))


def test_a_forks_results_come_from_the_default_branch(fork: Desk) -> None:
    """They are found by the commit in their name."""
    fork.publish_for_fork("pass")
    results = fork.results_for_fork()
    assert mark(results.newest()) == "pass"
    assert fork.results().newest() is None


def on_a_branch(desk: Desk) -> None:
    """Anybody who may push can change the workflow on a branch."""
    run = desk.scene.repo.run(desk.head, event="workflow_run", branch="change")
    desk.publish(run, name=f"{NAME}-{desk.head}")


def by_the_fork_itself(desk: Desk) -> None:
    """The untrusted half uploads the trusted one's name, from a branch called `main`."""
    stranger = desk.scene.github.world.find_repo("stranger/support")
    run = desk.scene.repo.run(desk.head, event="pull_request", head_repo=stranger)
    desk.publish(run, name=f"{NAME}-{desk.head}")


def by_a_push(desk: Desk) -> None:
    """A run on the default branch that judged no fork."""
    run = desk.scene.repo.run(desk.scene.repo.branches["main"], event="push")
    desk.publish(run, name=f"{NAME}-{desk.head}")


def of_another_fork(desk: Desk) -> None:
    """Results of another head, under this one's name."""
    desk.publish_for_fork(sha="0" * 40)


@pytest.mark.parametrize(
    ("forge", "reason"),
    [
        (on_a_branch, "its run was not on main"),
        (by_the_fork_itself, "its run was started from a fork"),
        (by_a_push, "its run was started by push"),
        (of_another_fork, "its results are of another commit"),
    ],
)
def test_nothing_else_is_a_forks_result(
    fork: Desk, forge: Callable[[Desk], None], reason: str
) -> None:
    """What the fork can cause does not count, whatever its name."""
    forge(fork)
    results = fork.results_for_fork()
    assert results.newest() is None
    assert why(results) == [reason]
